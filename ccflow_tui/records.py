"""Turns what happened into history entries: metadata and a fingerprint, never a token."""

from __future__ import annotations

from datetime import datetime

from ccflow_tui.models.history import HistoryEntry, HistoryKind
from ccflow_tui.models.outcome import (
    Cancelled,
    Granted,
    Malformed,
    Outcome,
    Refused,
    ResourceResult,
    Unreachable,
)
from ccflow_tui.models.profile import Profile
from ccflow_tui.services.wire import host_of


def outcome_entry(outcome: Outcome, profile: Profile, *, at: float, refreshed: bool = False) -> HistoryEntry:
    """Return the entry of a token request that ended at ``at`` (epoch seconds)."""
    kind, result = _told(outcome, refreshed=refreshed)
    token = outcome.token if isinstance(outcome, Granted) else None
    return HistoryEntry(
        at=at,
        kind=kind,
        profile=profile.name,
        client_id=profile.client_id,
        server=_server(profile.token_endpoint),
        method=profile.auth_method,
        scope=(token.scope if token and token.scope is not None else profile.scope),
        result=result,
        http_status=outcome.exchange.http_status,
        expires_at=token.expires_at if token else None,
        fingerprint=token.fingerprint if token else "",
    )


def resource_entry(result: ResourceResult, profile: Profile, *, at: float) -> HistoryEntry:
    """Return the entry of a call to the sample API."""
    return HistoryEntry(
        at=at,
        kind=HistoryKind.RESOURCE,
        profile=profile.name,
        client_id=profile.client_id,
        server=_server(result.url),
        method=result.method,
        result=result.problem or "answered",
        http_status=result.status,
    )


def sign_out_entry(profile: Profile, *, at: float, result: str = "purged") -> HistoryEntry:
    """Return the entry of a sign-out, or of another removal of everything secret, which ``result`` names."""
    server = _server(profile.token_endpoint)
    return HistoryEntry(at, HistoryKind.SIGNED_OUT, profile.name, profile.client_id, server, result=result)


def entry_text(entry: HistoryEntry) -> str:
    """Return an entry as a person is asked about it, a line for each of its parts."""
    status = f"HTTP {entry.http_status}, " if entry.http_status else ""
    rows = (
        ("When", f"{datetime.fromtimestamp(entry.at):%Y-%m-%d %H:%M:%S}"),
        ("Event", entry.kind.value),
        ("Profile", entry.profile),
        ("Result", f"{status}{entry.result}"),
    )
    return "\n".join(f"{name:<9}{text}" for name, text in rows if text)


def _told(outcome: Outcome, *, refreshed: bool) -> tuple[HistoryKind, str]:
    match outcome:
        case Granted(token):
            kind = HistoryKind.REFRESHED if refreshed else HistoryKind.GRANTED
            until = token.expires_at
            return kind, f"until {datetime.fromtimestamp(until):%H:%M:%S}" if until else "no expiry given"
        case Refused(code):
            return HistoryKind.REFUSED, code
        case Unreachable(_, kind):
            return HistoryKind.UNREACHABLE, kind
        case Malformed(_, kind):
            return HistoryKind.MALFORMED, kind
        case Cancelled():
            return HistoryKind.CANCELLED, "cancelled"


def _server(url: str) -> str:
    try:
        return host_of(url)
    except ValueError:  # an address that is none, such as one with half an IPv6 host
        return ""
