"""Providers as a person chooses them: names, what each one asks for, and what it starts from.

What follows from the inputs, and each provider's quirks, stand in ``oauth/presets.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ccflow_tui.models.profile import AssertionAudience, AuthMethod, EndpointMode, Profile, Provider
from ccflow_tui.models.provider import ProviderForm, ProviderInput

_OKTA_KEYS = "in Okta's Admin Console: the application, General, Client Credentials, Public keys"
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = rf"{_LABEL}(?:\.{_LABEL}){{1,9}}"
_SEGMENT = r"(?!\.{1,2}$)[A-Za-z0-9._~-]{1,128}"
_NOT_A_SEGMENT = "It has letters, digits, dot, hyphen, underscore and tilde only."


def _domain(placeholder: str, where: str) -> ProviderInput:
    return ProviderInput(
        key="domain",
        label="Domain",
        pattern=f"(?:https://)?(?P<domain>{_HOST})",
        problem="Domain must be a host name.",
        remedy=f"It looks like {placeholder}; leave out any path.",
        placeholder=placeholder,
        where=where,
        is_address=True,
    )


def _base_url(placeholder: str, where: str) -> ProviderInput:
    return ProviderInput(
        key="base_url",
        label="Base URL",
        pattern=r"(?P<base_url>https?://[^\s\\/?#@]+(?:/[^\s\\?#@]*)?)",
        problem="Base URL must be a full address.",
        remedy=f"It looks like {placeholder}, without query.",
        placeholder=placeholder,
        where=where,
        is_address=True,
    )


PROVIDER_FORMS: Mapping[Provider, ProviderForm] = MappingProxyType(
    {
        Provider.PINGONE: ProviderForm(
            "PingOne",
            "Worker applications have their rights from roles and ask for no scope.",
            (
                ProviderInput(
                    key="environment_id",
                    label="Environment ID",
                    pattern="(?P<environment_id>[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})",
                    problem="Environment ID must be a UUID.",
                    remedy="It looks like 3f2a1b4c-0d5e-4f60-8a7b-9c0d1e2f3a4b; copy it whole from PingOne.",
                    placeholder="a UUID, or paste any PingOne URL",
                    where="Copy it from the environment's properties in PingOne, or paste any address of the "
                    "environment.",
                    own_attribute=True,
                ),
                ProviderInput(
                    key="region",
                    label="Region",
                    pattern="(?P<region>us|ca|eu|ap|au|sg)",
                    problem="This is not a PingOne region.",
                    remedy="Choose one of us, ca, eu, ap, au, sg.",
                    default="us",
                    choices=(
                        ("us", "United States"),
                        ("eu", "Europe"),
                        ("ca", "Canada"),
                        ("ap", "Asia Pacific"),
                        ("au", "Australia"),
                        ("sg", "Singapore"),
                    ),
                    aliases=(("na", "us"),),
                    own_attribute=True,
                ),
            ),
            derives_api=True,
            key_place="in PingOne: the application, Configuration, JWKS",
            docs="https://developer.pingidentity.com/pingone-api/auth/auth-config-options/"
            "create-a-private-key-jwt.html",
        ),
        Provider.OKTA_ORG: ProviderForm(
            "Okta (org server)",
            "Grants okta.* scopes for Okta's own API to API Services apps, by private_key_jwt and with DPoP, "
            "unless that is switched off for the app.",
            (_domain("dev-123456.okta.com", "It is the address of your Okta organisation."),),
            MappingProxyType({"dpop": True}),
            key_place=_OKTA_KEYS,
            docs="https://developer.okta.com/docs/guides/implement-oauth-for-okta-serviceapp/main/",
        ),
        Provider.OKTA_CUSTOM: ProviderForm(
            "Okta (custom server)",
            "For your own APIs: their scopes are defined at this authorization server, and one must be asked "
            "for.",
            (
                _domain("dev-123456.okta.com", "It is the address of your Okta organisation."),
                ProviderInput(
                    key="server",
                    label="Server ID",
                    pattern=f"(?P<server>{_SEGMENT})",
                    problem="Server ID must be the ID of an authorization server.",
                    remedy=_NOT_A_SEGMENT,
                    placeholder="default",
                    default="default",
                ),
            ),
            key_place=_OKTA_KEYS,
            docs="https://developer.okta.com/docs/guides/implement-grant-type/clientcreds/main/",
        ),
        Provider.AUTH0: ProviderForm(
            "Auth0",
            "Ask for the audience: the identifier of an API that this application is authorized for.",
            (_domain("my-tenant.eu.auth0.com", "Copy it from the application's settings in Auth0."),),
            MappingProxyType(
                {
                    "auth_method": AuthMethod.CLIENT_SECRET_POST,
                    "assertion_audience": AssertionAudience.ISSUER,
                }
            ),
            key_place="in Auth0's dashboard: the application, Credentials",
            docs="https://auth0.com/docs/get-started/applications/configure-private-key-jwt",
        ),
        Provider.ENTRA: ProviderForm(
            "Microsoft Entra ID",
            "Ask for one scope: the API's identifier followed by /.default. A key must be a certificate's.",
            (
                ProviderInput(
                    key="tenant",
                    label="Tenant",
                    pattern=rf"(?!(?i:common|organizations|consumers)$)(?P<tenant>{_SEGMENT})",
                    problem="Tenant must be the ID or domain of one tenant; common is for people.",
                    remedy="Copy the Directory (tenant) ID from the application's overview in Entra.",
                    placeholder="a UUID, or contoso.onmicrosoft.com",
                    where="Copy the Directory (tenant) ID from the application's overview in Entra.",
                ),
                ProviderInput(
                    key="host",
                    label="Sign-in host",
                    pattern=f"(?:https://)?(?P<host>{_HOST})",
                    problem="Sign-in host must be a host name.",
                    remedy="Leave it empty, unless your tenant is in a national cloud.",
                    placeholder="login.microsoftonline.com",
                    default="login.microsoftonline.com",
                    is_address=True,
                ),
            ),
            MappingProxyType(
                {
                    "auth_method": AuthMethod.CLIENT_SECRET_POST,
                    "assertion_alg": "PS256",
                    "assertion_audience": AssertionAudience.TOKEN_ENDPOINT,
                }
            ),
            key_place="in Entra: the app registration, Certificates & secrets, Certificates",
            docs="https://learn.microsoft.com/entra/identity-platform/certificate-credentials",
        ),
        Provider.KEYCLOAK: ProviderForm(
            "Keycloak",
            "The client needs service account roles switched on; mappers decide about the audience.",
            (
                _base_url(
                    "https://keycloak.example.com",
                    "It is what stands before /realms/ in any address of the server.",
                ),
                ProviderInput(
                    key="realm",
                    label="Realm",
                    pattern=f"(?P<realm>{_SEGMENT})",
                    problem="Realm must be the name of a realm.",
                    remedy=_NOT_A_SEGMENT,
                    placeholder="my-realm",
                    where="It is what stands after /realms/ in any address of the server.",
                ),
            ),
            MappingProxyType({"assertion_audience": AssertionAudience.ISSUER}),
            key_place="in Keycloak: the client, Keys (JWKS URL or import)",
            docs="https://www.keycloak.org/docs/latest/server_admin/",
        ),
        Provider.COGNITO: ProviderForm(
            "Amazon Cognito",
            "The app client needs a secret; scopes are written resource-server/scope.",
            (
                _domain(
                    "my-app.auth.eu-west-1.amazoncognito.com",
                    "Copy the domain from the user pool's branding page.",
                ),
                ProviderInput(
                    key="pool",
                    label="User pool ID",
                    pattern=r"(?P<pool>(?P<aws_region>[a-z]{2}(?:-[a-z]+)+-\d{1,2})_[A-Za-z0-9]{1,60})",
                    problem="User pool ID must begin with its AWS region.",
                    remedy="It looks like eu-west-1_AbCdEf123.",
                    placeholder="eu-west-1_AbCdEf123",
                    where="Copy it from the user pool's overview.",
                ),
            ),
            MappingProxyType({"auth_method": AuthMethod.CLIENT_SECRET_BASIC}),
            docs="https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html",
        ),
        Provider.HYDRA: ProviderForm(
            "Ory Hydra",
            "Audiences must be on the client's own list; several are separated by spaces.",
            (
                _base_url(
                    "https://my-project.projects.oryapis.com",
                    "It is the server's public address, which is its issuer, too.",
                ),
            ),
            MappingProxyType(
                {
                    "auth_method": AuthMethod.CLIENT_SECRET_BASIC,
                    "assertion_audience": AssertionAudience.TOKEN_ENDPOINT,
                }
            ),
            key_place="at the client: jwks or jwks_uri",
            docs="https://www.ory.sh/docs/hydra/",
        ),
        Provider.GENERIC: ProviderForm("Another server"),
    }
)

OFFERED: tuple[tuple[str, str], ...] = tuple(
    (provider.value, form.label) for provider, form in PROVIDER_FORMS.items() if form.inputs
)
"""Values and labels of the choice; another server is found by its issuer or by hand instead."""


def inputs_of(profile: Profile) -> tuple[ProviderInput, ...]:
    """Return what the profile's preset asks for; nothing in the other endpoint modes."""
    is_preset = profile.endpoint_mode is EndpointMode.PRESET
    return PROVIDER_FORMS[profile.provider].inputs if is_preset else ()


def place_of(profile: Profile) -> tuple[str, str]:
    """Return environment and region for the status bar; other providers have their short name there."""
    if profile.endpoint_mode is EndpointMode.PRESET and profile.provider is not Provider.PINGONE:
        return "", profile.provider.value.replace("_", " ")
    return profile.environment_id, profile.region if profile.environment_id else ""


def derives_api(profile: Profile) -> bool:
    """Whether the profile's API address follows from its preset, rather than being entered."""
    is_preset = profile.endpoint_mode is EndpointMode.PRESET
    return is_preset and PROVIDER_FORMS[profile.provider].derives_api


def starting_values(profile: Profile) -> Mapping[str, Any]:
    """Return the attributes whose default is the provider's and not that of ``Profile``."""
    is_preset = profile.endpoint_mode is EndpointMode.PRESET
    return PROVIDER_FORMS[profile.provider].starts_from if is_preset else {}
