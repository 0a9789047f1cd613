"""The countdown of a token as a value: how much is left, how urgent that is, when to refresh."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
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

    def calm(self) -> Lifetime:
        """Return it as a countdown that seldom moves: by the minute, and then at 60, 30 and 10 seconds.

        What is shown is never less than what is left.
        """
        return replace(self, seconds_left=_calm(self.seconds_left), refresh_in=_calm(self.refresh_in))


_CALM_STEPS = (10, 30, 60)


def _calm(seconds: float | None) -> float | None:
    if seconds is None or seconds <= 0:
        return seconds
    return next((step for step in _CALM_STEPS if seconds <= step), 60 * math.ceil(seconds / 60))
