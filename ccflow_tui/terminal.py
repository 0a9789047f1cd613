"""What the terminal and the operating system ask of a full-screen program."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from textual.app import App

LEAVE_ON = ("SIGTERM", "SIGHUP", "SIGINT")
SIGNAL_EXIT = 128
"""A process ended by signal N leaves with 128 + N."""


def leave_on_signals(app: App[Any]) -> None:
    """Quit in order on SIGTERM, SIGHUP and SIGINT, so that the terminal is put back as it was.

    Windows has no SIGHUP and its event loop takes no handlers; there the console does it.
    """
    loop = asyncio.get_running_loop()
    for name in LEAVE_ON:
        number = getattr(signal, name, None)
        if number is None:
            continue
        try:
            loop.add_signal_handler(number, partial(app.exit, return_code=SIGNAL_EXIT + number))
        except (NotImplementedError, RuntimeError, ValueError):
            return


def unfit_reason(environment: Mapping[str, str] = os.environ, stdout: TextIO | None = None) -> str:
    """Return why the wizard cannot be drawn here, or an empty text when it can."""
    stdout = stdout or sys.stdout
    if environment.get("TERM") == "dumb":
        return "TERM=dumb cannot draw a wizard."
    if not stdout.isatty() or not sys.stdin.isatty():
        return "Standard input and output are not both a terminal."
    return ""


def recording_warning(environment: Mapping[str, str] = os.environ) -> str:
    """Return what must be said when Textual itself records every key that is typed."""
    if environment.get("TEXTUAL_LOG") or "devtools" in environment.get("TEXTUAL", ""):
        return "KEYS ARE RECORDED (TEXTUAL_LOG)"
    return ""
