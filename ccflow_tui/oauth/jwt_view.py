"""Look inside a token, for the person debugging; nothing in ccflow depends on what is found.

An access token is opaque to the client (RFC 9068, section 6); its signature is not checked here.
"""

from __future__ import annotations

import binascii
import re
from base64 import urlsafe_b64decode
from typing import Any

from ccflow_tui.models.strict_json import StrictJsonError, parse_object
from ccflow_tui.models.token_view import TokenView
from ccflow_tui.oauth.json_clean import clean_members

JWT_NOTE = "For debugging; opaque to the client. The signature was not checked."
UNSIGNED_NOTE = (
    "For debugging; opaque to the client. The token is not signed (alg none): anyone can make one."
)
JWE_NOTE = "An encrypted token (JWE): only the API it is meant for can read its claims. Its header is shown."
OPAQUE_NOTE = "An opaque token: it means something to its server only. That is normal and no error."

_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")
_JWS_PARTS, _JWE_PARTS = 3, 5


def view_token(text: str) -> TokenView:
    """Classify a token and decode what is not encrypted; never raises.

    Nothing is fetched, whatever ``jku`` or ``x5u`` the header names (RFC 8725, section 3.10).
    """
    parts = text.split(".", _JWE_PARTS)
    header = _decode(parts[0]) if len(parts) in {_JWS_PARTS, _JWE_PARTS} else None
    if header is None or not isinstance(header.get("alg"), str):
        return TokenView("opaque", OPAQUE_NOTE)
    if len(parts) == _JWE_PARTS:
        if not isinstance(header.get("enc"), str):
            return TokenView("opaque", OPAQUE_NOTE)
        return TokenView("jwe", JWE_NOTE, header)
    claims = _decode(parts[1])
    if claims is None:
        return TokenView("opaque", OPAQUE_NOTE)
    unsigned = header["alg"].lower() == "none" or not parts[2]
    return TokenView("jwt", UNSIGNED_NOTE if unsigned else JWT_NOTE, header, claims)


def _decode(part: str) -> dict[str, Any] | None:
    """Return the JSON object in a base64url part (RFC 7515, section 2), scrubbed; ``None`` if it is none."""
    if not _BASE64URL.fullmatch(part):
        return None
    try:
        members = parse_object(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, StrictJsonError):
        return None
    return clean_members(members)
