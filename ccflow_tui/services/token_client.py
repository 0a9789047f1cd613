"""The token request: built, signed, sent, read, and all of that again where asking again can help."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ccflow_tui.models.outcome import Exchange, Granted, Malformed, Outcome, Refused, Unreachable
from ccflow_tui.models.progress import AttemptStarted, RetryScheduled
from ccflow_tui.models.secret import reveal
from ccflow_tui.models.token_request import TokenRequest
from ccflow_tui.oauth.assertion import check_freshness, is_stale
from ccflow_tui.oauth.clock_skew import skew_note
from ccflow_tui.oauth.dpop import INVALID_PROOF, USE_NONCE, is_proof_stale
from ccflow_tui.oauth.response import TokenAnswer, parse_token_response
from ccflow_tui.oauth.token_binding import AskedBinding
from ccflow_tui.services.bulky import read_body
from ccflow_tui.services.ports import Clock, ProgressListener, Transport, WireRequest, WireResponse
from ccflow_tui.services.redaction import redact_answer_to
from ccflow_tui.services.server_notes import ServerNotes
from ccflow_tui.services.token_corrections import Corrections
from ccflow_tui.services.transport_faults import ANSWERED_BADLY, TransportFault
from ccflow_tui.services.wire import host_of

if TYPE_CHECKING:
    from tenacity import AsyncRetrying, RetryCallState

MAX_WAIT = 30.0
"""Seconds that are waited at most between two attempts; a server that asks for more is not asked again."""
_JITTER = 0.5
"""Seconds by which a wait may grow, so that many clients do not come back in step."""
_PASSING_STATUS = frozenset({429, 500, 502, 503, 504})
_FINAL_CODES = frozenset(
    {
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
        "invalid_target",
        "invalid_authorization_details",
        INVALID_PROOF,
        USE_NONCE,
    }
)
"""OAuth errors that blame the request (RFC 6749, section 5.2; RFC 8707, section 2; RFC 9396, section 5;
RFC 9449, section 5): it would fail again as it is."""


@dataclass(frozen=True, slots=True)
class TokenJob:
    """One token to get, and the means to get it."""

    build: Callable[[], Awaitable[TokenRequest]]
    """Makes a new request, signed anew: a client assertion is good for one use (RFC 7523, section 3)."""
    transport: Transport
    clock: Clock
    listener: ProgressListener
    first: TokenRequest | None = None
    """The previewed request, sent first while its assertion is fresh."""
    limit: int = 4
    """Attempts at most, besides those that put something right."""
    deadline: float = 30.0
    """Seconds that one attempt may take."""
    redact: Callable[[str], str] = field(default=str, repr=False)
    """Removes known secrets from what the server wrote."""
    servers: ServerNotes = field(default_factory=ServerNotes)
    """Hears every answer; what ``build`` signs is to follow it."""
    allow_bearer: bool = False
    """Whether a Bearer token is taken in answer to a DPoP proof (RFC 9449, section 5)."""


async def request_client_credentials_token(job: TokenJob) -> Outcome:
    """Get a token (RFC 6749, section 4.4) and return how it ended.

    Asks again after connection errors and HTTP 429, 500, 502, 503 and 504, with growing waits, and never
    sooner than Retry-After; a server that asks for more than ``MAX_WAIT`` is not asked again, nor is one that
    names an OAuth error of the client. Two errors get one more request at once, put right: a server's wish
    for its nonce in the DPoP proof (RFC 9449, section 8), and dates that its clock shows to have been wrong.
    So does a kept connection that ended before an answer (RFC 9112, section 9.3.1): a POST may be repeated
    where that is known to do no harm (RFC 9110, section 9.2.2), and a token request only gets a token, signed
    anew so that nothing good for one use goes out twice.
    Raises what ``job.build`` raises, and ``InputProblem`` for an assertion that the clock has overtaken;
    cancelling closes the connection.
    """
    attempts = _Attempts(job)
    attempt = await attempts.make()
    if attempt.may_pass:
        attempts.made = attempt
        attempt = await _retrying(job, attempts)(attempts.make)
    return attempt.outcome


@dataclass(frozen=True, slots=True)
class _Attempt:
    """How one attempt ended."""

    outcome: Outcome
    may_pass: bool = False
    """Whether asking again may end better."""
    correction: str = ""
    """What will be put right in the next request, which then need not wait."""


class _Attempts:
    """Makes the attempts of one job."""

    def __init__(self, job: TokenJob) -> None:
        self._job = job
        self._begun = job.clock.monotonic()
        self._number = 0
        self._corrections = Corrections(job.servers)
        self.limit = job.limit
        """Attempts at most; what is put right is another request and no further try of the same one."""
        self.made: _Attempt | None = None
        """An attempt that was made already, before it was clear that there would have to be others."""

    async def make(self) -> _Attempt:
        """Build, sign, send and read once."""
        if self.made is not None:
            attempt, self.made = self.made, None
            return attempt
        job = self._job
        request = await self._request()
        self._number += 1
        job.listener(AttemptStarted(self._number, max(job.limit, self._number)))
        wall, monotonic = job.clock.wall(), job.clock.monotonic()
        try:
            response = await job.transport.exchange(_wire(request), deadline=job.deadline)
        except TransportFault as fault:
            return self._lost(fault, request)
        job.servers.hear(request.url, response.headers, sent_at=wall, received_at=response.received_at)
        answer = TokenAnswer(
            status=response.status,
            headers=response.headers,
            body=response.body,
            requested_at=wall,
            requested_at_monotonic=monotonic,
            requested_scope=_sent(request, "scope"),
            requested_details=_sent(request, "authorization_details"),
            exchange=self._exchange(request, response),
            received_at=response.received_at,
            binding=AskedBinding(request.proof.thumbprint, job.allow_bearer) if request.proof else None,
            redact=redact_answer_to(request, job.redact),
        )
        outcome = await read_body(answer.body, lambda: parse_token_response(answer))
        correction = self._corrections.find(request, outcome, sent_at=wall)
        if correction and _is_patient(outcome):
            self.limit += 1
            return _Attempt(outcome, may_pass=True, correction=correction)
        return _Attempt(self._remarked(request, response, outcome), _may_pass(outcome))

    def _lost(self, fault: TransportFault, request: TokenRequest) -> _Attempt:
        outcome = self._failed(fault, request)
        if correction := self._corrections.reconnect(fault):
            self.limit += 1
            return _Attempt(outcome, may_pass=True, correction=correction)
        return _Attempt(outcome, fault.transient)

    def _remarked(self, request: TokenRequest, response: WireResponse, outcome: Outcome) -> Outcome:
        """Add what ccflow knows about the outcome beyond the server's words."""
        if not isinstance(outcome, Granted):
            exchange = replace(outcome.exchange, basic_encoded=request.encodes_basic())
            return self._corrections.explained(request, response, replace(outcome, exchange=exchange))
        signs = request.assertion is not None or request.proof is not None
        note = skew_note(self._job.servers.skew(request.url), signs=signs)
        return replace(outcome, notes=(*outcome.notes, note)) if note else outcome

    async def _request(self) -> TokenRequest:
        """Return the request to send: the previewed one at first, while it is good."""
        first = None if self._number else self._job.first
        if first is not None and not self._is_overtaken(first):
            return first
        request = await self._job.build()
        if self._is_overtaken(request):  # an answer to another job told of a nonce or clock meanwhile
            request = await self._job.build()
        if request.assertion is not None:
            check_freshness(request.assertion, self._now(request))
        return request

    def _is_overtaken(self, request: TokenRequest) -> bool:
        """Whether what was signed no longer suits the time or the server."""
        now, proof = self._now(request), request.proof
        if request.assertion is not None and is_stale(request.assertion, now):
            return True
        if proof is None:
            return False
        return is_proof_stale(proof, now) or not self._job.servers.suits(request.url, proof.nonce)

    def _now(self, request: TokenRequest) -> float:
        """Return the time by the clock that the request is dated by, in epoch seconds."""
        return self._job.clock.wall() + self._job.servers.correction(request.url)

    def _failed(self, fault: TransportFault, request: TokenRequest) -> Outcome:
        exchange, detail = self._exchange(request), redact_answer_to(request, self._job.redact)(fault.detail)
        if fault.kind in ANSWERED_BADLY:
            return Malformed(detail, fault.kind, exchange=exchange, phase=fault.phase)
        return Unreachable(fault.phase, fault.kind, detail, exchange)

    def _exchange(self, request: TokenRequest, response: WireResponse | None = None) -> Exchange:
        return Exchange(
            attempts=self._number,
            elapsed=self._job.clock.monotonic() - self._begun,
            http_status=response.status if response else None,
            server=host_of(request.url),
            clock_correction=request.clock_correction,
        )


