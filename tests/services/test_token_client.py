"""The token client: one outcome per job, retries that can help and none that cannot."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace

import pytest

from ccflow_tui.models.outcome import Granted, Malformed, Outcome, Phase, Refused, Unreachable
from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import Profile
from ccflow_tui.models.progress import AttemptStarted, Progress, RetryScheduled
from ccflow_tui.models.secret import Secret
from ccflow_tui.models.token_request import ClientAssertion, Pair, TokenRequest
from ccflow_tui.oauth.diagnosis import advise
from ccflow_tui.services.ports import Transport, WireResponse
from ccflow_tui.services.token_client import MAX_WAIT, TokenJob, request_client_credentials_token
from ccflow_tui.services.transport import HttpTransport
from ccflow_tui.services.transport_faults import TransportFault
from tests.support import fault_server as faults
from tests.support.fakes import EPOCH, FakeClock, ScriptedTransport, json_response
from tests.support.fault_server import FaultServer, answers, http_answer

URL = "https://as.example/token"
GRANTED = json_response('{"access_token":"t","token_type":"Bearer","expires_in":3600}')
INVALID_CLIENT = json_response('{"error":"invalid_client"}', 401)
REFUSED = TransportFault(Phase.CONNECT, "refused", "as.example refused the connection.")


def status(code: int, *headers: tuple[str, str]) -> WireResponse:
    return json_response("{}", code, headers)


def signed_request(jti: str, *, issued_at: float = EPOCH - 5, url: str = URL) -> TokenRequest:
    assertion = ClientAssertion(Secret(jti), {"alg": "ES256"}, {"iat": issued_at, "exp": issued_at + 60})
    form = (
        Pair("grant_type", "client_credentials"),
        Pair("scope", "a b"),
        Pair("client_assertion", Secret(jti)),
    )
    host = url.split("/")[2]
    bare = TokenRequest(url, (), form, assertion)
    length = Pair("Content-Length", str(len(bare.body())))
    return replace(bare, headers=(Pair("Host", host), length))


class Bench:
    """A job over a scripted transport, with everything it did on record."""

    def __init__(self, *script: object, transport: Transport | None = None, url: str = URL) -> None:
        self.clock = FakeClock()
        self.scripted = ScriptedTransport(*script)  # type: ignore[arg-type]
        self.transport = transport or self.scripted
        self.events: list[Progress] = []
        self.built = 0
        self._jtis = (f"jti-{number}" for number in itertools.count(1))
        self._url = url

    async def build(self) -> TokenRequest:
        self.built += 1
        return signed_request(next(self._jtis), issued_at=self.clock.wall() - 5, url=self._url)

    def job(self, **changes: object) -> TokenJob:
        job = TokenJob(self.build, self.transport, self.clock, self.events.append)
        return replace(job, **changes)  # type: ignore[arg-type]

    async def run(self, **changes: object) -> Outcome:
        return await request_client_credentials_token(self.job(**changes))

    @property
    def bodies(self) -> list[bytes]:
        return [request.body for request in self.scripted.requests]


async def test_a_token_is_granted_at_the_first_attempt() -> None:
    bench = Bench(GRANTED)
    outcome = await bench.run()
    assert isinstance(outcome, Granted)
    token = outcome.token
    assert (token.value.reveal(), token.requested_scope, token.expires_at) == ("t", "a b", EPOCH + 3600)
    assert (token.requested_at, token.requested_at_monotonic) == (EPOCH, 1_000.0)
    assert (outcome.exchange.attempts, outcome.exchange.http_status) == (1, 200)
    assert outcome.exchange.server == "as.example"
    assert bench.events == [AttemptStarted(1, 4)]
    assert bench.scripted.requests[0].url == URL


async def test_B6_the_lifetime_counts_from_the_attempt_that_got_the_token() -> None:
    bench = Bench()

    def slow(_: object) -> WireResponse:
        bench.clock.advance(8)
        return GRANTED

    bench.scripted = ScriptedTransport(REFUSED, slow)
    bench.transport = bench.scripted
    outcome = await bench.run()
    assert isinstance(outcome, Granted)
    waited = bench.clock.slept[0]
    assert outcome.token.requested_at == EPOCH + waited
    assert outcome.token.requested_at_monotonic == 1_000 + waited
    assert outcome.exchange.elapsed == pytest.approx(waited + 8)


async def test_B25_invalid_client_is_asked_once() -> None:
    bench = Bench(INVALID_CLIENT)
    outcome = await bench.run()
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.exchange.http_status) == ("invalid_client", 401)
    assert (len(bench.bodies), bench.clock.slept) == (1, [])


async def test_B25_503_503_200_is_three_requests_with_three_assertions() -> None:
    bench = Bench(status(503), status(503), GRANTED)
    outcome = await bench.run()
    assert isinstance(outcome, Granted)
    assert outcome.exchange.attempts == 3
    assert [body.rpartition(b"=")[2] for body in bench.bodies] == [b"jti-1", b"jti-2", b"jti-3"]
    first, second = bench.clock.slept
    assert 1 <= first <= 1.5
    assert 2 <= second <= 2.5
    assert bench.events == [
        AttemptStarted(1, 4),
        RetryScheduled(1, 4, first, "The server answered HTTP 503."),
        AttemptStarted(2, 4),
        RetryScheduled(2, 4, second, "The server answered HTTP 503."),
        AttemptStarted(3, 4),
    ]


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
async def test_B25_what_may_pass_is_asked_up_to_the_limit_and_then_told(code: int) -> None:
    bench = Bench(status(code))
    outcome = await bench.run()
    assert isinstance(outcome, Malformed)
    assert (outcome.exchange.attempts, outcome.exchange.http_status) == (4, code)
    assert (len(bench.bodies), len(bench.clock.slept)) == (4, 3)


@pytest.mark.parametrize("code", [301, 400, 403, 404, 405, 408, 501])
async def test_B25_other_statuses_are_asked_once(code: int) -> None:
    bench = Bench(status(code))
    outcome = await bench.run()
    assert isinstance(outcome, Malformed)
    assert len(bench.bodies) == 1


async def test_B25_connection_errors_are_asked_again() -> None:
    bench = Bench(REFUSED, GRANTED)
    assert isinstance(await bench.run(), Granted)
    assert isinstance(bench.events[1], RetryScheduled)
    assert bench.events[1].reason == REFUSED.detail


@pytest.mark.parametrize(
    "fault",
    [
        TransportFault(Phase.DNS, "name-not-found", "d"),
        TransportFault(Phase.TLS, "tls-expired", "d"),
        TransportFault(Phase.RECEIVE, "timed-out", "d"),
        TransportFault(Phase.RECEIVE, "closed-early", "d"),
        TransportFault(Phase.CONNECT, "proxy", "d"),
    ],
)
async def test_B25_faults_that_stay_are_told_at_once(fault: TransportFault) -> None:
    bench = Bench(fault)
    outcome = await bench.run()
    assert isinstance(outcome, Unreachable)
    assert (outcome.phase, outcome.kind, outcome.detail) == (fault.phase, fault.kind, "d")
    assert (outcome.exchange.attempts, outcome.exchange.server) == (1, "as.example")
    assert len(bench.bodies) == 1


@pytest.mark.parametrize("kind", ["too-large", "encoded"])
async def test_B18_an_answer_that_is_refused_unread_is_malformed(kind: str) -> None:
    outcome = await Bench(TransportFault(Phase.RECEIVE, kind, "why")).run()
    assert isinstance(outcome, Malformed)
    assert (outcome.kind, outcome.reason, outcome.phase) == (kind, "why", Phase.RECEIVE)


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("7", 7.0),
        ("30", MAX_WAIT),
        ("Fri, 15 Jan 2027 08:00:20 GMT", 20.0),
    ],
)
async def test_B24_retry_after_is_honoured(header: str, wait: float) -> None:
    bench = Bench(status(503, ("retry-after", header)), GRANTED)
    await bench.run()
    assert bench.clock.slept == [wait]


@pytest.mark.parametrize("header", ["soon", "0", "-1", "0.2"])
async def test_B24_the_backoff_is_the_least_wait(header: str) -> None:
    bench = Bench(status(503, ("retry-after", header)), GRANTED)
    await bench.run()
    assert 1 <= bench.clock.slept[0] <= 1.5


@pytest.mark.parametrize("code", [429, 503])
@pytest.mark.parametrize("header", ["31", "999999", "Fri, 15 Jan 2027 08:05:00 GMT"])
async def test_B24_a_server_that_wants_a_long_pause_gets_it(code: int, header: str) -> None:
    bench = Bench(status(code, ("retry-after", header)), GRANTED)
    outcome = await bench.run()
    assert isinstance(outcome, Malformed)
    assert (len(bench.bodies), bench.clock.slept) == (1, [])
    advice = advise(outcome, Profile(token_endpoint=URL))
    assert advice is not None
    assert "as the server asks, then retry" in advice.what_to_do[0]


@pytest.mark.parametrize(
    "error",
    [
        "invalid_client",
        "invalid_grant",
        "invalid_request",
        "invalid_scope",
        "invalid_target",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_authorization_details",
        "invalid_dpop_proof",
        "use_dpop_nonce",
    ],
)
@pytest.mark.parametrize("code", [429, 500, 503])
async def test_B25_an_error_of_the_client_is_told_at_once_whatever_the_status(error: str, code: int) -> None:
    bench = Bench(json_response(f'{{"error":"{error}"}}', code))
    outcome = await bench.run()
    assert isinstance(outcome, Refused)
    assert (outcome.code, len(bench.bodies)) == (error, 1)


@pytest.mark.parametrize("error", ["temporarily_unavailable", "server_error", "access_denied", "slow_down"])
async def test_B25_an_error_that_may_pass_is_asked_again(error: str) -> None:
    bench = Bench(json_response(f'{{"error":"{error}"}}', 429), GRANTED)
    assert isinstance(await bench.run(), Granted)


async def test_the_previewed_request_is_sent_first_and_only_once() -> None:
    bench = Bench(status(503), GRANTED)
    await bench.run(first=signed_request("previewed"))
    assert [body.rpartition(b"=")[2] for body in bench.bodies] == [b"previewed", b"jti-1"]


@pytest.mark.parametrize("issued_at", [EPOCH - 41, EPOCH + 1])
async def test_a_stale_preview_is_signed_anew(issued_at: float) -> None:
    bench = Bench(GRANTED)
    await bench.run(first=signed_request("previewed", issued_at=issued_at))
    assert bench.bodies[0].endswith(b"jti-1")


@pytest.mark.parametrize("issued_at", [EPOCH - 60, EPOCH + 1])
async def test_D9_an_assertion_that_the_clock_has_overtaken_is_not_sent(issued_at: float) -> None:
    async def late() -> TokenRequest:
        return signed_request("late", issued_at=issued_at)

    bench = Bench(GRANTED)
    with pytest.raises(InputProblem) as caught:
        await bench.run(build=late)
    assert caught.value.finding.field == "client_assertion"
    assert (bench.bodies, bench.events) == ([], [])


async def test_a_preview_without_assertion_never_goes_stale() -> None:
    bench = Bench(GRANTED)
    await bench.run(first=replace(signed_request("previewed"), assertion=None))
    assert (bench.built, len(bench.bodies)) == (0, 1)


async def test_no_scope_asked_is_no_scope_expected() -> None:
    bench = Bench(GRANTED)
    outcome = await bench.run(first=TokenRequest(URL, (), (Pair("grant_type", "client_credentials"),)))
    assert isinstance(outcome, Granted)
    assert outcome.token.requested_scope == ""


async def test_what_the_server_echoes_is_redacted() -> None:
    bench = Bench(json_response('{"error":"invalid_client","error_description":"got hunter2"}', 401))
    outcome = await bench.run(redact=lambda text: text.replace("hunter2", "[redacted]"))
    assert isinstance(outcome, Refused)
    assert outcome.description == "got [redacted]"


async def test_a_request_that_cannot_be_built_says_why() -> None:
    async def fail() -> TokenRequest:
        raise InputProblem("client_secret", "There is no client secret.", "Type it.")

    bench = Bench(GRANTED)
    with pytest.raises(InputProblem):
        await bench.run(build=fail)
    assert bench.events == []


async def test_cancelling_a_wait_ends_the_job() -> None:
    bench = Bench(status(503))
    waiting = asyncio.Event()

    async def sleep(seconds: float) -> None:
        waiting.set()
        await asyncio.Event().wait()

    bench.clock.sleep = sleep  # type: ignore[method-assign]
    task = asyncio.create_task(bench.run())
    await waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(bench.bodies) == 1


async def test_cancelling_over_a_real_socket_closes_it() -> None:
    transport = HttpTransport(clock=FakeClock())
    async with FaultServer(faults.hang) as server:
        bench = Bench(transport=transport, url=server.url)
        task = asyncio.create_task(bench.run())
        await server.asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await server.until_eof()
    await transport.close()


async def test_a_dropped_connection_then_a_token_over_real_sockets() -> None:
    transport = HttpTransport(clock=FakeClock())
    async with FaultServer(faults.reset_at_once, faults.closes(), answers(http_answer())) as server:
        bench = Bench(transport=transport, url=server.url)
        outcome = await bench.run()
        assert isinstance(outcome, Granted)
        assert outcome.exchange.attempts == 3
        assert len({request.rpartition(b"=")[2] for request in server.requests}) == 3
    await transport.close()


def test_a_job_shows_no_secret() -> None:
    assert "previewed" not in repr(Bench(GRANTED).job(first=signed_request("previewed")))
