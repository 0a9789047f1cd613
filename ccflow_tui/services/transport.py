"""One HTTP exchange at a time over httpx, fenced in: what is asked for is sent, and nothing else happens."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ccflow_tui.models.outcome import Phase
from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import MutualTls
from ccflow_tui.oauth.sanitize import scrub
from ccflow_tui.oauth.url_validation import check_endpoint_url
from ccflow_tui.services.exchange_trail import Trail
from ccflow_tui.services.http_logs import quieten_http_logs, unlogged
from ccflow_tui.services.kept_connections import KEPT_SECONDS, keep_connections
from ccflow_tui.services.ports import Clock, WireRequest, WireResponse
from ccflow_tui.services.tls_context import build_tls_context
from ccflow_tui.services.transport_faults import TransportFault, explain, timed_out, unasked_answer

if TYPE_CHECKING:
    import ssl

    import httpx

    from ccflow_tui.services.client_certificates import ClientCertificate

__all__ = ["CONNECT_TIMEOUT", "MAX_BODY", "HttpTransport", "TransportFault"]

MAX_BODY = 1024 * 1024
"""Bytes of an answer's body; token responses and metadata stay far below."""
CONNECT_TIMEOUT = 10.0
"""Seconds for the TCP connection, and again for the TLS handshake."""
_HEADER_LIMIT = 4096
_REPEATABLE = frozenset({"GET", "HEAD"})
"""Methods to repeat at once, one time, when a kept connection ends unanswered (RFC 9110, section 9.2.2);
whoever sends another one knows whether that may be done."""
_CHUNKS_AT_A_TIME = 64
"""Pieces of a body after which others get their turn: one read can hold ten thousand pieces of one byte."""
_TIMEOUT: Mapping[str, float] = MappingProxyType({"connect": CONNECT_TIMEOUT})
"""For each step of an exchange, as httpcore knows them; all of them together have the deadline."""
_REMEMBERED = 64
"""URLs that are not checked again."""
_UNCARRIABLE = "The URL or a header holds characters that HTTP cannot carry."


@dataclass(frozen=True, slots=True)
class _Clients:
    """Both share one TLS context; what is for this machine must not pass through a proxy elsewhere."""

    remote: httpx.AsyncClient
    loopback: httpx.AsyncClient


CertificateLoader = Callable[[MutualTls], Awaitable["ClientCertificate | None"]]
"""Gives the client certificate that a configuration names; raises ``InputProblem`` when it cannot."""


@dataclass(frozen=True, slots=True)
class _Destination:
    """Where a request goes, checked."""

    url: httpx.URL
    host: str
    loopback: bool


class HttpTransport:
    """Implements ``ports.Transport``.

    ``mtls`` names the client certificate to present, and ``certificates`` loads it.

    Redirects are not followed, cookies not kept, compressed answers refused, bodies capped at ``MAX_BODY``.
    Proxies come from the environment; nothing else does, so no ``.netrc`` can add a header. Cancelling an
    exchange closes its connection at once. A GET that a kept connection swallowed is asked once more at once.
    """

    def __init__(
        self, *, clock: Clock, mtls: MutualTls | None = None, certificates: CertificateLoader | None = None
    ) -> None:
        self._clock = clock
        self._mtls, self._certificates = mtls or MutualTls(), certificates
        self._clients: _Clients | None = None
        self._presented: ClientCertificate | None = None
        self._opening = asyncio.Lock()
        self._destination = lru_cache(_REMEMBERED)(_destination)

    async def warm(self) -> None:
        """Import httpx and build the TLS context in a thread; raises ``InputProblem`` for ``mtls``."""
        await self._open()

    async def close(self) -> None:
        """Close every connection; the transport can be used again afterwards."""
        clients, self._clients = self._clients, None
        if clients is not None:
            try:
                await clients.remote.aclose()
            finally:
                await clients.loopback.aclose()

    async def exchange(self, request: WireRequest, *, deadline: float) -> WireResponse:
        """Send ``request`` and read the whole answer within ``deadline`` seconds.

        The URL must pass the rules for endpoints (RFC 6749, section 3.2), so no user name and no plain http
        off this machine. Raises ``TransportFault``, and ``InputProblem`` for an unusable client certificate.
        """
        destination = self._destination(request.url)
        trail = Trail(destination.host)
        try:
            async with asyncio.timeout(deadline):
                with unlogged():
                    try:
                        return await self._exchange(request, destination, trail)
                    except TransportFault as fault:
                        if not fault.on_kept or request.method not in _REPEATABLE:
                            raise
                    trail = Trail(destination.host)
                    return await self._exchange(request, destination, trail)
        except TimeoutError:
            await trail.close()
        except BaseException:
            await trail.close()
            raise
        raise timed_out(trail, deadline)

    async def _exchange(self, request: WireRequest, destination: _Destination, trail: Trail) -> WireResponse:
        import httpx

        clients = await self._open()
        client = clients.loopback if destination.loopback else clients.remote
        message = _message(request, destination.url, trail)
        try:
            # Past the client, which would look for redirects, cookies and encodings in the answer.
            response = await client._transport_for_url(message.url).handle_async_request(message)
            try:
                if trail.unasked:
                    raise unasked_answer(trail)
                return await self._receive(response, trail)
            finally:
                await response.aclose()
        except (httpx.HTTPError, OSError, UnicodeError) as error:
            fault = explain(error, trail)
        raise fault

    async def _receive(self, response: httpx.Response, trail: Trail) -> WireResponse:
        """Read the body as it comes off the wire, never more than ``MAX_BODY`` of it."""
        received_at = self._clock.wall()
        headers = _received_headers(response)
        _refuse_encoding(headers, response.status_code)
        trail.phase = Phase.RECEIVE
        body = bytearray()
        chunks = 0
        async for chunk in response.aiter_raw():
            body += chunk
            chunks += 1
            if not chunks % _CHUNKS_AT_A_TIME:
                await asyncio.sleep(0)
            if len(body) > MAX_BODY:
                raise TransportFault(
                    Phase.RECEIVE,
                    "too-large",
                    f"The answer (HTTP {response.status_code}) is larger than {MAX_BODY // 1024} KiB.",
                )
        return WireResponse(response.status_code, headers, bytes(body), received_at)

    async def _open(self) -> _Clients:
        async with self._opening:
            client = await self._client_certificate()
            if client is not self._presented:
                await self.close()  # the certificate was renewed: its connections speak for the old one
            if self._clients is None:
                self._clients = await asyncio.to_thread(_build_clients, client, self._clock)
                self._presented = client
            return self._clients

    async def _client_certificate(self) -> ClientCertificate | None:
        if not self._mtls.enabled:
            return None
        if self._certificates is None:
            raise ValueError("mutual TLS needs a loader of certificates")
        return await self._certificates(self._mtls)


