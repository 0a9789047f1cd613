"""Work that may hang, on a thread that does not hold up quitting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Thread
from typing import TypeVar

FILE_TIMEOUT = 5.0
"""Seconds for a file; one on a network share that is gone hangs for much longer."""
T = TypeVar("T")


def run_on_daemon_thread(work: Callable[[], T], *, name: str) -> asyncio.Future[T]:
    """Start ``work`` on a thread that cannot hold up quitting, as the default executor's would.

    Wait for the future with ``asyncio.wait``, which leaves it alone when the wait ends early.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def run() -> None:
        deliver: Callable[[], None]
        try:
            deliver = partial(future.set_result, work())
        except BaseException as error:
            deliver = partial(future.set_exception, error)
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(deliver)

    Thread(target=run, name=name, daemon=True).start()
    return future


async def done_in_time(work: Callable[[], T], *, name: str, seconds: float, late: Exception) -> T:
    """Return what ``work`` returns, from a thread of that name.

    Raises ``late`` when it takes longer than ``seconds``, and what ``work`` raises without its frames, which
    may hold what was read.
    """
    future = run_on_daemon_thread(work, name=name)
    await asyncio.wait({future}, timeout=seconds)
    if not future.done():
        raise late
    if (failure := future.exception()) is not None:
        raise failure.with_traceback(None)
    return future.result()
