"""What a test can see of its own process: memory, open sockets, tasks."""

from __future__ import annotations

import asyncio
import os
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROUNDS = 5
_STATUS, _CLEAR, _FILES = Path("/proc/self/status"), Path("/proc/self/clear_refs"), Path("/proc/self/fd")
_FORGET_PEAK = "5"


@dataclass
class Growth:
    """Bytes above the start, at the highest point; known when the block has ended."""

    peak: int = 0


@contextmanager
def python_growth() -> Iterator[Growth]:
    """Measure what Python's objects take, exactly, however much memory was free before."""
    grown = Growth()
    tracemalloc.start()
    try:
        yield grown
        grown.peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@contextmanager
def process_growth() -> Iterator[Growth]:
    """Measure what the process takes from the system, C libraries and all; 0 where that is not told."""
    grown = Growth()
    before = _resident("VmRSS") if _forget_peak() else 0
    yield grown
    grown.peak = _resident("VmHWM") - before if before else 0


def _forget_peak() -> bool:
    try:
        _CLEAR.write_text(_FORGET_PEAK)
    except OSError:
        return False
    return True


def _resident(name: str) -> int:
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) * 1024


def open_sockets() -> int:
    """Return how many sockets this process holds; 0 where the system does not tell."""
    if not _FILES.is_dir():
        return 0
    count = 0
    for entry in os.listdir(_FILES):
        try:
            count += os.readlink(_FILES / entry).startswith("socket:")
        except OSError:  # the listing's own
            continue
    return count


def other_tasks() -> set[asyncio.Task[object]]:
    """Return the tasks of this loop beside the caller's."""
    return asyncio.all_tasks() - {asyncio.current_task()}  # type: ignore[arg-type]


async def in_some_round(run: Callable[[], Awaitable[bool]]) -> bool:
    """Return whether a measurement of time succeeds in one of some rounds.

    What a busy machine does now and then is not ours; what the code does is in every round.
    """
    for _ in range(ROUNDS):
        if await run():
            return True
    return False
