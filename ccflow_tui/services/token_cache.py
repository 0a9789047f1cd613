"""Tokens kept while they live: one request per key for all its callers, and nobody waits for a refresh."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial

from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.outcome import Cancelled, Granted, Outcome
from ccflow_tui.oauth.expiry import refresh_window
from ccflow_tui.services.ports import Clock
from ccflow_tui.services.single_flight import FlightDropped, SingleFlight

UNSTATED_LIFETIME = 300.0
"""Seconds a token without ``expires_in`` is handed out again before a new one is asked for."""
LEEWAY = 5.0
"""Seconds before expiry at which a token is no longer handed out: it could die on its way."""
LEEWAY_SHARE = 0.1
HEAD_START = 1.5
"""Times as long as the last request took, at which the next one starts before the token is of no more use."""
CLOCK_PATIENCE = 0.1
"""Seconds of use after which the wall clock is compared with the monotonic one again."""
_NEVER = -math.inf
REFRESH_BACKOFF = 10.0
"""Seconds after a failed background refresh before the next try."""

Fetch = Callable[[], Awaitable[Outcome]]
CacheHit = Callable[[float | None], None]
NewToken = Callable[[str, Granted], None]
Fault = Callable[[BaseException], None]


@dataclass(frozen=True, slots=True)
class TokenSource:
    """Where tokens of one key come from."""

    key: str
    fetch: Fetch
    configured_window: float = 90.0
    """Seconds before expiry at which a background refresh may start, scaled down for short tokens."""


@dataclass(slots=True)
class TokenSlot:
    """The place of one key's token; small, since a service may hold many and a hit should stay in memory."""

    refresh_from: float = _NEVER
    """Monotonic seconds until which the token can be used without a further look."""
    token: AccessToken | None = None
    granted: Granted | None = None
    refresh_at: float = 0.0
    """Seconds of life left, on whichever clock says less, at which the next refresh is due."""

    def clear(self) -> bool:
        """Forget the token; return whether there was one."""
        there = self.token is not None
        self.refresh_from, self.token, self.granted = _NEVER, None, None
        return there


