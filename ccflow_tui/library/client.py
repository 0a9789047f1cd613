"""Tokens for a program: fetched once for all callers, refreshed ahead of expiry, never handed out expired."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn, Self

from ccflow_tui.library.credentials import ClientCertificate, ClientCredential
from ccflow_tui.library.errors import token_of
from ccflow_tui.library.loop_end import close_with_loop
from ccflow_tui.library.parameter_kinds import check_text, check_token
from ccflow_tui.library.parts import ClientParts, described, refuse_unusable, wire
from ccflow_tui.library.requests import TargetRequests
from ccflow_tui.library.target import Target, check_target
from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.outcome import Granted
from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import Profile
from ccflow_tui.models.token_request import DpopProof
from ccflow_tui.oauth.response_headers import Headers
from ccflow_tui.services.cache_key import cache_key
from ccflow_tui.services.clock import SystemClock
from ccflow_tui.services.ports import Clock, Transport
from ccflow_tui.services.server_notes import ServerNotes
from ccflow_tui.services.token_cache import TokenCache, TokenSlot, TokenSource

if TYPE_CHECKING:
    from ccflow_tui.library.httpx_auth import TokenAuth

_ROOM = 1024
"""Targets from which on those without a living token are forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, weakref_slot=True)
class TokenClient:
    """Gets and keeps access tokens by the client credentials grant (RFC 6749, section 4.4).

    One instance serves one client at one authorization server, and every task of one event loop; in another
    one, after the first has ended or after ``aclose``, it begins anew. Give ``token_endpoint``, or ``issuer``
    to have the endpoint discovered (RFC 8414); give both where the endpoint lies at another origin than its
    issuer, which is refused otherwise. The parameters stay as they are; ``dataclasses.replace`` makes another
    client. Raises ``InputProblem`` at once for a value of the wrong kind, and before the first request for
    one that cannot be sent.
    """

    client_id: str
    credential: ClientCredential
    token_endpoint: str = ""
    """Its URL; https, or plain http on this machine."""
    issuer: str = ""
    """The issuer identifier, from which the place of the metadata follows (RFC 8414, section 3)."""
    scope: str = ""
    """Scopes with spaces between them (RFC 6749, section 3.3)."""
    audience: str = ""
    """What some servers take in place of a resource indicator."""
    resources: Collection[str] = ()
    """Resource indicators (RFC 8707)."""
    authorization_details: Sequence[Mapping[str, Any]] = ()
    """Objects with a ``type`` each (RFC 9396)."""
    extra_parameters: Mapping[str, str] = field(default_factory=dict)
    """The server's own parameters; never a secret, and none that the request sets itself."""
    dpop: bool = False
    """Whether tokens are bound to a key of this client's own (RFC 9449); ``auth`` sends the proofs."""
    dpop_alg: str = "ES256"
    """What the proofs are signed with, and so what kind of key is made."""
    dpop_allow_bearer: bool = False
    """Whether a token that is not bound is taken all the same."""
    refresh_ahead: float = 90
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
    _profile: Profile = field(init=False, repr=False)
    _parts: ClientParts = field(init=False, repr=False)
    _cache: TokenCache = field(init=False, repr=False)
    _requests: TargetRequests = field(init=False, repr=False)
    _monotonic: Callable[[], float] = field(init=False, repr=False)
    _loop: asyncio.AbstractEventLoop | None = field(default=None, init=False, repr=False)
    _ending: AsyncGenerator[None, None] | None = field(default=None, init=False, repr=False)
    """Closes the connections, at the end of the loop at the latest."""
    _sources: OrderedDict[Target | str | None, TokenSource] = field(
        default_factory=OrderedDict, init=False, repr=False
    )
    """Where the tokens of each target come from; those looked at longest ago first."""
    _slots: dict[Target | str | None, TokenSlot] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        """Wire the parts; nothing is read and nothing sent yet. Raises ``InputProblem``."""
        refuse_unusable(self)
        self._set(_profile=described(self), _monotonic=self.clock.monotonic)
        self._begin()

    def __reduce__(self) -> NoReturn:
        """Refuse a copy, which would share connections and requests, and a file of secrets."""
        raise TypeError("a TokenClient is not copied or pickled; dataclasses.replace makes another from it")

    def _set(self, **private: object) -> None:
        for name, value in private.items():
            object.__setattr__(self, name, value)

    def _begin(self) -> None:
        """Begin with new parts, which know no token and belong to the event loop that comes first."""
        self._sources.clear()
        self._slots.clear()
        parts = wire(self)
        requests = TargetRequests(self._profile, self.token_endpoint, parts)
        self._set(_parts=parts, _cache=parts.cache, _requests=requests, _loop=None, _ending=None)

    def _settle_in(self) -> None:
        """Belong to the running event loop; begin anew where the one before has ended.

        Connections and requests under way cannot leave their loop, and a bound token is of no use without
        the key that was made along with them.
        """
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return  # nothing can be sent from here
        if self._loop is loop:
            return
        if self._loop is not None:
            if not self._loop.is_closed():
                problem = "This TokenClient is at work in another event loop."
                raise InputProblem("event loop", problem, "Make one for each event loop.")
            self._begin()
        self._set(_loop=loop, _ending=close_with_loop(self._parts.connections.close))

    async def get_token(self, target: Target | str | None = None) -> AccessToken:
        """Return a live token, from memory where there is one; all callers share one request.

        ``target`` is a scope or a ``Target`` in place of the client's own. Near its expiry a token is
        refreshed in the background, while callers still get the one that lives. Raises ``TokenError`` when
        there is no token, and ``InputProblem`` for a parameter that cannot be used.
        """
        try:
            slot = self._slots.get(target)
        except TypeError:  # what cannot be a key is no target either, as _source says
            slot = None
        if slot is not None:
            now = self._monotonic()
            if now < slot.refresh_from and now < self._cache.trusted_until and slot.token is not None:
                return slot.token
        source = self._source(target)
        token = token_of(await self._cache.get(source))
        self._slots[target] = self._cache.slot(source.key)
        return token

    async def fetch_token(self, target: Target | str | None = None) -> AccessToken:
        """Return a new token, which replaces the one in memory; errors as for ``get_token``."""
        return token_of(await self._cache.refresh(self._source(target)))

    async def replace_token(self, refused: AccessToken, target: Target | str | None = None) -> AccessToken:
        """Return another token than the one that an API refused, fetching one for all who ask.

        Errors as for ``get_token``.
        """
        check_token(refused, "refused")
        held = self._cache.peek(self._source(target).key)
        if held is not None and held.value != refused.value:
            return held
        return await self.fetch_token(target)

    def adopt_token(self, token: AccessToken, target: Target | str | None = None) -> None:
        """Hand out a token that was got elsewhere, while it lives; ``InputProblem`` as for ``get_token``."""
        check_token(token, "token")
        source = self._source(target)
        self._cache.put(source, Granted(token))
        self._slots[target] = self._cache.slot(source.key)

    async def prove(self, method: str, url: str, token: AccessToken) -> DpopProof:
        """Return a new proof to go along with a bound token, in a ``DPoP`` header (RFC 9449, section 7.1).

        ``jwt`` holds it. Good for one request of this method and URL; ``heard`` takes up an API's nonce.
        """
        check_text(method, "method")
        check_text(url, "url")
        check_token(token, "token")
        return await self._parts.prover.for_resource(self._requests.as_known(), method, url, token)

    def heard(self, url: str, headers: Headers, *, sent_at: float) -> ServerNotes:
        """Take note of the nonce and the clock of an API that answered; return what is known of servers.

        Names of ``headers`` in lower case; ``sent_at`` is epoch seconds.
        """
        servers = self._parts.prover.servers
        servers.hear(url, headers, sent_at=sent_at, received_at=self.clock.wall())
        return servers

    def auth(self, target: Target | str | None = None, *, origin: str = "") -> TokenAuth:
        """Return an ``httpx.Auth`` that puts a live token into every request of an ``httpx.AsyncClient``.

        ``origin`` names the only one that the token goes to: an API's answers may hold links to anywhere.
        """
        from ccflow_tui.library.httpx_auth import TokenAuth

        return TokenAuth(self, target, origin=origin)

    async def warm(self) -> None:
        """Do what is slow before the first request (imports, TLS context), off the event loop."""
        await self._parts.connections.transport(self._profile.client_tls).warm()

    async def aclose(self) -> None:
        """Forget every token, end requests under way and close connections; who asks again begins anew.

        Raises ``InputProblem`` in another event loop than the one at work.
        """
        self._settle_in()
        cache, ending = self._cache, self._ending
        self._begin()  # first, so that what is asked for meanwhile is not lost with the rest
        try:
            await cache.close()
        finally:
            if ending is not None:
                await ending.aclose()

    async def __aenter__(self) -> Self:
        """Use as ``async with``."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close."""
        await self.aclose()

    def _source(self, target: Target | str | None) -> TokenSource:
        check_target(target)
        self._settle_in()
        source = self._sources.get(target)
        if source is None:
            if len(self._sources) >= _ROOM:
                self._make_room()
            given = self.credential.as_credential()
            material = given.key or given.secret
            # The profile itself is made anew at each request: there may be many targets.
            source = self._sources[target] = TokenSource(
                cache_key(self._requests.profile_for(target), material.fingerprint() if material else ""),
                fetch=partial(self._requests.fetch, target),
                configured_window=float(self.refresh_ahead),
            )
        return source

    def _make_room(self) -> None:
        """Forget dead targets: a program may ask for one of its own for each of its transactions.

        Two for each new one, so that none are left in the end and nobody waits for a look at all of them.
        """
        for _ in range(2):
            target, source = next(iter(self._sources.items()))
            if self._cache.drop_dead(source.key):
                del self._sources[target]
                self._slots.pop(target, None)
            else:
                self._sources.move_to_end(target)
