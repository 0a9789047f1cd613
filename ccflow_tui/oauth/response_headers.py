"""What the headers of an answer say beyond the answer: waiting time, clock difference, correlation id."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from ccflow_tui.oauth.sanitize import scrub

Headers = tuple[tuple[str, str], ...]
"""Names in lower case, in the order received."""

MAX_RETRY_AFTER = 86_400.0
"""A server that asks for more than a day is taken to mean a day."""

CORRELATION_HEADERS = (
    "correlation-id",
    "x-correlation-id",
    "x-request-id",
    "request-id",
    "x-ms-request-id",
    "x-okta-request-id",
    "x-amzn-requestid",
    "x-trace-id",
    "cf-ray",
)

_LONGEST = 60
"""Characters; no number of seconds and no HTTP date is longer."""
_SECONDS = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_IMF_FIXDATE = re.compile(
    r"[A-Z][a-z]{2}, ([0-9]{2}) ([A-Z][a-z]{2}) ([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) GMT"
)
"""The one form that servers may send; what else there is comes from very old ones and takes longer."""
_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS: Mapping[str, int] = MappingProxyType({name: number for number, name in enumerate(_NAMES, 1)})
_PRINTED_ID = re.compile(r"(?:correlation|trace|request)[ _-]?id\s*[:=]\s*([\w-]{6,80})", re.IGNORECASE)


def header(headers: Headers, name: str) -> str:
    """Return the first header of that lower-case name, or an empty text."""
    return next((value for key, value in headers if key == name), "")


def media_type(headers: Headers) -> str:
    """Return the content type in lower case without its parameters (RFC 9110, section 8.3.1)."""
    return scrub(header(headers, "content-type").partition(";")[0].lower(), limit=80)


def retry_after_seconds(value: str, *, now: float) -> float | None:
    """Return the wait that a Retry-After header asks for (RFC 9110, section 10.2.3).

    ``value`` is a number of seconds or an HTTP date; ``now`` is the epoch second the date is measured
    from, best the server's own Date. ``None`` when there is none or it cannot be read; never negative,
    never more than a day.
    """
    text = value.strip()
    if len(text) <= _LONGEST and _SECONDS.fullmatch(text):
        wait: float | None = float(text)
    else:
        date = http_date(text)
        wait = None if date is None else date - now
    return None if wait is None else min(max(wait, 0.0), MAX_RETRY_AFTER)


def clock_skew(date_header: str, received_at: float) -> float | None:
    """Return how many seconds the server's clock is ahead of ours, by its Date header.

    Good to about a second plus the time the answer travelled; ``None`` without a readable Date.
    """
    date = http_date(date_header)
    return None if date is None else date - received_at


def http_date(text: str) -> float | None:
    """Return an HTTP date in epoch seconds (RFC 9110, section 5.6.7), or ``None``."""
    if not text or len(text) > _LONGEST:
        return None
    from datetime import UTC, datetime

    usual = _IMF_FIXDATE.fullmatch(text)
    try:
        if usual is not None and usual[2] in _MONTHS:
            day, month, year, hour, minute, second = usual.groups()
            whole = (int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second))
            return datetime(*whole, tzinfo=UTC).timestamp()
        from email.utils import parsedate_to_datetime

        date = parsedate_to_datetime(text)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def correlation_id(headers: Headers, *texts: str) -> str:
    """Return the id under which the server's operators find this exchange, or an empty text.

    Looked for in the usual headers, then in ``texts``, since PingOne prints it into the description.
    """
    stated = {name: value for name, value in reversed(headers) if name in CORRELATION_HEADERS}
    for name in CORRELATION_HEADERS if stated else ():
        if value := scrub(stated.get(name, ""), limit=120):
            return value
    for text in texts:
        if match := _PRINTED_ID.search(text[:20_000]):
            return match[1]
    return ""
