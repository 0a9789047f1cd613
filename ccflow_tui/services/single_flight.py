"""One piece of work for all who ask for the same at once: done for the first of them, and the others join."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Work = Callable[[], Coroutine[Any, Any, T]]


class FlightDropped(Exception):
    """The work that a caller waited for was ended by ``SingleFlight.drop``."""


@dataclass(slots=True, eq=False)
class _Flight(Generic[T]):
    task: asyncio.Task[T]
    waiters: int = 0
    background: bool = False
    """Whether it goes on when nobody waits for it."""


@dataclass(slots=True)
class SingleFlight(Generic[T]):
    """Work under way, by the key of what it is for."""

    name: str
    """Of the tasks that do it."""
    on_fault: Callable[[BaseException], None] | None = None
    """Told what work in the background raised, which has no caller to hear of it."""
    _flights: dict[str, _Flight[T]] = field(default_factory=dict)

    def __contains__(self, key: str) -> bool:
        return key in self._flights

    async def join(self, key: str, work: Work[T]) -> T:
        """Return what the work of ``key`` returns, begun unless it is under way; raises what it raises.

        A caller that is cancelled leaves the work to the others; the last one to leave ends it and waits for
        its end. When ``drop`` ends it, the others get ``FlightDropped``.
        """
        flight = self._flights.get(key) or self._launch(key, work)
        flight.waiters += 1
        try:
            return await asyncio.shield(flight.task)
        except asyncio.CancelledError:
            caller = asyncio.current_task()
            if flight.task.cancelled() and caller is not None and not caller.cancelling():
                raise FlightDropped from None
            raise
        finally:
            flight.waiters -= 1
            if not flight.waiters and not flight.background:
                # Out of the table first: a caller that comes now must not join work that is ending.
                self._land(key, flight)
                if flight.task.cancel():
                    await asyncio.wait((flight.task,))

    def begin(self, key: str, work: Work[T]) -> None:
        """Begin the work of ``key`` in the background, which is not under way."""
        self._launch(key, work).background = True

    def is_current(self, key: str) -> bool:
        """Whether the running task is the work of ``key``, and nobody let go of it meanwhile."""
        flight = self._flights.get(key)
        return flight is not None and flight.task is asyncio.current_task()

    def drop(self, key: str) -> None:
        """End the work of ``key``, if it is under way."""
        flight = self._flights.pop(key, None)
        if flight is not None:
            flight.task.cancel()

    async def close(self) -> None:
        """End all work, and wait until it has ended."""
        tasks = [flight.task for flight in self._flights.values()]
        for key in tuple(self._flights):
            self.drop(key)
        await asyncio.gather(*tasks, return_exceptions=True)

    def _launch(self, key: str, work: Work[T]) -> _Flight[T]:
        flight = _Flight(asyncio.create_task(work(), name=self.name))
        self._flights[key] = flight
        flight.task.add_done_callback(lambda _: self._landed(key, flight))
        return flight

    def _land(self, key: str, flight: _Flight[T]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]

    def _landed(self, key: str, flight: _Flight[T]) -> None:
        self._land(key, flight)
        fault = None if flight.task.cancelled() else flight.task.exception()
        if fault is not None and flight.background and self.on_fault is not None:
            self.on_fault(fault)
