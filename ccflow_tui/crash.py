"""The last words about a bug: its kind and its place in the code, never values or what an exception says."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.text import Text

APOLOGY = (
    "Nothing was sent after this point. What was saved is still there: profiles,\n"
    "stored secrets, history. The lines above name places in the code and hold no\n"
    "values: please report them, together with what you did last."
)
DEEPEST = 8
"""How many places are told at most; the last ones say the most."""
_OURS = frozenset({"ccflow_tui", "__main__"})


def crash_text(error: BaseException) -> str:
    """Return what kind of bug it was, through which of our functions it came up, and an apology.

    Left out are the text of the exception, which may repeat whatever was at hand, and the local variables,
    which Textual's own crash screen prints.
    """
    places = "".join(f"  {place}\n" for place in [*_places(error)][-DEEPEST:])
    return f"ccflow hit a bug and had to stop: {_kinds(error)}\n{places}{APOLOGY}\n"


def fault_text(error: BaseException | None) -> str:
    """Return the kind and the place of a fault in one line, for the log."""
    if error is None:
        return "unknown fault"
    last = [*_places(error)][-1:]
    return " at ".join((_kinds(error), *last))


def render_crash(error: BaseException) -> Text:
    """Return the crash as plain text for the terminal."""
    from rich.text import Text

    return Text(crash_text(error))


def report_background_faults(report: Callable[[str], None]) -> None:
    """Call ``report`` with a line for every fault that the running event loop has nobody else to tell.

    Its own way is to print exceptions, and results in the ``repr`` of tasks, to standard error as they are.
    """

    def handle(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        # With an exception, the message may hold the arguments of the callback that raised it.
        line = fault_text(error) if error is not None else str(context["message"])
        with suppress(Exception):  # the event loop would print it, and the first fault with it
            report(f"unexpected error in the background: {line}")

    asyncio.get_running_loop().set_exception_handler(handle)


def _kinds(error: BaseException) -> str:
    """Name the exception and those that led to it."""
    kinds = [type(error).__name__]
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    while cause is not None and len(kinds) < DEEPEST:
        kinds.append(type(cause).__name__)
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return " after ".join(kinds)


def _places(error: BaseException) -> Iterator[str]:
    """Tell the places in our own code from the outside in, and where it was raised, whosever code that is."""
    frames = [*traceback.walk_tb(error.__traceback__)]
    for at, (frame, line) in enumerate(frames, 1):
        module = str(frame.f_globals.get("__name__", "?"))
        if module.partition(".")[0] in _OURS or at == len(frames):
            yield f"{module}, line {line}, in {frame.f_code.co_name}"
