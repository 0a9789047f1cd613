"""What a part of the settings file says about a profile, placeholders and blanks left out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ccflow_tui.config.placeholder import filled_in
from ccflow_tui.config.settings import ClientSettings
from ccflow_tui.models.parameters import Parameters
from ccflow_tui.models.profile import EndpointConsent, MutualTls
from ccflow_tui.models.secret_reference import command_reference


def client_values(client: ClientSettings) -> dict[str, Any]:
    """Return profile attribute to value for everything that is really said."""
    values: dict[str, Any] = {
        "provider": client.provider,
        "provider_inputs": _pairs(client.provider_inputs),
        "environment_id": filled_in(client.environment_id),
        "region": filled_in(client.region).lower(),
        "issuer": filled_in(client.issuer),
        "token_endpoint": filled_in(client.token_endpoint),
        "endpoint_consent": _consent(filled_in(client.allow_endpoint)),
        "api_base": filled_in(client.api_base),
        "client_id": filled_in(client.client_id),
        "auth_method": client.auth_method,
        "basic_encoding": client.basic_encoding,
        "secret_reference": _secret_reference(client),
        "key_reference": filled_in(client.assertion.key),
        "assertion_certificate": filled_in(client.assertion.certificate),
        "assertion_alg": filled_in(client.assertion.alg),
        "assertion_kid": filled_in(client.assertion.kid),
        "assertion_audience": filled_in(client.assertion.audience),
        "scope": " ".join(_texts(client.scopes)),
        "audience": filled_in(client.audience),
        "resources": _texts(client.resource),
        "authorization_details": json.dumps(client.authorization_details, ensure_ascii=False)
        if client.authorization_details
        else "",
        "extra_parameters": _pairs(client.extra_parameters),
        "proactive_refresh_seconds": client.proactive_refresh_seconds,
        "mtls": _mutual_tls(client),
        "dpop_alg": filled_in(client.dpop.alg),
        "note": filled_in(client.note),
    }
    said = {attribute: value for attribute, value in values.items() if value}
    flags = {
        "dpop": client.dpop.enabled,
        "dpop_allow_bearer": client.dpop.allow_bearer,
        "production": client.production,
    }
    # False is a word of its own here: it takes back a True that stands lower.
    return said | {attribute: flag for attribute, flag in flags.items() if flag is not None}


def _secret_reference(client: ClientSettings) -> str:
    command = client.secret_command
    return command_reference(command) if command else filled_in(client.secret_reference)


def _texts(texts: tuple[str, ...] | None) -> tuple[str, ...]:
    return tuple(text for item in texts or () if (text := filled_in(item)))


def _pairs(members: Mapping[str, str] | None) -> Parameters:
    return tuple((name, text) for name, value in (members or {}).items() if (text := filled_in(value)))


def _consent(origin: str) -> EndpointConsent | None:
    return EndpointConsent(origin=origin) if origin else None


def _mutual_tls(client: ClientSettings) -> MutualTls | None:
    said = client.mtls.enabled
    mtls = MutualTls(bool(said), filled_in(client.mtls.cert_ref), filled_in(client.mtls.key_ref))
    return None if said is None and mtls == MutualTls() else mtls
