"""Presets: what follows from a provider's inputs, and which provider an address belongs to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccflow_tui.models.problems import Severity
from ccflow_tui.models.profile import (
    AssertionAudience,
    AuthMethod,
    EndpointMode,
    EndpointSource,
    Profile,
    Provider,
)
from ccflow_tui.models.provider_forms import OFFERED, PROVIDER_FORMS, inputs_of, starting_values
from ccflow_tui.oauth.providers import PRESETS, derive, is_uuid, preset_of, provider_of, recognise
from tests.oauth.provider_profiles import ENVIRONMENT, INPUTS, findings, preset

HOSTS = {
    "us": "pingone.com",
    "ca": "pingone.ca",
    "eu": "pingone.eu",
    "ap": "pingone.asia",
    "au": "pingone.com.au",
    "sg": "pingone.sg",
}
ADDRESSES = [
    (
        Provider.PINGONE,
        f"https://auth.pingone.com/{ENVIRONMENT}/as",
        f"https://auth.pingone.com/{ENVIRONMENT}/as/token",
    ),
    (Provider.OKTA_ORG, "https://dev-123456.okta.com", "https://dev-123456.okta.com/oauth2/v1/token"),
    (
        Provider.OKTA_CUSTOM,
        "https://dev-123456.okta.com/oauth2/aus1a2b3c",
        "https://dev-123456.okta.com/oauth2/aus1a2b3c/v1/token",
    ),
    (Provider.AUTH0, "https://dev-tenant.eu.auth0.com/", "https://dev-tenant.eu.auth0.com/oauth/token"),
    (
        Provider.ENTRA,
        "https://login.microsoftonline.com/8f1c2d3e-4b5a-4c6d-8e7f-901a2b3c4d5e/v2.0",
        "https://login.microsoftonline.com/8f1c2d3e-4b5a-4c6d-8e7f-901a2b3c4d5e/oauth2/v2.0/token",
    ),
    (
        Provider.KEYCLOAK,
        "https://sso.example.com/auth/realms/my-realm",
        "https://sso.example.com/auth/realms/my-realm/protocol/openid-connect/token",
    ),
    (
        Provider.COGNITO,
        "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123",
        "https://my-app.auth.eu-west-1.amazoncognito.com/oauth2/token",
    ),
    (
        Provider.HYDRA,
        "https://clever-fox-1a2b.projects.oryapis.com",
        "https://clever-fox-1a2b.projects.oryapis.com/oauth2/token",
    ),
]
EVERY_PROVIDER = pytest.mark.parametrize("provider", [row[0] for row in ADDRESSES])


def test_every_provider_has_a_row_and_is_offered_but_the_generic_one() -> None:
    assert set(PRESETS) == set(PROVIDER_FORMS) == set(Provider)
    assert [value for value, _ in OFFERED] == [p for p in Provider if p is not Provider.GENERIC]
    assert len({form.label for form in PROVIDER_FORMS.values()}) == len(Provider)


@pytest.mark.parametrize(("provider", "issuer", "token_endpoint"), ADDRESSES)
def test_every_address_follows_from_the_inputs(provider: Provider, issuer: str, token_endpoint: str) -> None:
    profile = preset(provider)
    assert (profile.issuer, profile.token_endpoint) == (issuer, token_endpoint)
    assert profile.endpoint_source is EndpointSource.DERIVED
    assert derive(profile) == profile
    assert provider_of(profile) is provider
    by_hand = Profile(endpoint_mode=EndpointMode.MANUAL, token_endpoint=token_endpoint)
    assert provider_of(by_hand) is provider
    assert preset_of(by_hand) is PRESETS[provider]


@EVERY_PROVIDER
def test_a_preset_starts_with_what_the_provider_documents(provider: Provider) -> None:
    profile, row = preset(provider), PRESETS[provider]
    assert not row.methods or profile.auth_method in row.methods
    signing = replace(profile, auth_method=AuthMethod.PRIVATE_KEY_JWT)
    assert not [finding for finding in findings(signing) if finding.field == "assertion_audience"]
    assert [f for f in findings(profile) if f.severity is Severity.ERROR] == []
    assert PROVIDER_FORMS[provider].docs.startswith("https://")


@EVERY_PROVIDER
def test_a_missing_input_is_named_and_leaves_no_stale_address(provider: Provider) -> None:
    profile = preset(provider)
    for item in inputs_of(profile):
        if item.default:
            continue
        changes: dict[str, Any] = {"environment_id": ""}
        if not item.own_attribute:
            rest = {key: value for key, value in profile.provider_inputs if key != item.key}
            changes = {"provider_inputs": tuple(rest.items())}
        bare = derive(replace(profile, **changes))
        assert (bare.issuer, bare.token_endpoint) == ("", "")
        assert bare.endpoint_source is EndpointSource.NONE
        first = findings(bare)[0]
        assert (first.field, first.severity) == (item.field, Severity.ERROR)
        assert first.problem == f"{item.label} is required."
        assert first.remedy


@pytest.mark.parametrize(
    ("provider", "key", "value"),
    [
        (Provider.OKTA_ORG, "domain", "okta"),
        (Provider.OKTA_ORG, "domain", "dev.okta.com/oauth2"),
        (Provider.OKTA_ORG, "domain", "u@dev.okta.com"),
        (Provider.OKTA_ORG, "domain", "dev.okta.com\\@evil.example"),
        (Provider.OKTA_ORG, "domain", "http://dev.okta.com"),
        (Provider.OKTA_CUSTOM, "server", "a/b"),
        (Provider.OKTA_CUSTOM, "server", ".."),
        (Provider.ENTRA, "tenant", "common"),
        (Provider.ENTRA, "tenant", "Organizations"),
        (Provider.ENTRA, "tenant", "a?b"),
        (Provider.KEYCLOAK, "base_url", "sso.example.com"),
        (Provider.KEYCLOAK, "base_url", "https://u:p@sso.example.com"),
        (Provider.KEYCLOAK, "base_url", "https://sso.example.com:99999"),
        (Provider.KEYCLOAK, "realm", "a/../b"),
        (Provider.KEYCLOAK, "realm", "{domain}"),
        (Provider.COGNITO, "pool", "AbCdEf123"),
        (Provider.HYDRA, "base_url", "https://h\x1b[2J"),
    ],
)
def test_C1_C2_an_input_cannot_lead_an_address_astray(provider: Provider, key: str, value: str) -> None:
    inputs = {**INPUTS[provider], key: value}
    profile = derive(replace(preset(provider), provider_inputs=tuple(inputs.items())))
    assert profile.token_endpoint == ""


@pytest.mark.parametrize("value", ["my host", "dev.okta.com/x", "common\x1b[2J"])
def test_an_input_that_does_not_fit_says_what_would(value: str) -> None:
    profile = derive(replace(preset(Provider.OKTA_ORG), provider_inputs=(("domain", value),)))
    finding = findings(profile)[0]
    assert (finding.field, finding.problem) == ("provider_inputs.domain", "Domain must be a host name.")
    assert "dev-123456.okta.com" in finding.remedy
    assert value not in str(finding)


def test_A8_plain_http_to_another_machine_is_told_at_the_input() -> None:
    inputs = {**INPUTS[Provider.KEYCLOAK], "base_url": "http://sso.example.com"}
    profile = derive(replace(preset(Provider.KEYCLOAK), provider_inputs=tuple(inputs.items())))
    finding = findings(profile)[0]
    assert (finding.field, finding.severity) == ("provider_inputs.base_url", Severity.ERROR)
    assert "in the clear" in finding.problem
    local = derive(replace(profile, provider_inputs=(("base_url", "http://127.0.0.1:8080"), ("realm", "r"))))
    assert local.token_endpoint == "http://127.0.0.1:8080/realms/r/protocol/openid-connect/token"
    assert findings(local)[0].severity is Severity.WARNING


def test_C5_the_slash_at_the_end_of_auth0s_issuer_is_kept() -> None:
    profile = preset(Provider.AUTH0, auth_method=AuthMethod.PRIVATE_KEY_JWT)
    assert profile.issuer == "https://dev-tenant.eu.auth0.com/"
    assert profile.assertion_audience == AssertionAudience.ISSUER


def test_an_input_may_be_pasted_with_scheme_and_slash() -> None:
    profile = derive(replace(preset(Provider.AUTH0), provider_inputs=(("domain", " https://t.auth0.com/ "),)))
    assert profile.token_endpoint == "https://t.auth0.com/oauth/token"
    base = derive(replace(preset(Provider.HYDRA), provider_inputs=(("base_url", "https://h.example/"),)))
    assert (base.issuer, base.token_endpoint) == ("https://h.example", "https://h.example/oauth2/token")


def test_an_input_with_a_default_may_stay_empty() -> None:
    okta = derive(replace(preset(Provider.OKTA_CUSTOM), provider_inputs=(("domain", "d.okta.com"),)))
    assert okta.token_endpoint == "https://d.okta.com/oauth2/default/v1/token"
    cloud = (("tenant", "contoso.example"), ("host", "login.microsoftonline.us"))
    entra = derive(replace(preset(Provider.ENTRA), provider_inputs=cloud))
    assert entra.token_endpoint == "https://login.microsoftonline.us/contoso.example/oauth2/v2.0/token"


@pytest.mark.parametrize("code", sorted(HOSTS))
def test_pingones_regions(code: str) -> None:
    profile = derive(Profile(environment_id=f" {ENVIRONMENT.upper()} ", region=code.upper()))
    assert profile.issuer == f"https://auth.{HOSTS[code]}/{ENVIRONMENT}/as"
    assert profile.token_endpoint == f"{profile.issuer}/token"
    assert profile.api_base == f"https://api.{HOSTS[code]}/v1/environments/{ENVIRONMENT}"
    assert (profile.environment_id, profile.region) == (ENVIRONMENT, code)


def test_pingones_first_region_has_two_codes() -> None:
    assert derive(Profile(environment_id=ENVIRONMENT, region="NA")).region == "us"


@pytest.mark.parametrize(("environment", "code"), [("", "us"), ("../evil", "us"), (ENVIRONMENT, "mars")])
def test_an_unusable_preset_leaves_no_stale_address(environment: str, code: str) -> None:
    before = derive(Profile(environment_id=ENVIRONMENT))
    after = derive(replace(before, environment_id=environment, region=code))
    assert (after.issuer, after.token_endpoint, after.api_base) == ("", "", "")
    assert after.endpoint_source is EndpointSource.NONE
    assert after.environment_id == environment


def test_an_unknown_region_names_the_known_ones() -> None:
    (finding,) = findings(preset(Provider.PINGONE, region="mars"))
    assert finding.field == "region"
    assert "us, ca, eu, ap, au, sg" in finding.remedy


def test_the_api_of_a_preset_that_derives_none_is_as_entered() -> None:
    profile = preset(Provider.AUTH0, api_base="https://api.example")
    assert profile.api_base == "https://api.example"
    assert derive(replace(profile, provider_inputs=())).api_base == "https://api.example"


@pytest.mark.parametrize("mode", [EndpointMode.ISSUER, EndpointMode.MANUAL])
def test_other_modes_stay_as_they_are(mode: EndpointMode) -> None:
    profile = Profile(
        endpoint_mode=mode, environment_id=ENVIRONMENT, token_endpoint="https://h.example/token"
    )
    assert derive(profile) is profile
    assert provider_of(profile) is Provider.GENERIC
    assert starting_values(profile) == {} and inputs_of(profile) == ()


def test_another_server_has_no_preset() -> None:
    profile = derive(Profile(provider=Provider.GENERIC, client_id="c", key_reference="k"))
    (finding,) = findings(profile)
    assert (finding.field, finding.severity) == ("endpoint_mode", Severity.ERROR)


RECOGNISED: list[tuple[str, Provider, dict[str, Any]]] = [
    (
        f"https://auth.pingone.eu/{ENVIRONMENT}/as/token",
        Provider.PINGONE,
        {"environment_id": ENVIRONMENT, "region": "eu"},
    ),
    (
        f" https://auth.pingone.com/{ENVIRONMENT.upper()}/as/.well-known/openid-configuration ",
        Provider.PINGONE,
        {"environment_id": ENVIRONMENT, "region": "us"},
    ),
    (
        f"https://api.pingone.com.au/v1/environments/{ENVIRONMENT}/users",
        Provider.PINGONE,
        {"environment_id": ENVIRONMENT, "region": "au"},
    ),
    (
        f"https://console.pingone.asia/index.html?env={ENVIRONMENT}#home",
        Provider.PINGONE,
        {"environment_id": ENVIRONMENT, "region": "ap"},
    ),
    ("https://acme.okta.com/oauth2/v1/token", Provider.OKTA_ORG, {"domain": "acme.okta.com"}),
    (
        "https://acme.oktapreview.com/.well-known/openid-configuration",
        Provider.OKTA_ORG,
        {"domain": "acme.oktapreview.com"},
    ),
    (
        "https://acme.okta.com/oauth2/default",
        Provider.OKTA_CUSTOM,
        {"domain": "acme.okta.com", "server": "default"},
    ),
    (
        "https://acme.okta.com/oauth2/aus1Bc/v1/token",
        Provider.OKTA_CUSTOM,
        {"domain": "acme.okta.com", "server": "aus1Bc"},
    ),
    ("https://acme.eu.auth0.com/oauth/token", Provider.AUTH0, {"domain": "acme.eu.auth0.com"}),
    ("https://acme.us.auth0.com", Provider.AUTH0, {"domain": "acme.us.auth0.com"}),
    (
        "https://login.microsoftonline.com/contoso.onmicrosoft.com/v2.0/.well-known/openid-configuration",
        Provider.ENTRA,
        {"tenant": "contoso.onmicrosoft.com", "host": "login.microsoftonline.com"},
    ),
    (
        "https://sso.example.com/realms/Dev/.well-known/openid-configuration",
        Provider.KEYCLOAK,
        {"base_url": "https://sso.example.com", "realm": "Dev"},
    ),
    (
        "https://sso.example.com/auth/admin/dev/console/#/dev/clients",
        Provider.KEYCLOAK,
        {"base_url": "https://sso.example.com/auth", "realm": "dev"},
    ),
    (
        "https://shop.auth.us-east-1.amazoncognito.com/oauth2/token",
        Provider.COGNITO,
        {"domain": "shop.auth.us-east-1.amazoncognito.com"},
    ),
    (
        "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Ab1/.well-known/openid-configuration",
        Provider.COGNITO,
        {"pool": "us-east-1_Ab1"},
    ),
    (
        "https://slug-1.projects.oryapis.com/oauth2/token",
        Provider.HYDRA,
        {"base_url": "https://slug-1.projects.oryapis.com"},
    ),
]


@pytest.mark.parametrize(("text", "provider", "inputs"), RECOGNISED)
def test_a_pasted_address_gives_provider_and_inputs(
    text: str, provider: Provider, inputs: dict[str, Any]
) -> None:
    found = dict(recognise(text, Profile()))
    assert found.pop("provider") is provider
    assert (found if provider is Provider.PINGONE else dict(found["provider_inputs"])) == inputs


def test_an_address_with_some_of_the_inputs_leaves_the_others() -> None:
    profile = Profile(provider=Provider.COGNITO, provider_inputs=(("pool", "us-east-1_Ab1"),))
    found = recognise("https://a.auth.us-east-1.amazoncognito.com/", profile)
    assert dict(found["provider_inputs"]) == {
        "pool": "us-east-1_Ab1",
        "domain": "a.auth.us-east-1.amazoncognito.com",
    }
    other = recognise("https://a.eu.auth0.com/", profile)
    assert other["provider_inputs"] == (("domain", "a.eu.auth0.com"),)


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
        "dev-123456.okta.com",
        "https://dev-123456.okta.com",  # of either kind of server
        "https://developer.okta.com/oauth2/v1/token",
        "https://dev.okta.com.evil.example/oauth2/v1/token",
        "https://manage.auth0.com/",
        "https://login.microsoftonline.com/common/oauth2/v2.0/token",
        "https://u:p@sso.example.com/realms/dev",
        "https://as.example/token",
        "https://sso.example.com/realms/" + "a" * 3000,
    ],
)
def test_other_addresses_are_nobodys(text: str) -> None:
    assert recognise(text, Profile()) == {}


@given(st.uuids())
def test_every_uuid_is_one(value: object) -> None:
    assert is_uuid(str(value))
    assert not is_uuid(f"{value}0")


@given(st.text(), st.sampled_from(list(Provider)))
def test_C2_any_text_is_safe_in_every_place(text: str, provider: Provider) -> None:
    recognise(text, Profile(provider=provider))
    keys = [item.key for item in PROVIDER_FORMS[provider].inputs]
    profile = Profile(provider=provider, environment_id=text, region=text, client_id="client-01")
    derived = derive(replace(profile, provider_inputs=tuple((key, text) for key in keys)))
    for finding in findings(derived):
        assert finding.remedy or finding.severity is Severity.WARNING
