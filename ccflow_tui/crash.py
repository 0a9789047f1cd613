"""The last words of a crash: where it happened, without the values that were around."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable

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
    return Text(crash_text(redact))
