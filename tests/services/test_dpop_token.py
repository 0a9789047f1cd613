"""Tokens bound by DPoP, over real sockets: nonces, downgrades, keys (RFC 9449)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from ccflow_tui.models.discovery import ServerMetadata, with_metadata
from ccflow_tui.models.outcome import Granted, Malformed, Refused
from ccflow_tui.models.problems import SecretStoreProblem, StoreFault
from ccflow_tui.models.profile import Profile
from ccflow_tui.models.progress import AttemptStarted, RetryScheduled
from ccflow_tui.services.ports_removal import Subject
from tests.support.dpop import JWT, POST, DpopBench, assertions, granted, header_of, proofs, refusal
from tests.support.fakes import FakeClock
from tests.support.fault_server import FaultServer, answers, http_answer
from tests.support.manual_clock import settle

ASK = "use_dpop_nonce"


@pytest.fixture
async def bench() -> AsyncIterator[DpopBench]:
    bench = DpopBench()
    yield bench
    await bench.engine.close()


async def test_H1_the_proof_is_for_this_endpoint_and_sent_once(bench: DpopBench) -> None:
    async with FaultServer(answers(granted())) as server:
        outcome = await bench.ask(bench.profile(f"{server.url}?tenant=1"))
    assert isinstance(outcome, Granted)
    assert outcome.token.token_type == "DPoP"
    (proof,) = proofs(server.requests)
    assert (proof["htm"], proof["htu"]) == ("POST", server.url)
    assert "nonce" not in proof and "ath" not in proof


@pytest.mark.parametrize("like", [POST, JWT])
async def test_H2_a_nonce_asked_for_gets_one_more_request_signed_anew(
    bench: DpopBench, like: Profile
) -> None:
    script = answers(refusal(ASK, "DPoP-Nonce: n-1"), granted("t-1", "DPoP-Nonce: n-2"), granted("t-2"))
    async with FaultServer(script) as server:
        profile = bench.profile(server.url, like)
        assert isinstance(await bench.ask(profile), Granted)
        assert bench.progress == [
            AttemptStarted(1, 4),
            RetryScheduled(1, 4, 0.0, "The server asks for its nonce in the DPoP proof."),
            AttemptStarted(2, 4),
        ]
        assert isinstance(await bench.ask(profile), Granted)
    assert [proof.get("nonce") for proof in proofs(server.requests)] == [None, "n-1", "n-2"]
    assert len({proof["jti"] for proof in proofs(server.requests)}) == 3
    if like is JWT:
        assert len({claims["jti"] for claims in assertions(server.requests)}) == 3


@pytest.mark.parametrize(
    ("replies", "requests", "cause"),
    [
        ([refusal(ASK)], 1, "nonce-missing"),
        ([refusal(ASK, "DPoP-Nonce: not one nonce")], 1, "nonce-missing"),
        ([refusal(ASK, "DPoP-Nonce: n-1"), refusal(ASK)], 2, "nonce-missing"),
        ([refusal(ASK, "DPoP-Nonce: n-1")] * 2, 2, "nonce-repeated"),
        ([refusal(ASK, f"DPoP-Nonce: n-{number}") for number in range(9)], 2, "nonce-changing"),
        ([refusal(ASK, "DPoP-Nonce: n-1", status="503 Busy")] * 2, 2, "nonce-repeated"),
    ],
)
async def test_H2_a_nonce_that_leads_nowhere_ends_typed_and_explained(
    bench: DpopBench, replies: list[bytes], requests: int, cause: str
) -> None:
    async with FaultServer(answers(*replies)) as server:
        profile = bench.profile(server.url)
        outcome = await bench.ask(profile)
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.cause, outcome.exchange.attempts) == (ASK, cause, requests)
    assert len(server.requests) == requests
    advice = bench.engine.advise(outcome, profile)
    assert advice is not None and "nonce" in advice.reason and advice.what_to_do


async def test_H2_a_nonce_of_any_answer_is_used_next() -> None:
    bench = DpopBench(FakeClock())
    busy = http_answer("503 Busy", b"{}", "DPoP-Nonce: n-busy")
    async with FaultServer(answers(busy, granted())) as server:
        outcome = await bench.engine.fetch_token(bench.profile(server.url), None, bench.progress.append)
        assert isinstance(outcome, Granted)
    await bench.engine.close()
    assert [proof.get("nonce") for proof in proofs(server.requests)] == [None, "n-busy"]


async def test_H2_a_nonce_is_for_its_own_origin(bench: DpopBench) -> None:
    async with (
        FaultServer(answers(granted("t", "DPoP-Nonce: n-1"))) as one,
        FaultServer(answers(granted())) as two,
    ):
        await bench.ask(bench.profile(one.url))
        await bench.ask(bench.profile(two.url))
    assert "nonce" not in proofs(two.requests)[0]


async def test_H2_a_server_that_asks_for_a_long_wait_is_not_asked_again(bench: DpopBench) -> None:
    reply = refusal(ASK, "DPoP-Nonce: n-1", "Retry-After: 3600")
    async with FaultServer(answers(reply)) as server:
        assert isinstance(await bench.ask(bench.profile(server.url)), Refused)
    assert len(server.requests) == 1


async def test_H2_a_preview_from_before_the_nonce_is_built_anew(bench: DpopBench) -> None:
    async with FaultServer(answers(granted("t", "DPoP-Nonce: n-1"), granted())) as server:
        profile = bench.profile(server.url)
        preview = await bench.engine.prepare(profile)
        await bench.ask(profile)
        await bench.engine.request_token(profile, preview, bench.progress.append)
    assert proofs(server.requests)[1]["nonce"] == "n-1"


async def test_H1_a_previewed_proof_is_what_is_sent_and_only_once(bench: DpopBench) -> None:
    async with FaultServer(answers(granted(), granted())) as server:
        profile = bench.profile(server.url)
        preview = await bench.engine.prepare(profile)
        assert preview.proof is not None
        for _ in range(2):
            await bench.engine.request_token(profile, preview, bench.progress.append)
    first, second = server.requests
    assert header_of(first, "DPoP") == preview.proof.jwt.reveal()
    assert header_of(second, "DPoP") != preview.proof.jwt.reveal()
    assert preview.facts["DPoP"] == f"ES256, key {preview.proof.thumbprint}"


async def test_H5_a_downgrade_to_bearer_is_refused_and_kept_nowhere(bench: DpopBench) -> None:
    async with FaultServer(answers(granted(token_type="Bearer"))) as server:
        profile = bench.profile(server.url, JWT)
        outcome = await bench.ask(profile)
    assert isinstance(outcome, Malformed)
    assert outcome.kind == "dpop-downgrade"
    await settle()
    assert not any("CANARY-token" in secret.reveal() for secret in bench.store.secrets.values())
    assert "CANARY" not in bench.logger.export()


async def test_H5_a_profile_may_allow_bearer(bench: DpopBench) -> None:
    async with FaultServer(answers(granted(token_type="Bearer"))) as server:
        outcome = await bench.ask(bench.profile(server.url, dpop_allow_bearer=True))
    assert isinstance(outcome, Granted)
    assert outcome.token.token_type == "Bearer"


async def test_H7_the_key_is_kept_in_the_store_and_found_by_the_next_run(bench: DpopBench) -> None:
    async with FaultServer(answers(granted()), answers(granted())) as server:
        profile = bench.profile(server.url, JWT)
        await bench.ask(profile)
        await settle()
        again = DpopBench(store=bench.store)
        assert await again.engine.stored_token(profile) is not None
        preview = await again.engine.prepare(profile)
        earlier = await bench.engine.prepare(profile)
        assert preview.proof is not None and earlier.proof is not None
        assert preview.proof.thumbprint == earlier.proof.thumbprint
        await again.engine.close()


async def test_H7_a_new_key_never_reuses_an_old_token(bench: DpopBench) -> None:
    async with FaultServer(answers(granted())) as server:
        profile = bench.profile(server.url, JWT)
        await bench.ask(profile)
        await settle()
        (name,) = (name for name in bench.store.secrets if name.startswith("dpop-key"))
        del bench.store.secrets[name]
        again = DpopBench(store=bench.store)
        assert await again.engine.stored_token(profile) is None
        await again.engine.close()


async def test_each_profile_and_server_has_a_key_of_its_own(bench: DpopBench) -> None:
    thumbprints = set()
    for url, name in [
        ("https://a.example/t", "p"),
        ("https://b.example/t", "p"),
        ("https://a.example/t", "q"),
    ]:
        preview = await bench.engine.prepare(bench.profile(url, name=name))
        assert preview.proof is not None
        thumbprints.add(preview.proof.thumbprint)
    assert len(thumbprints) == 3


async def test_D14_an_ed25519_key_serves_both_names_and_outlives_the_run(bench: DpopBench) -> None:
    profile = bench.profile("https://as.example/token", dpop_alg="Ed25519")
    metadata = ServerMetadata("https://as.example", profile.token_endpoint, dpop_signing_algs=("EdDSA",))
    first = await bench.engine.prepare(profile)
    older = await bench.engine.prepare(with_metadata(profile, metadata))
    later = DpopBench(store=bench.store)
    again = await later.engine.prepare(later.profile(profile.token_endpoint, dpop_alg="EdDSA"))
    proofs = [request.proof for request in (first, older, again)]
    assert [proof.header["alg"] for proof in proofs if proof] == ["Ed25519", "EdDSA", "EdDSA"]
    assert len({proof.thumbprint for proof in proofs if proof}) == 1


async def test_a_key_that_does_not_fit_the_algorithm_is_replaced(bench: DpopBench) -> None:
    profile = bench.profile("https://as.example/token")
    first = await bench.engine.prepare(profile)
    second = await bench.engine.prepare(replace(profile, dpop_alg="ES384"))
    assert first.proof is not None and second.proof is not None
    assert (first.proof.header["alg"], second.proof.header["alg"]) == ("ES256", "ES384")
    assert first.proof.thumbprint != second.proof.thumbprint


async def test_a_damaged_key_in_the_store_is_replaced_and_said(bench: DpopBench) -> None:
    profile = bench.profile("https://as.example/token")
    await bench.engine.prepare(profile)
    (name,) = bench.store.secrets
    bench.store.secrets[name] = type(bench.store.secrets[name])("CANARY no key")
    again = DpopBench(store=bench.store)
    assert (await again.engine.prepare(again.profile(profile.token_endpoint))).proof is not None
    assert "the stored DPoP key cannot be read" in again.logger.export()
    assert "CANARY" not in again.logger.export() + bench.store.secrets[name].reveal()


async def test_a_store_that_fails_leaves_a_key_for_this_run(bench: DpopBench) -> None:
    bench.store.problem = SecretStoreProblem(StoreFault.FAILED, "The keyring is broken.")
    profile = bench.profile("https://as.example/token")
    first = await bench.engine.prepare(profile)
    second = await bench.engine.prepare(profile)
    assert first.proof is not None and second.proof is not None
    assert first.proof.thumbprint == second.proof.thumbprint
    assert "the DPoP key lasts for this run only: The keyring is broken." in bench.logger.export()


async def test_signing_out_removes_the_key(bench: DpopBench) -> None:
    profile = bench.profile("https://as.example/token")
    first = await bench.engine.prepare(profile)
    report = await bench.engine.removal.remove(Subject(profile))
    assert "the DPoP key (memory, keyring)" in map(str, report.removed)
    assert not bench.store.secrets
    second = await bench.engine.prepare(bench.profile(profile.token_endpoint))
    assert first.proof is not None and second.proof is not None
    assert first.proof.thumbprint != second.proof.thumbprint


async def test_L1_neither_key_nor_proof_is_logged(bench: DpopBench) -> None:
    async with FaultServer(answers(refusal(ASK, "DPoP-Nonce: n-1"), granted())) as server:
        await bench.ask(bench.profile(server.url))
    text = bench.logger.export()
    for request in server.requests:
        assert header_of(request, "DPoP") not in text
    assert all(secret.reveal() not in text for secret in bench.store.secrets.values())


async def test_the_curl_command_has_a_placeholder_for_the_proof(bench: DpopBench) -> None:
    preview = await bench.engine.prepare(bench.profile("https://as.example/token"))
    command = bench.engine.as_curl(preview)
    assert '--header "DPoP: $DPOP_PROOF"' in command
    assert preview.proof is not None and preview.proof.jwt.reveal() not in command
