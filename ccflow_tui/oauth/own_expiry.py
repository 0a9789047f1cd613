"""When a JWT access token ends by its own word, held against what the answer said about it.

A client must not depend on a token's content (RFC 9068, section 6). It only serves here to not use a token
that the API will take for expired.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ccflow_tui.oauth.numeric_date import read_time

TOLERANCE = 5.0
"""Seconds by which both may differ: a Date header is good to a second, and an answer takes time to travel."""


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
