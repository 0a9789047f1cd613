"""What a protected API's challenge means for the token it refused (RFC 6750, section 3; RFC 9449, 7.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from http import HTTPStatus

from ccflow_tui.oauth.challenges import Challenge, find_challenge
from ccflow_tui.oauth.grant_report import granted_scope
from ccflow_tui.oauth.refused_token import LIKELY, Presented, refused_token_advice
from ccflow_tui.oauth.sanitize import scrub

Clean = Callable[[object], str]
"""Redacts and scrubs what a server wrote."""

_TOKEN_SCHEMES = ("bearer", "dpop")
_INVALID_TOKEN, _INSUFFICIENT_SCOPE = "invalid_token", "insufficient_scope"

_REMEDIES = {
    "invalid_request": "The API could not make sense of the request. Check the API address.",
    "use_dpop_nonce": "The API asks for its nonce in the DPoP proof again and again, or names none. Call "
    "it once more; if that does not help, tell its operator.",
    "invalid_dpop_proof": "The API refused the DPoP proof. Check that your clock is right, that no proxy "
    "rewrites the address, and that the API takes the proof's algorithm.",
}


def challenge_for(challenges: Sequence[Challenge], token_type: str) -> Challenge | None:
    """Return the challenge that speaks of access tokens, best the one for this kind of token."""
    kind = token_type.lower()
    return find_challenge(challenges, kind) or find_challenge(challenges, *_TOKEN_SCHEMES)


def fresh_token_may_help(status: int, challenges: Sequence[Challenge]) -> bool:
    """Whether a refusal is one that a new token can mend: 401, unless its challenge names another reason.

    Many APIs say 401 and no more. A 403 means that the token is good and may not do this (RFC 6750,
    section 3.1), so a new one of the same kind would be refused, too.
    """
    if status != HTTPStatus.UNAUTHORIZED:
        return False
    challenge = find_challenge(challenges, *_TOKEN_SCHEMES)
    if challenge is None:
        return not challenges
    return challenge.error in {"", _INVALID_TOKEN}


def challenge_remedy(status: int, challenges: Sequence[Challenge], presented: Presented, clean: Clean) -> str:
    """Return what to do about a refusal, or an empty text where nothing tells.

    The API's own word comes first: a missing scope is no matter of the audience (RFC 6750, section 3.1).
    """
    challenge = challenge_for(challenges, presented.token.token_type)
    if challenge is None:
        if status == HTTPStatus.UNAUTHORIZED and not challenges:
            return refused_token_advice(presented, "", least=LIKELY)
        return _other_scheme(challenges, clean)
    wants_dpop = challenge.scheme == "dpop" and presented.token.token_type.lower() != "dpop"
    if wants_dpop and challenge.error != _INSUFFICIENT_SCOPE:
        return "This API takes only tokens that are bound to a key by DPoP, and this one is not."
    if challenge.error:
        return _error_remedy(challenge, presented, clean)
    if status == HTTPStatus.UNAUTHORIZED:
        return (
            "The API answers as if no token had come. Get a new one. If that does not help, a proxy on the "
            "way may take the Authorization header out, or this API does not accept tokens of this server."
        )
    return ""


def _error_remedy(challenge: Challenge, presented: Presented, clean: Clean) -> str:
    if challenge.error == _INSUFFICIENT_SCOPE:
        return _scope_remedy(clean(challenge.get("scope")), presented)
    if challenge.error == _INVALID_TOKEN:
        return refused_token_advice(presented, clean(challenge.get("error_description")))
    return _REMEDIES.get(challenge.error, "")


def _other_scheme(challenges: Sequence[Challenge], clean: Clean) -> str:
    if not challenges:
        return ""
    schemes = ", ".join(dict.fromkeys(clean(challenge.scheme) for challenge in challenges[:5]))
    return f"This address wants {schemes} authentication, not an access token. Check the API address."


def _scope_remedy(needed: str, presented: Presented) -> str:
    """Set the scope that is needed against the one granted."""
    listed = granted_scope(presented.token, presented.claims or {})
    granted = scrub(presented.token.requested_scope if listed is None else " ".join(listed), limit=200)
    if not needed:
        return f"The call needs another scope than the token has: {granted or 'none'}. Request it in step 1."
    if set(needed.split()) <= set(granted.split()):
        return (
            f"The token has the scope {needed} that the call needs. The API may not know the server that "
            "issued it, or want it for another audience."
        )
    return f"The call needs the scope {needed}; the token has: {granted or 'none'}. Request it in step 1."
