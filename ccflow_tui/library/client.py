"""Tokens for a program: fetched once for all callers, refreshed ahead of expiry, never handed out expired."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from ccflow_tui.library.credentials import ClientCertificate, ClientSecret, GivenCredential, PrivateKey
from ccflow_tui.library.dpop_key import ProgramKey
from ccflow_tui.library.errors import token_of
from ccflow_tui.library.log import StandardLog
from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.discovery import with_metadata
from ccflow_tui.models.outcome import Granted, Outcome
from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import EndpointConsent, EndpointMode, EndpointSource, MutualTls, Profile
from ccflow_tui.models.token_request import DpopProof
from ccflow_tui.oauth.audience import endpoint_elsewhere
from ccflow_tui.oauth.endpoint_consent import unconfirmed_origin
from ccflow_tui.oauth.response_headers import Headers
from ccflow_tui.services.client_certificates import ClientCertificates
from ccflow_tui.services.clock import SystemClock
from ccflow_tui.services.connections import Connections
from ccflow_tui.services.dpop_prover import DpopProver
from ccflow_tui.services.flow_log import FlowLog
from ccflow_tui.services.key_reading import KeyReader
from ccflow_tui.services.memory_store import MemoryStore
from ccflow_tui.services.ports import Clock, Transport
from ccflow_tui.services.redaction import Redactor
from ccflow_tui.services.request_builder import RequestBuilder
from ccflow_tui.services.server_notes import ServerNotes
from ccflow_tui.services.token_cache import TokenCache, TokenSlot, TokenSource, cache_key
from ccflow_tui.services.token_fetcher import TokenFetcher
from ccflow_tui.services.transport import HttpTransport
from ccflow_tui.services.variables import Variables

if TYPE_CHECKING:
    from ccflow_tui.library.httpx_auth import TokenAuth


_REMEMBERED_SECRETS = 16
"""The client's own and its latest tokens: what a server could still repeat in an error."""


def _ignore(_: object) -> None:
    """Listen to nothing."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a token is for, where that differs from what the client asks for otherwise."""

    scope: str = ""
    audience: str = ""
    resources: tuple[str, ...] = ()
    """Resource indicators (RFC 8707)."""


