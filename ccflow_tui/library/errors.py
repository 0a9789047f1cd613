"""What a program can catch when there is no token.

The tree; all texts are safe to show and to log::

    CcflowError                 everything ccflow raises on purpose
    ├── InputProblem            a parameter, secret or key cannot be used; nothing was sent
    └── TokenError              the request ended without a token; ``outcome`` says how
        ├── TokenRefused        the server answered with an OAuth error (RFC 6749, section 5.2)
        ├── TokenUnreachable    no usable HTTP answer arrived: DNS, TLS, connection, time-out
        ├── TokenMalformed      what answered was no token response
        └── TokenCancelled      the client was closed while the request was under way
"""

from __future__ import annotations

from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.outcome import Cancelled, Granted, Malformed, Outcome, Refused, Unreachable
from ccflow_tui.models.problems import CcflowError


class TokenError(CcflowError):
    """There is no token; ``outcome`` holds phase, HTTP status, attempts and correlation id."""

    def __init__(self, text: str, outcome: Outcome) -> None:
        super().__init__(text)
        self.outcome = outcome


class TokenRefused(TokenError):
    """The server answered with an OAuth error; ``code`` is its registered name (RFC 6749, section 5.2)."""

    def __init__(self, outcome: Refused) -> None:
        said = f": {outcome.description}" if outcome.description else ""
        status = outcome.exchange.http_status
        super().__init__(f"{outcome.code} (HTTP {status}){said}", outcome)
        self.code, self.description = outcome.code, outcome.description


class TokenUnreachable(TokenError):
    """No usable answer; ``phase`` and ``kind`` say where it ended, such as ``TLS`` and ``tls-expired``."""

    def __init__(self, outcome: Unreachable) -> None:
        super().__init__(outcome.detail, outcome)
        self.phase, self.kind = outcome.phase, outcome.kind


class TokenMalformed(TokenError):
    """The answer is no token response; ``kind`` is a short stable name such as ``html`` or ``bad-json``."""

    def __init__(self, outcome: Malformed) -> None:
        super().__init__(outcome.reason, outcome)
        self.kind = outcome.kind


class TokenCancelled(TokenError):
    """The client was closed, or its token dropped, while the request was under way."""

    def __init__(self, outcome: Cancelled) -> None:
        super().__init__("The token request was cancelled.", outcome)


def token_of(outcome: Outcome) -> AccessToken:
    """Return the token of an outcome; raises the ``TokenError`` that stands for any other end."""
    match outcome:
        case Granted():
            return outcome.token
        case Refused():
            raise TokenRefused(outcome)
        case Unreachable():
            raise TokenUnreachable(outcome)
        case Malformed():
            raise TokenMalformed(outcome)
        case Cancelled():
            raise TokenCancelled(outcome)
