"""Fetched once for all who ask at once, kept while fresh, and ended when nobody waits for it any more."""

from __future__ import annotations

import asyncio

import pytest

from ccflow_tui.models.problems import InputProblem
from ccflow_tui.services.jwks import CACHE_SECONDS, KeySets
from ccflow_tui.services.single_flight import FlightDropped, SingleFlight
from ccflow_tui.services.timed_cache import TimedCache
from tests.support.fakes import ScriptedTransport, json_response
from tests.support.manual_clock import ManualClock, settle

URL = "https://as.example/jwks"


class Source:
    """Counts how often it is asked, and answers when its gate is open."""

    def __init__(self) -> None:
        self.asked = self.ended = 0
        self.gate = asyncio.Event()
        self.fault: Exception | None = None

    async def fetch(self) -> int:
        self.asked += 1
        number = self.asked
        try:
            await self.gate.wait()
        finally:
            await asyncio.sleep(0)
            self.ended += 1
        if self.fault is not None:
            raise self.fault
        return number


@pytest.fixture
async def source() -> Source:
    return Source()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def cache(clock: ManualClock) -> TimedCache[int]:
    return TimedCache(clock, seconds=10, size=2)


async def test_L2_all_who_ask_at_once_share_one_fetch(cache: TimedCache[int], source: Source) -> None:
    asking = [asyncio.create_task(cache.get("k", source.fetch, refetch=odd)) for odd in (False, True) * 5]
    await settle()
    source.gate.set()
    assert set(await asyncio.gather(*asking)) == {1}
    assert source.asked == 1


async def test_a_fault_reaches_all_and_nothing_is_kept(cache: TimedCache[int], source: Source) -> None:
    source.gate.set()
    source.fault = InputProblem("jwks_uri", "It cannot be read.")
    found = await asyncio.gather(*(cache.get("k", source.fetch) for _ in range(3)), return_exceptions=True)
    assert found == [source.fault] * 3
    assert cache.peek("k") is None
    source.fault = None
    assert await cache.get("k", source.fetch) == 2


async def test_a_value_is_kept_for_its_time_and_known_for_longer(
    cache: TimedCache[int], source: Source, clock: ManualClock
) -> None:
    source.gate.set()
    await cache.get("k", source.fetch)
    clock.jump(9.9)
    assert await cache.get("k", source.fetch) == 1
    clock.jump(0.1)
    assert cache.peek("k") == 1
    assert await cache.get("k", source.fetch) == 2


async def test_what_is_not_good_is_handed_out_and_not_kept(cache: TimedCache[int], source: Source) -> None:
    source.gate.set()
    assert await cache.get("k", source.fetch, is_good=lambda value: value > 1) == 1
    assert await cache.get("k", source.fetch, is_good=lambda value: value > 1) == 2
    assert await cache.get("k", source.fetch, is_good=lambda value: value > 1) == 2


async def test_the_one_fetched_longest_ago_makes_room(cache: TimedCache[int], source: Source) -> None:
    source.gate.set()
    for key in ("a", "b", "a", "c"):
        await cache.get(key, source.fetch, refetch=True)
    assert [cache.peek(key) for key in "abc"] == [3, None, 4]


async def test_the_first_may_leave_and_the_last_ends_the_work(cache: TimedCache[int], source: Source) -> None:
    first, second = (asyncio.create_task(cache.get("k", source.fetch)) for _ in range(2))
    await settle()
    first.cancel()
    await settle()
    assert (first.cancelled(), second.done(), source.ended) == (True, False, 0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    assert source.ended == 1, "who leaves last waits until the work has ended"


async def test_dropped_work_is_told_from_a_caller_that_was_cancelled(source: Source) -> None:
    flights: SingleFlight[int] = SingleFlight("work")
    staying, leaving = (asyncio.create_task(flights.join("k", source.fetch)) for _ in range(2))
    await settle()
    assert "k" in flights
    flights.drop("k")
    leaving.cancel()
    ended = await asyncio.gather(staying, leaving, return_exceptions=True)
    assert [type(end) for end in ended] == [FlightDropped, asyncio.CancelledError]
    assert "k" not in flights


async def test_closing_waits_for_work_in_the_background(source: Source) -> None:
    flights: SingleFlight[int] = SingleFlight("work")
    flights.begin("k", source.fetch)
    await settle()
    await flights.close()
    assert (source.ended, "k" in flights) == (1, False)


async def test_a_key_set_that_two_ask_for_is_fetched_once_until_its_time_is_over(clock: ManualClock) -> None:
    transport = ScriptedTransport(json_response('{"keys": []}'))
    key_sets = KeySets(transport, clock)
    one, other = await asyncio.gather(key_sets.get(URL), key_sets.get(URL))
    assert one is other is await key_sets.get(URL)
    assert len(transport.requests) == 1
    clock.jump(CACHE_SECONDS)
    await key_sets.get(URL)
    await key_sets.get(URL, refetch=True)
    assert len(transport.requests) == 3
