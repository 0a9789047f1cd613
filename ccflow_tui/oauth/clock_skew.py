"""How far a server's clock is from ours, how sure that is, and when it is followed.

Only what is signed for that very server is dated by its clock, and only within five minutes: a server
that lies about the time gains nothing but assertions for itself.
"""

from __future__ import annotations

import re

from ccflow_tui.oauth.explanation import duration
from ccflow_tui.oauth.response_headers import Headers, header, http_date

NOTICEABLE = 3.0
"""Seconds; below it, a Date header's resolution and back-dating take care of the difference."""
MAX_FOLLOWED = 300.0
"""Seconds; a larger difference is told and not followed: one of the clocks is plainly wrong."""

_ABOUT_TIME = re.compile(r"expired|future|not yet|clock|\b(?:iat|exp|nbf)\b", re.IGNORECASE)


def proven_skew(headers: Headers, *, sent_at: float, received_at: float) -> float | None:
    """Return how many seconds at the least the server's clock is ahead of ours (behind when negative).

    ``Date`` (RFC 9110, section 6.6.1) names a whole second somewhere between sending and receiving, both
    epoch seconds by our clock. Only what this cannot explain counts, so that an answer that took long to
    make proves nothing. ``None`` without a readable date, and for an answer from a cache.
    """
    date = http_date(header(headers, "date"))
    if date is None or header(headers, "age").strip() not in {"", "0"}:
        return None
    least, most = date - max(received_at, sent_at), date + 1 - sent_at
    if least > 0:
        return least
    return most if most < 0 else 0.0


def correction(skew: float) -> float:
    """Return the seconds to add to our clock where something is dated for a server with that skew."""
    return skew if NOTICEABLE <= abs(skew) <= MAX_FOLLOWED else 0.0


def speaks_of_time(text: str) -> bool:
    """Whether an error description blames a date."""
    return _ABOUT_TIME.search(text) is not None


def described(skew: float) -> str:
    """Return how the server's clock stands to ours: ``2 minutes ahead of this computer's``."""
    if abs(skew) < 1:
        return "in step with this computer's"
    return f"{duration(abs(skew))} {'ahead of' if skew > 0 else 'behind'} this computer's"


def skew_note(skew: float, *, signs: bool) -> str:
    """Return what a user should know of a difference; empty when there is no noticeable one."""
    if abs(skew) < NOTICEABLE:
        return ""
    found = f"The server's clock is {described(skew)}"
    if abs(skew) > MAX_FOLLOWED:
        return f"{found}; that is too much to allow for. Check which of the two is wrong."
    return f"{found}; what ccflow signs for it is dated by its clock." if signs else f"{found}."
