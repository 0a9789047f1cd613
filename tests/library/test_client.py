"""The token client for programs: kept, shared, refreshed, and failing with exceptions that say why."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import pytest

from ccflow_tui import (
    AccessToken,
    ClientSecret,
    InputProblem,
    IssuerMismatch,
    PrivateKey,
    Secret,
    Target,
    TokenCancelled,
    TokenClient,
    TokenError,
    TokenMalformed,
    TokenRefused,
    TokenUnreachable,
)
from ccflow_tui.models.outcome import Phase
from ccflow_tui.services.ports import WireRequest, WireResponse
from ccflow_tui.services.transport_faults import TransportFault
from tests.oauth.key_material import pem
from tests.support.fakes import EPOCH, FakeClock, ScriptedTransport, json_response
from tests.support.manual_clock import ManualClock, settle

ENDPOINT = "https://as.example/token"
GRANTED = '{"access_token": "%s", "token_type": "Bearer", "expires_in": 3600}'


class Counting:
    """Grants a new token for each request, as soon as its gate is open."""

    def __init__(self) -> None:
        self.requests: list[WireRequest] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def exchange(self, request: WireRequest, *, deadline: float) -> WireResponse:
        self.requests.append(request)
        number = len(self.requests)
        await self.gate.wait()
        return json_response(GRANTED % f"token-{number}")

    async def warm(self) -> None: ...

    async def close(self) -> None: ...


def client(transport: Counting | ScriptedTransport, clock: FakeClock | ManualClock) -> TokenClient:
    return TokenClient(
        token_endpoint=ENDPOINT,
        client_id="orders",
        credential=ClientSecret("s3cr3t-value"),
        scope="read",
        transport=transport,
        clock=clock,
    )


async def test_L2_a_thousand_callers_share_one_request_and_later_ones_the_token() -> None:
    transport = Counting()
    async with client(transport, ManualClock()) as tokens:
        transport.gate.clear()
        callers = [asyncio.create_task(tokens.get_token()) for _ in range(1000)]
        await settle()
        transport.gate.set()
        found = {token.value.reveal() for token in await asyncio.gather(*callers)}
        assert found == {"token-1"}
        assert (await tokens.get_token()).value.reveal() == "token-1"
        assert len(transport.requests) == 1


async def test_G2_A10_details_and_extra_parameters_are_part_of_every_request() -> None:
    transport = Counting()
    tokens = client(transport, ManualClock())
    tokens = replace(tokens, authorization_details=[{"type": "payment"}], extra_parameters={"tenant": "t 1"})
    async with tokens:
        await tokens.get_token()
    body = transport.requests[0].body
    assert b"authorization_details=%5B%7B%22type%22%3A%20%22payment%22%7D%5D&tenant=t%201&" in body + b"&"
    with pytest.raises(InputProblem, match="sets scope itself"):
        replace(tokens, extra_parameters={"scope": "x"})


async def test_nobody_waits_while_a_token_is_refreshed_ahead_of_its_expiry() -> None:
    transport, clock = Counting(), ManualClock()
    async with client(transport, clock) as tokens:
        await tokens.get_token()
        clock.jump(3600 - 80)
        transport.gate.clear()
        assert (await tokens.get_token()).value.reveal() == "token-1"
        await settle()
        assert len(transport.requests) == 2
        transport.gate.set()
        await settle()
        assert (await tokens.get_token()).value.reveal() == "token-2"


async def test_B6_a_wall_clock_that_is_set_forward_is_noticed() -> None:
    transport, clock = Counting(), ManualClock()
    async with client(transport, clock) as tokens:
        await tokens.get_token()
        await tokens.get_token()
        clock._wall += 7200
        clock._monotonic += 0.2
        assert (await tokens.get_token()).value.reveal() == "token-2"


async def test_other_scopes_and_targets_have_tokens_of_their_own() -> None:
    transport = Counting()
    async with client(transport, ManualClock()) as tokens:
        own = await tokens.get_token()
        write = await tokens.get_token("write")
        target = Target(scope="write", audience="urn:api", resources=("https://api.example",))
        aimed = await tokens.get_token(target)
        assert len({own.value, write.value, aimed.value}) == 3
        assert await tokens.get_token(target) is aimed
        bodies = [request.body for request in transport.requests]
        assert b"scope=read" in bodies[0] and b"scope=write" in bodies[1]
        assert b"audience=urn%3Aapi&resource=https%3A%2F%2Fapi.example" in bodies[2]


async def test_G5_a_refused_token_is_replaced_once_for_all_who_hold_it() -> None:
    transport = Counting()
    async with client(transport, ManualClock()) as tokens:
        stale = await tokens.get_token()
        fresh = await asyncio.gather(*(tokens.replace_token(stale) for _ in range(5)))
        assert {token.value.reveal() for token in fresh} == {"token-2"}
        assert (await tokens.replace_token(stale)).value.reveal() == "token-2"
        assert len(transport.requests) == 2


async def test_an_adopted_token_is_handed_out_without_a_request() -> None:
    transport, clock = Counting(), ManualClock()
    async with client(transport, clock) as tokens:
        token = AccessToken(Secret("earlier"), "Bearer", clock.wall(), clock.monotonic(), 600)
        tokens.adopt_token(token)
        assert await tokens.get_token() is token
        assert not transport.requests


async def test_D9_each_request_is_signed_anew() -> None:
    transport = Counting()
    key = PrivateKey(pem("P-256"), alg="ES256", kid="k1")
    async with replace(client(transport, ManualClock()), credential=key) as tokens:
        await tokens.fetch_token()
        await tokens.fetch_token()
    first, second = (request.body for request in transport.requests)
    assert b"client_assertion=" in first
    assert first != second


async def test_refusals_and_faults_are_told_apart_by_their_class() -> None:
    answers = (
        (json_response('{"error":"invalid_scope","error_description":"no"}', 400), TokenRefused),
        (TransportFault(Phase.TLS, "tls-expired", "The certificate has expired."), TokenUnreachable),
        (json_response("{}"), TokenMalformed),
    )
    for answer, kind in answers:
        async with client(ScriptedTransport(answer), FakeClock()) as tokens:
            with pytest.raises(kind) as caught:
                await tokens.get_token()
            assert isinstance(caught.value, TokenError)
            assert caught.value.outcome.exchange.attempts == 1


async def test_an_error_names_code_and_status() -> None:
    body = '{"error":"invalid_client","error_description":"s3cr3t-value is wrong"}'
    async with client(ScriptedTransport(json_response(body, 401)), FakeClock()) as tokens:
        with pytest.raises(TokenRefused, match=r"invalid_client \(HTTP 401\)") as caught:
            await tokens.get_token()
    assert caught.value.code == "invalid_client"
    assert "s3cr3t-value" not in str(caught.value)


async def test_closing_ends_what_is_under_way() -> None:
    transport = Counting()
    transport.gate.clear()
    tokens = client(transport, ManualClock())
    waiting = asyncio.create_task(tokens.get_token())
    await settle()
    await tokens.aclose()
    with pytest.raises(TokenCancelled):
        await waiting


async def test_a_bad_parameter_is_named_before_anything_is_sent() -> None:
    transport = Counting()
    for change, name in (
        ({"token_endpoint": "http://as.example/token"}, "token_endpoint"),
        ({"client_id": ""}, "client_id"),
        ({"scope": 'a"b'}, "scope"),
    ):
        tokens = replace(client(transport, ManualClock()), **change)  # type: ignore[arg-type]
        with pytest.raises(InputProblem) as caught:
            await tokens.get_token()
        assert caught.value.finding.field == name
    assert not transport.requests


def metadata(token_endpoint: str) -> WireResponse:
    return json_response(f'{{"issuer":"https://as.example","token_endpoint":"{token_endpoint}"}}')


async def test_an_issuer_is_enough() -> None:
    transport = ScriptedTransport(metadata("https://as.example/t"), json_response(GRANTED % "t"))
    tokens = replace(client(transport, FakeClock()), token_endpoint="", issuer="https://as.example")
    assert (await tokens.get_token()).value.reveal() == "t"
    assert [request.url for request in transport.requests][1:] == ["https://as.example/t"]


async def test_E7_an_endpoint_at_another_origin_must_be_named_beside_the_issuer() -> None:
    elsewhere = "https://login.example/t"
    transport = ScriptedTransport(metadata(elsewhere), json_response(GRANTED % "t"))
    issuer_only = replace(client(transport, FakeClock()), token_endpoint="", issuer="https://as.example")
    with pytest.raises(InputProblem, match="another host"):
        await issuer_only.get_token()
    assert len(transport.requests) == 1
    transport = ScriptedTransport(metadata(elsewhere), json_response(GRANTED % "t"))
    named = replace(client(transport, FakeClock()), token_endpoint=elsewhere, issuer="https://as.example")
    assert (await named.get_token()).value.reveal() == "t"


async def test_E11_metadata_of_another_issuer_is_an_error_with_a_name() -> None:
    shared = "https://login.microsoftonline.com/common/v2.0"
    stated = metadata("https://login.microsoftonline.com/common/t")
    for issuer, kind in (("https://other.example", "other-issuer"), (shared, "entra-shared-tenant")):
        transport = ScriptedTransport(stated, stated)
        tokens = replace(client(transport, FakeClock()), token_endpoint="", issuer=issuer)
        with pytest.raises(IssuerMismatch) as caught:
            await tokens.get_token()
        assert caught.value.finding.kind == kind


async def test_an_issuer_that_names_another_endpoint_than_the_one_given_is_refused() -> None:
    transport = ScriptedTransport(metadata("https://as.example/other"))
    tokens = replace(client(transport, FakeClock()), issuer="https://as.example")
    with pytest.raises(InputProblem, match="another token endpoint"):
        await tokens.get_token()


async def test_the_log_goes_to_standard_logging_without_secrets(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="ccflow")
    async with client(ScriptedTransport(json_response(GRANTED % "tok-abcdefgh")), FakeClock()) as tokens:
        await tokens.get_token()
    text = caplog.text
    assert "[CC] token acquired" in text and "POST /token" in text
    assert "s3cr3t-value" not in text and "tok-abcdefgh" not in text


def test_what_is_shown_of_a_client_holds_no_secret() -> None:
    tokens = client(Counting(), FakeClock())
    assert "s3cr3t-value" not in repr(tokens)
    assert "PRIVATE" not in repr(PrivateKey(pem("P-256")))


async def test_a_token_counts_from_when_it_was_asked_for() -> None:
    clock = FakeClock()
    async with client(ScriptedTransport(json_response(GRANTED % "t")), clock) as tokens:
        assert (await tokens.get_token()).expires_at == EPOCH + 3600


ISSUER = "https://as.example"
DOCUMENT = f'{{"issuer": "{ISSUER}", "token_endpoint": "{ENDPOINT}"}}'


def issued(transport: ScriptedTransport, clock: FakeClock | ManualClock) -> TokenClient:
    return TokenClient(
        issuer=ISSUER,
        client_id="orders",
        credential=ClientSecret("s3cr3t-value"),
        transport=transport,
        clock=clock,
    )


async def test_an_issuer_that_is_out_of_reach_is_no_wrong_parameter() -> None:
    fault = TransportFault(Phase.CONNECT, "refused", "as.example refused the connection.")
    async with issued(ScriptedTransport(fault), FakeClock()) as tokens:
        with pytest.raises(TokenUnreachable, match="refused the connection") as caught:
            await tokens.get_token()
    assert (caught.value.phase, caught.value.kind) == (Phase.CONNECT, "refused")


async def test_an_issuer_that_cannot_answer_now_is_no_wrong_parameter() -> None:
    async with issued(ScriptedTransport(json_response("{}", 503)), FakeClock()) as tokens:
        with pytest.raises(TokenMalformed, match="HTTP 503") as caught:
            await tokens.get_token()
    assert (caught.value.kind, caught.value.outcome.exchange.http_status) == ("http-error", 503)


async def test_an_issuer_that_publishes_nothing_is_a_wrong_parameter() -> None:
    async with issued(ScriptedTransport(json_response("{}", 404)), FakeClock()) as tokens:
        with pytest.raises(InputProblem, match="publishes no metadata"):
            await tokens.get_token()


async def test_L3_discovery_that_fails_in_the_background_leaves_the_living_token_and_backs_off(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock, documents = ManualClock(), [json_response(DOCUMENT), json_response(GRANTED % "token-1")]
    fault = TransportFault(Phase.CONNECT, "refused", "as.example refused the connection.")
    transport = ScriptedTransport(*documents, fault)
    async with issued(transport, clock) as tokens:
        assert (await tokens.get_token()).value.reveal() == "token-1"
        clock.jump(3600 - 80)
        asked = len(transport.requests)
        for _ in range(5):
            assert (await tokens.get_token()).value.reveal() == "token-1"
            await settle()
        assert len(transport.requests) == asked + 1
    assert caplog.text.count("token request failed code=refused") == 1


async def test_a_mended_parameter_problem_in_the_background_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = ManualClock()
    other = DOCUMENT.replace(ENDPOINT, "https://evil.example/token")
    answers = [json_response(DOCUMENT), json_response(GRANTED % "token-1"), json_response(other)]
    with caplog.at_level(logging.WARNING, logger="ccflow"):
        async with issued(ScriptedTransport(*answers), clock) as tokens:
            await tokens.get_token()
            clock.jump(3600 - 80)
            assert (await tokens.get_token()).value.reveal() == "token-1"
            await settle()
    assert (
        "the token was not refreshed: token_endpoint: The token endpoint lies on another host" in caplog.text
    )


def test_a_bare_text_is_no_credential_and_is_not_repeated() -> None:
    with pytest.raises(
        InputProblem, match="Give a ClientSecret, PrivateKey, ClientCertificate or PublicClient"
    ) as caught:
        TokenClient(token_endpoint=ENDPOINT, client_id="orders", credential="s3cr3t-value")  # type: ignore[arg-type]
    assert "s3cr3t" not in str(caught.value)


async def test_a_target_changes_only_what_it_names() -> None:
    transport = Counting()
    tokens = replace(client(transport, ManualClock()), audience="urn:orders")
    async with tokens:
        await tokens.get_token(Target(scope="write"))
        await tokens.get_token(Target(audience=""))
    assert b"scope=write&audience=urn%3Aorders" in transport.requests[0].body
    assert b"scope=read" in transport.requests[1].body
    assert b"audience" not in transport.requests[1].body


async def test_what_is_odd_about_each_token_of_a_target_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    less = json_response('{"access_token": "t", "token_type": "Bearer", "expires_in": 3600, "scope": "a"}')
    with caplog.at_level(logging.WARNING, "ccflow"):
        async with client(ScriptedTransport(less), ManualClock()) as tokens:
            for _ in range(3):
                await tokens.fetch_token("a b")
            await tokens.fetch_token("a c")
    told = [record.getMessage() for record in caplog.records if "not granted" in record.getMessage()]
    assert [message.rpartition(": ")[2] for message in told] == ["b.", "c."]
    assert len(caplog.records) == 3, "and that the answer may be stored by a proxy"
