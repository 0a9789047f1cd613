"""A clock whose sleepers wake only when the test moves the time."""

from __future__ import annotations

import asyncio

from tests.support.fakes import EPOCH


class ManualClock:
    """Stands still until ``advance`` is awaited."""

    def __init__(self, wall: float = EPOCH, monotonic: float = 1_000.0) -> None:
        self._wall, self._monotonic = wall, monotonic
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def wall(self) -> float:
        return self._wall

    def monotonic(self) -> float:
        return self._monotonic

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            return
        future = asyncio.get_running_loop().create_future()
        self._sleepers.append((self._monotonic + seconds, future))
        await future

    def jump(self, seconds: float) -> None:
        """Move the time without waking anybody."""
        self._wall += seconds
        self._monotonic += seconds

    async def advance(self, seconds: float) -> None:
        """Move the time, wake who is due, and let everybody run until nothing is left to do."""
        self.jump(seconds)
        await settle()
        due = [future for at, future in self._sleepers if at <= self._monotonic and not future.done()]
        self._sleepers = [(at, future) for at, future in self._sleepers if at > self._monotonic]
        for future in due:
            future.set_result(None)
        await settle()


async def settle(rounds: int = 20) -> None:
    """Let the tasks that are ready run."""
    for _ in range(rounds):
        await asyncio.sleep(0)
