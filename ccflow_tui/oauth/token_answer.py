"""An HTTP answer to a token request, before anything is made of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ccflow_tui.models.outcome import Exchange
from ccflow_tui.oauth.response_headers import Headers
from ccflow_tui.oauth.sanitize import scrub
from ccflow_tui.oauth.token_binding import AskedBinding

SCAN_LIMIT = 20_000
"""Characters of a server's text that are looked at; what is shown is shorter still."""


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """What came back, and what is needed to judge it; ``repr`` leaves out what may hold a token."""

    status: int
    headers: Headers = field(repr=False)
    """Names in lower case."""
    body: bytes = field(repr=False)
    requested_at: float
    """Epoch seconds at which the request was sent."""
    requested_at_monotonic: float
    requested_scope: str = ""
    requested_details: str = ""
    """The ``authorization_details`` parameter as it was sent (RFC 9396)."""
    exchange: Exchange = field(default_factory=Exchange)
    """What the caller knows: attempts, elapsed time, server. The answer's headers fill in the rest."""
    received_at: float | None = None
    """Epoch seconds at which the answer was read; without it, ``requested_at`` stands in."""
    binding: AskedBinding | None = None
    """What the request's DPoP proof asked for; ``None`` for a request without one."""
    redact: Callable[[str], str] = field(default=str, repr=False)
    """Removes known secrets from what the server wrote, since some servers echo the request."""

    def clean(self, text: object, *, limit: int = 500) -> str:
        """Return something the server wrote as one line that is safe to show."""
        return scrub(self.redact(scrub(str(text), limit=SCAN_LIMIT)), limit=limit)

    def clean_all(self, texts: Iterable[str]) -> tuple[str, ...]:
        """Return each of them clean."""
        return tuple(self.clean(text) for text in texts)
