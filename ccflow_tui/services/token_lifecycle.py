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
FIRST_BACKOFF = 10.0
"""Seconds to the first new try after a failed refresh; doubled each time."""


@dataclass(frozen=True, slots=True)
class LifecycleEvents:
    """What the owner of a token wants to hear of."""

    planned: Callable[[float], None]
    """A refresh is planned in that many seconds."""
    ended: Callable[[Outcome], None]
    """A refresh ended; after a failure the token is kept until it expires."""


@dataclass(slots=True)
class TokenLifecycle:
    """Watches one token at a time; ``watch`` replaces it and ``stop`` lets go of it."""

    clock: Clock
    events: LifecycleEvents
    jitter: Callable[[], float]
    """Returns a number from 0 to 1, so that many clients do not refresh at the same moment."""
    _due: float | None = None
    _task: asyncio.Task[None] | None = field(default=None, repr=False)

    def watch(
        self, token: AccessToken, *, configured: float, refresh: Callable[[], Awaitable[Outcome]]
    ) -> None:
        """Plan the refresh of ``token``: ``configured`` seconds before expiry, less for short tokens."""
        self.stop()
        delay = refresh_delay(
            token,
            configured=configured,
            jitter=self.jitter(),
            wall=self.clock.wall(),
            monotonic=self.clock.monotonic(),
        )
        if delay is None:
            return
        self._due = self.clock.monotonic() + delay
        self.events.planned(delay)
        self._task = asyncio.create_task(self._keep(token, refresh), name="token-refresh")

    def stop(self) -> None:
        """Let go of the token; a refresh under way is cancelled."""
        self._due = None
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def lifetime(self, token: AccessToken | None) -> Lifetime:
        """Return the countdown of ``token`` at this moment."""
        now = self.clock.monotonic()
        return measure_lifetime(
            token,
            wall=self.clock.wall(),
            monotonic=now,
            refresh_in=None if self._due is None else max(0.0, self._due - now),
        )

    async def _keep(self, token: AccessToken, refresh: Callable[[], Awaitable[Outcome]]) -> None:
        backoff = FIRST_BACKOFF
        while self._due is not None:
            await self._until_due(token)
            outcome = await refresh()
            if isinstance(outcome, Granted):
                self._due, self._task = None, None
                self.events.ended(outcome)
                return
            left = token.seconds_left(self.clock.wall(), self.clock.monotonic()) or 0.0
            self._due = self.clock.monotonic() + backoff if backoff < left else None
            self.events.ended(outcome)
            backoff *= 2

    async def _until_due(self, token: AccessToken) -> None:
        while self._due is not None:
            wait = self._due - self.clock.monotonic()
            left = token.seconds_left(self.clock.wall(), self.clock.monotonic())
            if wait <= 0 or (left is not None and left <= 0):
                return
            await self.clock.sleep(min(wait, LONGEST_NAP))
