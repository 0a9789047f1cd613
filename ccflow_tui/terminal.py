"""What the terminal and the operating system ask of a full-screen program."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from threading import Timer
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO, cast

if TYPE_CHECKING:
    from textual.app import App
    from textual.driver import Driver

LEAVE_ON = ("SIGTERM", "SIGHUP", "SIGINT")
SIGNAL_EXIT = 128
"""A process ended by signal N leaves with 128 + N."""
GRACE = 5.0
"""Seconds that leaving in order may take after a signal."""
_COMPOSING = 0.02
_HANG_UP_LOOK = 2.0
"""Seconds between two looks whether the terminal is still there."""
RECORD_VARIABLE = "CCFLOW_RECORD_KEYS"
"""Set to 1, it lets Textual record what is typed, where it was told to."""


class _KeyName(NamedTuple):
    """Stands in Textual's table for a member of its ``Keys``, which names no Alt with a digit."""

    value: str


def leave_on_signals(app: App[Any]) -> None:
    """Quit in order on SIGTERM, SIGHUP and SIGINT, so that the terminal is put back as it was.

    Call it before the app runs: a signal in its first moments must not leave the terminal half changed.
    """
    loop = asyncio.get_running_loop()

    def leave(number: int) -> None:
        code = SIGNAL_EXIT + number
        # Textual waits for ever for room in its queue of writes when the terminal is gone.
        timer = Timer(GRACE, _leave_anyway, (loop, code))
        timer.daemon = True
        timer.start()
        _leave_once_composed(app, loop, code)

    on_signals(leave)
    _resume_only_on_a_terminal(app)
    if is_terminal(sys.__stdin__) and hasattr(signal, "SIGHUP"):
        _leave_when_hung_up(loop, leave)


def _leave_when_hung_up(loop: asyncio.AbstractEventLoop, leave: Callable[[int], None]) -> None:
    """Leave as on SIGHUP when the terminal is gone without one.

    The kernel tells the session's leader alone, and one such as make waits for us instead of passing it on.
    """
    if is_terminal(sys.__stdin__):
        loop.call_later(_HANG_UP_LOOK, _leave_when_hung_up, loop, leave)
    else:
        leave(int(signal.SIGHUP))


def _leave_once_composed(app: App[Any], loop: asyncio.AbstractEventLoop, code: int) -> None:
    """Exit, but not in the middle of the first composition, where Textual would crash."""
    if app.is_running and app.screen_stack and app.screen.is_mounted:
        app.call_later(app.exit, return_code=code)
    else:
        loop.call_later(_COMPOSING, _leave_once_composed, app, loop, code)


def _leave_anyway(loop: asyncio.AbstractEventLoop, code: int) -> None:
    if not loop.is_closed():
        os._exit(code)


def _resume_only_on_a_terminal(app: App[Any]) -> None:
    """Keep Textual from starting to draw anew on SIGCONT when the terminal is gone.

    The kernel sends SIGCONT together with SIGHUP when a terminal's window is closed.
    """
    driver = app.driver_class

    def resume(self: Driver) -> None:
        if is_terminal(sys.__stdin__):
            driver.resume_application_mode(self)

    app.driver_class = type(driver.__name__, (driver,), {"resume_application_mode": resume})


def let_alt_digits_through(keys: Iterable[str]) -> None:
    """Let those of ``keys`` that are Alt and a digit arrive as such from every terminal.

    Textual takes what most terminals send for Alt+3 for the ``£`` that one of them means by it on a Mac, and
    types it into the field that has the focus.
    """
    from textual._ansi_sequences import ANSI_SEQUENCES_KEYS

    sequences = cast("dict[str, Any]", ANSI_SEQUENCES_KEYS)
    sequences.update(
        (f"\x1b{key[4:]}", (_KeyName(key),)) for key in keys if re.fullmatch(r"alt\+\d", key, re.ASCII)
    )


def has_job_control() -> bool:
    """Whether a shell stands above that can bring a stopped job back (POSIX, job control).

    In the process group of the session's leader there is none: a stopped program would stay stopped.
    """
    return hasattr(signal, "SIGTSTP") and os.getpgrp() != os.getsid(0)


def suspend_job() -> None:
    """Stop the whole job as the terminal's own Ctrl+Z does; the shell's ``fg`` lets it go on.

    Its other programs, too: a shell that started make does not come back as long as make goes on waiting.
    """
    os.killpg(os.getpgrp(), signal.SIGTSTP)


def on_signals(leave: Callable[[int], None]) -> None:
    """Call ``leave`` with the number of every signal that asks the process to end.

    What the parent told us to ignore stays ignored, as under ``nohup``. Windows has no SIGHUP and its event
    loop takes no handlers; there the console ends the process itself.
    """
    loop = asyncio.get_running_loop()
    for name in LEAVE_ON:
        number = getattr(signal, name, None)
        if number is None or signal.getsignal(number) is signal.SIG_IGN:
            continue
        try:
            loop.add_signal_handler(number, leave, int(number))
        except (NotImplementedError, RuntimeError, ValueError):
            return


def unfit_reason(environment: Mapping[str, str] = os.environ) -> str:
    """Return why the wizard cannot be drawn here, or an empty text when it can.

    Textual draws through the original standard error, on Windows through standard output; the other two
    must be a terminal as well, since a redirection means that somebody wants data, not screens.
    """
    if environment.get("TERM") == "dumb":
        return "TERM=dumb cannot draw a wizard."
    streams = {"input": sys.__stdin__, "output": sys.__stdout__, "error": sys.__stderr__}
    elsewhere = [f"standard {name}" for name, stream in streams.items() if not is_terminal(stream)]
    return f"The wizard needs a terminal; this is none: {', '.join(elsewhere)}." if elsewhere else ""


def is_terminal(stream: TextIO | None) -> bool:
    """Return whether a stream leads to a terminal; one that is closed does not."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def recorders(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the variables that make Textual record every key that is typed and every text that is pasted."""
    features = {word.strip().lower() for word in environment.get("TEXTUAL", "").split(",")}
    found = {
        "TEXTUAL_LOG": bool(environment.get("TEXTUAL_LOG")),
        "TEXTUAL_DEBUG": environment.get("TEXTUAL_DEBUG") == "1",
        "TEXTUAL": "devtools" in features,
    }
    return tuple(name for name, records in found.items() if records)


def stop_recording(environment: MutableMapping[str, str]) -> str:
    """Keep Textual from recording what is typed unless the user asked for it; return what to say about that.

    Textual reads these variables when it is imported, so this has to come before.
    """
    names = recorders(environment)
    if not names or environment.get(RECORD_VARIABLE) == "1":
        return ""
    for name in names:
        del environment[name]
    several = len(names) > 1
    return (
        f"{' and '.join(names)} {'were' if several else 'was'} ignored: "
        f"{'they record' if several else 'it records'} what you type, secrets too. "
        f"To record all the same, set {RECORD_VARIABLE}=1 as well."
    )


def recording_warning(environment: Mapping[str, str] = os.environ) -> str:
    """Return what must be said all the time while Textual records what is typed."""
    names = recorders(environment)
    return f"KEYS ARE RECORDED ({', '.join(names)})" if names else ""
