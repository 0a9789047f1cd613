"""Token revocation: what the server's answer means (RFC 7009)."""

from __future__ import annotations

from http import HTTPStatus

from ccflow_tui.models.inspection import Revocation
from ccflow_tui.oauth.server_refusal import server_refusal
from ccflow_tui.oauth.token_answer import TokenAnswer


def read_revocation(answer: TokenAnswer) -> Revocation:
    """Return whether the token is revoked; never raises.

    200 says so, also for a token that the server does not know (section 2.2); its body does not matter.
    """
    if answer.status == HTTPStatus.OK:
        return Revocation(revoked=True)
    refusal = server_refusal(answer)
    if refusal is None:
        problem = f"The server answered HTTP {answer.status}, which does not say that the token is revoked."
        return Revocation(revoked=False, problem=problem, remedy="Tell the authorization server's operator.")
    return Revocation(False, refusal.problem, refusal.remedy, refusal.retry_after)
