"""Holds the token the user works with: cached, stored, refreshed ahead of its expiry, let go again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.lifetime import Lifetime
from ccflow_tui.models.outcome import Granted, Outcome
from ccflow_tui.models.problems import InputProblem, SecretStoreProblem
from ccflow_tui.models.profile import Profile
from ccflow_tui.services.credentials import CredentialSource
from ccflow_tui.services.flow_log import FlowLog
from ccflow_tui.services.ports import Clock, RefreshListener
from ccflow_tui.services.token_cache import TokenCache, TokenSource, cache_key
from ccflow_tui.services.token_lifecycle import LifecycleEvents, TokenLifecycle
from ccflow_tui.services.token_storage import TokenStorage

Fetch = Callable[[Profile], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True)
class KeeperParts:
    """What a keeper is made of."""

    clock: Clock
    credentials: CredentialSource
    storage: TokenStorage
    log: FlowLog
    jitter: Callable[[], float]
    fetch: Fetch
    """Gets a token while nobody watches; never raises, except when it is cancelled."""


@dataclass(slots=True)
class TokenKeeper:
    """Keeps at most one token alive; ``on_refresh`` hears of every new one and every failure."""

    parts: KeeperParts
    on_refresh: RefreshListener
    _cache: TokenCache = field(init=False)
    _lifecycle: TokenLifecycle = field(init=False)
    _owner: Profile | None = None
    _source: TokenSource | None = None
    _storing: asyncio.Task[None] | None = None
    """Held so that the task is not collected before it is done."""

    def __post_init__(self) -> None:
        """Wire cache and lifecycle."""
        parts = self.parts
        self._cache = TokenCache(parts.clock, on_hit=parts.log.cache_hit)
        events = LifecycleEvents(planned=parts.log.proactive_refresh, ended=self._refresh_ended)
        self._lifecycle = TokenLifecycle(parts.clock, events, parts.jitter)

    async def keep(self, profile: Profile, granted: Granted) -> None:
        """Hold a new token: in the cache, in the secret store, and alive by background refresh."""
        source = await self._source_of(profile)
        self._owner, self._source = profile, source
        self._cache.put(source, granted)
        self._watch(source, granted.token)
        self._store_soon(profile, granted.token)

    async def current(self, profile: Profile) -> Outcome:
        """Return the token for ``profile``, from the cache where it is still usable."""
        return await self._cache.get(await self._source_for(profile))

    async def fresh(self, profile: Profile) -> Outcome:
        """Throw the cached token away and get a new one, which is then kept."""
        source = await self._source_for(profile)
        self._cache.drop(source.key)
        outcome = await self._cache.refresh(source)
        if isinstance(outcome, Granted) and profile == self._owner:
            self._watch(source, outcome.token)
            self._store_soon(profile, outcome.token)
            self.on_refresh(outcome, profile)
        return outcome

    async def restore(self, profile: Profile) -> AccessToken | None:
        """Take up a token that was stored earlier and is still alive."""
        try:
            token = await self.parts.storage.get(profile)
            source = await self._source_of(profile) if token else None
        except (SecretStoreProblem, InputProblem):
            return None
        if token is None or source is None:
            return None
        self._owner, self._source = profile, source
        self._cache.put(source, Granted(token))
        self._watch(source, token)
        return token

    def let_go(self) -> None:
        """Stop refreshing and forget the cached token; what is stored stays."""
        self._lifecycle.stop()
        if self._source is not None:
            self._cache.drop(self._source.key)
        self._owner = self._source = None

    async def purge(self, profile: Profile) -> bool:
        """Let go and remove the stored token, too; return whether there was one.

        Raises ``SecretStoreProblem`` when the store could not delete it.
        """
        self.let_go()
        if self._storing is not None:
            await asyncio.gather(self._storing, return_exceptions=True)
        return await self.parts.storage.clear(profile)

    def lifetime(self, token: AccessToken | None) -> Lifetime:
        """Return the countdown of ``token`` at this moment."""
        return self._lifecycle.lifetime(token)

    async def close(self) -> None:
        """Cancel everything that is under way."""
        self._lifecycle.stop()
        if self._storing is not None:
            self._storing.cancel()
        await self._cache.close()

    async def _source_for(self, profile: Profile) -> TokenSource:
        if self._source is not None and profile == self._owner:
            return self._source
        return await self._source_of(profile)

    async def _source_of(self, profile: Profile) -> TokenSource:
        credential = await self.parts.credentials.credential(profile)
        material = credential.key or credential.secret
        return TokenSource(
            cache_key(profile, material.fingerprint() if material else ""),
            fetch=lambda: self.parts.fetch(profile),
            configured_window=float(profile.proactive_refresh_seconds),
        )

    def _watch(self, source: TokenSource, token: AccessToken) -> None:
        self._lifecycle.watch(
            token, configured=source.configured_window, refresh=lambda: self._cache.refresh(source)
        )

    def _refresh_ended(self, outcome: Outcome) -> None:
        if self._owner is None or self._source is None:
            return
        if isinstance(outcome, Granted):
            self._watch(self._source, outcome.token)
            self._store_soon(self._owner, outcome.token)
        self.on_refresh(outcome, self._owner)

    def _store_soon(self, profile: Profile, token: AccessToken) -> None:
        self._storing = asyncio.create_task(self._store(profile, token), name="store-token")

    async def _store(self, profile: Profile, token: AccessToken) -> None:
        try:
            await self.parts.storage.put(profile, token)
        except SecretStoreProblem as problem:
            self.parts.log.warning(f"the token is kept in memory only: {problem}")
