"""Tokens asked for with a DPoP proof: bound to our key, to another one, or not at all."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from ccflow_tui.models.outcome import Exchange, Granted, Malformed, Outcome, Refused
from ccflow_tui.models.profile import AuthMethod, Profile
from ccflow_tui.oauth.diagnosis import advise
from ccflow_tui.oauth.dpop import NONCE_CHANGING, NONCE_MISSING, NONCE_REPEATED
from ccflow_tui.oauth.response import TokenAnswer, parse_token_response
from ccflow_tui.oauth.token_binding import AskedBinding
from tests.support.fakes import EPOCH

JKT = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
ASKED = AskedBinding(JKT)
PROFILE = Profile(
    token_endpoint="https://as.example/token",
    client_id="app",
    auth_method=AuthMethod.CLIENT_SECRET_POST,
    dpop=True,
)


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def signed_token(**claims: Any) -> str:
    return f"{part({'alg': 'RS256', 'typ': 'at+jwt'})}.{part(claims)}.c2ln"


def answered(token: str, token_type: str, binding: AskedBinding | None = ASKED) -> Outcome:
    body = json.dumps({"access_token": token, "token_type": token_type, "expires_in": 60}).encode()
    headers = (("content-type", "application/json"), ("cache-control", "no-store"))
    return parse_token_response(TokenAnswer(200, headers, body, EPOCH, 1_000.0, binding=binding))


@pytest.mark.parametrize("spelled", ["DPoP", "dpop", "DPOP"])
@pytest.mark.parametrize("token", ["opaque-token-1", signed_token(cnf={"jkt": JKT})])
def test_B2_a_dpop_token_is_used_where_it_was_asked_for(spelled: str, token: str) -> None:
    outcome = answered(token, spelled)
    assert isinstance(outcome, Granted)
    assert outcome.token.token_type == "DPoP"
    assert outcome.notes == ()


def test_B2_a_dpop_token_that_nobody_asked_for_cannot_be_used() -> None:
    outcome = answered("t", "DPoP", None)
    assert isinstance(outcome, Malformed)
    assert outcome.kind == "token-type"


@pytest.mark.parametrize("spelled", ["Bearer", "bearer"])
def test_H5_a_bearer_token_where_dpop_was_asked_for_is_refused_and_explained(spelled: str) -> None:
    outcome = answered("CANARY-token-0123456789", spelled)
    assert isinstance(outcome, Malformed)
    assert (outcome.kind, outcome.exchange.http_status) == ("dpop-downgrade", 200)
    assert "CANARY" not in repr(outcome)
    advice = advise(outcome, PROFILE)
    assert advice is not None
    assert advice.title == "The server ignored the request for a bound token"
    assert "dpop_bound_access_tokens" in advice.what_to_do[0]
    assert any("dpop.allowBearer" in line for line in advice.what_to_do)
    assert not advice.can_retry


def test_H5_a_bearer_token_is_taken_where_the_profile_allows_it_and_said_to_be_one() -> None:
    outcome = answered("t", "bearer", replace(ASKED, allow_bearer=True))
    assert isinstance(outcome, Granted)
    assert outcome.token.token_type == "Bearer"
    assert outcome.notes == ("A Bearer token came although DPoP was asked for: whoever holds it can use it.",)


def test_H6_a_token_bound_to_another_key_is_refused_and_explained() -> None:
    outcome = answered(signed_token(cnf={"jkt": "another"}), "DPoP")
    assert isinstance(outcome, Malformed)
    assert outcome.kind == "dpop-other-key"
    advice = advise(outcome, PROFILE)
    assert advice is not None
    assert advice.title == "The token is bound to another key"
    assert advice.can_retry


@pytest.mark.parametrize("claims", [{}, {"cnf": {}}, {"cnf": "x"}, {"cnf": {"x5t#S256": "t"}}])
def test_H6_a_signed_token_that_names_no_key_is_taken_with_a_note(claims: dict[str, Any]) -> None:
    outcome = answered(signed_token(**claims), "DPoP")
    assert isinstance(outcome, Granted)
    assert "names no key (cnf.jkt)" in outcome.notes[0]


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (NONCE_MISSING, "gives none"),
        (NONCE_REPEATED, "the same again"),
        (NONCE_CHANGING, "another one each time"),
        ("", "asks for a nonce"),
    ],
)
def test_H2_a_nonce_that_leads_nowhere_is_explained(cause: str, words: str) -> None:
    advice = advise(Refused("use_dpop_nonce", cause=cause), PROFILE)
    assert advice is not None
    assert words in advice.reason
    assert advice.reason.startswith("use_dpop_nonce: ")
    assert advice.what_to_do


@pytest.mark.parametrize("code", ["use_dpop_nonce", "invalid_dpop_proof", "dpop_required"])
def test_a_server_that_wants_dpop_of_a_profile_without_is_explained(code: str) -> None:
    advice = advise(Refused(code), replace(PROFILE, dpop=False))
    assert advice is not None
    assert "CCFLOW_DPOP=on" in advice.what_to_do[0]
    assert advice.field == "dpop"


@pytest.mark.parametrize(
    ("skew", "followed", "words"),
    [
        (600.0, 0.0, "10 minutes ahead of this computer's, so the proof looks old"),
        (-20.0, 0.0, "behind this computer's, so the proof looks not yet valid"),
        (120.0, 120.0, ""),
        (1.0, 0.0, ""),
    ],
)
def test_B26_a_refused_proof_is_blamed_on_the_clock_only_where_it_was_wrong(
    skew: float, followed: float, words: str
) -> None:
    exchange = Exchange(clock_skew=skew, clock_correction=followed)
    advice = advise(Refused("invalid_dpop_proof", exchange=exchange), PROFILE)
    assert advice is not None
    assert (words in advice.what_to_do[0]) if words else not any("clock" in x for x in advice.what_to_do)
    details = dict(advice.details)
    assert ("which was allowed for" in details.get("Server's clock", "")) is bool(followed)


def test_B26_an_assertion_dated_by_the_servers_clock_is_not_blamed_on_ours() -> None:
    profile = replace(PROFILE, auth_method=AuthMethod.PRIVATE_KEY_JWT, dpop=False)
    wrong = Refused("invalid_client", exchange=Exchange(clock_skew=120.0))
    right = Refused("invalid_client", exchange=Exchange(clock_skew=120.0, clock_correction=119.0))
    for outcome, blamed in ((wrong, True), (right, False)):
        advice = advise(outcome, profile)
        assert advice is not None
        assert any("Set the clock" in line for line in advice.what_to_do) is blamed
