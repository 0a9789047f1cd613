"""The countdown of a token as a value: how much is left, how urgent that is, when to refresh."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Urgency(StrEnum):
    """The state of a token's lifetime, each with its own colour, word and glyph."""

    NONE = "no token"
    UNSTATED = "no expiry given"
    FRESH = "valid"
    SOON = "expiring soon"
    URGENT = "about to expire"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Lifetime:
    """A snapshot of the countdown at one moment."""

    urgency: Urgency
    seconds_left: float | None = None
    total: int | None = None
    """Lifetime in seconds as granted."""
    refresh_in: float | None = None
    """Seconds until the proactive refresh; ``None`` when none is planned."""
    expires_at: float | None = None
    """Epoch seconds."""
