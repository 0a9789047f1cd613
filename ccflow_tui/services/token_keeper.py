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
from ccflow_tui.services.cache_key import cache_key
from ccflow_tui.services.credential_names import server_origin
from ccflow_tui.services.credentials import PROVIDED, CredentialSource
from ccflow_tui.services.flow_log import FlowLog
from ccflow_tui.services.ports import Clock, Filed, RefreshListener, unnoted
from ccflow_tui.services.token_cache import TokenCache, TokenSource
from ccflow_tui.services.token_lifecycle import LifecycleEvents, TokenLifecycle
from ccflow_tui.services.token_storage import StoredToken, TokenStorage

Fetch = Callable[[Profile], Awaitable[Outcome]]


async def _unbound(_: Profile) -> str:
    return ""


def _is_of(kept: Profile, profile: Profile, *, same_client: bool) -> bool:
    """Whether a token that was granted to ``kept`` is one of ``profile``."""
    is_same = (kept.client_id, server_origin(kept)) == (profile.client_id, server_origin(profile))
    return kept.name == profile.name and (is_same or not same_client)


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
    binding: Callable[[Profile], Awaitable[str]] = _unbound
    """Returns the thumbprint of what a profile's tokens are bound to; may raise ``InputProblem``."""
    filed: Filed = unnoted
    """Told before a token is stored; never raises."""


