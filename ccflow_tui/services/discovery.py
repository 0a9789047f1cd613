"""Discovery: from an issuer to its token endpoint, with every attempt on record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from http import HTTPStatus
from urllib.parse import urlsplit

from ccflow_tui.models.discovery import DiscoveryAttempt, DiscoveryResult, ServerMetadata
from ccflow_tui.models.outcome import Exchange, Malformed, Phase, Unreachable
from ccflow_tui.models.problems import FieldProblem, InputProblem
from ccflow_tui.oauth.metadata import issuer_from_well_known, parse_metadata, well_known_urls
from ccflow_tui.oauth.response_headers import media_type
from ccflow_tui.oauth.sanitize import scrub
from ccflow_tui.oauth.url_validation import check_issuer
from ccflow_tui.services.bulky import read_body
from ccflow_tui.services.ports import Clock, Transport, WireResponse
from ccflow_tui.services.timed_cache import TimedCache
from ccflow_tui.services.transport_faults import ANSWERED_BADLY, TransportFault
from ccflow_tui.services.wire import get_request, host_of

CACHE_SECONDS = 300.0
"""How long a result is reused; only good ones are kept."""
CACHE_SIZE = 32
DEADLINE = 10.0
"""Seconds that one document may take."""

_REDIRECTS = range(300, 400)
_PASSING = frozenset({429, *range(500, 600)})
"""Statuses that say nothing about whether there is a document."""
_NOT_REACHED = frozenset({Phase.DNS, Phase.CONNECT, Phase.TLS})
"""Phases that end the same way for every document of a host."""
_NOTHING_PUBLISHED = FieldProblem(
    "issuer",
    "This server publishes no metadata under that issuer.",
    "Check the issuer's spelling, or choose to type the token endpoint by hand.",
)
_PAGES = frozenset({"text/html", "application/xhtml+xml"})


AttemptListener = Callable[[DiscoveryAttempt], None]


def tell_nobody(_: DiscoveryAttempt) -> None:
    """Listen to nothing."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """One document: what it said, or why it is of no use."""

    result: str
    metadata: ServerMetadata | None = None
    problem: FieldProblem | None = None
    read: bool = False
    """Whether a document was there, which says more than one that was not."""
    reached: bool = True
    """Whether asking the same host for another document can end better."""
    failure: Unreachable | Malformed | None = None
    """See ``DiscoveryResult.failure``."""


@dataclass(slots=True)
class _Search:
    """The attempts on the way to one result."""

    listener: AttemptListener
    attempts: list[DiscoveryAttempt] = field(default_factory=list)
    readings: list[_Reading] = field(default_factory=list)

    def note(self, url: str, reading: _Reading) -> None:
        """Keep and tell the attempt."""
        attempt = DiscoveryAttempt(url, reading.result)
        self.listener(attempt)
        self.attempts.append(attempt)
        self.readings.append(reading)

    def failed(self) -> DiscoveryResult:
        """Return the most telling problem: the first of a document that was read, else the first of all."""
        ranked = sorted(self.readings, key=lambda reading: not reading.read)
        nothing = _Reading("", problem=_NOTHING_PUBLISHED)
        told = next((reading for reading in ranked if reading.problem), nothing)
        return DiscoveryResult(None, tuple(self.attempts), told.problem, told.failure)


class Discovery:
    """Finds authorization server metadata (RFC 8414, then OpenID Connect Discovery 1.0)."""

    def __init__(self, transport: Transport, clock: Clock, on_attempt: AttemptListener = tell_nobody) -> None:
        self._transport, self._on_attempt = transport, on_attempt
        self._checked_issuer = lru_cache(CACHE_SIZE)(_checked_issuer)
        self._results: TimedCache[DiscoveryResult] = TimedCache(clock, CACHE_SECONDS, CACHE_SIZE)

    async def discover(self, issuer: str, *, refetch: bool = False) -> DiscoveryResult:
        """Return the metadata of ``issuer``, or every attempt and the problem; never raises for bad input.

        The address of a metadata document is taken for the issuer in it. ``refetch`` passes the cache by. All
        who ask for an issuer at once share one search.
        """
        try:
            issuer = self._checked_issuer(issuer)
        except InputProblem as problem:
            return DiscoveryResult(None, problem=problem.finding)
        return await self._results.get(
            issuer,
            lambda: self._search(issuer),
            refetch=refetch,
            is_good=lambda result: result.metadata is not None,
        )

    def known(self, issuer: str) -> ServerMetadata | None:
        """Return what was found earlier, however long ago, without asking anybody."""
        found = self._results.peek(issuer_from_well_known(issuer))
        return None if found is None else found.metadata

    async def _search(self, issuer: str) -> DiscoveryResult:
        search = _Search(self._on_attempt)
        for url in well_known_urls(issuer):
            reading = await self._read(url, issuer)
            search.note(url, reading)
            if reading.metadata is not None:
                return DiscoveryResult(reading.metadata, tuple(search.attempts))
            if not reading.reached:
                break
        return search.failed()

    async def _read(self, url: str, issuer: str) -> _Reading:
        try:
            response = await self._transport.exchange(get_request(url), deadline=DEADLINE)
        except TransportFault as fault:
            remedy = "Check the issuer and the network, then discover again."
            problem = FieldProblem("issuer", fault.detail, remedy)
            said = fault.kind.replace("-", " ")
            # A reset may be one bad connection of many; the other faults of these phases are not.
            reached = fault.phase not in _NOT_REACHED or fault.kind == "reset"
            return _Reading(said, problem=problem, reached=reached, failure=_failure(fault, url))
        except InputProblem as refusal:
            return _Reading("not asked", problem=refusal.finding, reached=False)
        if response.status != HTTPStatus.OK:
            return _not_there(response, url)
        return await read_body(response.body, lambda: _document(response, issuer))


def _checked_issuer(typed: str) -> str:
    return check_issuer(issuer_from_well_known(typed)).url


def _failure(fault: TransportFault, url: str) -> Unreachable | Malformed:
    exchange = Exchange(server=host_of(url))
    if fault.kind in ANSWERED_BADLY:
        return Malformed(fault.detail, fault.kind, exchange=exchange, phase=fault.phase)
    return Unreachable(fault.phase, fault.kind, fault.detail, exchange)


def _not_there(response: WireResponse, url: str) -> _Reading:
    """Tell a redirect, which is not followed (RFC 8414, section 3.2), from a plain error."""
    if response.status in _PASSING:
        problem = FieldProblem(
            "issuer",
            f"The server could not answer discovery now (HTTP {response.status}).",
            "Wait a little, then discover again.",
        )
        exchange = Exchange(http_status=response.status, server=host_of(url))
        failure = Malformed(problem.problem, "http-error", exchange=exchange, phase=Phase.HTTP)
        return _Reading(str(response.status), problem=problem, failure=failure)
    if response.status not in _REDIRECTS:
        return _Reading(str(response.status))
    target = _host(response.header("location")) or _host(url)
    problem = FieldProblem(
        "issuer",
        f"The server redirects discovery to {target}; ccflow did not follow it.",
        "Enter the issuer under which the server itself publishes its metadata.",
    )
    return _Reading(f"{response.status} redirect to {target}, not followed", problem=problem)


def _host(url: str) -> str:
    try:
        return scrub(urlsplit(url).hostname or "", limit=200)
    except ValueError:
        return "an unreadable address"


def _document(response: WireResponse, issuer: str) -> _Reading:
    kind = media_type(response.headers)
    if kind in _PAGES:
        problem = FieldProblem(
            "issuer",
            "The server answered with a web page instead of metadata.",
            "Check the issuer; a sign-in page or a proxy may stand in between.",
        )
        return _Reading(f"200, but {kind}", problem=problem, read=True)
    try:
        metadata = parse_metadata(response.body, issuer=issuer)
    except InputProblem as problem:
        return _Reading("200, refused", problem=problem.finding, read=True)
    if kind != "application/json":
        warning = f"The metadata is labelled {kind or 'with no content type'} instead of application/json."
        metadata = replace(metadata, warnings=(*metadata.warnings, warning))
    return _Reading("200", metadata)
