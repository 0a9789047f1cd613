"""What a request asks for beyond scope and audience: authorization details and extra parameters."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccflow_tui.models.outcome import Granted
from ccflow_tui.models.problems import FieldProblem, InputProblem, Severity
from ccflow_tui.models.profile import AuthMethod, EndpointMode, Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.models.token_request import TokenRequest
from ccflow_tui.oauth.authorization_details import echo_notes, parse_authorization_details
from ccflow_tui.oauth.client_auth_secret import ClientSecretPost
from ccflow_tui.oauth.extra_parameters import check_extra_parameters
from ccflow_tui.oauth.profile_check import check_profile
from ccflow_tui.oauth.response import TokenAnswer, parse_token_response
from ccflow_tui.oauth.token_request import assemble_token_request
from tests.oauth.failures import JWT, refusal

DETAILS = '[{"type": "payment", "actions": ["read"]}, {"type": "account"}]'
PROFILE = Profile(
    endpoint_mode=EndpointMode.MANUAL,
    token_endpoint="https://as.example/token",
    client_id="app",
    auth_method=AuthMethod.CLIENT_SECRET_POST,
)


def assemble(**changes: Any) -> TokenRequest:
    profile = replace(PROFILE, **changes)
    return assemble_token_request(
        profile=profile,
        authentication=ClientSecretPost("app", Secret("s")),
        scope_text=profile.scope,
        user_agent="ccflow/1.0",
    )


def finding(**changes: Any) -> FieldProblem:
    (found,) = check_profile(replace(PROFILE, **changes), secret_present=True)
    assert found.remedy
    return found


PARTS: dict[str, tuple[Any, list[tuple[str, str]]]] = {
    "scope": ("a b", [("scope", "a b")]),
    "audience": ("https://aud", [("audience", "https://aud")]),
    "resources": (("urn:r:1", "urn:r:2"), [("resource", "urn:r:1"), ("resource", "urn:r:2")]),
    "authorization_details": (DETAILS, [("authorization_details", DETAILS)]),
    "extra_parameters": (
        (("tenant", "t ü&="), ("acr_values", "1")),
        [("tenant", "t ü&="), ("acr_values", "1")],
    ),
}


@pytest.mark.parametrize(
    "chosen",
    [names for count in range(len(PARTS) + 1) for names in itertools.combinations(PARTS, count)],
    ids=lambda names: "+".join(names) or "none",
)
def test_A10_any_combination_of_targets_is_sent_once_and_in_order(chosen: tuple[str, ...]) -> None:
    request = assemble(**{name: PARTS[name][0] for name in chosen})
    wanted = [pair for name in PARTS if name in chosen for pair in PARTS[name][1]]
    sent = parse_qsl(request.body().decode(), strict_parsing=True, keep_blank_values=True)
    assert sent == [
        ("grant_type", "client_credentials"),
        *wanted,
        ("client_id", "app"),
        ("client_secret", "s"),
    ]


def test_G2_the_preview_names_details_and_extra_parameters() -> None:
    facts = assemble(authorization_details=DETAILS, extra_parameters=(("tenant", "t"),)).facts
    assert facts["Authorization details"] == "payment account"
    assert facts["Extra parameters"] == "tenant"
    assert not {"Authorization details", "Extra parameters"} & assemble().facts.keys()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{}", "not an array"),
        ('[{"x": 1}]', "Entry 1 of the authorization details has no type"),
        ('[{"type": "a"}, "b"]', "Entry 2 of the authorization details is not an object"),
        ('[{"type": 5}]', "type that is not text"),
        ('[{"type": ""}]', "type that is not text"),
        ("[]", "empty"),
        ("[{", "not valid JSON"),
        ('[{"type": "a", "type": "b"}]', "occurs twice"),
        ('[{"type": "a", "n": NaN}]', "NaN"),
        ("[" * 100_000, "nested"),
        ('[{"type": "a\ud800"}]', "half a character"),
        ('[{"type": "a", "key": "-----BEGIN PRIVATE KEY-----"}]', "key or a token"),
    ],
)
def test_G2_details_that_are_no_array_of_typed_objects_make_no_request(text: str, words: str) -> None:
    found = finding(authorization_details=text)
    assert (found.field, found.severity) == ("authorization_details", Severity.ERROR)
    assert words in found.problem
    with pytest.raises(InputProblem):
        assemble(authorization_details=text)


@given(st.text())
def test_G2_any_text_is_read_or_refused(text: str) -> None:
    try:
        details = parse_authorization_details(text)
    except InputProblem as problem:
        assert problem.finding.field == "authorization_details"
    else:
        assert all(isinstance(item["type"], str) for item in details.items)


@pytest.mark.parametrize("blank", ["", "  "])
def test_A11_blank_details_and_extra_parameters_without_value_are_left_out(blank: str) -> None:
    request = assemble(authorization_details=blank, extra_parameters=(("tenant", blank),))
    assert [pair.name for pair in request.form] == ["grant_type", "client_id", "client_secret"]
    found = finding(extra_parameters=(("tenant", blank),))
    assert (found.severity, found.problem[:20]) == (Severity.WARNING, "tenant has no value,")


OWN = [
    "grant_type",
    "scope",
    "audience",
    "resource",
    "authorization_details",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
]


@pytest.mark.parametrize("name", OWN)
def test_A10_an_extra_parameter_may_not_stand_for_one_the_request_sets(name: str) -> None:
    found = finding(extra_parameters=((name, "x"),))
    assert (found.field, found.severity) == ("extra_parameters", Severity.ERROR)
    assert name in found.problem
    with pytest.raises(InputProblem):
        assemble(scope="a", extra_parameters=((name, "x"),))


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ((("a", "1"), ("a", "1")), "stands twice"),
        ((("a b", "1"),), "no parameter name"),
        ((("", "1"),), "no parameter name"),
        ((("ü", "1"),), "no parameter name"),
        ((("a\x1b[2J", "1"),), "no parameter name"),
        ((("a", "x\ny"),), "cannot be shown"),
        ((("password", "CANARY-1"),), "would carry a secret"),
        ((("subject_token", "CANARY-1"),), "would carry a secret"),
        ((("hint", "eyJhbGciOiJub25lIn0.eyJhIjoxfQ.CANARY-1"),), "looks like a key or a token"),
    ],
)
def test_A10_an_extra_parameter_that_cannot_be_sent(pairs: tuple[tuple[str, str], ...], words: str) -> None:
    found = finding(extra_parameters=pairs)
    assert words in found.problem
    assert "CANARY" not in str(found) and "\x1b" not in str(found)
    with pytest.raises(InputProblem):
        check_extra_parameters(pairs)


def notes(details: Any, *, sent: str = DETAILS) -> tuple[str, ...]:
    members = {"access_token": "tok", "token_type": "Bearer", "expires_in": 60, "scope": ""}
    body = json.dumps(members | ({} if details is None else {"authorization_details": details}))
    headers = (("content-type", "application/json"), ("cache-control", "no-store"))
    outcome = parse_token_response(TokenAnswer(200, headers, body.encode(), 0.0, 0.0, requested_details=sent))
    assert isinstance(outcome, Granted)
    return outcome.notes


ASKED = json.loads(DETAILS)


def test_G2_an_echo_of_what_was_asked_says_nothing() -> None:
    assert notes(ASKED) == notes(ASKED[::-1]) == notes(None, sent="") == ()


@pytest.mark.parametrize(
    ("details", "words"),
    [
        (None, ("did not say which authorization details",)),
        ([ASKED[0]], ("not granted: account",)),
        ([ASKED[0], {"type": "account", "id": 7}], ("type account came back changed: id",)),
        ([*ASKED, {"type": "extra"}], ("granted that were not asked for: extra",)),
        ([], ("not granted: payment", "not granted: account")),
        ("text", ("no list of objects",)),
        ([1], ("no list of objects",)),
    ],
)
def test_G2_an_echo_is_compared_with_the_request(details: Any, words: tuple[str, ...]) -> None:
    found = notes(details)
    assert len(found) == len(words)
    assert all(word in note for word, note in zip(words, found, strict=True))


def test_G2_a_hostile_echo_is_short_and_inert() -> None:
    found = notes([{"type": "a\x1b[2J" + "b" * 1000}] * 10_000)
    assert len(found) < 100
    assert all(len(note) < 300 and "\x1b" not in note for note in found)
    assert echo_notes("", [{"no": "type"}]) == (
        "Authorization details granted that were not asked for: without a type.",
    )


def test_G2_refused_details_are_explained() -> None:
    asked = refusal("invalid_authorization_details", replace(JWT, authorization_details=DETAILS), status=400)
    assert asked.field == "authorization_details"
    assert "Compare type and members" in asked.what_to_do[0]
    assert not asked.can_retry
    missing = refusal("invalid_authorization_details", status=400)
    assert "wants authorization details" in missing.what_to_do[0]
