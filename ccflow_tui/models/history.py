"""One line of the history: what happened, when, how it ended; never a token."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class HistoryKind(StrEnum):
    """What a history entry tells of."""

    GRANTED = "granted"
    REFRESHED = "refreshed"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    MALFORMED = "malformed"
    CANCELLED = "cancelled"
    RESOURCE = "resource"
    SIGNED_OUT = "signed out"

    @property
    def succeeded(self) -> bool:
        """Whether the event is good news."""
        return self in {
            HistoryKind.GRANTED,
            HistoryKind.REFRESHED,
            HistoryKind.RESOURCE,
            HistoryKind.SIGNED_OUT,
        }


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """Metadata of one event; ``fingerprint`` is the start of the token's SHA-256, never the token."""

    at: float
    """Epoch seconds."""
    kind: HistoryKind
    profile: str
    client_id: str
    server: str
    method: str = ""
    scope: str = ""
    result: str = ""
    http_status: int | None = None
    expires_at: float | None = None
    fingerprint: str = ""
    id: int = 0
    """Row number in the store; 0 before it is stored."""
