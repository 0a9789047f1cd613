"""An outcome explained: what failed, why, and what to do about it, the most likely remedy first.

The texts stand as data beside their kind of failure (``diagnosis_oauth``, ``diagnosis_clues``,
``diagnosis_http``, ``diagnosis_network``); here they become one ``Advice``.
"""

from __future__ import annotations

from collections.abc import Iterator

from ccflow_tui.models.outcome import Advice, Cancelled, Granted, Malformed, Outcome, Refused, Unreachable
from ccflow_tui.models.profile import Profile
from ccflow_tui.oauth.diagnosis_http import explain_answer
from ccflow_tui.oauth.diagnosis_network import explain_network
from ccflow_tui.oauth.diagnosis_oauth import explain_refusal
from ccflow_tui.oauth.explanation import ENDPOINT, Case, Explanation, duration, ranked
from ccflow_tui.oauth.providers import form_of

_SKEW_SHOWN = 2.0
"""Seconds; below it, a Date header's resolution and the way of the answer explain the difference."""


def advise(outcome: Outcome, profile: Profile) -> Advice | None:
    """Return what to tell the user about ``outcome``; ``None`` when there is nothing to mend.

    Reasons and remedies are calm and exact; what the server said stands apart from what ccflow says.
    """
    match outcome:
        case Granted() | Cancelled():
            return None
        case Refused():
            case = Case(profile, outcome.exchange, said=outcome.description, cause=outcome.cause)
            explanation = explain_refusal(outcome.code, case)
        case Unreachable():
            case = Case(profile, outcome.exchange, what=outcome.detail)
            explanation = explain_network(outcome.kind, outcome.phase, case)
        case _:
            case = Case(profile, outcome.exchange, what=outcome.reason, is_silent=not outcome.snippet)
            explanation = explain_answer(outcome.kind, case)
    return _advice(explanation, case, tuple(_details(outcome, case)))


def _advice(explanation: Explanation, case: Case, details: tuple[tuple[str, str], ...]) -> Advice:
    remedies = ranked(explanation.remedies)
    field = remedies[0].field if remedies else ""
    return Advice(
        title=case.fill(explanation.title),
        reason=case.fill(explanation.reason),
        server_said=case.said,
        what_to_do=tuple(case.fill(remedy.text) for remedy in remedies),
        field=case.endpoint_field if field == ENDPOINT else field,
        can_retry=explanation.can_retry,
        details=details,
    )


def _details(outcome: Refused | Unreachable | Malformed, case: Case) -> Iterator[tuple[str, str]]:
    """Yield what the Details view and the server's operator want to know; empty values are left out."""
    rows = (
        ("Ended at", str(outcome.phase)),
        *_own_details(outcome),
        *_exchange_details(case),
        ("Token endpoint", case.profile.token_endpoint),
        ("Client ID", case.profile.client_id),
        ("Authentication method", str(case.profile.auth_method)),
        ("Documentation", form_of(case.profile).docs),
    )
    return (row for row in rows if row[1])


def _own_details(outcome: Refused | Unreachable | Malformed) -> tuple[tuple[str, str], ...]:
    match outcome:
        case Refused():
            return (
                ("OAuth error", outcome.code),
                ("Description", outcome.description),
                ("More about it", outcome.error_uri),
            )
        case Unreachable():
            return (("Kind", outcome.kind), ("Technical reason", outcome.detail))
        case _:
            return (("Kind", outcome.kind), ("Reason", outcome.reason), ("Answer starts", outcome.snippet))


def _exchange_details(case: Case) -> tuple[tuple[str, str], ...]:
    exchange = case.exchange
    skew, wait = exchange.clock_skew or 0.0, exchange.retry_after
    allowed = ", which was allowed for" if exchange.clock_correction else ""
    side = "ahead of" if skew > 0 else "behind"
    return (
        ("HTTP status", "" if exchange.http_status is None else str(exchange.http_status)),
        ("Server", case.server),
        ("Attempts", str(exchange.attempts)),
        ("Elapsed", f"{exchange.elapsed:.1f} s"),
        ("Content type", exchange.content_type),
        ("Correlation ID", exchange.correlation_id),
        (
            "Server's clock",
            f"{duration(abs(skew))} {side} this computer's{allowed}" if abs(skew) >= _SKEW_SHOWN else "",
        ),
        ("Asks to wait", "" if wait is None else duration(wait)),
    )
