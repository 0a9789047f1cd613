"""A token is kept alive ahead of its expiry, and kept when that fails."""

from __future__ import annotations

from dataclasses import dataclass, field

from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.lifetime import Urgency
from ccflow_tui.models.outcome import Granted, Outcome, Refused
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.token_lifecycle import LifecycleEvents, TokenLifecycle
from tests.support.manual_clock import ManualClock, settle


@dataclass
class Bench:
    clock: ManualClock = field(default_factory=ManualClock)
    planned: list[float] = field(default_factory=list)
    failed: list[Outcome] = field(default_factory=list)
    answer: Outcome = field(default_factory=lambda: Refused("server_error"))
    refreshes: int = 0

    def lifecycle(self) -> TokenLifecycle:
        events = LifecycleEvents(self.planned.append, self.failed.append)
        return TokenLifecycle(self.clock, events, jitter=lambda: 0.0)

    def token(self, expires_in: int | None = 3600) -> AccessToken:
        return AccessToken(Secret("t"), "Bearer", self.clock.wall(), self.clock.monotonic(), expires_in)

    async def refresh(self) -> Outcome:
        self.refreshes += 1
        return self.answer


async def test_a_refresh_is_planned_ninety_seconds_before_expiry_and_happens_then() -> None:
    bench = Bench()
    bench.answer = Granted(bench.token())
    lifecycle = bench.lifecycle()
    lifecycle.watch(bench.token(), configured=90, refresh=bench.refresh)
    assert bench.planned == [3510.0]
    for _ in range(117):
        await bench.clock.advance(30)
        if bench.refreshes:
            break
    assert bench.refreshes == 1
    assert bench.failed == []
    lifecycle.stop()


async def test_a_short_token_is_refreshed_at_a_fifth_of_its_life() -> None:
    bench = Bench()
    lifecycle = bench.lifecycle()
    lifecycle.watch(bench.token(30), configured=90, refresh=bench.refresh)
    assert bench.planned == [24.0]
    lifecycle.stop()


async def test_L3_failures_are_retried_with_growing_waits_and_not_given_up_at_expiry() -> None:
    bench = Bench()
    lifecycle = bench.lifecycle()
    lifecycle.watch(bench.token(600), configured=90, refresh=bench.refresh)
    await settle()
    for _ in range(600):
        await bench.clock.advance(1)
    before_expiry = bench.refreshes
    assert before_expiry >= 4  # at 510 s, then after 10, 20 and 40 s more
    for _ in range(600):
        await bench.clock.advance(1)
    assert bench.refreshes > before_expiry
    assert len(bench.failed) == bench.refreshes
    assert all(isinstance(outcome, Refused) for outcome in bench.failed)
    lifecycle.stop()


async def test_nothing_is_planned_for_a_token_without_expiry() -> None:
    bench = Bench()
    lifecycle = bench.lifecycle()
    lifecycle.watch(bench.token(None), configured=90, refresh=bench.refresh)
    assert bench.planned == []
    assert lifecycle.lifetime(bench.token(None)).urgency is Urgency.UNSTATED


async def test_stopping_cancels_the_plan() -> None:
    bench = Bench()
    lifecycle = bench.lifecycle()
    lifecycle.watch(bench.token(60), configured=90, refresh=bench.refresh)
    await settle()
    lifecycle.stop()
    await bench.clock.advance(100)
    assert bench.refreshes == 0
    assert lifecycle.lifetime(None).urgency is Urgency.NONE


async def test_the_countdown_knows_the_refresh_point() -> None:
    bench = Bench()
    token = bench.token(3600)
    lifecycle = bench.lifecycle()
    lifecycle.watch(token, configured=60, refresh=bench.refresh)
    bench.clock.jump(40)
    lifetime = lifecycle.lifetime(token)
    assert lifetime.refresh_in == 3500.0
    assert lifetime.seconds_left == 3560.0
    lifecycle.stop()


async def test_a_long_suspend_is_noticed_at_the_next_look() -> None:
    bench = Bench()
    bench.answer = Granted(bench.token())
    lifecycle = bench.lifecycle()
    lifecycle.watch(bench.token(), configured=90, refresh=bench.refresh)
    await settle()
    await bench.clock.advance(3599)
    assert bench.refreshes == 1
    lifecycle.stop()
