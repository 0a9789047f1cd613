"""Tokens kept while they live: one request per key for all its callers, and nobody waits for a refresh."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.outcome import Cancelled, Granted, Outcome
from ccflow_tui.models.profile import Profile
from ccflow_tui.oauth.expiry import refresh_window
from ccflow_tui.oauth.scopes import parse_scope
from ccflow_tui.services.ports import Clock

UNSTATED_LIFETIME = 300.0
"""Seconds a token without ``expires_in`` is handed out again before a new one is asked for."""
LEEWAY = 5.0
"""Seconds before expiry at which a token is no longer handed out: it could die on its way."""
LEEWAY_SHARE = 0.1
REFRESH_BACKOFF = 10.0
"""Seconds after a failed background refresh before the next try."""

Fetch = Callable[[], Awaitable[Outcome]]
CacheHit = Callable[[float | None], None]
NewToken = Callable[[str, Granted], None]


def cache_key(profile: Profile, credential_fingerprint: str, extra: Iterable[tuple[str, str]] = ()) -> str:
    """Return a key that differs whenever anything that decides about the token differs.

    Every part is length-prefixed before hashing, so ``("ab", "c")`` and ``("a", "bc")`` stay apart.
    """
    parts = [
        profile.issuer,
        profile.token_endpoint,
        profile.environment_id,
        profile.client_id,
        profile.auth_method,
        profile.basic_encoding,
        profile.assertion_audience,
        profile.assertion_alg,
        profile.assertion_kid,
        credential_fingerprint,
        " ".join(sorted(parse_scope(profile.scope).tokens)),
        profile.audience,
        *_counted(profile.resources),
        *_counted(f"{len(name)}:{name}{value}" for name, value in extra),
        *((profile.mtls.cert_ref, profile.mtls.key_ref) if profile.mtls.enabled else ("", "")),
    ]
    return hashlib.sha256("".join(f"{len(part)}:{part}," for part in parts).encode()).hexdigest()


def _counted(values: Iterable[str]) -> list[str]:
    items = list(values)
    return [str(len(items)), *items]


@dataclass(frozen=True, slots=True)
class TokenSource:
    """Where tokens of one key come from."""

    key: str
    fetch: Fetch
    configured_window: float = 90.0
    """Seconds before expiry at which a background refresh may start, scaled down for short tokens."""


@dataclass(slots=True)
class _Entry:
    """A token with two moments on both clocks, since the wall clock can be set and the other may stand still.

    ``refresh_from`` is never later than ``usable_until``.
    """

    granted: Granted
    refresh_from: float
    wall_refresh_from: float
    usable_until: float
    wall_usable_until: float


@dataclass(slots=True)
class _Flight:
    task: asyncio.Task[Outcome]
    waiters: int = 0
    background: bool = False


@dataclass(slots=True)
class TokenCache:
    """Caches granted tokens; single-flight per key; refreshes ahead of expiry in the background."""

    clock: Clock
    on_hit: CacheHit | None = None
    """Told the seconds left (``None`` when not stated) at each hit, for the log."""
    on_granted: NewToken | None = None
    """Told key and token once for each request that brought one, before any of its callers has it."""
    _entries: dict[str, _Entry] = field(default_factory=dict)
    _flights: dict[str, _Flight] = field(default_factory=dict)

    async def get(self, source: TokenSource) -> Outcome:
        """Return a usable token, from the cache when there is one; a failure is returned, never cached."""
        entry = self._entries.get(source.key)
        now, wall = self.clock.monotonic(), self.clock.wall()
        if entry is None or not (now < entry.refresh_from and wall < entry.wall_refresh_from):
            entry = self._usable(source.key)
            if entry is None:
                return await self.refresh(source)
            if source.key not in self._flights:
                self._launch(source).background = True
        if self.on_hit is not None:
            self.on_hit(entry.granted.token.seconds_left(wall, now))
        return entry.granted

    async def refresh(self, source: TokenSource) -> Outcome:
        """Fetch a new token now, joining a request for the same key that is already under way.

        The token held so far stays until a new one is granted. A caller that is cancelled leaves the request
        to the others; the last one to leave ends it. When ``drop`` ends it, the others get ``Cancelled``.
        """
        flight = self._flights.get(source.key) or self._launch(source)
        flight.waiters += 1
        try:
            return await asyncio.shield(flight.task)
        except asyncio.CancelledError:
            caller = asyncio.current_task()
            if flight.task.cancelled() and caller is not None and not caller.cancelling():
                return Cancelled()
            raise
        finally:
            flight.waiters -= 1
            if not flight.waiters and not flight.background:
                # Out of the table first: a caller that comes now must not join a request that is ending.
                self._land(source.key, flight)
                flight.task.cancel()

    def peek(self, key: str) -> AccessToken | None:
        """Return the cached token without counting as a use."""
        entry = self._usable(key)
        return entry.granted.token if entry else None

    def put(self, source: TokenSource, granted: Granted) -> None:
        """Keep a token that was fetched elsewhere; one that is already expired is not kept."""
        now, wall = self.clock.monotonic(), self.clock.wall()
        stated = granted.token.expires_in
        lifetime = UNSTATED_LIFETIME if stated is None else stated
        age = max(wall - granted.token.requested_at, now - granted.token.requested_at_monotonic)
        usable = lifetime - age - min(LEEWAY, LEEWAY_SHARE * lifetime)
        if usable <= 0:
            self._entries.pop(source.key, None)
            return
        wait = min(usable, lifetime - age - refresh_window(lifetime, source.configured_window))
        self._entries[source.key] = _Entry(granted, now + wait, wall + wait, now + usable, wall + usable)

    def drop(self, key: str) -> bool:
        """Forget one token and end a request for it; return whether there was a token."""
        flight = self._flights.pop(key, None)
        if flight is not None:
            flight.task.cancel()
        return self._entries.pop(key, None) is not None

    async def close(self) -> None:
        """Forget every token and wait until every request under way is cancelled."""
        tasks = [flight.task for flight in self._flights.values()]
        for key in {*self._entries, *self._flights}:
            self.drop(key)
        await asyncio.gather(*tasks, return_exceptions=True)

    def _usable(self, key: str) -> _Entry | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        if self.clock.monotonic() < entry.usable_until and self.clock.wall() < entry.wall_usable_until:
            return entry
        del self._entries[key]
        return None

    def _launch(self, source: TokenSource) -> _Flight:
        flight = _Flight(asyncio.create_task(self._fly(source), name="token-request"))
        self._flights[source.key] = flight
        flight.task.add_done_callback(lambda _: self._land(source.key, flight))
        return flight

    def _land(self, key: str, flight: _Flight) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]

    async def _fly(self, source: TokenSource) -> Outcome:
        outcome = await source.fetch()
        flight = self._flights.get(source.key)
        if flight is None or flight.task is not asyncio.current_task():
            return outcome  # let go of meanwhile: nothing of it may come back
        if isinstance(outcome, Granted):
            self.put(source, outcome)
            if self.on_granted is not None:
                self.on_granted(source.key, outcome)
        elif (entry := self._entries.get(source.key)) is not None:
            now, wall = self.clock.monotonic(), self.clock.wall()
            entry.refresh_from = min(now + REFRESH_BACKOFF, entry.usable_until)
            entry.wall_refresh_from = min(wall + REFRESH_BACKOFF, entry.wall_usable_until)
        return outcome
