"""When a JWT access token ends by its own word, held against what the answer said about it.

A client must not depend on a token's content (RFC 9068, section 6). It only serves here to not use a token
that the API will take for expired.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any

from ccflow_tui.oauth.numeric_date import read_time

TOLERANCE = 5.0
"""Seconds by which both may differ: a Date header is good to a second, and an answer takes time to travel."""
_JWS_PARTS = 3
_LONGEST = 64 * 1024
"""Characters of the claims that are read."""


def quick_claims(token: str) -> Mapping[str, Any]:
    """Return what the middle part of a token says, or nothing where it is no JSON object; never raises.

    For every token that is granted, so without the checks of a reader that shows what it finds.
    """
    parts = token.split(".", _JWS_PARTS)
    if len(parts) != _JWS_PARTS or len(parts[1]) > _LONGEST:
        return {}
    try:
        claims = json.loads(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def own_lifetime(claims: Mapping[str, Any], *, server_time: float | None) -> float | None:
    """Return the seconds that the token lives by its ``exp``, or ``None`` when it does not say.

    ``server_time`` is the moment of the request on the server's clock (epoch seconds). Where that is not
    known, the token is taken to be as old as its ``iat`` says, since the client's clock may be wrong.
    """
    expires, issued = read_time(claims, "exp"), read_time(claims, "iat")
    start = issued if server_time is None else server_time
    return None if expires is None or start is None else expires - start


def earlier_lifetime(stated: int | None, own: float | None) -> int | None:
    """Return the token's own lifetime where it is shorter than the one stated, else ``None``."""
    if stated is None or own is None or own >= stated - TOLERANCE:
        return None
    return max(0, int(own))
