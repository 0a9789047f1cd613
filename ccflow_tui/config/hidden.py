"""Values of a configuration as they may be shown: whatever could hold a secret is left out."""

from __future__ import annotations

from urllib.parse import urlsplit

from ccflow_tui.config.json_file import printable
from ccflow_tui.models.parameters import parse_parameters
from ccflow_tui.models.secret_shapes import is_secret_name, is_secret_value

HIDDEN = "(hidden)"
_ADDRESSES = frozenset({"issuer", "token_endpoint", "api_base", "endpoint_consent"})
_LONGEST = 200


def safe_text(attribute: str, text: str) -> str:
    """Return the text of a profile attribute for a screen or a report.

    The values of extra parameters, the authorization details and the query of an address stay hidden
    whatever they are; everything else that has the shape of a secret, too.
    """
    if not text:
        return ""
    if attribute == "extra_parameters":
        return "&".join(f"{printable(name)}={HIDDEN}" for name, _ in parse_parameters(text))
    if attribute == "authorization_details" or _looks_secret(attribute, text):
        return HIDDEN
    if attribute in _ADDRESSES and (rest := _behind_path(text)):
        text = f"{text[: -len(rest)]}{rest[0]}{HIDDEN}"
    return printable(text, limit=_LONGEST)


def _looks_secret(attribute: str, text: str) -> bool:
    if is_secret_value(text) or text.lstrip().startswith("{"):
        return True
    return attribute == "provider_inputs" and any(is_secret_name(name) for name, _ in parse_parameters(text))


def _behind_path(address: str) -> str:
    """Return query and fragment of an address with the sign they begin with, or an empty text."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if not parts.query and not parts.fragment:
        return ""
    return address[min(at for sign in "?#" if (at := address.find(sign)) >= 0) :]
