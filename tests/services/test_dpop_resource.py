"""A token bound by DPoP at the API, over real sockets: proof, nonce, clock, one fresh token (RFC 9449, 7)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth.dpop import access_token_hash
from tests.support.dpop import DpopBench, at, granted, header_of, proofs
from tests.support.fault_server import FaultServer, answers, http_answer

TOKEN = "CANARY-token-0123456789abcdef"
OK = http_answer("200 OK", b'{"id":"e1"}')


def challenge(error: str, *headers: str, scheme: str = "DPoP") -> bytes:
    return http_answer(
        "401 Unauthorized", b"{}", f'WWW-Authenticate: {scheme} error="{error}", algs="ES256"', *headers
    )


@pytest.fixture
async def bench() -> AsyncIterator[DpopBench]:
    bench = DpopBench()
    yield bench
    await bench.engine.close()


async def test_H4_token_and_proof_go_together(bench: DpopBench) -> None:
    async with FaultServer(answers(granted(TOKEN))) as server, FaultServer(answers(OK)) as api:
        result = await bench.call(bench.profile(server.url, api_base=f"{api.url}?limit=1"))
    assert (result.status, result.problem) == (200, "")
    (request,) = api.requests
    assert header_of(request, "Authorization") == f"DPoP {TOKEN}"
    (proof,) = proofs(api.requests)
    assert (proof["htm"], proof["htu"]) == ("GET", api.url)
    assert proof["ath"] == access_token_hash(Secret(TOKEN))
    assert proof["jti"] != proofs(server.requests)[0]["jti"]


async def test_H3_the_apis_nonce_is_taken_up_and_kept_for_the_next_call(bench: DpopBench) -> None:
    script = answers(challenge("use_dpop_nonce", "DPoP-Nonce: r-1"), OK, OK)
    async with (
        FaultServer(answers(granted(TOKEN, "DPoP-Nonce: a-1"))) as server,
        FaultServer(script) as api,
    ):
        profile = bench.profile(server.url, api_base=api.url)
        first, second = await bench.call(profile), await bench.call(profile)
    assert (first.status, first.fresh_token_used, second.status) == (200, False, 200)
    assert [proof.get("nonce") for proof in proofs(api.requests)] == [None, "r-1", "r-1"]
    assert len({proof["jti"] for proof in proofs(api.requests)}) == 3
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("replies", "calls"),
    [
        ([challenge("use_dpop_nonce")], 1),
        ([challenge("use_dpop_nonce", "DPoP-Nonce: r-1")] * 2, 2),
        ([challenge("use_dpop_nonce", f"DPoP-Nonce: r-{number}") for number in range(9)], 2),
        ([challenge("invalid_dpop_proof")], 1),
    ],
)
async def test_H3_a_nonce_that_leads_nowhere_is_told_and_costs_no_token(
    bench: DpopBench, replies: list[bytes], calls: int
) -> None:
    async with FaultServer(answers(granted(TOKEN))) as server, FaultServer(answers(*replies)) as api:
        result = await bench.call(bench.profile(server.url, api_base=api.url))
    assert (result.status, result.fresh_token_used) == (401, False)
    assert result.problem and result.remedy
    assert (len(api.requests), len(server.requests)) == (calls, 1)


async def test_G5_nonce_then_invalid_token_then_a_fresh_token_with_a_proof_of_its_own(
    bench: DpopBench,
) -> None:
    script = answers(
        challenge("use_dpop_nonce", "DPoP-Nonce: r-1"),
        challenge("invalid_token", "DPoP-Nonce: r-2"),
        OK,
    )
    tokens = answers(granted(TOKEN), granted(f"{TOKEN}-2"))
    async with FaultServer(tokens) as server, FaultServer(script) as api:
        result = await bench.call(bench.profile(server.url, api_base=api.url))
    assert (result.status, result.fresh_token_used) == (200, True)
    found = proofs(api.requests)
    assert [proof.get("nonce") for proof in found] == [None, "r-1", "r-2"]
    assert found[2]["ath"] == access_token_hash(Secret(f"{TOKEN}-2"))


async def test_G5_an_api_that_always_says_invalid_token_is_called_twice(bench: DpopBench) -> None:
    tokens, script = answers(*[granted(TOKEN)] * 9), answers(*[challenge("invalid_token")] * 9)
    async with FaultServer(tokens) as server, FaultServer(script) as api:
        result = await bench.call(bench.profile(server.url, api_base=api.url))
    assert (result.status, len(api.requests), len(server.requests)) == (401, 2, 2)


async def test_B26_a_proof_the_api_finds_too_old_is_dated_by_its_clock_once(bench: DpopBench) -> None:
    script = answers(challenge("invalid_dpop_proof", at(90)), OK)
    async with FaultServer(answers(granted(TOKEN, at(0)))) as server, FaultServer(script) as api:
        result = await bench.call(bench.profile(server.url, api_base=api.url))
    assert result.status == 200
    first, second = (proof["iat"] for proof in proofs(api.requests))
    assert second - first == 90


async def test_H5_an_allowed_bearer_token_goes_as_bearer_and_without_proof(bench: DpopBench) -> None:
    tokens = answers(granted(TOKEN, token_type="Bearer"))
    async with FaultServer(tokens) as server, FaultServer(answers(OK)) as api:
        result = await bench.call(bench.profile(server.url, api_base=api.url, dpop_allow_bearer=True))
    assert result.status == 200
    assert header_of(api.requests[0], "Authorization") == f"Bearer {TOKEN}"
    assert header_of(api.requests[0], "DPoP") == ""


async def test_H7_a_bound_token_is_not_used_by_the_profile_without_dpop(bench: DpopBench) -> None:
    tokens = answers(granted(TOKEN), granted(f"{TOKEN}-2", token_type="Bearer"))
    async with FaultServer(tokens) as server, FaultServer(answers(OK, OK)) as api:
        profile = bench.profile(server.url, api_base=api.url)
        await bench.call(profile)
        await bench.call(replace(profile, dpop=False))
    assert header_of(api.requests[1], "Authorization") == f"Bearer {TOKEN}-2"
    assert header_of(server.requests[1], "DPoP") == ""
