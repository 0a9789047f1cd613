"""What servers publish, kept for a while: fetched once for all who ask at once, and not again too soon."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from ccflow_tui.services.ports import Clock
from ccflow_tui.services.single_flight import SingleFlight

T = TypeVar("T")


@dataclass(slots=True)
class TimedCache(Generic[T]):
    """Keeps the latest ``size`` values for ``seconds`` each, by the address they came from."""

    clock: Clock
    seconds: float
    size: int
    _kept: dict[str, tuple[float, T]] = field(default_factory=dict)
    _fetching: SingleFlight[T] = field(default_factory=lambda: SingleFlight("fetch"))

    async def get(
        self,
        key: str,
        fetch: Callable[[], Coroutine[Any, Any, T]],
        *,
        refetch: bool = False,
        is_good: Callable[[T], bool] = lambda _: True,
    ) -> T:
        """Return the value of ``key``: the one kept while it is fresh, else what ``fetch`` returns.

        Only what ``is_good`` is kept, and nothing where ``fetch`` raises, which is raised to all who wait.
        ``refetch`` passes by what is kept; whoever asks while a fetch is under way joins it all the same.
        """
        kept = self._kept.get(key)
        if kept is not None and not refetch and self.clock.monotonic() - kept[0] < self.seconds:
            return kept[1]

        async def fetch_and_keep() -> T:
            value = await fetch()
            if is_good(value):
                self._keep(key, value)
            return value

        return await self._fetching.join(key, fetch_and_keep)

    def peek(self, key: str) -> T | None:
        """Return what is kept, however old it is."""
        kept = self._kept.get(key)
        return None if kept is None else kept[1]

    def _keep(self, key: str, value: T) -> None:
        self._kept.pop(key, None)
        if len(self._kept) >= self.size:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = (self.clock.monotonic(), value)
