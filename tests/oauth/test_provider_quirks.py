"""Presets: each provider's quirks, told as warnings before and as hints after a refusal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ccflow_tui.models.outcome import Phase
from ccflow_tui.models.problems import Severity
from ccflow_tui.models.profile import AuthMethod, EndpointMode, EndpointSource, Provider
from ccflow_tui.models.provider_forms import PROVIDER_FORMS
from ccflow_tui.oauth.endpoint_consent import unconfirmed_origin
from tests.oauth.failures import network, refusal
from tests.oauth.provider_profiles import findings, preset

QUIRKS: list[tuple[Provider, dict[str, Any], str, str]] = [
    (Provider.PINGONE, {"scope": "p1:read:users"}, "scope", "roles"),
    (Provider.PINGONE, {"client_id": "short"}, "client_id", "PingOne client ID"),
    (Provider.OKTA_ORG, {}, "scope", "wants a scope"),
    (Provider.OKTA_ORG, {"scope": "okta.users.read", "dpop": False}, "dpop", "DPoP switched on"),
    (Provider.OKTA_ORG, {"scope": "okta.users.read api"}, "scope", "okta.* scopes only"),
    (
        Provider.OKTA_ORG,
        {"scope": "okta.users.read", "auth_method": AuthMethod.CLIENT_SECRET_BASIC},
        "auth_method",
        "does not take client_secret_basic",
    ),
    (Provider.OKTA_CUSTOM, {}, "scope", "want a scope"),
    (Provider.OKTA_CUSTOM, {"scope": "okta.users.read"}, "scope", "org server only"),
    (Provider.AUTH0, {}, "audience", "named by its audience"),
    (Provider.AUTH0, {"audience": "a", "resources": ("https://a",)}, "resources", "goes by the audience"),
    (
        Provider.AUTH0,
        {"audience": "a", "auth_method": AuthMethod.PRIVATE_KEY_JWT, "assertion_audience": "auto"},
        "assertion_audience",
        "addressed to its issuer",
    ),
    (Provider.ENTRA, {}, "scope", "/.default"),
    (Provider.ENTRA, {"scope": "api://a/.default api://b/.default"}, "scope", "one scope"),
    (Provider.ENTRA, {"scope": "api://a/.default", "audience": "b"}, "audience", "no effect"),
    (
        Provider.ENTRA,
        {"scope": "api://a/.default", "auth_method": AuthMethod.PRIVATE_KEY_JWT},
        "assertion_certificate",
        "x5t#S256",
    ),
    (
        Provider.ENTRA,
        {"scope": "api://a/.default", "auth_method": AuthMethod.CLIENT_SECRET_BASIC},
        "auth_method",
        "does not take",
    ),
    (Provider.KEYCLOAK, {"resources": ("https://a",)}, "resources", "does not go by"),
    (Provider.COGNITO, {"scope": "read"}, "scope", "resource-server/scope"),
    (Provider.COGNITO, {"auth_method": AuthMethod.PRIVATE_KEY_JWT}, "auth_method", "does not take"),
    (Provider.HYDRA, {"resources": ("https://a",)}, "resources", "does not go by"),
    (
        Provider.HYDRA,
        {"auth_method": AuthMethod.PRIVATE_KEY_JWT, "assertion_audience": "issuer"},
        "assertion_audience",
        "addressed to its token endpoint",
    ),
]


@pytest.mark.parametrize(("provider", "changes", "field", "words"), QUIRKS)
def test_a_quirk_is_a_warning_at_its_field(
    provider: Provider, changes: dict[str, Any], field: str, words: str
) -> None:
    (finding,) = findings(preset(provider, **changes))
    assert (finding.field, finding.severity) == (field, Severity.WARNING)
    assert words in finding.problem
    assert finding.remedy


GOOD: list[tuple[Provider, dict[str, Any]]] = [
    (Provider.PINGONE, {}),
    (Provider.OKTA_ORG, {"scope": "okta.users.read okta.groups.read"}),
    (Provider.OKTA_CUSTOM, {"scope": "read"}),
    (Provider.AUTH0, {"audience": "https://api.example"}),
    (Provider.ENTRA, {"scope": "https://graph.microsoft.com/.default"}),
    (Provider.KEYCLOAK, {"scope": "read"}),
    (Provider.COGNITO, {"scope": "https://api.example/read orders/write"}),
    (Provider.HYDRA, {"audience": "https://a https://b"}),
]


@pytest.mark.parametrize(("provider", "changes"), GOOD)
def test_a_profile_as_documented_has_no_finding(provider: Provider, changes: dict[str, Any]) -> None:
    assert findings(preset(provider, **changes)) == ()


def test_E7_a_token_endpoint_of_cognito_elsewhere_is_expected() -> None:
    profile = replace(
        preset(Provider.COGNITO),
        endpoint_mode=EndpointMode.ISSUER,
        endpoint_source=EndpointSource.DISCOVERED,
    )
    (finding,) = findings(profile)
    assert "another host than the issuer" in finding.problem
    assert "expected" in finding.remedy


def test_E7_what_follows_from_a_presets_inputs_needs_no_confirmation() -> None:
    discovered = replace(preset(Provider.COGNITO), endpoint_source=EndpointSource.DISCOVERED)
    assert unconfirmed_origin(discovered) == ""
    assert findings(discovered) == ()
    stranger = replace(discovered, token_endpoint="https://evil.example/oauth2/token")
    assert unconfirmed_origin(stranger) == "https://evil.example"


HINTS: list[tuple[Provider, str, dict[str, Any], str]] = [
    (Provider.PINGONE, "invalid_scope", {"scope": "p1:read:users"}, "worker application"),
    (Provider.OKTA_ORG, "invalid_scope", {"scope": "okta.users.read"}, "Okta API Scopes"),
    (Provider.OKTA_ORG, "invalid_dpop_proof", {"scope": "okta.users.read"}, "Proof of possession"),
    (Provider.OKTA_CUSTOM, "access_denied", {"scope": "a"}, "Access Policies"),
    (Provider.AUTH0, "access_denied", {"audience": "a"}, "Machine to Machine"),
    (Provider.ENTRA, "invalid_scope", {"scope": "read"}, "/.default"),
    (Provider.KEYCLOAK, "unauthorized_client", {}, "Service account roles"),
    (Provider.COGNITO, "invalid_scope", {"scope": "a/b"}, "app client"),
    (Provider.HYDRA, "invalid_request", {"audience": "a"}, "audience list"),
]


@pytest.mark.parametrize(("provider", "code", "changes", "words"), HINTS)
def test_a_refusal_is_explained_in_the_providers_own_terms(
    provider: Provider, code: str, changes: dict[str, Any], words: str
) -> None:
    advice = refusal(code, preset(provider, **changes), status=400)
    assert any(words in remedy for remedy in advice.what_to_do[:2])
    assert ("Documentation", PROVIDER_FORMS[provider].docs) in advice.details


@pytest.mark.parametrize("provider", [p for p in Provider if PROVIDER_FORMS[p].key_place])
def test_where_a_public_key_is_registered_is_said(provider: Provider) -> None:
    profile = preset(provider, auth_method=AuthMethod.PRIVATE_KEY_JWT)
    told = " ".join(refusal("invalid_client", profile).what_to_do)
    assert f"registered at the server ({PROVIDER_FORMS[provider].key_place})" in told


def test_a_hint_needs_the_scope_it_is_about() -> None:
    told = refusal("invalid_scope", preset(Provider.ENTRA, scope="api://a/.default"), status=400).what_to_do
    assert not any("/.default" in remedy for remedy in told)


def test_a_host_that_was_entered_may_be_misspelt() -> None:
    def first(provider: Provider) -> str:
        return network("name-not-found", Phase.DNS, preset(provider)).what_to_do[0]

    assert "network connection" in first(Provider.PINGONE)
    assert "network connection" in first(Provider.ENTRA)
    assert "network connection" not in first(Provider.AUTH0)
