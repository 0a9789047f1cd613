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
from ccflow_tui.models.provider import INPUT_PREFIX, ProviderInput
from ccflow_tui.models.provider_forms import OFFERED, PROVIDER_FORMS, derives_api, inputs_of
from ccflow_tui.screens.configure_edits import as_text
from ccflow_tui.widgets.choice import ChoiceField
from ccflow_tui.widgets.field import Field
from ccflow_tui.widgets.field_frame import FieldFrame
from ccflow_tui.widgets.steady import SteadyText

MODES = (
    (EndpointMode.PRESET.value, "Provider preset"),
    (EndpointMode.ISSUER.value, "Issuer (discovery)"),
    (EndpointMode.MANUAL.value, "Token endpoint by hand"),
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


ADDRESS_FIELDS = (
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
    TextSpec(
        "authorization_details",
        "Details (RFC 9396)",
        placeholder='optional JSON: [{"type": "…"}]',
        hint="Authorization details: a JSON array of objects, each with a type.",
    ),
    TextSpec(
        "extra_parameters",
        "Extra parameters",
        placeholder="optional: name=value&name=value",
        hint="Written as in a URL's query (%26 is &, %20 a space). Never a secret: they are kept and shown.",
    ),
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


JUDGED_BY_SERVER = frozenset({"issuer", "assertion_alg", "dpop", "authorization_details", "resources"})
"""Fields that are looked at again when the server's metadata is known."""


def algorithms(listed: Collection[str], chosen: str) -> tuple[tuple[str, str], ...]:
    """Return the algorithms to offer: those that the server lists, if it lists any, and the chosen one."""
    return tuple(option for option in ALGORITHMS if not listed or option[0] in {*listed, chosen})


OWN_INPUTS = tuple(item for form in PROVIDER_FORMS.values() for item in form.inputs if item.own_attribute)
"""Inputs that are profile attributes, and have a field each."""
SLOTS = ("provider_input_1", "provider_input_2")
"""Fields that the other inputs take turns in; no provider has more."""
UNUSED = "unused"
"""What a slot stands for that the provider does not need."""
TARGET_NAMES = frozenset(
    {"provider", *(item.key for item in OWN_INPUTS), *SLOTS, *(spec.name for spec in ADDRESS_FIELDS)}
)
"""The fields that lead to the server, by what their widgets are called."""


def needed_targets(profile: Profile) -> frozenset[str]:
    """Return those of ``TARGET_NAMES`` that this profile fills in."""
    if profile.endpoint_mode is not EndpointMode.PRESET:
        return frozenset({"issuer" if profile.endpoint_mode is EndpointMode.ISSUER else "token_endpoint"})
    own = {item.key for item in inputs_of(profile) if item.own_attribute}
    return frozenset({"provider", *own, *SLOTS[: len(slot_inputs(profile))]})


def slot_inputs(profile: Profile) -> tuple[ProviderInput, ...]:
    """Return the inputs that stand in the slots."""
    return tuple(item for item in inputs_of(profile) if not item.own_attribute)


def build_target(names: Collection[str]) -> Iterator[FieldFrame]:
    """Make those of the fields that lead to the server which ``names`` holds."""
    if "provider" in names:
        yield choice("provider", "Provider", OFFERED)
    for item in OWN_INPUTS:
        if item.key in names and item.choices:
            yield choice(item.key, item.label, item.choices)
        elif item.key in names:
            yield from build_fields((TextSpec(item.key, item.label, True, item.placeholder),))
    yield from build_fields(tuple(TextSpec(name, "") for name in SLOTS if name in names))
    yield from build_fields(tuple(spec for spec in ADDRESS_FIELDS if spec.name in names))


def shown_value(profile: Profile, name: str) -> str:
    """Return what a field shows of the profile."""
    if name.startswith(INPUT_PREFIX):
        return dict(profile.provider_inputs).get(name.removeprefix(INPUT_PREFIX), "")
    return as_text(getattr(profile, name))


def build_rest() -> Iterator[Widget]:
    """Make what stands below the method: credential, what to ask for, advice."""
    # Its rules are read only when it is mounted, after the first paint.
    from textual.widgets import Collapsible

    note = SteadyText("", id="method-note", markup=False)
    note.display = False
    yield note
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
    shown = {"endpoint_mode", "client_id", "auth_method", "dpop"} | {spec.name for spec in GRANT_FIELDS}
    shown -= {"api_base"} if derives_api(profile) else set()
    shown |= _shown_targets(profile)
    if profile.auth_method.signs:
        shown |= {"assertion_alg", "assertion_audience"}
    if profile.auth_method is AuthMethod.PRIVATE_KEY_JWT:
        shown |= {"key_reference", "assertion_kid"}
    if profile.auth_method.uses_secret:
        shown.add("client_secret")
    if profile.auth_method is AuthMethod.CLIENT_SECRET_BASIC:
        shown.add("basic_encoding")
    return frozenset(shown)


def _shown_targets(profile: Profile) -> set[str]:
    if profile.endpoint_mode is EndpointMode.PRESET:
        return {"provider", *(item.field for item in inputs_of(profile))}
    return {"issuer" if profile.endpoint_mode is EndpointMode.ISSUER else "token_endpoint"}


ENDPOINT_WILL = {
    EndpointMode.PRESET: "follows from the fields above",
    EndpointMode.ISSUER: "found from the issuer",
    EndpointMode.MANUAL: "",
}
"""What is said in place of the token endpoint until there is one."""


def shown_field(name: str, profile: Profile) -> str:
    """Return the field on the form to mend when something is wrong with ``name``; empty when none is."""
    if name in visible_fields(profile):
        return name
    if name.startswith("dpop_"):
        return "dpop"
    if name not in TARGET_NAMES and not name.startswith(INPUT_PREFIX):
        return ""
    inputs = inputs_of(profile)
    if inputs:
        return inputs[0].field
    return "issuer" if profile.endpoint_mode is EndpointMode.ISSUER else "token_endpoint"
