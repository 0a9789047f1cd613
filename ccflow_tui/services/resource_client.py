"""One call to a protected API with the token, to show that it works; and why, where it does not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.outcome import ResourceResult
from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.token_request import DpopProof
from ccflow_tui.oauth.challenge_advice import fresh_token_may_help
from ccflow_tui.oauth.challenges import challenges_in
from ccflow_tui.oauth.clock_skew import proven_skew
from ccflow_tui.oauth.dpop import DPOP_HEADER
from ccflow_tui.oauth.refused_token import Presented
from ccflow_tui.oauth.response_headers import media_type
from ccflow_tui.oauth.token_fields import BEARER, DPOP, fits_header
from ccflow_tui.oauth.url_validation import check_endpoint_url
from ccflow_tui.services.bulky import read_body
from ccflow_tui.services.dpop_prover import can_be_mended, was_refused
from ccflow_tui.services.ports import Clock, Transport, WireResponse
from ccflow_tui.services.resource_answer import explain_status, snippet
from ccflow_tui.services.server_notes import ServerNotes
from ccflow_tui.services.transport_faults import TransportFault
from ccflow_tui.services.wire import get_request


@dataclass(frozen=True, slots=True)
class Proving:
    """What goes along with a token that is bound to a key (RFC 9449, section 7)."""

    prove: Callable[[AccessToken], Awaitable[DpopProof]]
    """Makes a new proof for the call; raises ``InputProblem``."""
    servers: ServerNotes
    """Hears every answer; what ``prove`` signs is to follow it."""


@dataclass(frozen=True, slots=True)
class ResourceCall:
    """One GET with a token."""

    transport: Transport
    clock: Clock
    url: str
    token: AccessToken
    fresh_token: Callable[[], Awaitable[AccessToken | None]]
    """Fetches a new token after a 401 for an invalid token; ``None`` when there is none to be had."""
    redact: Callable[[str], str] = field(repr=False)
    """Removes secrets and what looks like a token from text that is shown."""
    deadline: float = 15.0
    """Seconds that one request may take."""
    proving: Proving | None = None
    """How a token bound by DPoP is presented; ``None`` where none can be."""
    certificate: Callable[[], str | None] = lambda: None
    """Tells after the call which client certificate went along, as ``Presented.x5t`` has it."""
    is_fresh: bool = False
    """Whether the token was fetched because an earlier one had been refused."""


async def call_resource(call: ResourceCall) -> ResourceResult:
    """GET ``call.url`` with the token in the Authorization header (RFC 6750, section 2.1).

    A proof goes along where the token is bound to a key (RFC 9449, section 7). A 401 that a new token
    can mend is answered with one fresh token and one more try, never two. The token goes to https or to this
    machine only and never along a redirect. Problems come back in the result.
    """
    begun = call.clock.monotonic()
    problem = _unusable(call)
    if problem is not None:
        return ResourceResult("GET", call.url, None, problem=problem[0], remedy=problem[1])
    result, fresh_may_help = await _once(call)
    if fresh_may_help:
        token = await call.fresh_token()
        if token is not None and _unusable(again := replace(call, token=token, is_fresh=True)) is None:
            result = replace((await _once(again))[0], fresh_token_used=True)
    return replace(result, elapsed=call.clock.monotonic() - begun)


def _unusable(call: ResourceCall) -> tuple[str, str] | None:
    """Return problem and remedy where the token must not leave."""
    if not call.url:
        return "No API to call is named.", "Enter its address in step 1, then get a fresh token."
    try:
        check_endpoint_url(call.url, field="api_base")
    except InputProblem as problem:
        return problem.finding.problem, problem.finding.remedy
    kind = call.token.token_type.lower()
    if kind != BEARER.lower() and (kind != DPOP.lower() or call.proving is None):
        return (
            f"This token is of type {call.token.token_type}, which the sample call cannot present.",
            "Use it with a client that supports its type, or get a new one with the present settings.",
        )
    if not fits_header(call.token.value):
        return (
            "The token holds characters that no token may have (RFC 6750, section 2.1).",
            "Get a new token; if it happens again, tell the authorization server's operator.",
        )
    return None


async def _once(call: ResourceCall) -> tuple[ResourceResult, bool]:
    """Call once; return what came of it, and whether a fresh token may help."""
    sent_at = call.clock.wall()
    try:
        if call.proving is not None and call.token.token_type.lower() == DPOP.lower():
            response = await _bound(call, call.proving)
        else:
            response = await _plain(call)
    except TransportFault as fault:
        problem, remedy = call.redact(fault.detail), "Check the API address and the network."
        return ResourceResult("GET", call.url, None, problem=problem, remedy=remedy), False
    except InputProblem as problem:
        found = problem.finding
        return ResourceResult("GET", call.url, None, problem=found.problem, remedy=found.remedy), False
    may_help = fresh_token_may_help(response.status, challenges_in(response.headers))
    return await _result(call, response, sent_at), may_help


async def _plain(call: ResourceCall) -> WireResponse:
    authorization = ("Authorization", f"{BEARER} {call.token.value.reveal()}")
    return await call.transport.exchange(get_request(call.url, authorization), deadline=call.deadline)


async def _bound(call: ResourceCall, proving: Proving) -> WireResponse:
    """Present a token with a proof; once more, at once, where a refused proof can be put right."""
    response, proof = await _with_proof(call, proving)
    if was_refused(response.headers) and can_be_mended(proof, call.url, proving.servers):
        response, _ = await _with_proof(call, proving)
    return response


async def _with_proof(call: ResourceCall, proving: Proving) -> tuple[WireResponse, DpopProof]:
    proof = await proving.prove(call.token)
    authorization = ("Authorization", f"{DPOP} {call.token.value.reveal()}")
    request = get_request(call.url, authorization, (DPOP_HEADER, proof.jwt.reveal()))
    sent_at = call.clock.wall()
    response = await call.transport.exchange(request, deadline=call.deadline)
    proving.servers.hear(call.url, response.headers, sent_at=sent_at, received_at=response.received_at)
    return response, proof


async def _result(call: ResourceCall, response: WireResponse, sent_at: float) -> ResourceResult:
    skew = proven_skew(response.headers, sent_at=sent_at, received_at=response.received_at)
    presented = Presented(
        token=call.token,
        url=call.url,
        now=response.received_at,
        skew=skew or 0.0,
        x5t=call.certificate(),
        is_fresh=call.is_fresh,
    )

    def read() -> tuple[str, tuple[str, str]]:
        return snippet(response.body, call.redact), explain_status(response, presented, call.redact)

    body, (problem, remedy) = await read_body(response.body, read)
    return ResourceResult(
        "GET",
        call.url,
        response.status,
        content_type=media_type((("content-type", call.redact(response.header("content-type"))),)),
        body=body,
        problem=problem,
        remedy=remedy,
    )
