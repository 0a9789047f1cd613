"""A profile: everything a token request is made from, secrets excepted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

REFRESH_SECONDS = range(60, 121)
"""What the proactive refresh may be set to, in seconds before expiry."""


class AuthMethod(StrEnum):
    """Client authentication methods by their registered names (RFC 7591, section 2)."""

    PRIVATE_KEY_JWT = "private_key_jwt"
    TLS_CLIENT_AUTH = "tls_client_auth"
    SELF_SIGNED_TLS_CLIENT_AUTH = "self_signed_tls_client_auth"
    CLIENT_SECRET_JWT = "client_secret_jwt"  # noqa: S105 - the registered name, not a secret
    CLIENT_SECRET_BASIC = "client_secret_basic"  # noqa: S105
    CLIENT_SECRET_POST = "client_secret_post"  # noqa: S105
    NONE = "none"

    @property
    def uses_secret(self) -> bool:
        """Whether the method authenticates with a shared client secret."""
        return self in {
            AuthMethod.CLIENT_SECRET_JWT,
            AuthMethod.CLIENT_SECRET_BASIC,
            AuthMethod.CLIENT_SECRET_POST,
        }

    @property
    def uses_certificate(self) -> bool:
        """Whether the method authenticates by the certificate of the TLS handshake (RFC 8705, section 2)."""
        return self in {AuthMethod.TLS_CLIENT_AUTH, AuthMethod.SELF_SIGNED_TLS_CLIENT_AUTH}

    @property
    def signs(self) -> bool:
        """Whether the method sends a signed assertion (RFC 7523, section 2.2)."""
        return self in {AuthMethod.PRIVATE_KEY_JWT, AuthMethod.CLIENT_SECRET_JWT}


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
    """A client certificate to present during the TLS handshake (RFC 8705).

    Each reference is the path of a file, ``keyring:NAME`` or ``env:VARIABLE``.
    """

    enabled: bool = False
    cert_ref: str = ""
    """A PEM certificate chain, the client's own first; or PKCS#12, which holds the private key, too."""
    key_ref: str = ""
    """The private key; empty when ``cert_ref`` holds it."""


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What discovery told about a server besides its token endpoint; it counts for that endpoint only."""

    token_endpoint: str = ""
    mtls_token_endpoint: str = ""
    """Where requests with a client certificate go instead (RFC 8705, section 5); empty for the same place."""
    signing_algs: tuple[str, ...] = ()
    """Algorithms of client assertions that the server lists; empty when it lists none."""
    dpop_signing_algs: tuple[str, ...] = ()
    """Algorithms of DPoP proofs that the server lists, likewise (RFC 9449, section 5.1)."""
    certificate_bound_tokens: bool = False
    """Whether the server binds tokens to client certificates (RFC 8705, section 3.3)."""


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
    secret_reference: str = ""
    """Where the client secret is: ``env:VARIABLE``, ``file:PATH``, ``keyring:NAME`` or ``command:…``."""
    key_reference: str = ""
    """``keyring:NAME``, ``env:VARIABLE`` or the path of a PEM, JWK or PKCS#12 file."""
    assertion_certificate: str = ""
    """Certificate of that key, by reference likewise; puts ``x5t#S256`` into the assertion's header."""
    assertion_alg: str = "RS256"
    """``oauth.algorithms.chosen_alg`` says what becomes of it."""
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
    """Algorithm of the proofs, asymmetric; ``oauth.algorithms.chosen_dpop_alg`` says what becomes of it."""
    dpop_allow_bearer: bool = False
    """Whether a Bearer token is taken where DPoP was asked for (RFC 9449, section 5)."""
    production: bool = False
    note: str = ""
    """One line that tells people what this profile is for."""
    server: ServerFacts = ServerFacts()
    """Told by discovery; read it through ``server_facts``."""

    @property
    def server_facts(self) -> ServerFacts:
        """What discovery told, as long as it is about the token endpoint in use."""
        current = self.endpoint_source is EndpointSource.DISCOVERED
        return self.server if current and self.server.token_endpoint == self.token_endpoint else ServerFacts()

    @property
    def addressee(self) -> tuple[object, ...]:
        """Which client at which server a secret typed here is meant for, as a person named them."""
        named: Mapping[EndpointMode, tuple[object, ...]] = {
            EndpointMode.PRESET: (self.provider, self.environment_id, self.region, self.provider_inputs),
            EndpointMode.ISSUER: (self.issuer,),
            EndpointMode.MANUAL: (self.token_endpoint,),
        }
        return (self.name, self.client_id, self.endpoint_mode, *named[self.endpoint_mode])

    @property
    def client_tls(self) -> MutualTls:
        """The client certificate to present; some methods need one without mutual TLS being switched on."""
        return replace(self.mtls, enabled=True) if self.auth_method.uses_certificate else self.mtls

    @property
    def key_references(self) -> Mapping[str, str]:
        """What the private keys in use are kept under, by the attribute that names them."""
        tls, used = self.client_tls, {}
        if self.auth_method is AuthMethod.PRIVATE_KEY_JWT:
            used["key_reference"] = self.key_reference.strip()
        if tls.enabled:
            used["mtls"] = tls.key_ref.strip() or tls.cert_ref.strip()
        return MappingProxyType({name: reference for name, reference in used.items() if reference})

    @property
    def request_endpoint(self) -> str:
        """Where token requests go; with a certificate, the alias for mutual TLS (RFC 8705, section 5)."""
        alias = self.server_facts.mtls_token_endpoint if self.client_tls.enabled else ""
        return alias or self.token_endpoint
