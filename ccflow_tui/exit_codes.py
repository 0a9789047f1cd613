"""Exit codes: a documented part of the interface of the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ccflow_tui.models.discovery import DiscoveryResult
    from ccflow_tui.models.outcome import Outcome

DONE = 0
CRASHED = 1
UNUSABLE = 2
REFUSED = 3
UNREACHABLE = 4
MALFORMED = 5
DISABLED = 6
DECLINED = 7
NOT_WRITTEN = 8
REMAINS = 9
CANCELLED = 130

EXIT_CODES_HELP = """exit codes:
  0  what was asked for was done: a token or answer printed, something kept or removed, the wizard left
  1  a bug in ccflow
  2  options, settings or credential cannot be used; no token was asked for
  3  the authorization server refused (OAuth error on stderr)
  4  the authorization server could not be reached in time, or the demo server did not start
  5  what answered was no token response, or no usable metadata
  6  the flow is switched off (oauth.clientCredentials.enabled)
  7  no terminal to draw the wizard on, or to ask on
  8  a token was granted, or an answer ready, but standard output did not take it
  9  something that was to be removed is still there
  130  cancelled, or answered with no; 143 and 129 after SIGTERM and SIGHUP"""


def outcome_code(outcome: Outcome) -> int:
    """Return the exit code of a token request."""
    # Imported here: the wizard needs the numbers only, and no outcome before its first paint.
    from ccflow_tui.models.outcome import Cancelled, Granted, Malformed, Refused, Unreachable

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


def discovery_code(result: DiscoveryResult) -> int:
    """Return the exit code of a discovery that found no token endpoint.

    A server that answered is told from one that did not by the HTTP status an attempt begins with.
    """
    if any(attempt.result[:1].isdigit() for attempt in result.attempts):
        return MALFORMED
    return UNREACHABLE if result.attempts else UNUSABLE
