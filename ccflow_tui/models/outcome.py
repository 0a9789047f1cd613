"""How a token request ended: exactly one of five."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ccflow_tui.models.access_token import AccessToken


class Phase(StrEnum):
    """Where on the way an exchange ended."""

    PREPARE = "prepare"
    DNS = "DNS"
    CONNECT = "connect"
    TLS = "TLS"
    SEND = "send"
    RECEIVE = "receive"
    HTTP = "HTTP"
    PARSE = "parse"
    OAUTH = "OAuth"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What is known of the HTTP exchange; every text is already scrubbed and free of secrets."""

    attempts: int = 1
    elapsed: float = 0.0
    """Seconds from the first attempt to the end."""
    http_status: int | None = None
    server: str = ""
    """Host and port that answered or was asked."""
    content_type: str = ""
    correlation_id: str = ""
    clock_skew: float | None = None
    """Seconds the server's clock is ahead of ours, by its Date header."""
    retry_after: float | None = None
    clock_correction: float = 0.0
    """Seconds by which the last request was dated ahead of our clock, to suit the server's."""
    basic_encoded: bool | None = None
    """Whether a failed request's Basic credentials held what percent-encoding makes; ``None`` without any."""


@dataclass(frozen=True, slots=True)
class Granted:
    """The server issued a token."""

    token: AccessToken
    exchange: Exchange = Exchange()
    notes: tuple[str, ...] = ()
    """What is odd about the answer but no reason to refuse it."""
    differences: tuple[str, ...] = ()
    """Those of the notes that hold what was granted against what was asked for."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The server answered with an OAuth error (RFC 6749, section 5.2)."""

    code: str
    description: str = ""
    error_uri: str = ""
    exchange: Exchange = Exchange()
    phase: Phase = Phase.OAUTH
    cause: str = ""
    """A short stable name of what ccflow found out itself: ``nonce-missing``, ``nonce-repeated`` ..."""


@dataclass(frozen=True, slots=True)
class Unreachable:
    """No usable HTTP answer arrived."""

    phase: Phase
    kind: str
    """A short stable name: ``name-not-found``, ``refused``, ``timed-out``, ``tls-expired`` ..."""
    detail: str
    exchange: Exchange = Exchange()


@dataclass(frozen=True, slots=True)
class Malformed:
    """An HTTP answer arrived that is no token response."""

    reason: str
    kind: str = "malformed"
    """A short stable name: ``html``, ``redirect``, ``http-error``, ``too-large``, ``bad-json`` ..."""
    snippet: str = ""
    exchange: Exchange = Exchange()
    phase: Phase = Phase.PARSE


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The user stopped the request; the connection was closed."""

    exchange: Exchange = Exchange()


Outcome = Granted | Refused | Unreachable | Malformed | Cancelled


@dataclass(frozen=True, slots=True)
class Advice:
    """An outcome explained: what failed, why, and what to do, most likely remedy first."""

    title: str
    reason: str
    server_said: str = ""
    what_to_do: tuple[str, ...] = ()
    field: str = ""
    """The profile field to edit first, when one is to blame."""
    can_retry: bool = True
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ResourceResult:
    """What a protected API answered to the token."""

    method: str
    url: str
    status: int | None
    """HTTP status, or ``None`` when no answer arrived."""
    content_type: str = ""
    body: str = ""
    """The start of the body, scrubbed and redacted."""
    elapsed: float = 0.0
    problem: str = ""
    """What went wrong, in one sentence; empty on success."""
    remedy: str = ""
    fresh_token_used: bool = False
    """Whether a 401 made ccflow fetch one new token and ask again."""
