"""Times in tokens: seconds since the epoch (RFC 7519, section 2), from a stranger's JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

LATEST = 253_402_300_799.0
"""Epoch seconds beyond which a time is no time: the end of the year 9999."""


def read_time(claims: Mapping[str, Any], name: str) -> float | None:
    """Return a claim as epoch seconds, or ``None`` when it is missing or no plausible time."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and 0 <= value <= LATEST else None


def show_time(moment: float) -> str:
    """Return epoch seconds up to ``LATEST`` as a date and time in UTC."""
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M:%S} UTC"
