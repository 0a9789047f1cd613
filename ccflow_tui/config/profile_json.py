"""A profile as plain JSON values, and back; what equals the default is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from ccflow_tui.models.parameters import Parameters
from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import (
    AuthMethod,
    BasicEncoding,
    EndpointConsent,
    EndpointMode,
    EndpointSource,
    MutualTls,
    Profile,
    Provider,
)
from ccflow_tui.models.provider_forms import derives_api, starting_values

_FOUND_ANEW = frozenset({"name", "endpoint_source", "server"})
_ENDPOINTS: Mapping[EndpointMode, frozenset[str]] = MappingProxyType(
    {
        EndpointMode.PRESET: frozenset({"issuer", "token_endpoint"}),
        EndpointMode.ISSUER: frozenset({"token_endpoint"}),
        EndpointMode.MANUAL: frozenset(),
    }
)
"""What follows from the rest in each mode; it is found anew, so that it never goes stale in a file."""


def entered_values(profile: Profile) -> dict[str, Any]:
    """Return the attributes that a person entered: no defaults, nothing derived or discovered."""
    plain = replace(Profile(), **starting_values(profile))
    derived = _ENDPOINTS[profile.endpoint_mode] | _FOUND_ANEW
    if derives_api(profile):
        derived |= {"api_base"}
    return {
        item.name: value
        for item in fields(Profile)
        if item.name not in derived and (value := getattr(profile, item.name)) != getattr(plain, item.name)
    }


def profile_to_json(profile: Profile) -> dict[str, Any]:
    """Return what to keep of a profile; raises ``InputProblem`` rather than keep a secret in a file."""
    _refuse_secrets(profile)
    return {name: _plain(value) for name, value in entered_values(profile).items()}


def profile_from_json(name: str, data: object) -> Profile:
    """Return the profile that was kept; raises ``ValueError`` naming the attribute that does not fit."""
    if not isinstance(data, dict):
        raise ValueError("it is not an object")
    if unknown := data.keys() - _READERS.keys():
        raise ValueError(f"it has an unknown key, {min(unknown)!r}")
    values = {}
    for attribute, value in data.items():
        try:
            values[attribute] = _READERS[attribute](value)
        except (LookupError, TypeError, ValueError):
            raise ValueError(f"the value of {attribute} does not fit") from None
    preset = Profile(**{key: values[key] for key in ("endpoint_mode", "provider") if key in values})
    profile = Profile(name=name, **{**starting_values(preset), **values})
    typed = profile.endpoint_mode is EndpointMode.MANUAL and profile.token_endpoint
    return replace(profile, endpoint_source=EndpointSource.TYPED) if typed else profile


def _refuse_secret_shapes(profile: Profile) -> None:
    # Only saving needs it, so the first paint does not wait for it.
    from ccflow_tui.models.secret_shapes import is_secret_name, is_secret_value

    if any(is_secret_name(name) for name, _ in profile.extra_parameters):
        raise InputProblem("extra_parameters", "One of them carries a secret.", "Take it out.")
    for attribute, value in entered_values(profile).items():
        if any(is_secret_value(text) for text in _texts_of(value)):
            problem = "This looks like a key, a token or a password, which is never written to a file."
            raise InputProblem(attribute, problem, "Take it out.")


def _texts_of(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts_of(item)


def _refuse_no_reference(reference: str) -> None:
    from ccflow_tui.models.secret_reference import FORMS, problem_of

    if problem_of(reference):
        problem = "It is no reference, so it may be a secret itself."
        raise InputProblem("secret_reference", problem, f"Write {FORMS}.")


def _refuse_secrets(profile: Profile) -> None:
    references = {
        "key_reference": (profile.key_reference, profile.assertion_certificate),
        "mtls": (profile.mtls.cert_ref, profile.mtls.key_ref),
    }
    for attribute, values in references.items():
        if any("-----BEGIN" in value or value.lstrip().startswith("{") for value in values):
            raise InputProblem(
                attribute,
                "This is a key itself, which is never written to a file.",
                "Name it: keyring:NAME, env:VARIABLE or the path of its file.",
            )
    if profile.secret_reference:
        _refuse_no_reference(profile.secret_reference)
    consent = profile.endpoint_consent
    addresses = [(name, getattr(profile, name)) for name in ("issuer", "token_endpoint", "api_base")]
    addresses += [("endpoint_consent", text) for text in (consent.issuer, consent.origin)]
    for attribute, text in addresses:
        if "@" in text.partition("://")[2].partition("/")[0]:
            raise InputProblem(
                attribute, "The URL holds a user name or password.", "Take out everything before the @ sign."
            )
    _refuse_secret_shapes(profile)


def _plain(value: object) -> object:
    if isinstance(value, MutualTls):
        return {"enabled": value.enabled, "cert_ref": value.cert_ref, "key_ref": value.key_ref}
    if isinstance(value, EndpointConsent):
        return {"issuer": value.issuer, "origin": value.origin}
    if isinstance(value, StrEnum):
        return value.value
    return list(value) if isinstance(value, tuple) else value


def _exactly(kind: type) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if type(value) is not kind:  # bool is an int, and must not pass for one
            raise TypeError
        return value

    return read


_text, _flag, _whole = _exactly(str), _exactly(bool), _exactly(int)


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(_text(item) for item in _exactly(list)(value))


def _pairs(value: Any) -> Parameters:
    return tuple((_text(name), _text(text)) for name, text in _exactly(list)(value))


def _mutual_tls(value: Any) -> MutualTls:
    return MutualTls(_flag(value["enabled"]), _text(value["cert_ref"]), _text(value["key_ref"]))


def _consent(value: Any) -> EndpointConsent:
    return EndpointConsent(_text(value["issuer"]), _text(value["origin"]))


_SPECIAL: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {
        "endpoint_mode": EndpointMode,
        "auth_method": AuthMethod,
        "basic_encoding": BasicEncoding,
        "resources": _texts,
        "extra_parameters": _pairs,
        "provider": Provider,
        "provider_inputs": _pairs,
        "proactive_refresh_seconds": _whole,
        "mtls": _mutual_tls,
        "endpoint_consent": _consent,
        "dpop": _flag,
        "dpop_allow_bearer": _flag,
        "production": _flag,
    }
)
_READERS: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {item.name: _SPECIAL.get(item.name, _text) for item in fields(Profile) if item.name not in _FOUND_ANEW}
)
