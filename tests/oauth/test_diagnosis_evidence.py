from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ccflow_tui.models.profile import AssertionAudience, AuthMethod, BasicEncoding, EndpointSource, Profile
from tests.oauth.failures import BASIC, JWT, PINGONE, POST, refusal


def test_pingones_method_mismatch_is_recognised() -> None:
    said = "Request denied: Unsupported authentication method (Correlation ID: 1f2e)"
    advice = refusal("invalid_client", replace(PINGONE, auth_method=AuthMethod.CLIENT_SECRET_POST), said)
    assert advice.field == "auth_method"
    assert "another authentication method than client_secret_post" in advice.what_to_do[0]


@pytest.mark.parametrize(
    ("profile", "code", "said", "field", "words"),
    [
        (
            POST,
            "invalid_client",
            "AADSTS7000215: Invalid client secret provided. Not the secret ID",
            "client_secret",
            "value",
        ),
        (
            POST,
            "invalid_client",
            "AADSTS7000222: The provided client secret keys are expired.",
            "client_secret",
            "expired",
        ),
        (
            BASIC,
            "unauthorized_client",
            "Invalid client or Invalid client credentials",
            "client_secret",
            "secret again",
        ),
        (BASIC, "invalid_client", "Client not found", "client_id", "no client of this ID"),
        (
            BASIC,
            "unauthorized_client",
            "AADSTS700016: Application with identifier 'x' was not found",
            "client_id",
            "",
        ),
        (BASIC, "invalid_request", "AADSTS90002: Tenant 'x' not found.", "token_endpoint", "tenant"),
        (JWT, "invalid_client", "client assertion tokens must only be used once", "", "Retry"),
        (JWT, "invalid_client", "jti has already been used", "", "Retry"),
        (JWT, "invalid_client", "No matching key for kid 'k1'", "assertion_kid", "key ID"),
        (JWT, "invalid_client", "alg RS256 is not allowed", "assertion_alg", "does not take RS256"),
        (JWT, "invalid_client", "Signature verification failed", "key_reference", "public key"),
        (JWT, "invalid_client", "AADSTS700027: assertion check failed", "key_reference", "public key"),
        (JWT, "invalid_client", "aud must be the issuer", "assertion_audience", "issuer"),
        (JWT, "invalid_client", "typ header is not acceptable", "assertion_audience", "issuer"),
        (JWT, "invalid_client", "the assertion has expired", "", "clock"),
        (JWT, "invalid_client", "iat is in the future", "", "clock"),
        (BASIC, "invalid_client", "client certificate required", "mtls", "mutual TLS"),
        (BASIC, "invalid_scope", "Custom scopes are not allowed for this request.", "token_endpoint", "Okta"),
        (POST, "invalid_scope", "AADSTS1002012: scope is not valid", "scope", "/.default"),
        (BASIC, "invalid_request", "scope is required", "scope", "scope"),
        (BASIC, "access_denied", "Service not enabled within domain: https://x", "audience", "audience"),
        (BASIC, "invalid_target", "only one resource is supported", "resources", "Keep one"),
    ],
)
def test_what_the_server_said_decides_the_first_remedy(
    profile: Profile, code: str, said: str, field: str, words: str
) -> None:
    advice = refusal(code, profile, said)
    assert advice.field == field, advice.what_to_do
    assert words in advice.what_to_do[0]


def test_a_clue_for_signed_assertions_says_nothing_about_secrets() -> None:
    assert refusal("invalid_client", BASIC, "no matching key, alg, jti").field == "client_secret"


@pytest.mark.parametrize(
    ("skew", "words"),
    [
        (600.0, "10 minutes behind the server's, so the assertion looks expired"),
        (-30.0, "30 seconds ahead of"),
        (-10_800.0, "3 hours ahead of"),
    ],
)
def test_B26_a_clock_that_differs_comes_first_for_assertions(skew: float, words: str) -> None:
    advice = refusal("invalid_client", JWT, clock_skew=skew)
    assert words in advice.what_to_do[0]
    assert advice.field == ""
    assert any(name == "Server's clock" for name, _ in advice.details)