def _retrying(job: TokenJob, attempts: _Attempts) -> AsyncRetrying:
    from tenacity import AsyncRetrying, retry_if_result, wait_exponential_jitter

    backoff = wait_exponential_jitter(max=MAX_WAIT, jitter=_JITTER)

    def wait(state: RetryCallState) -> float:
        attempt = _result(state)
        least = 0.0 if attempt.correction else backoff(state)
        return max(least, attempt.outcome.exchange.retry_after or 0.0)

    def tell(state: RetryCallState) -> None:
        reason = _reason(_result(state))
        number = state.attempt_number
        job.listener(RetryScheduled(number, max(job.limit, number + 1), state.upcoming_sleep, reason))

    return AsyncRetrying(
        sleep=job.clock.sleep,
        stop=lambda state: state.attempt_number >= attempts.limit,
        wait=wait,
        retry=retry_if_result(lambda attempt: attempt.may_pass),
        before_sleep=tell,
        retry_error_callback=_result,
    )


def _result(state: RetryCallState) -> _Attempt:
    """Return the last attempt, which is also the answer when there are no more."""
    assert state.outcome is not None  # noqa: S101 - tenacity calls with an outcome after every attempt
    attempt: _Attempt = state.outcome.result()
    return attempt


def _may_pass(outcome: Outcome) -> bool:
    """Whether the same request may end better after a wait."""
    if isinstance(outcome, Refused) and outcome.code in _FINAL_CODES:
        return False
    return outcome.exchange.http_status in _PASSING_STATUS and _is_patient(outcome)


def _is_patient(outcome: Outcome) -> bool:
    """Whether the server asks for no longer wait than a person would sit through."""
    return (outcome.exchange.retry_after or 0.0) <= MAX_WAIT


def _reason(attempt: _Attempt) -> str:
    outcome = attempt.outcome
    if attempt.correction:
        return attempt.correction
    if isinstance(outcome, Unreachable):
        return outcome.detail
    return f"The server answered HTTP {outcome.exchange.http_status}."


def _wire(request: TokenRequest) -> WireRequest:
    return WireRequest(request.method, request.url, request.wire_headers(), request.body())


def _sent(request: TokenRequest, name: str) -> str:
    return next((reveal(pair.value) for pair in request.form if pair.name == name), "")
