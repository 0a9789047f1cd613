"""Times and the states of a token's lifetime as short texts, shared by countdown and status bar."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from ccflow_tui.models.lifetime import Urgency


class Look(NamedTuple):
    """Glyph, word and style of a state: three signs, so that none of them has to be seen."""

    glyph: str
    word: str
    style: str


URGENCY_LOOKS: Mapping[Urgency, Look] = MappingProxyType(
    {
        Urgency.NONE: Look("○", "no token", "$ccflow-muted"),
        Urgency.UNSTATED: Look("●", "valid, no expiry given", "$text-primary"),
        Urgency.FRESH: Look("●", "valid", "$text-success"),
        Urgency.SOON: Look("▲", "expiring soon", "$text-warning"),
        Urgency.URGENT: Look("◆", "about to expire", "$text-error"),
        Urgency.EXPIRED: Look("✕", "EXPIRED", "$text-error"),
    }
)


def countdown_text(seconds: float) -> str:
    """Return ``mm:ss``, or ``h:mm:ss`` from one hour on; a part of a second counts as a whole one."""
    whole = max(0, math.ceil(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, second = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{second:02}" if hours else f"{minutes:02}:{second:02}"


def time_of_day(epoch: float) -> str:
    """Return the local time of day."""
    return _local_time(epoch, "%H:%M:%S")


def date_and_time(epoch: float) -> str:
    """Return local month, day and time of day."""
    return _local_time(epoch, "%m-%d %H:%M:%S")


def full_date_and_time(epoch: float) -> str:
    """Return local year, month, day and time of day."""
    return _local_time(epoch, "%Y-%m-%d %H:%M:%S")


def full_date(epoch: float) -> str:
    """Return local year, month and day."""
    return _local_time(epoch, "%Y-%m-%d")


def _local_time(epoch: float, pattern: str) -> str:
    try:
        return datetime.fromtimestamp(epoch).strftime(pattern)
    except (OverflowError, ValueError, OSError):
        # A server may state a lifetime of any length; which of the three is raised depends on the system.
        return "a date beyond the calendar"