def _build_clients(client: ClientCertificate | None, clock: Clock) -> _Clients:
    """Do all that is slow before a first request; runs in a thread."""
    import anyio

    context = build_tls_context(client)
    quieten_http_logs()
    anyio.run(anyio.sleep, 0)  # loads anyio's asyncio backend here instead of in the middle of a request
    clients = _Clients(_client(context, trust_env=True), _client(context, trust_env=False))
    for each in (clients.remote, clients.loopback):
        keep_connections(each, clock.monotonic)
    return clients


def _client(context: ssl.SSLContext, *, trust_env: bool) -> httpx.AsyncClient:
    """Return a client; with a ready TLS context, ``trust_env`` is about proxies and nothing else."""
    import httpx

    try:
        limits = httpx.Limits(keepalive_expiry=KEPT_SECONDS)
        return httpx.AsyncClient(verify=context, trust_env=trust_env, limits=limits)
    except (ValueError, ImportError, httpx.InvalidURL):
        problem = (
            "A proxy setting of the environment cannot be used; write HTTPS_PROXY, HTTP_PROXY and ALL_PROXY "
            "like http://proxy.example:8080 (SOCKS proxies are not supported)."
        )
    raise TransportFault(Phase.PREPARE, "proxy", problem)


def _received_headers(response: httpx.Response) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name.decode("latin-1").lower(), scrub(value.decode("latin-1"), limit=_HEADER_LIMIT))
        for name, value in response.headers.raw
    )


def _refuse_encoding(headers: tuple[tuple[str, str], ...], status: int) -> None:
    """Refuse compression, which was not asked for and can hide a body a thousand times its size."""
    for name, value in headers:
        if name == "content-encoding" and value.strip().lower() not in {"", "identity"}:
            raise TransportFault(
                Phase.RECEIVE,
                "encoded",
                f"The answer (HTTP {status}) is compressed ({scrub(value, limit=40)}), unasked.",
            )


def _destination(typed: str) -> _Destination:
    """Refuse a URL that credentials must not go to, or that httpx would send in another spelling."""
    import httpx

    try:
        checked = check_endpoint_url(typed, field="URL")
    except InputProblem as problem:
        raise TransportFault(Phase.PREPARE, "protocol", str(problem)) from None
    try:
        url = httpx.URL(checked.url)
    except (UnicodeError, httpx.InvalidURL):
        problem_text = _UNCARRIABLE
    else:
        _refuse_rewriting(checked.url, url)
        return _Destination(url, urlsplit(checked.url).hostname or "", checked.loopback)
    raise TransportFault(Phase.PREPARE, "protocol", problem_text)


def _message(request: WireRequest, url: httpx.URL, trail: Trail) -> httpx.Request:
    """Return the httpx request; a body given as a stream is what keeps httpx from adding headers."""
    import httpx

    try:
        return httpx.Request(
            request.method,
            url,
            headers=[(name.encode("ascii"), value.encode("latin-1")) for name, value in request.headers],
            stream=httpx.ByteStream(request.body),
            extensions={"trace": trail, "timeout": _TIMEOUT},
        )
    except UnicodeError:
        problem = _UNCARRIABLE
    raise TransportFault(Phase.PREPARE, "protocol", problem)


def _refuse_rewriting(typed: str, sent: httpx.URL) -> None:
    """Refuse a URL that httpx would send in another spelling than the one shown."""
    after_host = typed.removeprefix(f"{typed.partition('://')[0]}://{urlsplit(typed).netloc}")
    target = after_host if after_host.startswith("/") else f"/{after_host}"
    if sent.raw_path.decode("ascii") != target:
        raise TransportFault(
            Phase.PREPARE,
            "protocol",
            f"The URL would be sent as {scrub(str(sent), limit=300)}; write it like that.",
        )
