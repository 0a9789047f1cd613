"""The fields of step 1: their labels, hints and order, and which of them a profile needs."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from textual.widget import Widget
from textual.widgets import Static

from ccflow_tui.models.profile import (
    AssertionAudience,
    AuthMethod,
    BasicEncoding,
    EndpointMode,
    Profile,
)
from ccflow_tui.widgets.choice import ChoiceField
from ccflow_tui.widgets.field import Field
from ccflow_tui.widgets.field_frame import FieldFrame

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
        "Ed25519",
        "EdDSA",
        "HS256",
        "HS384",
        "HS512",
    )
)
ENCODINGS = (
    (BasicEncoding.STANDARD.value, "percent-encoded (RFC 6749)"),
    (BasicEncoding.RAW.value, "raw, for some servers"),
)
BINDINGS = (
    ("off", "none: Bearer tokens"),
    ("on", "to a key of this profile (DPoP)"),
)
AUDIENCES = (
    (AssertionAudience.AUTO.value, "auto: issuer if known"),
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


class TextSpec(NamedTuple):
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
SECRET_WANTED, SECRET_HELD = "type or paste; F7 shows it", "held; type to replace it"
CREDENTIAL_FIELDS = (
    TextSpec("client_secret", "Client secret", True, SECRET_WANTED, secret=True),
    TextSpec("key_reference", "Private key", True, "path, keyring:NAME or env:VARIABLE"),
    TextSpec("assertion_kid", "Key ID (kid)", placeholder="empty: taken from the key"),
)
GRANT_FIELDS = (
    TextSpec("scope", "Scope", placeholder="separated by spaces; may be empty"),
    TextSpec("audience", "Audience", placeholder="optional, where the server asks"),
    TextSpec("resources", "Resource", placeholder="optional URIs, separated by spaces"),
    TextSpec("api_base", "API to call", placeholder="optional; step 4 calls it with the token"),
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


TARGET_NAMES = frozenset({"environment_id", "region", "issuer", "token_endpoint"})


def build_target(names: Collection[str]) -> Iterator[FieldFrame]:
    """Make those of the fields that lead to the server which ``names`` holds."""
    for spec in TARGET_FIELDS:
        yield from build_fields((spec,) if spec.name in names else ())
        if spec.name == "environment_id" and "region" in names:
            yield choice("region", "Region", REGIONS)


def build_rest() -> Iterator[Widget]:
    """Make what stands below the method: credential, what to ask for, advice."""
    # Its rules are read only when it is mounted, after the first paint.
    from textual.widgets import Collapsible

    yield from build_fields(CREDENTIAL_FIELDS)
    yield choice("assertion_alg", "Algorithm", ALGORITHMS)
    yield choice("assertion_audience", "Assertion aud", AUDIENCES)
    yield choice("basic_encoding", "Basic encoding", ENCODINGS)
    yield from build_fields(GRANT_FIELDS)
    yield choice("dpop", "Token binding", BINDINGS)
    yield Static(SECURITY_STRIP, id="security", markup=False)
    yield Collapsible(
        Static(LESSON, markup=False), title="🤖 What is the client credentials grant?", id="lesson"
    )


def visible_fields(profile: Profile) -> frozenset[str]:
    """Return the names of the fields that this profile's endpoint mode and method need."""
    shown = {"endpoint_mode", "client_id", "auth_method", "scope", "audience", "resources", "dpop"}
    shown |= {
        EndpointMode.PRESET: {"environment_id", "region"},
        # A preset names its API itself.
        EndpointMode.ISSUER: {"issuer", "api_base"},
        EndpointMode.MANUAL: {"token_endpoint", "api_base"},
    }[profile.endpoint_mode]
    if profile.auth_method.signs:
        shown |= {"assertion_alg", "assertion_audience"}
    if profile.auth_method is AuthMethod.PRIVATE_KEY_JWT:
        shown |= {"key_reference", "assertion_kid"}
    if profile.auth_method.uses_secret:
        shown.add("client_secret")
    if profile.auth_method is AuthMethod.CLIENT_SECRET_BASIC:
        shown.add("basic_encoding")
    return frozenset(shown)


ENDPOINT_WILL = {
    EndpointMode.PRESET: "follows from the environment",
    EndpointMode.ISSUER: "found from the issuer",
    EndpointMode.MANUAL: "",
}
"""What is said in place of the token endpoint until there is one."""

TARGETS = ("environment_id", "issuer", "token_endpoint")
"""The fields that lead to the token endpoint; each endpoint mode shows one of them."""


def shown_field(name: str, profile: Profile) -> str:
    """Return the field on the form to mend when something is wrong with ``name``; empty when none is."""
    shown = visible_fields(profile)
    if name in shown:
        return name
    if name.startswith("dpop_"):
        return "dpop"
    return next((target for target in TARGETS if target in shown), "") if name in TARGETS else ""
