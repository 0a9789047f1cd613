"""What the texts of ccflow's environment variables mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from ccflow_tui.config.nearest import did_you_mean, nearest
from ccflow_tui.config.yes_no import REMEDY, yes_or_no
from ccflow_tui.models.parameters import parse_parameters
from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import AuthMethod, BasicEncoding, EndpointConsent, MutualTls, Provider
from ccflow_tui.models.variables import (
    CERT_KEY_VARIABLE,
    CERT_VARIABLE,
    ENABLED_VARIABLE,
    PASSPHRASE_VARIABLE,
    PROFILE_VARIABLE,
    SECRET_ORIGIN_VARIABLE,
    SECRET_STORE_VARIABLE,
    SECRET_VARIABLE,
    STORE_PASSPHRASE_VARIABLE,
    TRUST_FOLDER_VARIABLE,
    VARIABLES,
)

_CHOICES: Mapping[str, type[StrEnum]] = MappingProxyType(
    {"auth_method": AuthMethod, "basic_encoding": BasicEncoding, "provider": Provider}
)
_FLAGS = frozenset({"dpop", "dpop_allow_bearer"})
_READERS: Mapping[str, Callable[[str], object]] = MappingProxyType(
    {
        "endpoint_consent": lambda text: EndpointConsent(origin=text),
        "extra_parameters": parse_parameters,
        "provider_inputs": parse_parameters,
        "region": str.lower,
        "resources": lambda text: tuple(text.split()),
    }
)
"""How values of other types than text are written."""
_REFERENCES = frozenset({"key_reference", "assertion_certificate", "mtls"})
_OTHERS = (
    ENABLED_VARIABLE,
    TRUST_FOLDER_VARIABLE,
    "CCFLOW_HOME",
    "CCFLOW_RECORD_KEYS",
    PROFILE_VARIABLE,
    SECRET_VARIABLE,
    SECRET_ORIGIN_VARIABLE,
    SECRET_STORE_VARIABLE,
    PASSPHRASE_VARIABLE,
    STORE_PASSPHRASE_VARIABLE,
    CERT_VARIABLE,
    CERT_KEY_VARIABLE,
)


def parse_value(attribute: str, text: str, origin: str) -> object:
    """Return the profile value that a text stands for, or ``None`` for blank text.

    ``origin`` names the variable and its source in the ``InputProblem`` that a bad text raises; the text
    itself is not repeated, since a secret may have been put into the wrong variable.
    """
    text = text.strip()
    if not text:
        return None
    if attribute == "authorization_details":
        text = re.sub(r"[\t\r\n]+", " ", text)  # between the tokens of JSON, where it means nothing
    if not text.isprintable():
        raise InputProblem(attribute, f"{origin} holds a hidden character.", "Type the text anew.")
    if choices := _CHOICES.get(attribute):
        return _choice(attribute, text, origin, choices)
    if attribute in _FLAGS:
        return _flag(attribute, text, origin)
    if attribute in _REFERENCES and "-----BEGIN" in text:
        raise InputProblem(
            attribute,
            f"{origin} holds the key or certificate itself, where a reference to it is wanted.",
            "Put the key into another variable, KEY say, and write env:KEY here; or name its file.",
        )
    if attribute == "secret_reference":
        _refuse_no_reference(attribute, text, origin)
    return _READERS.get(attribute, str)(text)


def _refuse_no_reference(attribute: str, text: str, origin: str) -> None:
    from ccflow_tui.models.secret_reference import FORMS, problem_of

    if problem := problem_of(text):
        raise InputProblem(attribute, f"{origin} cannot be used. {problem}", f"Write {FORMS}.")


def _flag(attribute: str, text: str, origin: str) -> bool:
    if (flag := yes_or_no(text)) is None:
        raise InputProblem(attribute, f"{origin} must say yes or no.", REMEDY)
    return flag


def client_certificate(variables: Mapping[str, str], source: str) -> MutualTls | None:
    """Return the client certificate that variables name, or ``None``; raises ``InputProblem``.

    ``source`` is where the variables come from, for the text of a problem.
    """
    cert, key = (
        parse_value("mtls", variables.get(name, ""), f"{name} ({source})")
        for name in (CERT_VARIABLE, CERT_KEY_VARIABLE)
    )
    return MutualTls(True, str(cert), str(key or "")) if cert else None


def _choice(attribute: str, text: str, origin: str, choices: type[StrEnum]) -> StrEnum:
    try:
        return choices(text.lower())
    except ValueError:
        known = [choice.value for choice in choices]
        raise InputProblem(attribute, f"{origin} has an unknown value.", did_you_mean(text, known)) from None


def misspelt(names: Iterable[str]) -> tuple[str, ...]:
    """Return a sentence for every ``CCFLOW_`` variable that looks like a known one but is not."""
    known = (*VARIABLES, *_OTHERS)
    unknown = sorted(name for name in names if name.startswith("CCFLOW_") and name not in known)
    return tuple(
        f"The variable {name} is not known and was not used. Did you mean {match}?"
        for name in unknown
        if (match := nearest(name, known))
    )
