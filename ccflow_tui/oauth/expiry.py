"""When a token ends, when to fetch the next one, and how urgent that looks. All durations are seconds."""

from __future__ import annotations

from ccflow_tui.models.access_token import AccessToken, compute_absolute_expiry
from ccflow_tui.models.lifetime import Lifetime, Urgency

__all__ = ["compute_absolute_expiry", "measure_lifetime", "refresh_delay", "refresh_window"]

MIN_WINDOW, MAX_WINDOW = 60.0, 120.0
WINDOW_SHARE = 0.2
"""A token is never refreshed earlier than in this last share of its lifetime."""
JITTER_SHARE = 0.1
"""Clients that started together spread their refreshes over this share of the window."""

_LONG_LIVED = 600
_SOON, _URGENT = 300.0, 120.0
_SOON_SHARE, _URGENT_SHARE = 0.2, 0.05
_URGENT_LEAST = 3.0
_URGENT_MOST_SHARE = 0.15
"""Keeps a token of a few seconds from being urgent at birth."""


def refresh_window(lifetime: float, configured: float) -> float:
    """Return how long before expiry a token of ``lifetime`` is refreshed.

    ``configured`` is held within 60 to 120 seconds; short tokens use a fifth of their lifetime, so that
    a 60-second token is not refreshed without end.
    """
    return min(max(MIN_WINDOW, min(configured, MAX_WINDOW)), WINDOW_SHARE * max(lifetime, 0.0))


def refresh_delay(
    token: AccessToken, *, configured: float, jitter: float, wall: float, monotonic: float
) -> float | None:
    """Return how long to wait before the proactive refresh; 0 when it is due.

    ``jitter`` lies in 0..1 and brings the refresh forward by up to a tenth of the window. ``None`` means
    that none can be planned: the lifetime is not stated, or the token was granted already expired.
    """
    left = token.seconds_left(wall, monotonic)
    if left is None or token.expires_in is None or token.expires_in <= 0:
        return None
    window = refresh_window(token.expires_in, configured)
    return max(0.0, left - window * (1 + JITTER_SHARE * min(max(jitter, 0.0), 1.0)))


def measure_lifetime(
    token: AccessToken | None, *, wall: float, monotonic: float, refresh_in: float | None = None
) -> Lifetime:
    """Return the countdown at this moment; ``refresh_in`` is passed through while the token lives."""
    if token is None:
        return Lifetime(Urgency.NONE)
    left = token.seconds_left(wall, monotonic)
    if left is None or token.expires_in is None:
        return Lifetime(Urgency.UNSTATED, refresh_in=refresh_in)
    total, expires_at = token.expires_in, token.expires_at
    if left <= 0:
        return Lifetime(Urgency.EXPIRED, 0.0, total, None, expires_at)
    return Lifetime(_urgency(left, total), left, total, refresh_in, expires_at)


def _urgency(left: float, total: int) -> Urgency:
    soon, urgent = _thresholds(total)
    if left <= urgent:
        return Urgency.URGENT
    return Urgency.SOON if left <= soon else Urgency.FRESH


def _thresholds(total: int) -> tuple[float, float]:
    """Return amber and red as seconds left, scaled so that no token is born amber."""
    if total >= _LONG_LIVED:
        return _SOON, _URGENT
    urgent = max(_URGENT_SHARE * total, min(_URGENT_LEAST, _URGENT_MOST_SHARE * total))
    return max(_SOON_SHARE * total, 2 * urgent), urgent
