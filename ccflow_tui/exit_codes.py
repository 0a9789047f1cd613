"""Exit codes: a documented part of the interface of ``ccflow token``."""

from __future__ import annotations

from ccflow_tui.models.outcome import Cancelled, Granted, Malformed, Outcome, Refused, Unreachable

DONE = 0
CRASHED = 1
UNUSABLE = 2
REFUSED = 3
UNREACHABLE = 4
MALFORMED = 5
DISABLED = 6
DECLINED = 7
CANCELLED = 130

EXIT_CODES_HELP = """exit codes:
  0  a token was printed, or the wizard was left in order
  1  a bug in ccflow
  2  options, settings or credential cannot be used; nothing was sent
  3  the authorization server refused (OAuth error on stderr)
  4  the authorization server could not be reached in time
  5  what answered was no token response
  6  the flow is switched off (oauth.clientCredentials.enabled)
  7  no terminal to draw the wizard on
  130  cancelled; 143 and 129 after SIGTERM and SIGHUP"""


def outcome_code(outcome: Outcome) -> int:
    """Return the exit code of a token request."""
    match outcome:
        case Granted():
            return DONE
        case Refused():
            return REFUSED
        case Unreachable():
            return UNREACHABLE
        case Malformed():
            return MALFORMED
        case Cancelled():
            return CANCELLED
