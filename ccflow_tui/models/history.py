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
        """Whether an event of this kind is good news, as far as the kind tells."""
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

    @property
    def succeeded(self) -> bool:
        """Whether it is good news; for a call to an API that is what its status says."""
        if self.kind is HistoryKind.RESOURCE:
            return self.http_status in range(200, 300)
        return self.kind.succeeded
