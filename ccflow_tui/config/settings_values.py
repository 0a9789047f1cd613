"""What a part of the settings file says about a profile, placeholders and blanks left out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from ccflow_tui.config.placeholder import filled_in
from ccflow_tui.config.settings import ClientSettings, MtlsSettings, camel
from ccflow_tui.models.parameters import Parameters
from ccflow_tui.models.profile import EndpointConsent, MutualTls
from ccflow_tui.models.secret_reference import command_reference

_Reader = Callable[[Any], Any]


def client_values(client: ClientSettings) -> dict[str, Any]:
    """Return profile attribute to value for everything that is really said."""
    values = {attribute: read(_at(client, place)) for attribute, (place, read) in _SAID.items()}
    if client.secret_command:
        values["secret_reference"] = command_reference(client.secret_command)
    # False is a word of its own: it takes back a True that stands lower.
    return {attribute: value for attribute, value in values.items() if value or value is False}


def setting_of(attribute: str) -> str:
    """Return the key within a client's settings of a profile attribute: ``assertion.key``; or ``""``."""
    place = _SAID[attribute][0] if attribute in _SAID else ""
    return ".".join(camel(part) for part in place.split("."))


def _at(client: ClientSettings, place: str) -> Any:
    return attrgetter(place)(client)


def _as_it_is(value: Any) -> Any:
    return value


def _lower(text: str | None) -> str:
    return filled_in(text).lower()


def _texts(texts: tuple[str, ...] | None) -> tuple[str, ...]:
    return tuple(text for item in texts or () if (text := filled_in(item)))


def _scope(scopes: tuple[str, ...] | None) -> str:
    return " ".join(_texts(scopes))


def _json(details: tuple[Mapping[str, Any], ...] | None) -> str:
    return json.dumps(details, ensure_ascii=False) if details else ""


def _pairs(members: Mapping[str, str] | None) -> Parameters:
    return tuple((name, text) for name, value in (members or {}).items() if (text := filled_in(value)))


def _consent(origin: str | None) -> EndpointConsent | None:
    return EndpointConsent(origin=filled_in(origin)) if filled_in(origin) else None


def _mutual_tls(said: MtlsSettings) -> MutualTls | None:
    mtls = MutualTls(bool(said.enabled), filled_in(said.cert_ref), filled_in(said.key_ref))
    return None if said.enabled is None and mtls == MutualTls() else mtls


_SAID: Mapping[str, tuple[str, _Reader]] = MappingProxyType(
    {
        "provider": ("provider", _as_it_is),
        "provider_inputs": ("provider_inputs", _pairs),
        "environment_id": ("environment_id", filled_in),
        "region": ("region", _lower),
        "issuer": ("issuer", filled_in),
        "token_endpoint": ("token_endpoint", filled_in),
        "endpoint_consent": ("allow_endpoint", _consent),
        "api_base": ("api_base", filled_in),
        "client_id": ("client_id", filled_in),
        "auth_method": ("auth_method", _as_it_is),
        "basic_encoding": ("basic_encoding", _as_it_is),
        "secret_reference": ("secret_reference", filled_in),
        "key_reference": ("assertion.key", filled_in),
        "assertion_certificate": ("assertion.certificate", filled_in),
        "assertion_alg": ("assertion.alg", filled_in),
        "assertion_kid": ("assertion.kid", filled_in),
        "assertion_audience": ("assertion.audience", filled_in),
        "scope": ("scopes", _scope),
        "audience": ("audience", filled_in),
        "resources": ("resource", _texts),
        "authorization_details": ("authorization_details", _json),
        "extra_parameters": ("extra_parameters", _pairs),
        "proactive_refresh_seconds": ("proactive_refresh_seconds", _as_it_is),
        "mtls": ("mtls", _mutual_tls),
        "dpop": ("dpop.enabled", _as_it_is),
        "dpop_alg": ("dpop.alg", filled_in),
        "dpop_allow_bearer": ("dpop.allow_bearer", _as_it_is),
        "production": ("production", _as_it_is),
        "note": ("note", filled_in),
    }
)
"""Profile attribute to its place among the client settings, and to the reader of what stands there."""
