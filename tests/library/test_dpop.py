"""DPoP for programs (RFC 9449): one key per client, proofs by the httpx auth, nonces taken up."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import httpx
import pytest

from ccflow_tui import AccessToken, ClientSecret, InputProblem, TokenClient, TokenMalformed, TokenRefused
from ccflow_tui.models.outcome import Refused
from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth.dpop import access_token_hash
from ccflow_tui.services.ports import WireRequest, WireResponse
from tests.support.fakes import ScriptedTransport, json_response
from tests.support.manual_clock import ManualClock

URL = "https://api.example/v1/orders?limit=1"


def bound(number: int, kind: str = "DPoP") -> WireResponse:
    body = {"access_token": f"token-{number}", "token_type": kind, "expires_in": 3600}
    return json_response(json.dumps(body))


def asks(nonce: str) -> WireResponse:
    return json_response('{"error":"use_dpop_nonce"}', 400, (("dpop-nonce", nonce),))


def tokens(*answers: WireResponse) -> tuple[TokenClient, ScriptedTransport]:
    transport = ScriptedTransport(*answers)
    client = TokenClient(
        token_endpoint="https://as.example/token",
        client_id="orders",
        credential=ClientSecret("s3cr3t-value"),
        dpop=True,
        transport=transport,
        clock=ManualClock(),
    )
    return client, transport


def claims(jwt: str) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(jwt.split(".")[1] + "=="))
    return decoded


def sent(request: WireRequest) -> dict[str, Any]:
    return claims(dict(request.headers)["DPoP"])


class Api:
    """Answers in order with status, DPoP error and nonce, and keeps what it was shown."""

    def __init__(self, *answers: tuple[int, str, str]) -> None:
        self.answers = list(answers)
        self.shown: list[tuple[str, dict[str, Any]]] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        proof = request.headers.get("DPoP", "")
        self.shown.append((request.headers["Authorization"], claims(proof) if proof else {}))
        status, error, nonce = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        headers = {"DPoP-Nonce": nonce} if nonce else {}
        if error:
            headers["WWW-Authenticate"] = f'DPoP error="{error}"'
        return httpx.Response(status, headers=headers)

    @property
    def nonces(self) -> list[str | None]:
        return [proof.get("nonce") for _, proof in self.shown]


async def get(client: TokenClient, api: Api, times: int = 1) -> int:
    transport = httpx.MockTransport(api.answer)
    async with client, httpx.AsyncClient(transport=transport, auth=client.auth()) as session:
        return [(await session.get(URL)).status_code for _ in range(times)][-1]


async def test_H4_the_auth_sends_token_and_proof() -> None:
    (client, server), api = tokens(asks("a-1"), bound(1)), Api((200, "", ""))
    assert await get(client, api, times=2) == 200
    (authorization, proof), (_, second) = api.shown
    assert authorization == "DPoP token-1"
    assert (proof["htm"], proof["htu"]) == ("GET", "https://api.example/v1/orders")
    assert proof["ath"] == access_token_hash(Secret("token-1"))
    assert proof["jti"] != second["jti"]
    assert [sent(request).get("nonce") for request in server.requests] == [None, "a-1"]


async def test_H1_query_and_fragment_of_a_call_are_no_part_of_the_proof() -> None:
    (client, _), api = tokens(bound(1)), Api((401, "use_dpop_nonce", "r-1"), (200, "", ""))
    transport = httpx.MockTransport(api.answer)
    async with client, httpx.AsyncClient(transport=transport, auth=client.auth()) as session:
        assert (await session.get("https://api.example/v1?filter[id]=a|b#part")).status_code == 200
    assert [proof["htu"] for _, proof in api.shown] == ["https://api.example/v1"] * 2
    assert api.nonces == [None, "r-1"]


async def test_H3_the_apis_nonce_is_taken_up_and_kept() -> None:
    (client, server), api = tokens(bound(1)), Api((401, "use_dpop_nonce", "r-1"), (200, "", ""))
    assert await get(client, api, times=2) == 200
    assert api.nonces == [None, "r-1", "r-1"]
    assert len(server.requests) == 1


@pytest.mark.parametrize(("nonce", "calls"), [("", 1), ("r-1", 2)])
async def test_H3_an_api_that_is_never_satisfied_costs_no_token(nonce: str, calls: int) -> None:
    (client, server), api = tokens(bound(1)), Api((401, "use_dpop_nonce", nonce))
    assert await get(client, api) == 401
    assert (len(api.shown), len(server.requests)) == (calls, 1)


async def test_G5_a_refused_token_brings_one_fresh_one_with_its_own_proof() -> None:
    (client, _), api = tokens(bound(1), bound(2)), Api((401, "invalid_token", "r-1"), (200, "", ""))
    assert await get(client, api) == 200
    assert [authorization for authorization, _ in api.shown] == ["DPoP token-1", "DPoP token-2"]
    assert api.nonces == [None, "r-1"]
    assert api.shown[1][1]["ath"] == access_token_hash(Secret("token-2"))


async def test_H5_a_downgrade_is_an_error() -> None:
    client, _ = tokens(bound(1, "Bearer"))
    with pytest.raises(TokenMalformed, match="bound by DPoP"):
        await client.get_token()
    await client.aclose()


async def test_one_client_has_one_key_for_all_its_tokens() -> None:
    client, server = tokens(bound(1), bound(2))
    await client.get_token("one")
    await client.get_token("two")
    token = await client.get_token("one")
    proof = await client.prove("DELETE", URL, token)
    headers = [
        json.loads(base64.urlsafe_b64decode(jwt.split(".")[0] + "=="))
        for jwt in (*(dict(request.headers)["DPoP"] for request in server.requests), proof.jwt.reveal())
    ]
    assert headers[0] == headers[1] == headers[2]
    assert proof.claims["htm"] == "DELETE"
    await client.aclose()


async def test_H2_the_servers_nonce_is_taken_up_even_where_nothing_is_to_be_tried_again() -> None:
    client, transport = tokens(asks("n-1"), bound(1))
    async with replace(client, attempts=1) as once:
        assert (await once.get_token()).value.reveal() == "token-1"
    assert [sent(request).get("nonce") for request in transport.requests] == [None, "n-1"]


async def test_H2_a_nonce_that_never_suits_ends_with_a_cause_whatever_the_limit() -> None:
    client, transport = tokens(asks("n-1"), asks("n-2"))
    async with replace(client, attempts=1) as once:
        with pytest.raises(TokenRefused) as caught:
            await once.get_token()
    assert isinstance(caught.value.outcome, Refused)
    assert (caught.value.outcome.cause, len(transport.requests)) == ("nonce-changing", 2)


def metadata(*proof_algs: str) -> WireResponse:
    known = {
        "issuer": "https://as.example",
        "token_endpoint": "https://as.example/token",
        "dpop_signing_alg_values_supported": proof_algs,
    }
    return json_response(json.dumps(known))


def algorithm(proof: str) -> str:
    header: dict[str, str] = json.loads(base64.urlsafe_b64decode(proof.split(".", maxsplit=1)[0] + "=="))
    return header["alg"]


@pytest.mark.parametrize(
    ("listed", "named"),
    [(("ES256", "EdDSA"), "EdDSA"), (("Ed25519",), "Ed25519"), (("EdDSA", "Ed25519"), "Ed25519")],
)
async def test_the_name_of_an_ed25519_key_s_algorithm_is_the_one_that_discovery_found(
    listed: tuple[str, ...], named: str
) -> None:
    """RFC 9864 gave it a second name; the token request and the API are told the same one."""
    client, transport = tokens(metadata(*listed), bound(1))
    client = replace(client, token_endpoint="", issuer="https://as.example", dpop_alg="Ed25519")
    async with client:
        unknown = AccessToken(Secret("elsewhere"), "DPoP", 0.0, 0.0)
        assert algorithm((await client.prove("GET", URL, unknown)).jwt.reveal()) == "Ed25519"
        token = await client.get_token()
        assert algorithm((await client.prove("GET", URL, token)).jwt.reveal()) == named
    assert algorithm(dict(transport.requests[-1].headers)["DPoP"]) == named


async def test_a_token_that_no_header_can_carry_is_refused_without_being_repeated() -> None:
    client, _ = tokens(bound(1))
    async with client:
        with pytest.raises(InputProblem) as caught:
            await client.prove("GET", URL, AccessToken(Secret("tökén"), "DPoP", 0.0, 0.0))
    assert caught.value.finding.field == "access_token"
    assert "ké" not in f"{caught.value!r} {caught.value.__context__!r}"
