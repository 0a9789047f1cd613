"""The last words about a bug: its kind and its place in the code, never values or what an exception says."""

from __future__ import annotations

import asyncio
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ccflow_tui.output import tell

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

APOLOGY = (
    "Nothing was sent after this point. What was saved is still there: profiles,\n"
    "stored secrets, history. The lines above name places in the code and hold no\n"
    "values: please report them, together with what you did last."
)
DEEPEST = 8
"""How many places are told at most; the last ones say the most."""
_UNEXPECTED = "unexpected error in the background: "
_OURS = frozenset({"ccflow_tui", "__main__"})


def crash_text(error: BaseException) -> str:
    """Return what kind of bug it was, through which of our functions it came up, and an apology.

    Left out are the text of the exception, which may repeat whatever was at hand, and the local variables,
    which Textual's own crash screen prints.
    """
    return _last_words(_kinds(error), [*_places(error)])


def _last_words(kinds: str, places: list[str]) -> str:
    lines = "".join(f"  {place}\n" for place in places[-DEEPEST:])
    return f"ccflow hit a bug and had to stop: {kinds}\n{lines}{APOLOGY}\n"


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


def without_values(page: RenderableType) -> RenderableType:
    """Return a page of Rich's about an exception as the crash it tells of, and any other page as it is."""
    from rich.text import Text
    from rich.traceback import Traceback

    if isinstance(page, BaseException):
        return render_crash(page)
    if not isinstance(page, Traceback):
        return page
    stacks = page.trace.stacks
    places = [f"{Path(at.filename).stem}, line {at.lineno}, in {at.name}" for at in stacks[0].frames]
    return Text(_last_words(" after ".join(stack.exc_type for stack in stacks[:DEEPEST]), places))


def report_background_faults(report: Callable[[str], None]) -> None:
    """Call ``report``, in the running loop, with a line for every fault that nobody else is told of.

    They are those of tasks and callbacks, of threads and of finalizers. The loop's and Python's own way is to
    print exceptions, and the ``repr`` of what was at hand, to standard error as they are. What threads and
    finalizers raise is caught until the process ends; once the loop is closed, standard error gets the line.
    """
    loop = asyncio.get_running_loop()

    def handle(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        # With an exception, the message may hold the arguments of the callback that raised it.
        deliver(fault_text(error) if error is not None else str(context["message"]))

    def deliver(line: str) -> None:
        with suppress(Exception):  # the event loop would print it, and the first fault with it
            report(_UNEXPECTED + line)

    def report_loose(error: BaseException | None) -> None:
        line = fault_text(error)
        try:
            # Not here: a finalizer may run in the middle of anything, such as under the log's own lock.
            loop.call_soon_threadsafe(deliver, line)
        except RuntimeError:
            tell(f"ccflow: {_UNEXPECTED}{line}")

    loop.set_exception_handler(handle)
    _catch_loose_faults(report_loose)


def _catch_loose_faults(report: Callable[[BaseException | None], None]) -> None:
    """Hand what threads and finalizers raise to ``report``, in place of Python's hooks."""

    def in_thread(fault: threading.ExceptHookArgs) -> None:
        if fault.exc_type is not SystemExit:
            report(fault.exc_value)

    is_ending = sys.is_finalizing

    def in_finalizer(fault: sys.UnraisableHookArgs) -> None:
        if not is_ending():  # the modules that are needed to tell of it are taken down by then
            report(fault.exc_value)

    threading.excepthook, sys.unraisablehook = in_thread, in_finalizer


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
