"""Discovery: the order of the attempts, what is refused, what is remembered."""

from __future__ import annotations

import json

import pytest

from ccflow_tui.models.discovery import with_metadata
from ccflow_tui.models.outcome import Phase
from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import EndpointMode, EndpointSource, Profile
from ccflow_tui.oauth.audience import assertion_audience
from ccflow_tui.services.discovery import CACHE_SECONDS, CACHE_SIZE, Discovery
from ccflow_tui.services.ports import WireRequest, WireResponse
from ccflow_tui.services.transport import HttpTransport
from ccflow_tui.services.transport_faults import TransportFault
from tests.support.fakes import EPOCH, FakeClock, ScriptedTransport, json_response
from tests.support.fault_server import FaultServer, answers, http_answer

ISSUER = "https://as.example/t1"
FIRST = "https://as.example/.well-known/oauth-authorization-server/t1"
SECOND = "https://as.example/t1/.well-known/openid-configuration"
THIRD = "https://as.example/.well-known/openid-configuration/t1"


def document(issuer: str = ISSUER, token_endpoint: str = "https://as.example/t1/token") -> WireResponse:
    return json_response(json.dumps({"issuer": issuer, "token_endpoint": token_endpoint}))


def refusal(status: int, *headers: tuple[str, str]) -> WireResponse:
    return json_response("{}", status, headers)


def make(*answers: object) -> tuple[Discovery, ScriptedTransport, FakeClock]:
    transport, clock = ScriptedTransport(*answers), FakeClock()  # type: ignore[arg-type]
    return Discovery(transport, clock), transport, clock


async def test_E3_rfc8414_is_asked_first_and_the_first_valid_document_ends_the_search() -> None:
    discovery, transport, _ = make(document())
    result = await discovery.discover(ISSUER)
    assert result.metadata is not None
    assert result.metadata.token_endpoint == "https://as.example/t1/token"
    assert [(a.url, a.result) for a in result.attempts] == [(FIRST, "200")]
    assert transport.requests[0].headers == (
        ("Host", "as.example"),
        ("User-Agent", "ccflow/0.1.0"),
        ("Accept", "application/json"),
        ("Accept-Encoding", "identity"),
        ("Connection", "keep-alive"),
    )


async def test_E3_openid_configuration_comes_second_and_both_attempts_are_told() -> None:
    discovery, _, _ = make(refusal(404), document())
    result = await discovery.discover(ISSUER)
    assert result.metadata is not None
    assert [(a.url, a.result) for a in result.attempts] == [(FIRST, "404"), (SECOND, "200")]


async def test_E3_every_attempt_is_told_when_it_ends() -> None:
    told: list[str] = []
    transport = ScriptedTransport(refusal(404), document())
    discovery = Discovery(transport, FakeClock(), lambda one: told.append(f"{one.url} {one.result}"))
    await discovery.discover(ISSUER)
    await discovery.discover(ISSUER)  # from the cache: nobody was asked, so nothing is told
    assert told == [f"{FIRST} 404", f"{SECOND} 200"]


async def test_E3_nothing_found_says_where_it_was_looked_for() -> None:
    discovery, _, _ = make(refusal(404), refusal(403), refusal(410))
    result = await discovery.discover(ISSUER)
    assert result.metadata is None
    assert [(a.url, a.result) for a in result.attempts] == [(FIRST, "404"), (SECOND, "403"), (THIRD, "410")]
    assert result.problem is not None
    assert (result.problem.field, bool(result.problem.remedy)) == ("issuer", True)


async def test_E3_the_path_of_openid_may_be_inserted_too() -> None:
    discovery, _, _ = make(refusal(404), refusal(404), document())
    result = await discovery.discover(THIRD)
    assert result.metadata is not None
    assert result.metadata.issuer == ISSUER
    assert [a.result for a in result.attempts] == ["404", "404", "200"]


async def test_E4_another_issuer_is_never_used() -> None:
    discovery, _, _ = make(document("https://evil.example"))
    result = await discovery.discover(ISSUER)
    assert result.metadata is None
    assert result.problem is not None
    assert "https://evil.example" in result.problem.problem
    assert ISSUER in result.problem.problem


