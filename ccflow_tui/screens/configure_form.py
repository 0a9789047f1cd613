"""The fields of step 1: which of them a profile needs, and those that the first paint shows.

The others are in ``configure_rest.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from ccflow_tui.models.parameters import joined
from ccflow_tui.models.profile import AssertionAudience, AuthMethod, EndpointMode, Profile
from ccflow_tui.models.provider import INPUT_PREFIX, ProviderInput
from ccflow_tui.models.provider_forms import OFFERED, PROVIDER_FORMS, derives_api, inputs_of
from ccflow_tui.widgets.choice import ChoiceField
from ccflow_tui.widgets.field import Field
from ccflow_tui.widgets.field_frame import FieldFrame

MODES = (
    (EndpointMode.PRESET.value, "Provider preset"),
    (EndpointMode.ISSUER.value, "Issuer (discovery)"),
    (EndpointMode.MANUAL.value, "Token endpoint by hand"),
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


def choice(name: str, label: str, options: tuple[tuple[str, str], ...], hint: str = "") -> ChoiceField:
    """Make the widget of one choice."""
    return ChoiceField(name, label, options, hint=hint, id=f"field-{name}")


JUDGED_BY_SERVER = frozenset(
    {"issuer", "assertion_alg", "dpop", "dpop_alg", "authorization_details", "resources"}
)
"""Fields that are looked at again when the server's metadata is known."""


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


CERTIFICATE_PARTS: Mapping[str, str] = MappingProxyType(
    {
        "mtls_cert_ref": "cert_ref",
        "mtls_key_ref": "key_ref",
        "mtls_enabled": "enabled",
        "bound_cert_ref": "cert_ref",
        "bound_key_ref": "key_ref",
    }
)
"""Fields that edit a part of the client certificate's settings."""
OWN_AUDIENCE = "own_audience"
"""The field for an assertion's audience that is none of the choices, and the choice that calls for it."""


def has_own_audience(profile: Profile) -> bool:
    """Whether the assertion is addressed to a text of the user's own."""
    return profile.assertion_audience not in frozenset(AssertionAudience)


def as_text(value: object) -> str:
    """Return a profile attribute as a field shows it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return joined(value) if isinstance(value, tuple) else str(value)


def shown_value(profile: Profile, name: str) -> str:
    """Return what a field shows of the profile."""
    if name == OWN_AUDIENCE:
        return profile.assertion_audience if has_own_audience(profile) else ""
    if name == "assertion_audience" and has_own_audience(profile):
        return OWN_AUDIENCE
    if name.startswith(INPUT_PREFIX):
        return dict(profile.provider_inputs).get(name.removeprefix(INPUT_PREFIX), "")
    if name in CERTIFICATE_PARTS:
        return as_text(getattr(profile.mtls, CERTIFICATE_PARTS[name]))
    return as_text(getattr(profile, name))


def attribute_of(name: str) -> str:
    """Return the profile attribute that a field edits, or edits a part of."""
    if name in CERTIFICATE_PARTS:
        return "mtls"
    if name == OWN_AUDIENCE:
        return "assertion_audience"
    return "provider_inputs" if name.startswith(INPUT_PREFIX) else name


GRANT_NAMES = ("scope", "audience", "resources", "api_base")
"""What to ask for, and where to take it."""
ALWAYS_MORE = frozenset(
    {
        "authorization_details",
        "extra_parameters",
        "dpop",
        "proactive_refresh_seconds",
        "production",
        "note",
    }
)
DEPENDENT_NAMES = frozenset({"dpop_alg", "dpop_allow_bearer", "bound_cert_ref", "bound_key_ref"})
"""Fields that another one of them calls for."""
MORE_NAMES = ALWAYS_MORE | DEPENDENT_NAMES | {"secret_reference", "mtls_enabled", "assertion_certificate"}
"""Fields that most profiles leave as they are; they stand folded at the end."""
SECRET_WANTED, SECRET_HELD = "type or paste; {key} shows it", "held; type to replace it"
SECRET_REFERRED = "🔑 from {reference}"  # noqa: S105 - the text of an empty field
REFERRED_HINT = "Read from {reference} for each request. Leave this empty: what is typed comes first."
PASSPHRASE = "key_passphrase"  # noqa: S105 - the name of a field


def visible_fields(profile: Profile) -> frozenset[str]:
    """Return the names of the fields that this profile's endpoint mode and method need."""
    method = profile.auth_method
    shown = {"endpoint_mode", "client_id", "auth_method", *GRANT_NAMES, *ALWAYS_MORE}
    shown -= {"api_base"} if derives_api(profile) else set()
    shown |= _shown_targets(profile)
    if method.signs:
        shown |= {"assertion_alg", "assertion_audience"}
        shown |= {OWN_AUDIENCE} if has_own_audience(profile) else set()
    if method is AuthMethod.PRIVATE_KEY_JWT:
        shown |= {"key_reference", "assertion_kid", "assertion_certificate"}
    if method.uses_secret:
        shown |= {"client_secret", "secret_reference"}
    if method is AuthMethod.CLIENT_SECRET_BASIC:
        shown.add("basic_encoding")
    if profile.dpop:
        shown |= {"dpop_alg", "dpop_allow_bearer"}
    return frozenset(shown | _certificate_fields(profile))


def _certificate_fields(profile: Profile) -> set[str]:
    """Return what tells which client certificate is sent: beside the method that needs one, else below."""
    if profile.auth_method.uses_certificate:
        return {"mtls_cert_ref", "mtls_key_ref"}
    return {"mtls_enabled", "bound_cert_ref", "bound_key_ref"} if profile.mtls.enabled else {"mtls_enabled"}


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


PLACES = {
    "assertion_audience": (OWN_AUDIENCE, "assertion_audience"),
    "mtls": ("mtls_cert_ref", "bound_cert_ref", "mtls_enabled"),
    "mtls.key_ref": ("mtls_key_ref", "bound_key_ref", "mtls_enabled"),
}
"""Where what problems call by the first name is entered."""


def shown_field(name: str, profile: Profile) -> str:
    """Return the field on the form to mend when something is wrong with ``name``; empty when none is."""
    shown = visible_fields(profile)
    if name in PLACES:
        return next((place for place in PLACES[name] if place in shown), "")
    if name in shown:
        return name
    if name.startswith("dpop_"):
        return "dpop"
    if name not in TARGET_NAMES and not name.startswith(INPUT_PREFIX):
        return ""
    inputs = inputs_of(profile)
    if inputs:
        return inputs[0].field
    return "issuer" if profile.endpoint_mode is EndpointMode.ISSUER else "token_endpoint"