@dataclass(frozen=True, slots=True)
class _Found:
    """Where a profile's tokens come from, by the credential it has now."""

    source: TokenSource
    lasting: bool
    """Whether another run will find the same credential."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """Whose token is kept alive, and where the next one comes from."""

    profile: Profile
    source: TokenSource


@dataclass(slots=True)
class TokenKeeper:
    """Keeps at most one token alive; ``on_refresh`` hears of every new one and every failed refresh.

    Whoever asked for it (the background refresh, a use, a resource call), each token of the profile kept
    takes one way, ``_renewed``, and takes it once: so what is shown, used and stored is the same token.
    """

    parts: KeeperParts
    on_refresh: RefreshListener
    _cache: TokenCache = field(init=False)
    _lifecycle: TokenLifecycle = field(init=False)
    _kept: _Kept | None = None
    _owners: dict[str, Profile] = field(default_factory=dict)
    """Whose token may be cached under each key; one that is not kept alive any more can still be there."""
    _goodbyes: int = 0
    """How often everything was let go of, which what is still under way must not undo."""
    _storing: asyncio.Task[None] | None = None
    """Held so that the task is not collected before it is done."""

    def __post_init__(self) -> None:
        """Wire cache and lifecycle."""
        parts = self.parts
        self._cache = TokenCache(parts.clock, on_hit=parts.log.cache_hit, on_granted=self._renewed)
        events = LifecycleEvents(planned=parts.log.proactive_refresh, failed=self._refresh_failed)
        self._lifecycle = TokenLifecycle(parts.clock, events, parts.jitter)

    async def keep(self, profile: Profile, granted: Granted) -> None:
        """Hold a new token: in the cache, in the secret store, and alive by background refresh.

        Raises ``InputProblem`` or ``SecretStoreProblem`` when its credential cannot be found any more; then
        no token is kept, since the one held so far is not the one that the user sees.
        """
        goodbyes = self._goodbyes
        try:
            found = await self._find(profile)
        except (InputProblem, SecretStoreProblem):
            self.let_go()
            raise
        if goodbyes != self._goodbyes:
            return
        self._kept = kept = _Kept(profile, found.source)
        self._cache.put(kept.source, granted)
        self._watch(kept, granted.token)
        self._store_soon(kept, granted.token)

    async def current(self, profile: Profile) -> Outcome:
        """Return the token for ``profile``, from the cache where it is still usable."""
        return await self._cache.get(await self._source_for(profile))

    async def fresh(self, profile: Profile) -> Outcome:
        """Get a new token; it takes the place of the one held so far, which a failure leaves alone."""
        return await self._cache.refresh(await self._source_for(profile))

    async def restore(self, profile: Profile) -> AccessToken | None:
        """Take up a token that was stored earlier, is still alive and was granted to the same credential.

        Safe to call again at any time: a token that is kept already stays, and is returned when it is the
        profile's.
        """
        goodbyes = self._goodbyes
        try:
            stored = await self.parts.storage.get(profile) if self._kept is None else None
            found = await self._find(profile) if stored else None
        except (SecretStoreProblem, InputProblem):
            return None
        if self._kept is not None:
            return self._cache.peek(self._kept.source.key) if self._kept.profile == profile else None
        if goodbyes != self._goodbyes or stored is None or found is None or found.source.key != stored.key:
            return None
        self._kept = kept = _Kept(profile, found.source)
        self._cache.put(kept.source, Granted(stored.token))
        self._watch(kept, stored.token)
        return stored.token

    def store_kept(self) -> None:
        """Store the token that is kept; to be called when its credential has found a lasting place."""
        kept = self._kept
        token = self._cache.peek(kept.source.key) if kept is not None else None
        if kept is not None and token is not None:
            self._store_soon(kept, token)

    def let_go(self) -> None:
        """Stop refreshing, end a request under way and forget the cached token; what is stored stays."""
        self._goodbyes += 1
        self._lifecycle.stop()
        if self._kept is not None:
            self._cache.drop(self._kept.source.key)
        self._kept = None

    def holds(self, profile: Profile, *, same_client: bool = False) -> bool:
        """Whether a token of the profile is in memory, with ``same_client`` one of its client and server."""
        keys = self._keys_of(profile, same_client=same_client)
        return any(self._cache.peek(key) is not None for key in keys)

    async def part_with(self, profile: Profile, *, same_client: bool = False) -> None:
        """Let go of the profile's token and of what would bring it back; another profile's token stays.

        With ``same_client`` one that the profile got as another client or from another server stays, too.
        """
        kept = self._kept
        if not same_client if kept is None else _is_of(kept.profile, profile, same_client=same_client):
            self.let_go()
            # All: the profile's older credentials have entries, too, under keys that nobody knows any more.
            await self._cache.close()
        for key in self._keys_of(profile, same_client=same_client):
            self._cache.drop(key)
            del self._owners[key]
        if self._storing is not None:
            await asyncio.gather(self._storing, return_exceptions=True)

    async def purge(self, profile: Profile) -> bool:
        """Part with the token and remove the stored one, too; return whether there was one.

        Raises ``SecretStoreProblem`` when the store could not delete it.
        """
        await self.part_with(profile)
        return await self.parts.storage.clear(profile)

    async def forget(self, profile: Profile, token: AccessToken) -> bool:
        """Drop a token that is no longer good, wherever it is kept; another token stays.

        Returns whether it was stored; raises ``SecretStoreProblem`` when the store could not delete it.
        """
        kept = self._kept
        cached = self._cache.peek(kept.source.key) if kept is not None else None
        if cached is not None and cached.value == token.value:
            return await self.purge(profile)
        stored = await self.parts.storage.get(profile)
        if stored is not None and stored.token.value == token.value:
            return await self.parts.storage.clear(profile)
        return False

    def lifetime(self, token: AccessToken | None) -> Lifetime:
        """Return the countdown of ``token`` at this moment."""
        return self._lifecycle.lifetime(token)

    async def close(self) -> None:
        """Cancel everything that is under way, and wait until it has ended."""
        self.let_go()
        await self._cache.close()
        if self._storing is not None:
            self._storing.cancel()
            await asyncio.gather(self._storing, return_exceptions=True)

    def _keys_of(self, profile: Profile, *, same_client: bool) -> list[str]:
        owners = self._owners.items()
        return [key for key, owner in owners if _is_of(owner, profile, same_client=same_client)]

    async def _source_for(self, profile: Profile) -> TokenSource:
        if self._kept is not None and profile == self._kept.profile:
            return self._kept.source
        return (await self._find(profile)).source

    async def _find(self, profile: Profile) -> _Found:
        credential = await self.parts.credentials.credential(profile)
        material = credential.key or credential.secret
        binding = await self.parts.binding(profile)
        source = TokenSource(
            cache_key(profile, material.fingerprint() if material else "", binding=binding),
            fetch=lambda: self.parts.fetch(profile),
            configured_window=float(profile.proactive_refresh_seconds),
        )
        self._owners[source.key] = profile
        return _Found(source, lasting=credential.source not in {"typed", PROVIDED})

    def _watch(self, kept: _Kept, token: AccessToken) -> None:
        self._lifecycle.watch(
            token, configured=kept.source.configured_window, refresh=lambda: self._cache.refresh(kept.source)
        )

    def _renewed(self, key: str, granted: Granted) -> None:
        """Go on with a new token instead of the one held so far, and tell of it."""
        kept = self._kept
        if kept is None or kept.source.key != key:
            return
        self._watch(kept, granted.token)
        self._store_soon(kept, granted.token)
        self.on_refresh(granted, kept.profile)

    def _refresh_failed(self, outcome: Outcome) -> None:
        if self._kept is not None:
            self.on_refresh(outcome, self._kept.profile)

    def _store_soon(self, kept: _Kept, token: AccessToken) -> None:
        storing = self._store(kept, token, self._storing)
        self._storing = asyncio.create_task(storing, name="store-token")

    async def _store(self, kept: _Kept, token: AccessToken, before: asyncio.Task[None] | None) -> None:
        """Store a token if its credential can be found again: another run could not use it otherwise.

        Nor does a secret that the user chose not to save leave a trace in the keyring.
        """
        if before is not None:  # or an older token could be written last
            await asyncio.gather(before, return_exceptions=True)
        try:
            found = await self._find(kept.profile)
            if found.lasting and found.source.key == kept.source.key:
                await self.parts.filed(kept.profile)
                await self.parts.storage.put(kept.profile, StoredToken(kept.source.key, token))
        except (InputProblem, SecretStoreProblem) as problem:
            self.parts.log.warning(f"the token is kept in memory only: {problem}")
