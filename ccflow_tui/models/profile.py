"""A profile: everything a token request is made from, secrets excepted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AuthMethod(StrEnum):
    """Client authentication methods by their registered names (RFC 7591, section 2)."""

    PRIVATE_KEY_JWT = "private_key_jwt"
    CLIENT_SECRET_BASIC = "client_secret_basic"  # noqa: S105 - the registered name, not a secret
    CLIENT_SECRET_POST = "client_secret_post"  # noqa: S105

    @property
    def uses_secret(self) -> bool:
        """Whether the method authenticates with a shared client secret."""
        return self is not AuthMethod.PRIVATE_KEY_JWT


class EndpointMode(StrEnum):
    """How the token endpoint is found."""

    PRESET = "preset"
    """From what a provider's preset asks for: an environment and its region, a domain, a tenant."""
    ISSUER = "issuer"
    """By discovery from an issuer (RFC 8414, OpenID Connect Discovery)."""
    MANUAL = "manual"
    """Typed by hand."""


class Provider(StrEnum):
    """Whose server a preset is for; ``models/provider_forms.py`` says what each asks for."""

    PINGONE = "pingone"
    OKTA_ORG = "okta_org"
    OKTA_CUSTOM = "okta_custom"
    AUTH0 = "auth0"
    ENTRA = "entra"
    KEYCLOAK = "keycloak"
    COGNITO = "cognito"
    HYDRA = "hydra"
    GENERIC = "generic"
    """Any other: found by its issuer, or by hand."""


class EndpointSource(StrEnum):
    """Where the token endpoint in use came from, shown beside it."""

    NONE = ""
    DERIVED = "derived"
    DISCOVERED = "discovered"
    TYPED = "typed"


class BasicEncoding(StrEnum):
    """How id and secret enter the Basic header."""

    STANDARD = "standard"
    """Percent-encoded first (RFC 6749, section 2.3.1)."""
    RAW = "raw"
    """As they are, for servers that do not decode."""


class AssertionAudience(StrEnum):
    """What the client assertion's ``aud`` is; any other value of the field stands for itself."""

    AUTO = "auto"
    """The verified issuer where discovery gave one, else the token endpoint."""
    ISSUER = "issuer"
    TOKEN_ENDPOINT = "token_endpoint"  # noqa: S105


@dataclass(frozen=True, slots=True)
class MutualTls:
    """A client certificate to present during the TLS handshake (RFC 8705)."""

    enabled: bool = False
    cert_ref: str = ""
    """Path of a PEM certificate chain."""
    key_ref: str = ""
    """Path of its PEM private key; empty when the certificate file holds it."""


@dataclass(frozen=True, slots=True)
class EndpointConsent:
    """The user's word that an issuer may name a token endpoint on another origin."""

    issuer: str = ""
    """Whose metadata it is about; the consent is void for any other issuer."""
    origin: str = ""
    """Scheme, host and port of the token endpoint (RFC 6454)."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The configuration of one client at one authorization server; holds no secret."""

    name: str = "default"
    endpoint_mode: EndpointMode = EndpointMode.PRESET
    provider: Provider = Provider.PINGONE
    environment_id: str = ""
    """PingOne environment (a UUID)."""
    region: str = "us"
    """PingOne region."""
    provider_inputs: tuple[tuple[str, str], ...] = ()
    """What the other providers' presets ask for: names and values, as typed."""
    issuer: str = ""
    """Issuer identifier; verified only when ``endpoint_source`` is ``DISCOVERED``."""
    token_endpoint: str = ""
    endpoint_source: EndpointSource = EndpointSource.NONE
    endpoint_consent: EndpointConsent = EndpointConsent()
    """Lets credentials go to a discovered endpoint that lies elsewhere than its issuer."""
    api_base: str = ""
    """Base URL of the sample resource call."""
    client_id: str = ""
    auth_method: AuthMethod = AuthMethod.PRIVATE_KEY_JWT
    basic_encoding: BasicEncoding = BasicEncoding.STANDARD
    key_reference: str = ""
    """``keyring:NAME``, ``env:VARIABLE`` or the path of a PEM or JWK file."""
    assertion_alg: str = "RS256"
    assertion_kid: str = ""
    """Key id of the assertion's header; empty for the JWK's own, else its thumbprint (RFC 7638)."""
    assertion_audience: str = AssertionAudience.AUTO
    scope: str = ""
    """Scopes as typed, separated by spaces."""
    audience: str = ""
    resources: tuple[str, ...] = ()
    """Resource indicators (RFC 8707), sent as repeated parameters in this order."""
    authorization_details: str = ""
    """A JSON array of objects that each have a ``type`` (RFC 9396), as typed."""
    extra_parameters: tuple[tuple[str, str], ...] = ()
    """Names and values of this server's own parameters (RFC 6749, section 8.2); never a secret."""
    proactive_refresh_seconds: int = 90
    mtls: MutualTls = MutualTls()
    dpop: bool = False
    """Whether tokens are bound to a key of this profile's own (RFC 9449)."""
    dpop_alg: str = "ES256"
    """Signature algorithm of the proofs; asymmetric."""
    dpop_allow_bearer: bool = False
    """Whether a Bearer token is taken where DPoP was asked for (RFC 9449, section 5)."""
    production: bool = False
    note: str = ""
    """One line that tells people what this profile is for."""
