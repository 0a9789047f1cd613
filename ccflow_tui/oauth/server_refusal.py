"""Why an authorization server refused a question about a token (RFC 7662, 2.3; RFC 7009, 2.2.1)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from ccflow_tui.models.outcome import Malformed, Outcome, Refused
from ccflow_tui.models.strict_json import StrictJsonError, parse_object
from ccflow_tui.oauth.response import parse_token_response
from ccflow_tui.oauth.response_problems import SUCCESS
from ccflow_tui.oauth.token_answer import TokenAnswer

_REMEDIES = {
    "invalid_client": "The server does not accept this client here. Some let only certain clients ask "
    "about tokens: see how the client is registered.",
    "unauthorized_client": "This client may not do that. See how it is registered at the server.",
    "unsupported_token_type": "The server offers that for other kinds of token only. A signed token can be "
    "verified with the server's keys, and ends by itself when it expires.",
}
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _UNAVAILABLE = 401, 403, 404, 503
_BY_STATUS = {
    _UNAUTHORIZED: _REMEDIES["invalid_client"],
    _FORBIDDEN: _REMEDIES["unauthorized_client"],
    _NOT_FOUND: "The server's metadata names an address at which there is nothing. Tell its operator.",
    _UNAVAILABLE: "Try again later.",
}


@dataclass(frozen=True, slots=True)
class ServerRefusal:
    """A refusal in words."""

    problem: str
    remedy: str
    retry_after: float | None = None
    """Seconds."""


def server_refusal(answer: TokenAnswer) -> ServerRefusal | None:
    """Return why the server refused; ``None`` for a success that reports no error.

    Errors have the shape of the token endpoint's (RFC 6749, section 5.2), so they are read in the same way.
    """
    if answer.status in SUCCESS and not _reports_error(answer):
        return None
    outcome = parse_token_response(answer)
    retry_after = outcome.exchange.retry_after
    remedy = _remedy(outcome, answer.status)
    if retry_after is not None and answer.status == _UNAVAILABLE:
        remedy = f"The server asks to try again in {retry_after:.0f} s."
    return ServerRefusal(_problem(outcome), remedy, retry_after)


def _reports_error(answer: TokenAnswer) -> bool:
    with suppress(StrictJsonError):
        return isinstance(parse_object(answer.body).get("error"), str)
    return False


def _problem(outcome: Outcome) -> str:
    if isinstance(outcome, Refused):
        said = f" ({outcome.description})" if outcome.description else ""
        return f"The server refused: {outcome.code}{said}."
    return outcome.reason if isinstance(outcome, Malformed) else "The server's answer cannot be used."


def _remedy(outcome: Outcome, status: int) -> str:
    code = outcome.code if isinstance(outcome, Refused) else ""
    return _REMEDIES.get(code) or _BY_STATUS.get(status) or "Ask the authorization server's operator."
