"""E7: no credential goes to a token endpoint away from its issuer before somebody confirmed it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ccflow_tui.models.discovery import ServerMetadata, with_metadata
from ccflow_tui.models.problems import InputProblem, Severity
from ccflow_tui.models.profile import AuthMethod, EndpointConsent, EndpointMode, EndpointSource, Profile
from ccflow_tui.oauth.endpoint_consent import refuse_unconfirmed, unconfirmed_origin
from ccflow_tui.oauth.profile_check import check_profile
from ccflow_tui.oauth.url_validation import lone_origin

ISSUER, ELSEWHERE = "https://login.example", "https://tokens.example"
FOUND = Profile(
    endpoint_mode=EndpointMode.ISSUER,
    issuer=ISSUER,
    token_endpoint=f"{ELSEWHERE}/oauth/token",
    endpoint_source=EndpointSource.DISCOVERED,
    client_id="client-one",
    auth_method=AuthMethod.CLIENT_SECRET_BASIC,
)


def allowing(origin: str, issuer: str = ISSUER) -> Profile:
    return replace(FOUND, endpoint_consent=EndpointConsent(issuer, origin))


def test_E7_an_endpoint_elsewhere_is_unconfirmed_until_allowed() -> None:
    assert unconfirmed_origin(FOUND) == ELSEWHERE
    assert unconfirmed_origin(allowing(ELSEWHERE)) == ""
    assert unconfirmed_origin(allowing("https://TOKENS.example:443/")) == ""


@pytest.mark.parametrize(
    "profile",
    [
        pytest.param(allowing(ELSEWHERE, "https://other.example"), id="for another issuer"),
        pytest.param(allowing(ELSEWHERE, ""), id="for no issuer"),
        pytest.param(allowing("https://third.example"), id="another host"),
        pytest.param(allowing("https://tokens.example:8443"), id="another port"),
        pytest.param(allowing("http://tokens.example"), id="another scheme"),
        pytest.param(allowing("https://sub.tokens.example"), id="a subdomain"),
        pytest.param(allowing(f"{ELSEWHERE}/oauth"), id="more than an origin"),
        pytest.param(allowing("tokens.example"), id="no origin"),
    ],
)
def test_E7_a_consent_for_anything_else_does_not_count(profile: Profile) -> None:
    assert unconfirmed_origin(profile) == ELSEWHERE


@pytest.mark.parametrize(
    "profile",
    [
        replace(FOUND, token_endpoint=f"{ISSUER}/token"),
        replace(FOUND, token_endpoint=""),
        replace(FOUND, endpoint_mode=EndpointMode.MANUAL, endpoint_source=EndpointSource.TYPED),
        replace(FOUND, endpoint_mode=EndpointMode.PRESET, endpoint_source=EndpointSource.DERIVED),
        Profile(),
    ],
)
def test_E7_what_nobody_else_chose_needs_no_consent(profile: Profile) -> None:
    assert unconfirmed_origin(profile) == ""
    refuse_unconfirmed(profile)


def test_E7_the_refusal_names_both_hosts_and_every_way_out() -> None:
    with pytest.raises(InputProblem) as caught:
        refuse_unconfirmed(FOUND)
    assert caught.value.finding.field == "token_endpoint"
    for text in (ISSUER, f"--allow-endpoint {ELSEWHERE}", f"CCFLOW_ALLOW_ENDPOINT={ELSEWHERE}"):
        assert text in str(caught.value)
    assert "allowEndpoint" in caught.value.finding.remedy


@pytest.mark.parametrize(
    ("given", "said"),
    [("https://third.example", "Allowed is https://third.example."), ("third", "is allowed is no origin")],
)
def test_E7_the_refusal_tells_what_is_allowed_instead(given: str, said: str) -> None:
    with pytest.raises(InputProblem, match=said):
        refuse_unconfirmed(allowing(given))


def test_E7_the_warning_stands_until_the_endpoint_is_confirmed() -> None:
    (finding,) = check_profile(FOUND, secret_present=True)
    assert (finding.field, finding.severity) == ("token_endpoint", Severity.WARNING)
    assert check_profile(allowing(ELSEWHERE), secret_present=True) == ()


def test_E7_a_consent_follows_the_issuer_from_the_address_of_its_metadata() -> None:
    address = f"{ISSUER}/.well-known/openid-configuration"
    metadata = ServerMetadata(issuer=ISSUER, token_endpoint=FOUND.token_endpoint)
    asked = replace(allowing(ELSEWHERE, address), issuer=address, token_endpoint="")
    assert unconfirmed_origin(with_metadata(asked, metadata)) == ""
    other = replace(allowing(ELSEWHERE, "https://other.example"), issuer=address, token_endpoint="")
    assert unconfirmed_origin(with_metadata(other, metadata)) == ELSEWHERE


@pytest.mark.parametrize(
    "text", ["", "x", "https://h/a", "https://h?a", "https://h#a", "ftp://h", "https://u@h"]
)
def test_a_lone_origin_is_nothing_more(text: str) -> None:
    assert lone_origin(text) == ""
