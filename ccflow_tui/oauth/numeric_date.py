"""Times in tokens: seconds since the epoch (RFC 7519, section 2), from a stranger's JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

LATEST = 2.0**40
"""Epoch seconds beyond which a time is no time; this is the year 36,812."""


def read_time(claims: Mapping[str, Any], name: str) -> float | None:
    """Return a claim as epoch seconds, or ``None`` when it is missing or no plausible time."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and 0 <= value < LATEST else None