@dataclass(slots=True)
class TokenCache:
    """Caches granted tokens; single-flight per key; refreshes ahead of expiry in the background.

    ``trusted_until`` is the monotonic moment until which the wall clock need not be looked at again: one that
    was set forward, or a machine that slept, is noticed within ``CLOCK_PATIENCE`` seconds of use.
    """

    clock: Clock
    on_hit: CacheHit | None = None
    """Told the seconds left (``None`` when not stated) at each hit, for the log."""
    on_granted: NewToken | None = None
    """Told key and token once for each request that brought one, before any of its callers has it."""
    on_fault: Fault | None = None
    """Told what a background request raised, which has no caller to hear of it."""
    trusted_until: float = _NEVER
    _ahead: float = _NEVER
    """How far the wall clock was ahead of the monotonic one when they were compared last."""
    _slots: dict[str, TokenSlot] = field(default_factory=dict)
    _flights: SingleFlight[Outcome] = field(init=False)

    def __post_init__(self) -> None:
        """Have faults in the background told."""
        self._flights = SingleFlight("token-request", self.on_fault)

    def slot(self, key: str) -> TokenSlot:
        """Return the place of a key's token; it stays the same one until the key is dropped.

        While ``now < slot.refresh_from`` and ``now < trusted_until``, its token can be used as it is.
        """
        slot = self._slots.get(key)
        if slot is None:
            slot = self._slots[key] = TokenSlot()
        return slot

    async def get(self, source: TokenSource) -> Outcome:
        """Return a usable token, from the cache when there is one; a failure is returned, never cached."""
        slot = self._usable(source.key)
        if slot is None or slot.granted is None:
            return await self.refresh(source)
        token, now, wall = slot.granted.token, self.clock.monotonic(), self.clock.wall()
        if _left(token, now, wall) <= slot.refresh_at and source.key not in self._flights:
            self._flights.begin(source.key, partial(self._fly, source))
        if self.on_hit is not None:
            self.on_hit(token.seconds_left(wall, now))
        return slot.granted

    async def refresh(self, source: TokenSource) -> Outcome:
        """Fetch a new token now, joining a request for the same key that is already under way.

        The token held so far stays until a new one is granted. A caller that is cancelled leaves the request
        to the others; the last one to leave ends it. When ``drop`` ends it, the others get ``Cancelled``.
        """
        try:
            return await self._flights.join(source.key, partial(self._fly, source))
        except FlightDropped:
            return Cancelled()

    def peek(self, key: str) -> AccessToken | None:
        """Return the cached token without counting as a use."""
        slot = self._usable(key)
        return slot.token if slot else None

    def put(self, source: TokenSource, granted: Granted) -> None:
        """Keep a token that was fetched elsewhere; one that is already expired is not kept."""
        slot, token = self.slot(source.key), granted.token
        now, lifetime, margin = self.clock.monotonic(), _lifetime(token), _margin(token)
        left = _left(token, now, self.clock.wall())
        if left <= margin:
            slot.clear()
            return
        # A slow endpoint needs a head start, or callers would wait for it at each rollover.
        slow = min(margin + HEAD_START * granted.exchange.elapsed, lifetime / 2)
        slot.token, slot.granted = token, granted
        slot.refresh_at = max(margin, slow, refresh_window(lifetime, source.configured_window))
        slot.refresh_from = now + left - slot.refresh_at

    def drop(self, key: str) -> bool:
        """Forget one token and end a request for it; return whether there was a token."""
        self._flights.drop(key)
        slot = self._slots.pop(key, None)
        return slot is not None and slot.clear()

    def drop_dead(self, key: str) -> bool:
        """Let go of a key that holds no usable token and for which none is being fetched; return whether."""
        if key in self._flights or self._usable(key) is not None:
            return False
        self._slots.pop(key, None)
        return True

    async def close(self) -> None:
        """Forget every token and wait until every request under way is cancelled."""
        for slot in self._slots.values():
            slot.clear()
        self._slots.clear()
        await self._flights.close()

    def _usable(self, key: str) -> TokenSlot | None:
        self._compare_clocks()
        slot = self._slots.get(key)
        if slot is None or slot.token is None:
            return None
        if _left(slot.token, self.clock.monotonic(), self.clock.wall()) > _margin(slot.token):
            return slot
        slot.clear()
        return None

    def _compare_clocks(self) -> None:
        """Notice a wall clock that ran ahead, and let every token be looked at on both clocks again."""
        now = self.clock.monotonic()
        ahead = self.clock.wall() - now
        moved = ahead - self._ahead
        if CLOCK_PATIENCE < moved < math.inf:
            for slot in self._slots.values():
                slot.refresh_from -= moved
        self._ahead, self.trusted_until = ahead, now + CLOCK_PATIENCE

    async def _fly(self, source: TokenSource) -> Outcome:
        try:
            outcome = await source.fetch()
        except Exception:
            self._back_off(source.key)
            raise
        if not self._flights.is_current(source.key):
            return outcome  # let go of meanwhile: nothing of it may come back
        if isinstance(outcome, Granted):
            self.put(source, outcome)
            if self.on_granted is not None:
                self.on_granted(source.key, outcome)
        else:
            self._back_off(source.key)
        return outcome

    def _back_off(self, key: str) -> None:
        """Leave the token that is still good alone for a while."""
        slot = self._usable(key)
        if slot is None or slot.token is None:
            return
        now = self.clock.monotonic()
        left = _left(slot.token, now, self.clock.wall())
        slot.refresh_at = max(left - REFRESH_BACKOFF, _margin(slot.token))
        slot.refresh_from = now + left - slot.refresh_at


def _lifetime(token: AccessToken) -> float:
    return UNSTATED_LIFETIME if token.expires_in is None else token.expires_in


def _margin(token: AccessToken) -> float:
    """Return the seconds of life left below which a token is not handed out."""
    return min(LEEWAY, LEEWAY_SHARE * _lifetime(token))


def _left(token: AccessToken, now: float, wall: float) -> float:
    """Return the seconds of life left by whichever clock says less."""
    return _lifetime(token) - max(wall - token.requested_at, now - token.requested_at_monotonic)