@pytest.mark.parametrize(("profile", "skew"), [(JWT, 20.0), (JWT, -5.0), (JWT, None), (BASIC, 600.0)])
def test_B26_a_clock_that_cannot_be_the_cause_is_not_blamed(profile: Profile, skew: float | None) -> None:
    assert not any("clock" in text for text in refusal("invalid_client", profile, clock_skew=skew).what_to_do)


def test_basic_is_diagnosed_both_ways() -> None:
    raw = replace(BASIC, basic_encoding=BasicEncoding.RAW)
    assert refusal("invalid_client", raw, "credentials are not properly encoded").field == "basic_encoding"
    assert "back to standard" in refusal("invalid_client", raw).what_to_do[0]
    assert any(
        "switch the Basic encoding to raw" in text for text in refusal("invalid_client", BASIC).what_to_do
    )
    assert refusal("invalid_client", replace(BASIC, client_id="a/b")).field == "basic_encoding"
    assert refusal("invalid_client", replace(BASIC, client_id="a:b")).field == "client_secret"
    assert not any("Basic" in text for text in refusal("invalid_client", POST).what_to_do)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "the server's issuer"),
        (
            {"endpoint_source": EndpointSource.DISCOVERED, "issuer": "https://as.example"},
            "the token endpoint",
        ),
        ({"assertion_audience": AssertionAudience.ISSUER}, "the token endpoint"),
        ({"assertion_audience": AssertionAudience.TOKEN_ENDPOINT}, "the server's issuer"),
        ({"assertion_audience": "https://as.example/own"}, "to auto"),
    ],
)
def test_the_other_audience_is_proposed(changes: dict[str, Any], words: str) -> None:
    advice = refusal("invalid_client", replace(JWT, **changes), "wrong audience")
    assert words in advice.what_to_do[0]


@pytest.mark.parametrize("code", ["invalid_client", "invalid_request"])
def test_A4_raw_basic_is_never_proposed_for_an_id_with_a_colon(code: str) -> None:
    assert not any("to raw" in text for text in refusal(code, replace(BASIC, client_id="a:b")).what_to_do)


@pytest.mark.parametrize("profile", [JWT, PINGONE])
def test_an_audience_of_ones_own_is_suspected_before_the_key(profile: Profile) -> None:
    own = replace(profile, assertion_audience=f"{profile.token_endpoint}/own")
    assert refusal("invalid_client", own).field == "assertion_audience"
    assert refusal("invalid_client", profile).field == "key_reference"


@pytest.mark.parametrize("said", ["", "client authentication failed"])
def test_D9_a_replay_is_among_the_causes_where_the_server_names_none(said: str) -> None:
    advice = refusal("invalid_client", JWT, said)
    assert any("Retry signs a new one" in text for text in advice.what_to_do)
    assert any("registered there for private_key_jwt" in text for text in advice.what_to_do)
    assert not any("Retry signs" in text for text in refusal("invalid_client", BASIC, said).what_to_do)


@pytest.mark.parametrize(
    "said", ["requested grant type is not allowed for this client", "Grant-type is not enabled for client x"]
)
def test_a_grant_that_is_not_allowed_is_explained_as_such_whatever_the_code(said: str) -> None:
    advice = refusal("invalid_request", BASIC, said, status=400)
    expected = refusal("unauthorized_client", BASIC, status=400)
    assert (advice.title, advice.what_to_do) == (expected.title, expected.what_to_do)
    assert advice.reason.startswith("invalid_request: HTTP 400, the server knows the client")


