"""The third-party server judges DPoP (RFC 9449): proofs, its nonces, the key it binds tokens to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ccflow_tui.models.outcome import Granted, Malformed, Refused
from ccflow_tui.models.profile import AuthMethod, Profile
from tests.judge.client import Applicant
from tests.judge.registrations import BASIC_ID, BOUND_ID, THINGS
from tests.judge.server_process import Judge
from tests.judge.test_judge import says, verified_claims

pytestmark = pytest.mark.judge

BASIC, POST = AuthMethod.CLIENT_SECRET_BASIC, AuthMethod.CLIENT_SECRET_POST
NONCE = "use_dpop_nonce"


def bound(applicant: Applicant, kind: str) -> Profile:
    """Return a profile that asks for bound tokens by one of the methods."""
    target = {"resources": (THINGS,), "scope": "things:read", "dpop": True}
    if kind == "jwt":
        return applicant.with_key("ES256", **target)
    client_id, method = (BASIC_ID, BASIC) if kind == "basic" else (BOUND_ID, POST)
    return applicant.with_secret(client_id, method, **target)


def verdicts(judge: Judge, count: int) -> list[tuple[bool, str]]:
    found = [judge.verdict() for _ in range(count)]
    assert judge.has_no_more_verdicts()
    return [(verdict.granted, verdict.error) for verdict in found]


@pytest.mark.parametrize("kind", ["jwt", "basic", "post"])
async def test_H2_the_judges_nonce_is_taken_up_and_the_token_is_bound_to_our_key(
    applicant: Applicant, judge: Judge, kind: str
) -> None:
    profile = bound(applicant, kind)
    outcome = await applicant.send(profile)
    assert isinstance(outcome, Granted), outcome
    assert verdicts(judge, 2) == [(False, NONCE), (True, "")]
    assert outcome.token.token_type == "DPoP"
    assert not any("cnf.jkt" in note for note in outcome.notes)
    preview = await applicant.engine.prepare(profile)
    assert preview.proof is not None and preview.proof.nonce
    claims = verified_claims(judge, outcome.token)
    assert claims["cnf"] == {"jkt": preview.proof.thumbprint}


@pytest.mark.parametrize("alg", ["Ed25519", "EdDSA"])
async def test_H1_D14_the_judge_verifies_proofs_by_ed25519_under_both_names(
    applicant: Applicant, judge: Judge, alg: str
) -> None:
    profile = replace(bound(applicant, "post"), dpop_alg=alg)
    outcome = await applicant.send(profile)
    assert isinstance(outcome, Granted), outcome
    preview = await applicant.engine.prepare(profile)
    assert preview.proof is not None and preview.proof.header["alg"] == alg
    assert verified_claims(judge, outcome.token)["cnf"] == {"jkt": preview.proof.thumbprint}


@pytest.mark.parametrize("kind", ["jwt", "post"])
async def test_H2_the_next_request_has_the_nonce_at_once(
    applicant: Applicant, judge: Judge, kind: str
) -> None:
    profile = bound(applicant, kind)
    await applicant.send(profile)
    judge.verdict(), judge.verdict()
    preview = await applicant.engine.prepare(profile)
    assert isinstance(await applicant.send(profile, preview), Granted)
    assert isinstance(await applicant.send(profile, preview), Granted)  # with a proof of its own
    assert verdicts(judge, 2) == [(True, ""), (True, "")]


async def test_H1_a_replayed_proof_is_refused_and_explained(applicant: Applicant, judge: Judge) -> None:
    profile = bound(applicant, "post")
    await applicant.send(profile)
    judge.verdict(), judge.verdict()
    preview = await applicant.engine.prepare(profile)
    assert isinstance(await applicant.replay(preview), Granted | Malformed)
    again = await applicant.replay(preview)
    assert isinstance(again, Refused)
    assert [error for _, error in verdicts(judge, 2)] == ["", again.code]
    advice = applicant.engine.advise(again, profile)
    assert advice is not None and advice.what_to_do


async def test_H5_a_client_that_must_bind_its_tokens_is_refused_without_a_proof(
    applicant: Applicant,
) -> None:
    _, advice = await applicant.refused(applicant.with_secret(BOUND_ID, POST), "DPoP")
    says(advice, "Turn on DPoP")
