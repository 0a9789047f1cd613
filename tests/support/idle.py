"""Waiting until an app has nothing left to do, without sleeping where that can be seen.

Textual's pilot sleeps for 20 ms and then judges by the processor time, three times for every key. That is
more than the key itself takes, and misleading on a busy machine, where a program that gets no time looks
like one that needs none. What is left to do can be read off the event loop instead.
"""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
import textual.app
import textual.pilot
import textual.screen
from textual._wait import SLEEP_GRANULARITY as SOON
from textual._wait import wait_for_idle as wait_by_processor_time
from textual.widgets import Button

from ccflow_tui import ordered_keys
from tests.support.patience import PATIENCE, patiently

ROUNDS = 3
"""Turns of the loop in a row in which nothing but the waiting task may run."""
TIMERS = 20
"""Timers that are waited for in a row; what moves all the time, as an animation, never comes to rest."""
REDRAW_PERIOD = 0.002
"""Seconds between two drawings of a screen; every test would wait for Textual's sixtieth part of a second."""
OWN_THREADS = "ccflow-"
"""What the names of the program's own threads begin with."""
APPS = 50
"""Tests after which what is left of their apps is freed, which takes a third of a second."""


async def wait_for_idle(min_sleep: float = SOON, max_sleep: float = 1) -> None:
    """Stand in for Textual's function of this name: return as soon as nothing is left to do.

    Timers that are due within ``SOON`` are waited for. Work in a thread or behind a socket cannot be seen
    from here, so as long as there is any this waits as Textual does.
    """
    loop: Any = asyncio.get_running_loop()
    for _ in range(TIMERS):
        await _nothing_is_ready(loop)
        if _has_work_elsewhere(loop):
            break
        due = min((timer.when() for timer in loop._scheduled if not timer.cancelled()), default=float("inf"))
        wait = due - loop.time()
        if wait < SOON:
            await asyncio.sleep(max(wait, 0))
        elif not loop._ready:  # what a thread that has just ended brought
            return
    await wait_by_processor_time(min_sleep, max_sleep)
    await _nothing_is_ready(loop)


async def _nothing_is_ready(loop: Any) -> None:
    quiet = 0
    for _ in patiently():
        await asyncio.sleep(0)
        quiet = 0 if loop._ready else quiet + 1
        if quiet == ROUNDS:
            return


def _has_work_elsewhere(loop: Any) -> bool:
    executor = loop._default_executor
    return (
        (executor is not None and len(executor._threads) > executor._idle_semaphore._value)
        or any(thread.name.startswith(OWN_THREADS) for thread in threading.enumerate())
        or len(loop._selector.get_map()) > 1  # the loop's own pipe, by which threads wake it
    )


@pytest.fixture(scope="session")
def app_numbers() -> Iterator[int]:
    """Number the tests of this process."""
    return count(1)


@pytest.fixture(autouse=True)
def quick_pilot(monkeypatch: pytest.MonkeyPatch, app_numbers: Iterator[int]) -> Iterator[None]:
    """Let no test of an app wait for time to pass, nor keep its app for ever."""
    for module in (textual.app, textual.pilot):
        monkeypatch.setattr(module, "wait_for_idle", wait_for_idle)
    monkeypatch.setattr(textual.screen, "UPDATE_PERIOD", REDRAW_PERIOD)
    # A button takes no second press while it shows the first one, for a fifth of a second.
    monkeypatch.setattr(Button, "_start_active_affect", lambda self: None)
    # On a busy machine a key may be under way for longer than a person would wait for it.
    monkeypatch.setattr(ordered_keys, "LONGEST_WAIT", PATIENCE)
    yield
    if next(app_numbers) % APPS == 0:
        gc.unfreeze()  # each app freezes all that stands after its start, so none of them would ever be freed
        gc.collect()
