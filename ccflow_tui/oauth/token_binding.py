"""Whether a token is bound to the DPoP key as asked (RFC 9449, sections 5 and 6.1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth.confirmation import Bond, judge_confirmation
from ccflow_tui.oauth.jwt_view import view_token
from ccflow_tui.oauth.token_fields import DPOP, TokenFieldError

DOWNGRADE, OTHER_KEY = "dpop-downgrade", "dpop-other-key"
"""Kinds of ``Malformed``."""


@dataclass(frozen=True, slots=True)
class AskedBinding:
    """What a request with a DPoP proof asked for."""

    thumbprint: str
    """JWK thumbprint (RFC 7638) of the proof's key."""
    allow_bearer: bool = False
    """Whether an unbound token is taken all the same."""


def check_binding(token: Secret, token_type: str, asked: AskedBinding) -> tuple[str, ...]:
    """Return what is worth saying about the binding of a token.

    Raises ``TokenFieldError`` for a Bearer token that is not allowed, and for a signed token that names
    another key (``cnf.jkt``): no proof of ours could go with it.
    """
    if token_type != DPOP:
        if asked.allow_bearer:
            return ("A Bearer token came although DPoP was asked for: whoever holds it can use it.",)
        raise TokenFieldError(
            "it is a Bearer token, which whoever holds it can use, although one bound by DPoP was asked for",
            kind=DOWNGRADE,
        )
    return tuple(_confirmation(token, asked.thumbprint))


def _confirmation(token: Secret, thumbprint: str) -> Iterator[str]:
    view = view_token(token.reveal())
    bond = judge_confirmation(view.claims if view.kind == "jwt" else None, jkt=thumbprint).key
    if bond is Bond.MISSING:
        yield "The token names no key (cnf.jkt), so the API has to ask the server what it is bound to."
    elif bond is Bond.OTHER:
        raise TokenFieldError("the token is bound to another DPoP key (cnf.jkt) than ours", kind=OTHER_KEY)