async def test_E4_a_wrong_document_does_not_hide_the_right_one() -> None:
    discovery, _, _ = make(document("https://evil.example"), document())
    result = await discovery.discover(ISSUER)
    assert result.metadata is not None
    assert [a.result for a in result.attempts] == ["200, refused", "200"]


@pytest.mark.parametrize("pasted", [FIRST, SECOND, THIRD, f" {SECOND} "])
async def test_E4_the_address_of_a_document_stands_for_its_issuer_and_is_still_checked(pasted: str) -> None:
    discovery, _, _ = make(document())
    result = await discovery.discover(pasted)
    assert result.metadata is not None
    assert result.metadata.issuer == ISSUER
    profile = with_metadata(Profile(endpoint_mode=EndpointMode.ISSUER, issuer=pasted), result.metadata)
    assert (profile.issuer, profile.token_endpoint) == (ISSUER, result.metadata.token_endpoint)
    assert profile.endpoint_source is EndpointSource.DISCOVERED
    assert assertion_audience(profile)[0] == ISSUER
    refused, _, _ = make(document("https://as.example/t1/"))
    problem = (await refused.discover(pasted)).problem
    assert problem is not None
    assert "slash" in problem.problem


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("https://evil.example/x?token=1", "evil.example"),
        ("/elsewhere", "as.example"),
        ("http://[broken", "an unreadable address"),
    ],
)
async def test_E5_redirects_are_told_and_not_followed(location: str, shown: str) -> None:
    discovery, transport, _ = make(refusal(302, ("location", location)))
    result = await discovery.discover(ISSUER)
    assert result.metadata is None
    assert [a.result for a in result.attempts] == [f"302 redirect to {shown}, not followed"] * 3
    assert [request.url for request in transport.requests] == [FIRST, SECOND, THIRD]
    assert result.problem is not None
    assert shown in result.problem.problem


async def test_E5_a_web_page_is_no_metadata() -> None:
    page = WireResponse(200, (("content-type", "text/html; charset=utf-8"),), b"<html>", EPOCH)
    result = await make(page)[0].discover(ISSUER)
    assert result.attempts[0].result == "200, but text/html"
    assert result.problem is not None
    assert "web page" in result.problem.problem


@pytest.mark.parametrize(
    ("headers", "shown"), [((), "no content type"), ((("content-type", "text/plain"),), "text/plain")]
)
async def test_E5_a_wrong_label_is_a_warning(headers: tuple[tuple[str, str], ...], shown: str) -> None:
    result = await make(WireResponse(200, headers, document().body, EPOCH))[0].discover(ISSUER)
    assert result.metadata is not None
    assert shown in result.metadata.warnings[-1]


@pytest.mark.parametrize(
    "issuer", ["https://h.example/?a", "https://h.example/#f", "http://h.example", "h", ""]
)
async def test_E6_a_bad_issuer_is_not_asked(issuer: str) -> None:
    discovery, transport, _ = make(document())
    result = await discovery.discover(issuer)
    assert result.problem is not None
    assert result.problem.field == "issuer"
    assert transport.requests == []


async def test_E7_a_token_endpoint_without_tls_is_refused() -> None:
    result = await make(document(token_endpoint="http://as.example/token"))[0].discover(ISSUER)
    assert result.metadata is None
    assert result.problem is not None


@pytest.mark.parametrize(
    ("phase", "kind"),
    [
        (Phase.DNS, "name-not-found"),
        (Phase.CONNECT, "refused"),
        (Phase.CONNECT, "unreachable-network"),
        (Phase.CONNECT, "timed-out"),
        (Phase.TLS, "tls-expired"),
    ],
)
async def test_an_unreachable_server_is_asked_once(phase: Phase, kind: str) -> None:
    fault = TransportFault(phase, kind, "The host name as.example was not found.")
    discovery, transport, _ = make(fault)
    result = await discovery.discover(ISSUER)
    assert [a.result for a in result.attempts] == [kind.replace("-", " ")]
    assert result.problem is not None
    assert result.problem.problem == fault.detail
    assert len(transport.requests) == 1


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (TransportFault(Phase.RECEIVE, "too-large", "big"), "too large"),
        (TransportFault(Phase.RECEIVE, "reset", "cut"), "reset"),
        (TransportFault(Phase.TLS, "reset", "cut"), "reset"),
        (TransportFault(Phase.SEND, "closed-early", "cut"), "closed early"),
        (TransportFault(Phase.RECEIVE, "timed-out", "slow"), "timed out"),
        (refusal(500), "500"),
        (refusal(503), "503"),
    ],
)
async def test_E3_trouble_with_one_document_does_not_end_the_search(answer: object, said: str) -> None:
    result = await make(answer, document())[0].discover(ISSUER)
    assert result.metadata is not None
    assert [a.result for a in result.attempts] == [said, "200"]


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_E3_a_server_in_trouble_is_not_said_to_publish_nothing(status: int) -> None:
    problem = (await make(refusal(404), refusal(status))[0].discover(ISSUER)).problem
    assert problem is not None
    assert f"HTTP {status}" in problem.problem
    assert "discover again" in problem.remedy