@pytest.mark.parametrize("said", ["only a single resource indicator value is supported for this grant type"])
def test_G1_several_resources_have_one_remedy_and_a_title_of_their_own(said: str) -> None:
    profile = replace(BASIC, resources=("https://a.example", "https://b.example"))
    advice = refusal("invalid_target", profile, said, status=400)
    assert advice.title == "This server allows one resource per token"
    assert (advice.field, len(advice.what_to_do), advice.can_retry) == ("resources", 1, False)


def test_scopes_of_several_resources_are_a_matter_of_scope() -> None:
    advice = refusal("invalid_scope", PINGONE, "May not request scopes for multiple resources", status=400)
    assert advice.field == "scope"
    assert "belong to one resource" in advice.what_to_do[0]


def test_the_key_id_is_named_when_there_is_one() -> None:
    assert (
        "under the key ID k-{1}."
        in refusal("invalid_client", replace(JWT, assertion_kid="k-{1}")).what_to_do[0]
    )
    assert "key ID" not in refusal("invalid_client").what_to_do[0]


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        (replace(BASIC, scope=""), "wants a scope"),
        (replace(BASIC, scope="openid a"), "Leave out openid"),
        (replace(BASIC, scope="a,b"), "comma"),
        (replace(BASIC, scope="a b"), "allowed for this client"),
        (replace(PINGONE, scope="p1:read:users"), "worker application"),
        (
            replace(
                BASIC,
                scope="api",
                token_endpoint="https://login.microsoftonline.com/contoso.example/oauth2/v2.0/token",
            ),
            "/.default",
        ),
    ],
)
def test_a_refused_scope_is_explained_by_what_was_asked_for(profile: Profile, words: str) -> None:
    advice = refusal("invalid_scope", profile, status=400)
    assert words in advice.what_to_do[0]
    assert (advice.field, advice.can_retry) == ("scope", False)


def test_pingone_scopes_belong_to_one_resource() -> None:
    assert any(
        "one resource" in text for text in refusal("invalid_scope", replace(PINGONE, scope="a b")).what_to_do
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"resources": ("https://a", "https://b")}, "resources"),
        ({"resources": ("https://a",)}, "resources"),
        ({"audience": "api"}, "audience"),
    ],
)
def test_G1_an_unknown_target_points_to_what_was_sent(changes: dict[str, Any], field: str) -> None:
    assert refusal("invalid_target", replace(BASIC, **changes)).field == field


def test_an_incomplete_request_points_to_what_was_left_out() -> None:
    assert refusal("invalid_request", POST).field == "audience"
    assert refusal("invalid_request", replace(POST, audience="api")).field == "scope"
    assert refusal("invalid_request", replace(POST, audience="api", scope="a")).field == "auth_method"
    assert any("Basic" in text for text in refusal("invalid_request", BASIC).what_to_do)


def test_a_denial_with_401_may_mean_the_credentials() -> None:
    assert any("secret again" in text for text in refusal("access_denied", POST, status=401).what_to_do)
    assert not any("secret again" in text for text in refusal("access_denied", POST, status=403).what_to_do)


@pytest.mark.parametrize(
    ("code", "status", "words"),
    [
        ("unauthorized", 401, "client secret again"),
        ("bad_credentials", 400, "client secret again"),
        ("locked", 401, "client secret again"),
        ("scope_invalid", 400, "scope allowed for this client"),
        ("unknown_audience", 400, "Have the API allowed"),
    ],
)
def test_a_code_of_the_servers_own_is_read_by_its_words(code: str, status: int, words: str) -> None:
    advice = refusal(code, replace(POST, scope="a", audience="b"), status=status)
    assert words in " ".join(advice.what_to_do)
    assert "not one of the OAuth standard's" in advice.reason


def test_a_code_without_words_of_ours_is_to_be_looked_up() -> None:
    assert "Look the code up" in refusal("quota", POST, status=400).what_to_do[0]
    assert "client secret" not in " ".join(refusal("quota", POST, status=400).what_to_do)