@dataclass(slots=True, kw_only=True)
class TokenClient:
    """Gets and keeps access tokens by the client credentials grant (RFC 6749, section 4.4).

    One instance serves one client at one authorization server, and every task of one event loop. Give
    ``token_endpoint``, or ``issuer`` to have the endpoint discovered (RFC 8414); give both where the endpoint
    lies at another origin than its issuer, which is refused otherwise.
    """

    client_id: str
    credential: ClientSecret | PrivateKey | ClientCertificate
    token_endpoint: str = ""
    issuer: str = ""
    scope: str = ""
    audience: str = ""
    resources: tuple[str, ...] = ()
    """Resource indicators (RFC 8707)."""
    authorization_details: Sequence[Mapping[str, Any]] = ()
    """Objects with a ``type`` each (RFC 9396)."""
    extra_parameters: Mapping[str, str] = field(default_factory=dict)
    """The server's own parameters; never a secret, and none that the request sets itself."""
    dpop: bool = False
    """Whether tokens are bound to a key of this client's own (RFC 9449); ``auth`` sends the proofs."""
    dpop_alg: str = "ES256"
    refresh_ahead: int = 90
    """Seconds before expiry at which a background refresh may start, scaled down for short tokens."""
    attempts: int = 4
    """Attempts at most, where asking again can help."""
    timeout: float = 30.0
    """Seconds that one attempt may take, from the connection to the last byte."""
    certificate: ClientCertificate | None = None
    """Presented in the TLS handshake besides the credential, so that tokens are bound to it (RFC 8705)."""
    transport: Transport | None = field(default=None, repr=False)
    """Stands in for the network, for tests."""
    clock: Clock = field(default_factory=SystemClock, repr=False)
    _connections: Connections = field(init=False, repr=False)
    _cache: TokenCache = field(init=False, repr=False)
    _certificates: ClientCertificates = field(init=False, repr=False)
    _fetcher: TokenFetcher = field(init=False, repr=False)
    _prover: DpopProver = field(init=False, repr=False)
    _profile: Profile = field(init=False, repr=False)
    _monotonic: Callable[[], float] = field(init=False, repr=False)
    _sources: dict[Target | str | None, TokenSource] = field(default_factory=dict, init=False, repr=False)
    _slots: dict[Target | str | None, TokenSlot] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        """Wire the parts; nothing is read and nothing sent yet."""
        redactor = Redactor(_REMEMBERED_SECRETS)
        log = FlowLog(StandardLog(redactor))
        self._connections = Connections(self._transport_for, self.clock)
        self._cache = TokenCache(self.clock)
        reader = KeyReader(MemoryStore(), Variables({}, {}), log.warning)
        opening = self.credential.passphrases() | (self.certificate.passphrases() if self.certificate else {})
        for reference, passphrase in opening.items():
            reader.remember_passphrase(reference, passphrase)
        credential = GivenCredential(self.credential.as_credential(), reader)
        self._prover = DpopProver(ProgramKey(), ServerNotes(), self.clock)
        builder = RequestBuilder(self.clock, credential, redactor, log, self._prover)
        self._certificates = ClientCertificates(builder.keys, self.clock)
        self._fetcher = TokenFetcher(
            clock=self.clock,
            connections=self._connections,
            builder=builder,
            redactor=redactor,
            log=log,
            certificates=self._certificates,
            attempts=self.attempts,
            deadline=self.timeout,
        )
        mode = EndpointMode.ISSUER if self.issuer else EndpointMode.MANUAL
        profile = Profile(
            name="program",
            endpoint_mode=mode,
            endpoint_source=EndpointSource.NONE if self.issuer else EndpointSource.TYPED,
            issuer=self.issuer,
            token_endpoint="" if self.issuer else self.token_endpoint,
            client_id=self.client_id,
            scope=self.scope,
            audience=self.audience,
            resources=tuple(self.resources),
            authorization_details=json.dumps(list(self.authorization_details), ensure_ascii=False)
            if self.authorization_details
            else "",
            extra_parameters=tuple(self.extra_parameters.items()),
            dpop=self.dpop,
            dpop_alg=self.dpop_alg,
        )
        if self.certificate is not None:
            profile = self.certificate.presented_by(profile)
        self._profile = self.credential.applied_to(profile)
        self._monotonic = self.clock.monotonic

    async def get_token(self, target: Target | str | None = None) -> AccessToken:
        """Return a live token, from memory where there is one; all callers share one request.

        ``target`` is a scope or a ``Target`` in place of the client's own. Near its expiry a token is
        refreshed in the background, while callers still get the one that lives. Raises ``TokenError`` when
        there is no token, and ``InputProblem`` for a parameter that cannot be used.
        """
        slot = self._slots.get(target)
        if slot is not None:
            now = self._monotonic()
            if now < slot.refresh_from and now < self._cache.trusted_until and slot.token is not None:
                return slot.token
        source = self._source(target)
        outcome = await self._cache.get(source)
        self._slots[target] = self._cache.slot(source.key)
        return token_of(outcome)

    async def fetch_token(self, target: Target | str | None = None) -> AccessToken:
        """Return a new token, which replaces the one in memory; errors as for ``get_token``."""
        return token_of(await self._cache.refresh(self._source(target)))

    async def replace_token(self, refused: AccessToken, target: Target | str | None = None) -> AccessToken:
        """Return another token than the one that an API refused, fetching one for all who ask."""
        held = self._cache.peek(self._source(target).key)
        if held is not None and held.value != refused.value:
            return held
        return await self.fetch_token(target)

    def adopt_token(self, token: AccessToken, target: Target | str | None = None) -> None:
        """Hand out a token that was got elsewhere, while it lives."""
        source = self._source(target)
        self._cache.put(source, Granted(token))
        self._slots[target] = self._cache.slot(source.key)

    async def prove(self, method: str, url: str, token: AccessToken) -> DpopProof:
        """Return a new proof to go along with a bound token, in a ``DPoP`` header (RFC 9449, section 7.1).

        ``jwt`` holds it. Good for one request of this method and URL; ``heard`` takes up an API's nonce.
        """
        return await self._prover.for_resource(self._profile, method, url, token)

    def heard(self, url: str, headers: Headers, *, sent_at: float) -> ServerNotes:
        """Take note of the nonce and the clock of an API that answered; return what is known of servers.

        Names of ``headers`` in lower case; ``sent_at`` is epoch seconds.
        """
        servers = self._prover.servers
        servers.hear(url, headers, sent_at=sent_at, received_at=self.clock.wall())
        return servers

    def auth(self, target: Target | str | None = None) -> TokenAuth:
        """Return an ``httpx.Auth`` that puts a live token into every request of an ``httpx.AsyncClient``."""
        from ccflow_tui.library.httpx_auth import TokenAuth

        return TokenAuth(self, target)

    async def warm(self) -> None:
        """Do what is slow before the first request (imports, TLS context), off the event loop."""
        await self._connections.transport(self._profile.client_tls).warm()

    async def aclose(self) -> None:
        """Forget every token, end requests under way and close connections."""
        await self._cache.close()
        await self._connections.close()

    async def __aenter__(self) -> Self:
        """Use as ``async with``."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close."""
        await self.aclose()

    def _transport_for(self, mtls: MutualTls) -> Transport:
        return self.transport or HttpTransport(
            clock=self.clock, mtls=mtls, certificates=self._certificates.load
        )

    def _source(self, target: Target | str | None) -> TokenSource:
        source = self._sources.get(target)
        if source is None:
            given = self.credential.as_credential()
            material = given.key or given.secret
            # The profile itself is made anew at each request: there may be many targets.
            source = self._sources[target] = TokenSource(
                cache_key(self._profile_for(target), material.fingerprint() if material else ""),
                fetch=partial(self._fetch, target),
                configured_window=float(self.refresh_ahead),
            )
        return source

    def _profile_for(self, target: Target | str | None) -> Profile:
        if target is None:
            return self._profile
        if isinstance(target, str):
            return replace(self._profile, scope=target)
        return replace(
            self._profile,
            scope=target.scope,
            audience=target.audience,
            resources=tuple(target.resources),
        )

    async def _fetch(self, target: Target | str | None) -> Outcome:
        profile = self._profile_for(target)
        if profile.endpoint_mode is EndpointMode.ISSUER:
            profile = await self._discovered(profile)
        return await self._fetcher.fetch(profile, None, _ignore)

    async def _discovered(self, profile: Profile) -> Profile:
        result = await self._connections.discovery(profile.mtls).discover(profile.issuer)
        if result.metadata is None:
            problem = result.problem
            raise InputProblem("issuer", str(problem) if problem else "There is no metadata.")
        discovered = with_metadata(profile, result.metadata)
        # With a client certificate that may be the alias for mutual TLS, on another origin again.
        found = discovered.request_endpoint
        if self.token_endpoint not in {"", found, discovered.token_endpoint}:
            problem_text = f"The issuer names another token endpoint: {found}."
            raise InputProblem("token_endpoint", problem_text, "Give the issuer alone, or that endpoint.")
        if not (origin := unconfirmed_origin(discovered)):
            return discovered
        if self.token_endpoint != found:
            remedy = f"If that is right, give token_endpoint={found!r} beside the issuer."
            raise InputProblem("token_endpoint", endpoint_elsewhere(discovered.issuer, found), remedy)
        # The program named both, which is its consent.
        return replace(discovered, endpoint_consent=EndpointConsent(discovered.issuer, origin))
