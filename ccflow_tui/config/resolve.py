"""Where every value of a profile comes from: one order of sources, and the source of each field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any

from ccflow_tui.config.environment import client_certificate, misspelt, parse_value
from ccflow_tui.config.layers import Layers, Source, choose_profile, must_exist, profile_names
from ccflow_tui.config.profile_json import entered_values
from ccflow_tui.models.parameters import joined
from ccflow_tui.models.profile import (
    EndpointConsent,
    EndpointMode,
    EndpointSource,
    MutualTls,
    Profile,
    Provider,
)
from ccflow_tui.models.provider_forms import starting_values
from ccflow_tui.models.variables import VARIABLES

__all__ = [
    "Layers",
    "ResolvedProfile",
    "Source",
    "choose_profile",
    "profile_names",
    "resolve_profile",
]

_SERVER = ("token_endpoint", "issuer", "environment_id", "provider_inputs")
"""What names a server, in the order in which one decides how the token endpoint is found."""
_MODES = (EndpointMode.MANUAL, EndpointMode.ISSUER, EndpointMode.PRESET, EndpointMode.PRESET)
_PLACED = frozenset({"region", "provider"})
"""What says more about the server, and may stand beside it or in a stronger place."""
_REFERENCE = "secret_reference"
_DECIDED = frozenset({"name", "endpoint_mode", "endpoint_source", "server"})


@dataclass(frozen=True, slots=True)
class ResolvedProfile:
    """A profile and where it comes from."""

    profile: Profile
    sources: Mapping[str, Source]
    """The source of every attribute."""
    shadowed: Mapping[str, tuple[tuple[Source, str], ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """Attribute to values that other sources hold and that are not used, nearest source first."""
    notes: tuple[str, ...] = ()
    """Variables that look misspelt, references to secrets that are not followed."""


@dataclass(frozen=True, slots=True)
class _Layer:
    source: Source
    values: Mapping[str, Any]
    held: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """What the file says and may not, before it is trusted."""

    @property
    def names_server(self) -> bool:
        return any(name in self.values for name in (*_SERVER, "endpoint_mode"))


def resolve_profile(name: str, layers: Layers) -> ResolvedProfile:
    """Put a profile together: typed, environment, ``.env``, ``settings.json``, saved values, defaults.

    What names the server (token endpoint, issuer or environment id) is taken from one source as a whole,
    and its region from that source or a stronger one, so that a client is never sent to half of one server
    and half of another. Raises ``InputProblem`` naming source and field for an unknown profile or a bad
    value.
    """
    must_exist(name, profile_names(layers))
    if layers.demo:
        profile = layers.demo[name]
        return ResolvedProfile(profile, {item.name: Source.DEMO for item in fields(Profile)})
    stack = _stack(name, layers)
    owner = next((index for index, layer in enumerate(stack) if layer.names_server), len(stack))
    values: dict[str, Any] = {"name": name}
    notes: list[str] = []
    sources = {item.name: Source.DEFAULT for item in fields(Profile)}
    shadowed = {}
    for attribute in (item.name for item in fields(Profile) if item.name not in _DECIDED):
        allowed = _allowed(attribute, stack, owner)
        if attribute == _REFERENCE and any(attribute in layer.values for layer in stack):
            allowed, passed_over = _followed(stack, owner)
            notes.extend(passed_over)
        winner = next((layer for layer in allowed if attribute in layer.values), None)
        if winner:
            values[attribute], sources[attribute] = winner.values[attribute], winner.source
        if unused := tuple(_unused(attribute, stack, winner)):
            shadowed[attribute] = unused
    if owner < len(stack):
        values.update(_endpoint(stack[owner]))
        sources["endpoint_mode"] = sources["endpoint_source"] = stack[owner].source
    if consent := values.get("endpoint_consent"):
        # A variable or setting names an origin only; it means the issuer that this profile has now.
        values["endpoint_consent"] = replace(consent, issuer=consent.issuer or values.get("issuer", ""))
    profile = _with_preset(Profile(**values), sources)
    notes.extend(misspelt({**layers.env_file, **layers.environment}))
    return ResolvedProfile(profile, sources, shadowed, tuple(notes))


def _unused(attribute: str, stack: Sequence[_Layer], winner: _Layer | None) -> Iterator[tuple[Source, str]]:
    """Yield what is said of an attribute and not used, nearest source first."""
    for layer in stack:
        if layer is not winner and attribute in layer.values:
            yield layer.source, value_text(attribute, layer.values[attribute])
        if attribute in layer.held:
            yield layer.source, f"{value_text(attribute, layer.held[attribute])} (not trusted)"


def _with_preset(profile: Profile, sources: dict[str, Source]) -> Profile:
    """Fill in what the provider's preset starts from where nobody said anything else."""
    if profile.provider is Provider.GENERIC and profile.endpoint_mode is EndpointMode.PRESET:
        profile = replace(profile, endpoint_mode=EndpointMode.ISSUER)
    unsaid = {
        name: value for name, value in starting_values(profile).items() if sources[name] is Source.DEFAULT
    }
    sources |= dict.fromkeys(unsaid, Source.PRESET)
    return replace(profile, **unsaid)


