"""A ``.env`` that brings server, client and secret itself, where the user has nothing of their own yet.

Nothing that belongs to the user goes anywhere by it, and it stands in place of nothing. So it counts without
a question: in a pipeline on a fresh machine, and for somebody who begins with a ``.env`` of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccflow_tui.models.profile import AuthMethod
from ccflow_tui.models.variables import (
    CERT_KEY_VARIABLE,
    CERT_VARIABLE,
    PROFILE_VARIABLE,
    SECRET_VARIABLE,
    VARIABLES,
)

if TYPE_CHECKING:
    from ccflow_tui.config.layers import Layers

_METHOD, _CLIENT = "CCFLOW_AUTH_METHOD", "CCFLOW_CLIENT_ID"
_SERVERS = frozenset(
    {"CCFLOW_TOKEN_ENDPOINT", "CCFLOW_ISSUER", "CCFLOW_PROVIDER_INPUTS", "CCFLOW_ENVIRONMENT_ID"}
)
_ASKED_FOR = frozenset(
    {
        "CCFLOW_SCOPE",
        "CCFLOW_AUDIENCE",
        "CCFLOW_RESOURCE",
        "CCFLOW_AUTHORIZATION_DETAILS",
        "CCFLOW_EXTRA_PARAMETERS",
        "CCFLOW_BASIC_ENCODING",
    }
)
_MAY_SAY = _SERVERS | _ASKED_FOR | {_METHOD, _CLIENT, SECRET_VARIABLE, "CCFLOW_PROVIDER", "CCFLOW_REGION"}
_OF_CLIENTS = (VARIABLES.keys() - _ASKED_FOR) | {
    SECRET_VARIABLE,
    PROFILE_VARIABLE,
    CERT_VARIABLE,
    CERT_KEY_VARIABLE,
}
_SECRET_METHODS = frozenset(method.value for method in AuthMethod if method.uses_secret)


def stands_alone(layers: Layers) -> bool:
    """Whether the ``.env`` uses nothing of the user's and stands in place of nothing."""
    said = {name: value.strip() for name, value in layers.env_file.items() if value.strip()}
    is_whole = (
        said.keys() <= _MAY_SAY
        and not _SERVERS.isdisjoint(said)
        and {_CLIENT, SECRET_VARIABLE} <= said.keys()
        and said.get(_METHOD, "").lower() in _SECRET_METHODS
    )
    return is_whole and not _has_own(layers)


def _has_own(layers: Layers) -> bool:
    """Whether the user, or anybody in a settings file, has said something about clients and servers."""
    saved = layers.saved is not None and bool(layers.saved.profiles)
    settings = layers.settings is not None or layers.own_settings is not None
    return saved or settings or not _OF_CLIENTS.isdisjoint(layers.environment)
