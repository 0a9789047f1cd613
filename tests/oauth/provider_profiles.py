"""A complete profile of every provider, with real-looking hosts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ccflow_tui.models.problems import FieldProblem
from ccflow_tui.models.profile import Profile, Provider
from ccflow_tui.models.provider_forms import starting_values
from ccflow_tui.oauth.profile_check import check_profile
from ccflow_tui.oauth.providers import derive

ENVIRONMENT = "3f2a1b4c-0d5e-4f60-8a7b-9c0d1e2f3a4b"
INPUTS: dict[Provider, dict[str, str]] = {
    Provider.OKTA_ORG: {"domain": "dev-123456.okta.com"},
    Provider.OKTA_CUSTOM: {"domain": "dev-123456.okta.com", "server": "aus1a2b3c"},
    Provider.AUTH0: {"domain": "dev-tenant.eu.auth0.com"},
    Provider.ENTRA: {"tenant": "8f1c2d3e-4b5a-4c6d-8e7f-901a2b3c4d5e"},
    Provider.KEYCLOAK: {"base_url": "https://sso.example.com/auth", "realm": "my-realm"},
    Provider.COGNITO: {"domain": "my-app.auth.eu-west-1.amazoncognito.com", "pool": "eu-west-1_AbCdEf123"},
    Provider.HYDRA: {"base_url": "https://clever-fox-1a2b.projects.oryapis.com"},
}


def preset(provider: Provider, **changes: Any) -> Profile:
    """A complete profile of a provider, as the wizard makes it."""
    bare = Profile(provider=provider, provider_inputs=tuple(INPUTS.get(provider, {}).items()))
    if provider is Provider.PINGONE:
        bare = replace(bare, environment_id=ENVIRONMENT)
    start = {"client_id": "client-0001", "key_reference": "k.pem", **starting_values(bare), **changes}
    return derive(replace(bare, **start))


def findings(profile: Profile) -> tuple[FieldProblem, ...]:
    return check_profile(profile, secret_present=True)
