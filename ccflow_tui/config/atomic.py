"""Replace a file in one step, private to its owner."""

from __future__ import annotations

import contextlib
import glob
import os
import tempfile
from pathlib import Path

STALE_SECONDS = 3600
"""Age from which an unfinished file counts as left behind, and not as one that another ccflow is writing."""


def write_private(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8 so that a reader sees the old file or the new one, never half of it.

    The file has mode 0600 and new folders have 0700 where the system knows modes; a symbolic link stays
    one. Raises ``OSError``, with the old file untouched.
    """
    target = Path(os.path.realpath(path))
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # mkstemp creates the file with mode 0600.
    descriptor, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with open(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    _sweep(target)


def _sweep(target: Path) -> None:
    """Remove what earlier writes left that were killed; what cannot be removed stays, and harms nobody."""
    with contextlib.suppress(OSError):
        now = os.stat(target).st_mtime
        for unfinished in target.parent.glob(f".{glob.escape(target.name)}.*"):
            if now - os.lstat(unfinished).st_mtime > STALE_SECONDS:
                os.unlink(unfinished)
