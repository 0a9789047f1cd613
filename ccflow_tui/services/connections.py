"""One transport, and one memory of discoveries and key sets, for each client certificate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ccflow_tui.models.discovery import ServerMetadata
from ccflow_tui.models.profile import MutualTls
from ccflow_tui.services.discovery import AttemptListener, Discovery, tell_nobody
from ccflow_tui.services.jwks import KeySets
from ccflow_tui.services.ports import Clock, Transport

TransportFactory = Callable[[MutualTls], Transport]


@dataclass(slots=True)
class Connections:
    """Makes transports when they are first asked for, and keeps them."""

    make: TransportFactory
    clock: Clock
    on_attempt: AttemptListener = tell_nobody
    """Told of every document that discovery asks for."""
    _transports: dict[MutualTls, Transport] = field(default_factory=dict)
    _discoveries: dict[MutualTls, Discovery] = field(default_factory=dict)
    _key_sets: dict[MutualTls, KeySets] = field(default_factory=dict)

    def transport(self, mtls: MutualTls) -> Transport:
        """Return the transport that presents this certificate, or none while mutual TLS is off."""
        key = _key(mtls)
        if key not in self._transports:
            self._transports[key] = self.make(key)
        return self._transports[key]

    def discovery(self, mtls: MutualTls) -> Discovery:
        """Return the discovery over that transport."""
        key = _key(mtls)
        if key not in self._discoveries:
            self._discoveries[key] = Discovery(self.transport(key), self.clock, self.on_attempt)
        return self._discoveries[key]

    def known(self, issuer: str) -> ServerMetadata | None:
        """Return what was found about an issuer earlier, by whichever transport; asks nobody."""
        found = (discovery.known(issuer) for discovery in self._discoveries.values() if issuer)
        return next((metadata for metadata in found if metadata is not None), None)

    def key_sets(self, mtls: MutualTls) -> KeySets:
        """Return the key sets fetched over that transport."""
        key = _key(mtls)
        if key not in self._key_sets:
            self._key_sets[key] = KeySets(self.transport(key), self.clock)
        return self._key_sets[key]

    async def drop(self, mtls: MutualTls) -> None:
        """Close the transport that presents this certificate, which it holds, and forget what it brought."""
        if not mtls.enabled:
            return
        self._discoveries.pop(mtls, None)
        self._key_sets.pop(mtls, None)
        if transport := self._transports.pop(mtls, None):
            await transport.close()

    async def drop_key(self, reference: str) -> None:
        """Close every transport whose certificate or key is named by ``reference``, as ``drop`` does."""
        for mtls in tuple(self._transports):
            if reference in {mtls.cert_ref.strip(), mtls.key_ref.strip()}:
                await self.drop(mtls)

    async def close(self) -> None:
        """Close every transport."""
        for transport in tuple(self._transports.values()):
            await transport.close()


def _key(mtls: MutualTls) -> MutualTls:
    """Return the same key for every certificate that is named but not used."""
    return mtls if mtls.enabled else MutualTls()