async def test_E4_a_document_that_was_read_says_more_than_one_that_was_not_there() -> None:
    problem = (await make(refusal(503), document("https://evil.example"))[0].discover(ISSUER)).problem
    assert problem is not None
    assert "another issuer" in problem.problem


async def test_an_unusable_client_certificate_is_the_problem() -> None:
    result = await make(InputProblem("mtls", "No file.", "Add it."))[0].discover(ISSUER)
    assert result.problem is not None
    assert result.problem.field == "mtls"


async def test_E12_a_good_result_is_kept_for_five_minutes() -> None:
    discovery, transport, clock = make(document())
    first = await discovery.discover(ISSUER)
    clock.advance(CACHE_SECONDS - 1)
    assert await discovery.discover(ISSUER) is first
    clock.advance(1)
    await discovery.discover(ISSUER)
    assert len(transport.requests) == 2


async def test_E12_refetch_passes_the_cache_by_and_renews_it() -> None:
    discovery, transport, clock = make(document())
    await discovery.discover(ISSUER)
    clock.advance(CACHE_SECONDS - 1)
    await discovery.discover(ISSUER, refetch=True)
    clock.advance(CACHE_SECONDS - 1)
    await discovery.discover(ISSUER)
    assert len(transport.requests) == 2


async def test_E12_what_is_known_is_looked_up_without_asking() -> None:
    discovery, transport, clock = make(document())
    assert discovery.known(ISSUER) is None
    result = await discovery.discover(ISSUER)
    await clock.sleep(CACHE_SECONDS + 1)
    assert discovery.known(ISSUER) is result.metadata is not None
    assert discovery.known("https://other.example") is None
    assert len(transport.requests) == 1


async def test_E12_failures_are_not_kept_and_the_cache_is_bounded() -> None:
    failing, transport, _ = make(*[refusal(404)] * 3, document())
    assert (await failing.discover(ISSUER)).metadata is None
    assert (await failing.discover(ISSUER)).metadata is not None
    assert len(transport.requests) == 4

    def answer(request: WireRequest) -> WireResponse:
        path = request.url.rpartition("/")[2]
        return document(f"https://as.example/{path}")

    discovery, many, _ = make(answer)
    for number in range(CACHE_SIZE + 1):
        await discovery.discover(f"https://as.example/n{number}")
    assert len(many.requests) == CACHE_SIZE + 1
    await discovery.discover("https://as.example/n1")
    assert len(many.requests) == CACHE_SIZE + 1
    await discovery.discover("https://as.example/n0")
    assert len(many.requests) == CACHE_SIZE + 2


async def test_discovery_over_a_real_socket() -> None:
    transport = HttpTransport(clock=FakeClock())
    server = FaultServer()
    async with server:
        issuer = f"http://127.0.0.1:{server.port}"
        body = json.dumps({"issuer": issuer, "token_endpoint": f"{issuer}/token"}).encode()
        server.scripts = (answers(http_answer("404 Not Found", b"{}"), http_answer(body=body)),)
        result = await Discovery(transport, FakeClock()).discover(issuer)
        await transport.close()
    assert result.metadata is not None
    assert [request.split(b" ")[1] for request in server.requests] == [
        b"/.well-known/oauth-authorization-server",
        b"/.well-known/openid-configuration",
    ]
