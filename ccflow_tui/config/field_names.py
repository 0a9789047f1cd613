"""What a field is called outside of the form: its environment variable, and its key of the settings file."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ccflow_tui.config.settings import camel
from ccflow_tui.config.settings_values import setting_of
from ccflow_tui.models.problems import FieldProblem
from ccflow_tui.models.provider import INPUT_PREFIX
from ccflow_tui.models.variables import (
    CERT_KEY_VARIABLE,
    CERT_VARIABLE,
    ENABLED_VARIABLE,
    PROFILE_VARIABLE,
    SECRET_STORE_VARIABLE,
    SECRET_VARIABLE,
    VARIABLES,
)

VARIABLE_OF: Mapping[str, str] = MappingProxyType(
    {attribute: variable for variable, attribute in VARIABLES.items()}
    | {
        "mtls": CERT_VARIABLE,
        "mtls.cert_ref": CERT_VARIABLE,
        "mtls.key_ref": CERT_KEY_VARIABLE,
        "default_profile": PROFILE_VARIABLE,
        "enabled": ENABLED_VARIABLE,
        "secret_store": SECRET_STORE_VARIABLE,
        "client_secret": SECRET_VARIABLE,
    }
)
"""The environment variable of everything that has one."""


def key_of(field: str) -> str:
    """Return the key within a client's settings of a field as ``FieldProblem`` names it, or ``""``.

    A client secret stands in no file, so its key is that of the reference to it.
    """
    if field.startswith(INPUT_PREFIX):
        return f"{setting_of('provider_inputs')}.{field.removeprefix(INPUT_PREFIX)}"
    attribute, _, part = field.partition(".")
    key = setting_of("secret_reference" if attribute == "client_secret" else attribute)
    return f"{key}.{camel(part)}" if key and part else key


def set_by(field: str) -> str:
    """Return what sets a field without the form, such as ``CCFLOW_SCOPE, or scopes in the settings file``."""
    key, variable = key_of(field), VARIABLE_OF.get(field, "")
    if field.startswith(INPUT_PREFIX):
        variable = f"{VARIABLE_OF['provider_inputs']} ({field.removeprefix(INPUT_PREFIX)}=…)"
    return ", or ".join(filter(None, (variable, key and f"{key} in the settings file")))


def with_names(finding: FieldProblem) -> str:
    """Return a finding and, unless it names a variable itself, how its field is set without the form."""
    text, names = str(finding), set_by(finding.field)
    return f"{text} Set it with {names}." if names and "CCFLOW_" not in text else text
