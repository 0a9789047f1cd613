"""Keeps one token alive: refreshes it in the background before it expires, and tells how that went."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.lifetime import Lifetime
from ccflow_tui.models.outcome import Granted, Outcome
from ccflow_tui.oauth.expiry import measure_lifetime, refresh_delay
from ccflow_tui.services.ports import Clock

LONGEST_NAP = 30.0
"""Seconds between two looks at the clock, since a suspended machine makes one long sleep too long."""
LEAST_PAUSE = 1.5
"""Seconds between two tries at the least, also where a server grants tokens that are dead on arrival."""
FIRST_BACKOFF = 10.0
"""Seconds to the first new try after a failed refresh; doubled each time, never past half of what is left."""
EXPIRED_BACKOFF, LONGEST_BACKOFF = 30.0, 300.0
"""Seconds to the next try once the token has expired; doubled each time up to the second."""

Refresh = Callable[[], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True)
class LifecycleEvents:
    """What the owner of a token wants to hear of."""

    planned: Callable[[float], None]
    """A refresh is planned in that many seconds."""
    failed: Callable[[Outcome], None]
    """A refresh failed; the token is kept and another try planned."""


@dataclass(slots=True)
class _Plan:
    """How one token is kept alive; ``not_before`` holds on whichever clock comes to it first."""

    token: AccessToken
    configured: float
    jitter: float
    refresh: Refresh
    not_before: float = 0.0
    wall_not_before: float = 0.0
    backoff: float = FIRST_BACKOFF
    expired_backoff: float = EXPIRED_BACKOFF

    def wait(self, wall: float, monotonic: float) -> float | None:
        """Return the seconds until the refresh, anew each time: a suspend brings it forward."""
        delay = refresh_delay(
            self.token, configured=self.configured, jitter=self.jitter, wall=wall, monotonic=monotonic
        )
        if delay is None:
            return None
        return max(delay, min(self.not_before - monotonic, self.wall_not_before - wall))

    def pause(self, seconds: float, wall: float, monotonic: float) -> None:
        """Allow no try for so long."""
        self.not_before, self.wall_not_before = monotonic + seconds, wall + seconds

    def back_off(self, wall: float, monotonic: float) -> None:
        """Plan the next try after a failure: soon while the token lives, rarely afterwards, but always."""
        left = self.token.seconds_left(wall, monotonic) or 0.0
        if left > 0:
            seconds = max(LEAST_PAUSE, min(self.backoff, left / 2))
            self.backoff *= 2
        else:
            seconds = self.expired_backoff
            self.expired_backoff = min(2 * seconds, LONGEST_BACKOFF)
        self.pause(seconds, wall, monotonic)


@dataclass(slots=True)
class TokenLifecycle:
    """Watches one token at a time; ``watch`` replaces it and ``stop`` lets go of it."""

    clock: Clock
    events: LifecycleEvents
    jitter: Callable[[], float]
    """Returns a number from 0 to 1, so that many clients do not refresh at the same moment."""
    _plan: _Plan | None = field(default=None, repr=False)
    _task: asyncio.Task[None] | None = field(default=None, repr=False)

    def watch(self, token: AccessToken, *, configured: float, refresh: Refresh) -> None:
        """Plan the refresh of ``token``: ``configured`` seconds before expiry, less for short tokens.

        ``refresh`` is called again and again until it brings a token or ``stop`` is called. Whoever takes
        that token up is to call ``watch`` with it.
        """
        self.stop()
        plan = _Plan(token, configured, self.jitter(), refresh)
        wall, monotonic = self.clock.wall(), self.clock.monotonic()
        plan.pause(LEAST_PAUSE, wall, monotonic)
        wait = plan.wait(wall, monotonic)
        if wait is None:
            return
        self._plan = plan
        self.events.planned(wait)
        self._task = asyncio.create_task(self._keep(plan), name="token-refresh")

    def stop(self) -> None:
        """Let go of the token; a refresh under way is cancelled."""
        self._plan = None
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def lifetime(self, token: AccessToken | None) -> Lifetime:
        """Return the countdown of ``token`` at this moment."""
        wait = self._wait(self._plan) if self._plan is not None else None
        return measure_lifetime(
            token, wall=self.clock.wall(), monotonic=self.clock.monotonic(), refresh_in=wait
        )

    async def _keep(self, plan: _Plan) -> None:
        while True:
            while wait := self._wait(plan):
                await self.clock.sleep(min(wait, LONGEST_NAP))
            outcome = await plan.refresh()
            if isinstance(outcome, Granted):
                if self._plan is plan:  # nobody took the token up
                    self._plan = self._task = None
                return
            plan.back_off(self.clock.wall(), self.clock.monotonic())
            self.events.failed(outcome)

    def _wait(self, plan: _Plan) -> float:
        return plan.wait(self.clock.wall(), self.clock.monotonic()) or 0.0
