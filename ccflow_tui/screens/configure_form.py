"""The fields of step 1: their labels, hints and order, and which of them a profile needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ccflow_tui.models.profile import (
    AssertionAudience,
    AuthMethod,
    BasicEncoding,
    EndpointMode,
    Profile,
)
from ccflow_tui.widgets.choice import ChoiceField
from ccflow_tui.widgets.field import Field

MODES = (
    (EndpointMode.PRESET.value, "PingOne environment"),
    (EndpointMode.ISSUER.value, "Issuer (discovery)"),
    (EndpointMode.MANUAL.value, "Token endpoint by hand"),
)
REGIONS = (
    ("us", "United States"),
    ("eu", "Europe"),
    ("ca", "Canada"),
    ("ap", "Asia Pacific"),
    ("au", "Australia"),
    ("sg", "Singapore"),
)
ALGORITHMS = tuple(
    (name, name)
    for name in (
        "RS256",
        "ES256",
        "PS256",
        "RS384",
        "ES384",
        "PS384",
        "RS512",
        "ES512",
        "PS512",
    )
)
ENCODINGS = (
    (BasicEncoding.STANDARD.value, "percent-encoded (RFC 6749)"),
    (BasicEncoding.RAW.value, "raw, for servers that do not decode"),
)
AUDIENCES = (
    (AssertionAudience.AUTO.value, "auto: discovered issuer, else endpoint"),
    (AssertionAudience.ISSUER.value, "issuer"),
    (AssertionAudience.TOKEN_ENDPOINT.value, "token endpoint"),
)

LESSON = (
    "A service that acts for itself, with no user, asks for a token with its own credentials: one POST to "
    "the token endpoint, no browser (RFC 6749, section 4.4). Use it for jobs, gateways, agents and other "
    "machine-to-machine calls; never to act as a person, and never from code that runs in a browser."
)
SECURITY_STRIP = (
    "▲ Keep credentials on the server side. Prefer private_key_jwt: the private key never leaves this "
    "machine. Ask for the fewest scopes and the narrowest audience that do the job."
)


@dataclass(frozen=True, slots=True)
class TextSpec:
    """One text field of the form."""

    name: str
    label: str
    required: bool = False
    placeholder: str = ""
    hint: str = ""
    secret: bool = False


TARGET_FIELDS = (
    TextSpec("environment_id", "Environment ID", True, "a UUID, or paste any PingOne URL"),
    TextSpec("issuer", "Issuer", True, "https://issuer.example"),
    TextSpec("token_endpoint", "Token endpoint", True, "https://as.example/token"),
)
CLIENT_ID = TextSpec("client_id", "Client ID", True, "as registered at the server")
CREDENTIAL_FIELDS = (
    TextSpec("client_secret", "Client secret", True, "type or paste; it is never shown", secret=True),
    TextSpec("key_reference", "Private key", True, "path of a PEM or JWK file, keyring:NAME or env:VARIABLE"),
    TextSpec("assertion_kid", "Key ID (kid)", placeholder="empty: the JWK's own, else its thumbprint"),
)
GRANT_FIELDS = (
    TextSpec("scope", "Scope", placeholder="separated by spaces; may be empty"),
    TextSpec("audience", "Audience", placeholder="optional, for servers that ask for one"),
    TextSpec(
        "resources", "Resource", placeholder="optional URIs, separated by spaces; each is sent on its own"
    ),
)


def build_fields(specs: tuple[TextSpec, ...]) -> Iterator[Field]:
    """Make the widgets of some text fields."""
    for spec in specs:
        yield Field(
            spec.name,
            spec.label,
            required=spec.required,
            placeholder=spec.placeholder,
            hint=spec.hint,
            secret=spec.secret,
            id=f"field-{spec.name}",
        )


def choice(name: str, label: str, options: tuple[tuple[str, str], ...]) -> ChoiceField:
    """Make the widget of one choice."""
    return ChoiceField(name, label, options, id=f"field-{name}")


def visible_fields(profile: Profile) -> frozenset[str]:
    """Return the names of the fields that this profile's endpoint mode and method need."""
    shown = {"endpoint_mode", "client_id", "auth_method", "scope", "audience", "resources"}
    shown |= {
        EndpointMode.PRESET: {"environment_id", "region"},
        EndpointMode.ISSUER: {"issuer"},
        EndpointMode.MANUAL: {"token_endpoint"},
    }[profile.endpoint_mode]
    if profile.auth_method is AuthMethod.PRIVATE_KEY_JWT:
        shown |= {"key_reference", "assertion_alg", "assertion_kid", "assertion_audience"}
    else:
        shown.add("client_secret")
    if profile.auth_method is AuthMethod.CLIENT_SECRET_BASIC:
        shown.add("basic_encoding")
    return frozenset(shown)
