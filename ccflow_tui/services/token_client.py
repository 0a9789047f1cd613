"""The token request: built, signed, sent, read, and all of that again where asking again can help."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ccflow_tui.models.outcome import Exchange, Malformed, Outcome, Refused, Unreachable
from ccflow_tui.models.progress import AttemptStarted, RetryScheduled
from ccflow_tui.models.secret import reveal
from ccflow_tui.models.token_request import TokenRequest
from ccflow_tui.oauth.assertion import check_freshness, is_stale
from ccflow_tui.oauth.response import TokenAnswer, parse_token_response
from ccflow_tui.services.ports import Clock, ProgressListener, Transport, WireRequest, WireResponse
from ccflow_tui.services.transport_faults import TransportFault
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
    }
)
"""OAuth errors that blame the request (RFC 6749, section 5.2; RFC 8707, section 2): it would fail again."""
_ANSWERED_BADLY = frozenset({"too-large", "encoded"})


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
    """Attempts at most."""
    deadline: float = 30.0
    """Seconds that one attempt may take."""
    redact: Callable[[str], str] = field(default=str, repr=False)
    """Removes known secrets from what the server wrote."""


async def request_client_credentials_token(job: TokenJob) -> Outcome:
    """Get a token (RFC 6749, section 4.4) and return how it ended.

    Asks again after connection errors and HTTP 429, 500, 502, 503 and 504, with growing waits, and never
    sooner than Retry-After; a server that asks for more than ``MAX_WAIT`` is not asked again, nor is one that
    names an OAuth error of the client. Raises what ``job.build`` raises, and ``InputProblem`` for an
    assertion that the clock has overtaken; cancelling closes the connection.
    """
    attempts = _Attempts(job)
    attempt = await attempts.make()
    if attempt.may_pass:
        attempts.made = attempt
        attempt = await _retrying(job)(attempts.make)
    return attempt.outcome


@dataclass(frozen=True, slots=True)
class _Attempt:
    """How one attempt ended."""

    outcome: Outcome
    may_pass: bool = False
    """Whether asking again may end better."""


class _Attempts:
    """Makes the attempts of one job."""

    def __init__(self, job: TokenJob) -> None:
        self._job = job
        self._begun = job.clock.monotonic()
        self._number = 0
        self.made: _Attempt | None = None
        """An attempt that was made already, before it was clear that there would have to be others."""

    async def make(self) -> _Attempt:
        """Build, sign, send and read once."""
        if self.made is not None:
            attempt, self.made = self.made, None
            return attempt
        job = self._job
        request = await self._request()
        if request.assertion is not None:
            check_freshness(request.assertion, job.clock.wall())
        self._number += 1
        job.listener(AttemptStarted(self._number, job.limit))
        wall, monotonic = job.clock.wall(), job.clock.monotonic()
        try:
            response = await job.transport.exchange(_wire(request), deadline=job.deadline)
        except TransportFault as fault:
            return _Attempt(self._failed(fault, request), fault.transient)
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
            redact=job.redact,
        )
        outcome = parse_token_response(answer)
        return _Attempt(outcome, _may_pass(outcome))

    async def _request(self) -> TokenRequest:
        first = self._job.first
        if self._number or first is None:
            return await self._job.build()
        if first.assertion is not None and is_stale(first.assertion, self._job.clock.wall()):
            return await self._job.build()
        return first

    def _failed(self, fault: TransportFault, request: TokenRequest) -> Outcome:
        exchange = self._exchange(request)
        if fault.kind in _ANSWERED_BADLY:
            return Malformed(fault.detail, fault.kind, exchange=exchange, phase=fault.phase)
        return Unreachable(fault.phase, fault.kind, fault.detail, exchange)

    def _exchange(self, request: TokenRequest, response: WireResponse | None = None) -> Exchange:
        return Exchange(
            attempts=self._number,
            elapsed=self._job.clock.monotonic() - self._begun,
            http_status=response.status if response else None,
            server=host_of(request.url),
        )


def _retrying(job: TokenJob) -> AsyncRetrying:
    from tenacity import AsyncRetrying, retry_if_result, stop_after_attempt, wait_exponential_jitter

    backoff = wait_exponential_jitter(max=MAX_WAIT, jitter=_JITTER)

    def wait(state: RetryCallState) -> float:
        return max(backoff(state), _result(state).outcome.exchange.retry_after or 0.0)

    def tell(state: RetryCallState) -> None:
        reason = _reason(_result(state).outcome)
        job.listener(RetryScheduled(state.attempt_number, job.limit, state.upcoming_sleep, reason))

    return AsyncRetrying(
        sleep=job.clock.sleep,
        stop=stop_after_attempt(job.limit),
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
    """Whether the same request may end better after a wait that a person would sit through."""
    if isinstance(outcome, Refused) and outcome.code in _FINAL_CODES:
        return False
    exchange = outcome.exchange
    return exchange.http_status in _PASSING_STATUS and (exchange.retry_after or 0.0) <= MAX_WAIT


def _reason(outcome: Outcome) -> str:
    if isinstance(outcome, Unreachable):
        return outcome.detail
    return f"The server answered HTTP {outcome.exchange.http_status}."


def _wire(request: TokenRequest) -> WireRequest:
    return WireRequest(request.method, request.url, request.wire_headers(), request.body())


def _sent(request: TokenRequest, name: str) -> str:
    return next((reveal(pair.value) for pair in request.form if pair.name == name), "")
