"""What a secret looks like, for the places where none may stand: files, extra parameters."""

from __future__ import annotations

import re

_VALUE = re.compile(r"-----BEGIN |eyJ[\w-]+\.[\w-]+\.|://[^/?#\s]*@")
_NAME = re.compile(
    r"(?:secret|passw(?:or)?d|passphrase|token|assertion|apikey|privatekey|jwk|credentials?)$", re.IGNORECASE
)


def is_secret_value(text: str) -> bool:
    """Whether the text has the shape of a private key, a signed token or a URL with a password."""
    return _VALUE.search(text) is not None


def is_secret_name(name: str) -> bool:
    """Whether a parameter of this name carries a secret: ``password``, ``subject_token``, ``api-key``."""
    return _NAME.search(re.sub(r"[^A-Za-z0-9]", "", name)) is not None
