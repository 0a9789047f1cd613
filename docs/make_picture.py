"""Make ``ccflow.svg``, the picture in the README, from the app itself: step 4 with a made-up token.

Run it from the top of the repository with ``make picture``. Nothing is sent anywhere: the server is the
scripted one of the tests and the clock stands still, so the same code makes the same picture.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

TOP = Path(__file__).parent.parent
SIZE = (120, 34)
SECONDS_LATER = 754
"""How far into the token's hour the picture is taken."""


async def main() -> None:
    """Walk to step 4, call the sample API, let some time pass, write the picture."""
    # Imported here, because the repository is put on the path only when this file runs.
    from ccflow_tui import __version__  # noqa: PLC0415
    from tests.ui import scenes  # noqa: PLC0415
    from tests.ui.test_snapshots import API_ANSWER  # noqa: PLC0415

    scene = scenes.later(SECONDS_LATER, scenes.called)
    with tempfile.TemporaryDirectory() as folder:
        wizard = scenes.wizard_for(Path(folder), scenes.grant(), API_ANSWER)
        wizard.app.parts = replace(wizard.app.parts, version=__version__)
        async with wizard.app.run_test(size=SIZE) as pilot:
            await scene(wizard, pilot)
            svg = wizard.app.export_screenshot(title="ccflow", simplify=True)
    # Rich numbers the classes of each picture at random; a fixed name keeps the file's history readable.
    svg = re.sub(r"\bterminal-\d+-", "terminal-ccflow-", svg)
    target = Path(__file__).with_name("ccflow.svg")
    target.write_text("\n".join(line.rstrip() for line in svg.splitlines()) + "\n", encoding="utf-8")
    print(f"{target.relative_to(TOP)}: {target.stat().st_size // 1024} KiB")  # noqa: T201


if __name__ == "__main__":
    os.environ["TZ"] = "UTC"
    if hasattr(time, "tzset"):
        time.tzset()
    sys.path.insert(0, str(TOP))
    asyncio.run(main())
