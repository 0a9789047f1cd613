"""What discovery found, and every attempt on the way."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ccflow_tui.models.outcome import Malformed, Unreachable
from ccflow_tui.models.problems import FieldProblem
from ccflow_tui.models.profile import EndpointSource, Profile, ServerFacts


@dataclass(frozen=True, slots=True)
class DiscoveryAttempt:
    """One metadata document asked for."""

    url: str
    result: str
    """``200`` or what went wrong, in a few words."""


@dataclass(frozen=True, slots=True)
class EndpointAuth:
    """How clients may authenticate at one endpoint (RFC 8414, section 2)."""

    methods: tuple[str, ...] | None = None
    """Registered names of methods; ``None`` when the server does not say."""
    signing_algs: tuple[str, ...] = ()
    """Algorithms of client assertions; empty when it lists none."""


@dataclass(frozen=True, slots=True)
class ServerMetadata:
    """What a client of this grant needs of an authorization server's metadata (RFC 8414, section 2)."""

    issuer: str
    token_endpoint: str
    auth_methods: tuple[str, ...] | None = None
    """``token_endpoint_auth_methods_supported``; ``None`` means the default, client_secret_basic."""
    signing_algs: tuple[str, ...] = ()
    grant_types: tuple[str, ...] | None = None
    scopes: tuple[str, ...] = ()
    jwks_uri: str = ""
    introspection_endpoint: str = ""
    revocation_endpoint: str = ""
    introspection_auth: EndpointAuth = EndpointAuth()
    revocation_auth: EndpointAuth = EndpointAuth()
    """Without methods client_secret_basic is meant; at the introspection endpoint nothing is."""
    mtls_token_endpoint: str = ""
    """The alias for requests with a client certificate (RFC 8705, section 5); empty when absent."""
    mtls_introspection_endpoint: str = ""
    mtls_revocation_endpoint: str = ""
    certificate_bound_tokens: bool = False
    """``tls_client_certificate_bound_access_tokens`` (RFC 8705, section 3.3)."""
    dpop_signing_algs: tuple[str, ...] | None = None
    """``dpop_signing_alg_values_supported`` (RFC 9449, section 5.1); ``None`` says nothing of DPoP."""
    authorization_details_types: tuple[str, ...] | None = None
    """``authorization_details_types_supported`` (RFC 9396, section 10)."""
    protected_resources: tuple[str, ...] = ()
    """Some of the resources that tokens can be asked for (RFC 9728, section 4)."""
    warnings: tuple[str, ...] = ()


def with_metadata(profile: Profile, metadata: ServerMetadata) -> Profile:
    """Return the profile with issuer and token endpoint as discovery verified them (RFC 8414, section 3.3).

    The issuer too: the address of its metadata document may have been entered in its place. A consent given
    for the issuer as it was entered is one for the issuer that was verified.
    """
    consent = profile.endpoint_consent
    if consent.issuer and consent.issuer == profile.issuer:
        consent = replace(consent, issuer=metadata.issuer)
    return replace(
        profile,
        issuer=metadata.issuer,
        endpoint_consent=consent,
        token_endpoint=metadata.token_endpoint,
        endpoint_source=EndpointSource.DISCOVERED,
        server=ServerFacts(
            token_endpoint=metadata.token_endpoint,
            mtls_token_endpoint=metadata.mtls_token_endpoint,
            signing_algs=metadata.signing_algs,
            dpop_signing_algs=metadata.dpop_signing_algs or (),
            certificate_bound_tokens=metadata.certificate_bound_tokens,
        ),
    )


@dataclass(frozen=True, slots=True)
class DiscoveryResult:
    """Metadata, or the reason there is none."""

    metadata: ServerMetadata | None
    attempts: tuple[DiscoveryAttempt, ...] = ()
    problem: FieldProblem | None = None
    failure: Unreachable | Malformed | None = None
    """How an exchange ended, where the network or the server is to blame and not the issuer given."""
