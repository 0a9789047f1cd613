"""The last words of a crash: where it happened, without the values that were around."""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.text import Text

APOLOGY = (
    "ccflow hit a bug and had to stop. Nothing was sent after this point, and no secret is in the lines\n"
    "above. Please report them together with what you did last."
)


def crash_text(redact: Callable[[str], str], error: BaseException | None = None) -> str:
    """Return the traceback of ``error`` (or of the one being handled) as redacted text.

    Local variables are left out: Textual's own crash screen prints them, and one of them could hold a
    secret.
    """
    error = error or sys.exc_info()[1]
    lines = traceback.format_exception(error) if error else ["unknown error\n"]
    return f"{redact(''.join(lines))}\n{APOLOGY}\n"


def render_crash(redact: Callable[[str], str]) -> Text:
    """Return the crash as plain text for the terminal."""
    from rich.text import Text

    return Text(crash_text(redact))


def report_background_faults(report: Callable[[str], None]) -> None:
    """Call ``report`` with a line for every fault that the running event loop has nobody else to tell.

    Its own way is to print exceptions, and results in the ``repr`` of tasks, to standard error as they are.
    ``report`` has to redact.
    """

    def handle(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        cause = f": {type(error).__name__}: {error}" if error is not None else ""
        report(f"{context['message']}{cause}")

    asyncio.get_running_loop().set_exception_handler(handle)
