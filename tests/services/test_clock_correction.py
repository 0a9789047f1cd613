"""A server whose clock differs, over real sockets: followed, told, or neither (B26, D6)."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from ccflow_tui.models.outcome import Granted, Outcome, Refused
from ccflow_tui.models.profile import Profile
from ccflow_tui.models.progress import RetryScheduled
from tests.support.dpop import JWT, POST, DpopBench, assertions, at, granted, proofs, refusal
from tests.support.fakes import EPOCH
from tests.support.fault_server import FaultServer, answers

DENIED = "invalid_client"


@pytest.fixture
async def bench() -> AsyncIterator[DpopBench]:
    bench = DpopBench()
    yield bench
    await bench.engine.close()


async def ask(bench: DpopBench, *replies: bytes, like: Profile = JWT) -> tuple[Outcome, list[bytes], Profile]:
    async with FaultServer(answers(*replies)) as server:
        profile = bench.profile(server.url, like, dpop_allow_bearer=True)
        outcome = await bench.ask(profile)
    return outcome, server.requests, profile


@pytest.mark.parametrize(("skew", "words"), [(120, "2 minutes ahead"), (-30, "29 seconds behind")])
async def test_B26_an_assertion_refused_for_its_dates_gets_one_request_dated_right(
    bench: DpopBench, skew: int, words: str
) -> None:
    outcome, requests, _ = await ask(bench, refusal(DENIED, at(skew)), granted("t", at(skew)))
    assert isinstance(outcome, Granted)
    first, second = (claims["iat"] - EPOCH + 5 for claims in assertions(requests))
    assert first == 0
    assert second == pytest.approx(skew, abs=1)
    assert isinstance(bench.progress[1], RetryScheduled)
    assert bench.progress[1].wait == 0
    assert words in bench.progress[1].reason
    assert any(words in note and "dated by its clock" in note for note in outcome.notes)
    assert outcome.exchange.clock_correction == pytest.approx(skew, abs=1)


async def test_D6_later_assertions_and_proofs_are_dated_by_the_servers_clock(
    bench: DpopBench,
) -> None:
    async with FaultServer(answers(granted("t", at(200)), granted("u", at(200)))) as server:
        profile = bench.profile(server.url, JWT)
        await bench.ask(profile)
        preview = await bench.engine.prepare(profile)
        await bench.engine.request_token(profile, preview, bench.progress.append)
    assert preview.facts["Dated by"] == "the server's clock, 3 minutes ahead of this computer's"
    assert [claims["iat"] - EPOCH for claims in assertions(server.requests)] == [-5, 195]
    assert [claims["iat"] - EPOCH for claims in proofs(server.requests)] == [-2, 198]
    assert preview.assertion is not None  # still good by the clock it was dated by
    assert assertions(server.requests)[1]["jti"] == preview.assertion.claims["jti"]


@pytest.mark.parametrize("skew", [600, -600, 7200])
async def test_B26_more_than_five_minutes_are_told_and_not_followed(bench: DpopBench, skew: int) -> None:
    outcome, requests, profile = await ask(bench, refusal(DENIED, at(skew)))
    assert isinstance(outcome, Refused)
    assert len(requests) == 1
    advice = bench.engine.advise(outcome, profile)
    assert advice is not None and "Set the clock" in advice.what_to_do[0]
    granted_all_the_same, requests, _ = await ask(bench, granted("t", at(skew)))
    assert isinstance(granted_all_the_same, Granted)
    assert any("too much to allow for" in note for note in granted_all_the_same.notes)
    assert assertions(requests)[0]["iat"] == EPOCH - 5


@pytest.mark.parametrize("skew", [0, 2, -4, 20, 50])
async def test_B26_a_refusal_that_the_dates_cannot_explain_is_told(bench: DpopBench, skew: int) -> None:
    outcome, requests, _ = await ask(bench, refusal(DENIED, at(skew)), granted())
    assert isinstance(outcome, Refused)
    assert len(requests) == 1


@pytest.mark.parametrize(
    ("code", "said", "requests"),
    [
        (DENIED, "the assertion's iat is too old", 2),
        ("invalid_request", "JWT has expired", 2),
        ("invalid_request", "scope is missing", 1),
        ("invalid_scope", "expired scope", 1),
        ("unauthorized_client", "not yet valid", 2),
    ],
)
async def test_B26_a_server_that_names_the_dates_is_believed(
    bench: DpopBench, code: str, said: str, requests: int
) -> None:
    _, sent, _ = await ask(bench, refusal(code, at(20), description=said), granted("t", at(20)))
    assert len(sent) == requests


async def test_B26_a_refusal_after_the_correction_is_final_and_not_blamed_on_the_clock(
    bench: DpopBench,
) -> None:
    outcome, requests, profile = await ask(bench, *[refusal(DENIED, at(120))] * 3)
    assert isinstance(outcome, Refused)
    assert len(requests) == 2
    advice = bench.engine.advise(outcome, profile)
    assert advice is not None
    assert not any("Set the clock" in line for line in advice.what_to_do)
    assert dict(advice.details)["Server's clock"].endswith("which was allowed for")


async def test_B26_a_secret_has_no_dates(bench: DpopBench) -> None:
    outcome, requests, _ = await ask(bench, refusal(DENIED, at(120), description="expired"), like=POST)
    assert isinstance(outcome, Refused)
    assert len(requests) == 1


@pytest.mark.parametrize(("skew", "requests"), [(30, 2), (-10, 2), (2, 1), (900, 1)])
async def test_H1_a_refused_proof_is_dated_right_once(bench: DpopBench, skew: int, requests: int) -> None:
    replies = (refusal("invalid_dpop_proof", at(skew)), granted("t", at(skew)))
    outcome, sent, _ = await ask(bench, *replies, like=POST)
    assert isinstance(outcome, Granted if requests == 2 else Refused)
    assert len(sent) == requests


async def test_H2_a_nonce_and_the_clock_can_both_be_put_right(bench: DpopBench) -> None:
    outcome, requests, _ = await ask(
        bench,
        refusal("use_dpop_nonce", "DPoP-Nonce: n-1"),
        refusal("invalid_dpop_proof", at(60)),
        granted("t", at(60)),
    )
    assert isinstance(outcome, Granted)
    assert [claims.get("nonce") for claims in proofs(requests)] == [None, "n-1", "n-1"]
    assert len({claims["jti"] for claims in assertions(requests)}) == 3


async def test_B26_a_clock_that_was_set_right_meanwhile_is_noticed(bench: DpopBench) -> None:
    replies = (granted("t", at(120)), refusal(DENIED, at(0)), granted("u", at(0)))
    async with FaultServer(answers(*replies)) as server:
        profile = bench.profile(server.url, JWT)
        await bench.ask(profile)
        outcome = await bench.ask(profile)
    assert isinstance(outcome, Granted)
    assert [claims["iat"] - EPOCH for claims in assertions(server.requests)] == [-5, 115, -5]
    assert "in step with this computer's" in bench.progress[-2].reason  # type: ignore[union-attr]
