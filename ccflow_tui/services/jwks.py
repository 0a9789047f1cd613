"""The key sets that servers publish, fetched over the fenced transport and kept for a while."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from http import HTTPStatus

from ccflow_tui.models.problems import InputProblem
from ccflow_tui.oauth.jwks import VerificationKeys, parse_jwks
from ccflow_tui.services.ports import Clock, Transport
from ccflow_tui.services.timed_cache import TimedCache
from ccflow_tui.services.transport_faults import TransportFault
from ccflow_tui.services.wire import get_request

CACHE_SECONDS = 300.0
"""How long a set is reused."""
CACHE_SIZE = 16
DEADLINE = 10.0
"""Seconds that one set may take."""


@dataclass(slots=True)
class KeySets:
    """Remembers each key set for a while; its address comes from verified metadata, never from a token."""

    transport: Transport
    clock: Clock
    _sets: TimedCache[VerificationKeys] = field(init=False)

    def __post_init__(self) -> None:
        """Keep none yet."""
        self._sets = TimedCache(self.clock, CACHE_SECONDS, CACHE_SIZE)

    async def get(self, jwks_uri: str, *, refetch: bool = False) -> VerificationKeys:
        """Return the keys published there; ``refetch`` asks anew, because keys rotate.

        Raises ``InputProblem`` for ``jwks_uri`` when the set cannot be fetched or read.
        """
        return await self._sets.get(jwks_uri, lambda: self._fetch(jwks_uri), refetch=refetch)

    async def _fetch(self, jwks_uri: str) -> VerificationKeys:
        try:
            response = await self.transport.exchange(get_request(jwks_uri), deadline=DEADLINE)
        except TransportFault as fault:
            raise InputProblem("jwks_uri", fault.detail, "Check the network, then verify again.") from None
        if response.status != HTTPStatus.OK:
            raise InputProblem(
                "jwks_uri",
                f"The server's keys could not be fetched (HTTP {response.status}).",
                "Verify again later; if it stays so, tell the authorization server's operator.",
            )
        return await asyncio.to_thread(parse_jwks, response.body)