def user_named_server(name: str, layers: Layers) -> Profile | None:
    """Return a profile as the settings alone give it, or ``None`` where the user trusts none.

    The settings of a working folder come with whatever was unpacked there, so they must not decide where
    a secret of the process environment goes.
    """
    trusted = Layers(settings=layers.trusted_settings, settings_trusted=True)
    nobody = layers.trusted_settings is None and not layers.settings_trusted
    if layers.demo or nobody or name not in profile_names(trusted):
        return None
    return resolve_profile(name, trusted).profile


def _stack(name: str, layers: Layers) -> list[_Layer]:
    """Return the layers that say something about the profile, strongest first."""
    stack = [
        _Layer(Source.TYPED, _parsed(layers.typed.items(), lambda attribute: f"The typed {attribute}")),
        _variables(Source.ENVIRONMENT, layers.environment),
        _weighed(_variables(Source.ENV_FILE, layers.env_file), trusted=layers.env_file_trusted),
    ]
    for settings, trusted in layers.settings_files:
        # Only where there is a settings file is its shape worth the time to load.
        from ccflow_tui.config.settings_values import client_values

        clients = [settings.profiles[name]] if name in settings.profiles else []
        stack += [
            _weighed(_Layer(Source.SETTINGS, client_values(client)), trusted=trusted)
            for client in (*clients, settings.oauth.client_credentials)
        ]
    if layers.saved and name in layers.saved.profiles:
        stack.append(_Layer(Source.SAVED, entered_values(layers.saved.profiles[name])))
    return stack


def _weighed(layer: _Layer, *, trusted: bool) -> _Layer:
    """Return what a file may say: everything once it is trusted, else what does no harm."""
    if trusted or not layer.values:
        return layer
    from ccflow_tui.config.folder_rules import counting

    return _Layer(layer.source, *counting(layer.values))


def _variables(source: Source, environment: Mapping[str, str]) -> _Layer:
    by_attribute = {attribute: variable for variable, attribute in VARIABLES.items()}
    texts = ((attribute, environment.get(variable, "")) for attribute, variable in by_attribute.items())
    values = _parsed(texts, lambda attribute: f"{by_attribute[attribute]} ({source})")
    certificate = client_certificate(environment, source)
    return _Layer(source, values if certificate is None else {**values, "mtls": certificate})


def _parsed(texts: Iterable[tuple[str, str]], origin: Callable[[str], str]) -> dict[str, Any]:
    found = ((attribute, parse_value(attribute, text, origin(attribute))) for attribute, text in texts)
    return {attribute: value for attribute, value in found if value is not None}


def _allowed(attribute: str, stack: Sequence[_Layer], owner: int) -> Sequence[_Layer]:
    """Return the layers that may set an attribute, given the one that names the server."""
    if attribute in _SERVER:
        return stack[owner : owner + 1]
    if attribute == "api_base":
        # A weaker layer's API belongs to another server, which must not see this one's token.
        return stack[: owner + 1]
    if attribute == "endpoint_consent":
        return [layer for layer in stack if _may_consent(layer, stack, owner)]
    if attribute in _PLACED:
        return [layer for index, layer in enumerate(stack) if _may_place(layer, index, stack, owner)]
    return stack


def _followed(stack: Sequence[_Layer], owner: int) -> tuple[Sequence[_Layer], tuple[str, ...]]:
    # Few profiles have such a reference, so the first paint does not wait for the rules about them.
    from ccflow_tui.config.reference_trust import followed

    named = [layer.source for layer in stack if _REFERENCE in layer.values]
    sources, notes = followed(named, stack[owner].source if owner < len(stack) else None)
    return [layer for layer in stack if layer.source in sources], notes


def _may_consent(layer: _Layer, stack: Sequence[_Layer], owner: int) -> bool:
    """Whether a layer may say where an issuer's credentials go: who runs ccflow, or who named the issuer."""
    return layer.source is Source.ENVIRONMENT or layer.source in {each.source for each in stack[owner:][:1]}


def _may_place(layer: _Layer, index: int, stack: Sequence[_Layer], owner: int) -> bool:
    """Whether a layer may say in which region the server is that the layer ``owner`` names.

    A weaker one speaks of its own server, except for the region that a settings file gives all its
    profiles.
    """
    return index <= owner or (layer.source is stack[owner].source and not layer.names_server)


def _endpoint(layer: _Layer) -> dict[str, Any]:
    named = (mode for mode, name in zip(_MODES, _SERVER, strict=True) if name in layer.values)
    mode = layer.values.get("endpoint_mode") or next(named)
    typed = mode is EndpointMode.MANUAL and "token_endpoint" in layer.values
    return {"endpoint_mode": mode, "endpoint_source": EndpointSource.TYPED if typed else EndpointSource.NONE}


def value_text(attribute: str, value: object) -> str:
    """Return a profile value as one line of text; of a command that tells the secret, the program only."""
    if attribute == _REFERENCE:
        from ccflow_tui.models.secret_reference import shown_reference

        return shown_reference(str(value))
    if isinstance(value, MutualTls):
        return f"{'on' if value.enabled else 'off'} {value.cert_ref} {value.key_ref}".strip()
    if isinstance(value, EndpointConsent):
        return value.origin
    if isinstance(value, bool):
        return "yes" if value else "no"
    return joined(value) if isinstance(value, tuple) else str(value)
