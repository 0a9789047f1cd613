from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import EndpointMode, EndpointSource, Profile
from ccflow_tui.oauth.providers import PINGONE_REGIONS, derive, is_uuid, recognise_pingone_url, region

ENVIRONMENT = "3f2a1b4c-0d5e-4f60-8a7b-9c0d1e2f3a4b"
HOSTS = {
    "us": "pingone.com",
    "ca": "pingone.ca",
    "eu": "pingone.eu",
    "ap": "pingone.asia",
    "au": "pingone.com.au",
    "sg": "pingone.sg",
}


def test_the_six_regions() -> None:
    assert {r.code: r.auth_host for r in PINGONE_REGIONS} == {c: f"auth.{h}" for c, h in HOSTS.items()}
    assert {r.code: r.api_host for r in PINGONE_REGIONS} == {c: f"api.{h}" for c, h in HOSTS.items()}
    assert len({r.label for r in PINGONE_REGIONS}) == 6


@pytest.mark.parametrize(("typed", "code"), [("us", "us"), ("na", "us"), (" EU ", "eu")])
def test_a_region_is_found_by_its_code_or_alias(typed: str, code: str) -> None:
    assert region(typed).code == code


def test_an_unknown_region_names_the_known_ones() -> None:
    with pytest.raises(InputProblem) as caught:
        region("mars")
    assert caught.value.finding.field == "region"
    assert "us, ca, eu, ap, au, sg" in caught.value.finding.remedy


@pytest.mark.parametrize("code", sorted(HOSTS))
def test_every_address_follows_environment_and_region(code: str) -> None:
    profile = derive(Profile(environment_id=f" {ENVIRONMENT.upper()} ", region=code))
    assert profile.issuer == f"https://auth.{HOSTS[code]}/{ENVIRONMENT}/as"
    assert profile.token_endpoint == f"{profile.issuer}/token"
    assert profile.api_base == f"https://api.{HOSTS[code]}/v1/environments/{ENVIRONMENT}"
    assert profile.endpoint_source is EndpointSource.DERIVED
    assert derive(profile) == profile


@pytest.mark.parametrize(("environment", "code"), [("", "us"), ("../evil", "us"), (ENVIRONMENT, "mars")])
def test_an_unusable_preset_leaves_no_stale_address(environment: str, code: str) -> None:
    before = derive(Profile(environment_id=ENVIRONMENT))
    after = derive(replace(before, environment_id=environment, region=code))
    assert (after.issuer, after.token_endpoint, after.api_base) == ("", "", "")
    assert after.endpoint_source is EndpointSource.NONE
    assert after.environment_id == environment


@pytest.mark.parametrize("mode", [EndpointMode.ISSUER, EndpointMode.MANUAL])
def test_other_modes_stay_as_they_are(mode: EndpointMode) -> None:
    profile = Profile(
        endpoint_mode=mode, environment_id=ENVIRONMENT, token_endpoint="https://h.example/token"
    )
    assert derive(profile) is profile


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"https://auth.pingone.eu/{ENVIRONMENT}/as/token", "eu"),
        (f" https://auth.pingone.com/{ENVIRONMENT.upper()}/as/.well-known/openid-configuration ", "us"),
        (f"https://api.pingone.com.au/v1/environments/{ENVIRONMENT}/users", "au"),
        (f"https://console.pingone.asia/index.html?env={ENVIRONMENT}#home", "ap"),
    ],
)
def test_a_pasted_address_gives_environment_and_region(text: str, code: str) -> None:
    assert recognise_pingone_url(text) == (ENVIRONMENT, code)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ENVIRONMENT,
        "https://auth.pingone.com/",
        f"http://auth.pingone.com/{ENVIRONMENT}/as",
        f"https://auth.pingone.com.evil.example/{ENVIRONMENT}/as",
        f"https://evilauth.pingone.com/{ENVIRONMENT}/as",
        f"https://auth.pingone.com@evil.example/{ENVIRONMENT}/as",
        "https://[broken/",
    ],
)
def test_other_addresses_are_not_taken_for_pingone(text: str) -> None:
    assert recognise_pingone_url(text) is None


@given(st.uuids())
def test_every_uuid_is_one(value: object) -> None:
    assert is_uuid(str(value))
    assert not is_uuid(f"{value}0")


@given(st.text())
def test_recognising_never_raises(text: str) -> None:
    recognise_pingone_url(text)
    derive(Profile(environment_id=text, region=text))
