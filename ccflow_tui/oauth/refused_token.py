"""Why an API may not accept a token (``invalid_token``, RFC 6750, section 3.1), ranked by what is known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.oauth.clock_skew import speaks_of_time
from ccflow_tui.oauth.confirmation import Bond, judge_confirmation
from ccflow_tui.oauth.explanation import Remedy, duration, ranked
from ccflow_tui.oauth.jwt_view import view_token
from ccflow_tui.oauth.numeric_date import read_time
from ccflow_tui.oauth.sanitize import scrub
from ccflow_tui.oauth.url_validation import origin_of

SAID, PROVEN, LIKELY, USUAL, POSSIBLE = 97, 93, 75, 60, 50
"""Weights: the API says so; the token or the clocks show it; they suggest it; no evidence."""
_TOLD = 2
"""Remedies that are told; more would not be read under an answer."""
_ABOUT_AUDIENCE = re.compile(r"\baud(?:ience)?\b", re.IGNORECASE)
_ABOUT_BINDING = re.compile(
    r"\bcnf\b|\bx5t\b|\bjkt\b|certificate|thumbprint|\bbound\b|\bdpop\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """A token as an API was shown it."""

    token: AccessToken
    url: str
    now: float
    """Epoch seconds at which the API answered, by our clock."""
    skew: float = 0.0
    """Seconds by which the API's clock is proven to be ahead of ours (``clock_skew.proven_skew``)."""
    x5t: str | None = None
    """Thumbprint of the client certificate that went along; empty for none, ``None`` where not known."""
    is_fresh: bool = False
    """Whether it was fetched for this call, after an earlier one had been refused."""

    @property
    def claims(self) -> Mapping[str, Any] | None:
        """What the token says, scrubbed; ``None`` for one that does not show it."""
        view = view_token(self.token.value.reveal())
        return view.claims if view.kind == "jwt" else None


def refused_token_advice(presented: Presented, said: str, *, least: int = 0) -> str:
    """Return what to do about a token that an API does not accept, the likeliest first.

    ``said`` is the API's own description. Only what weighs ``least`` or more is told.
    """
    told = (remedy for remedy in ranked(_remedies(presented, said)) if remedy.weight >= least)
    return " ".join(remedy.text for remedy, _ in zip(told, range(_TOLD), strict=False))


def _remedies(presented: Presented, said: str) -> Iterator[Remedy]:
    claims = presented.claims
    yield from _times(presented, claims or {}, said)
    yield from _binding(presented, claims, said)
    yield from _audience(presented, claims, said)
    if presented.is_fresh:
        issuer = (claims or {}).get("iss")
        named = f" ({scrub(issuer, limit=120)})" if isinstance(issuer, str) else ""
        text = (
            f"A fresh token was refused, too. Compare its issuer{named} with the one that this API accepts."
        )
        yield Remedy(text, weight=USUAL)
    else:
        yield Remedy("Get a new token: this one may be revoked, or too old for the API.", weight=USUAL)


def _times(presented: Presented, claims: Mapping[str, Any], said: str) -> Iterator[Remedy]:
    """Hold the token's times against the API's clock."""
    at_api = presented.now + presented.skew
    ends = ((read_time(claims, "exp"), at_api), (presented.token.expires_at, presented.now))
    left = min((end - clock for end, clock in ends if end is not None), default=1.0)
    starts = max((time for name in ("nbf", "iat") if (time := read_time(claims, name))), default=0.0)
    weight = SAID if speaks_of_time(said) else PROVEN
    if left <= 0:
        ago = duration(-left)
        if presented.is_fresh:
            text = (
                f"By the API's clock even this fresh token expired {ago} ago, so its clock and the "
                "authorization server's differ. Tell their operators."
            )
        else:
            text = f"The token expired {ago} ago. Get a new one."
        yield Remedy(text, weight=weight)
    elif starts > at_api + 1:
        text = (
            f"By the API's clock the token becomes valid only in {duration(starts - at_api)}, so its clock "
            "and the authorization server's differ. Call again then, or tell their operators."
        )
        yield Remedy(text, weight=weight)
    elif weight == SAID:
        despite = "though it is fresh. Tell the API's operator; its clock may be wrong."
        text = despite if presented.is_fresh else "but by its own times it is not. Get a new one."
        yield Remedy(f"The API takes the token for expired or not yet valid, {text}", weight=SAID)


def _binding(presented: Presented, claims: Mapping[str, Any] | None, said: str) -> Iterator[Remedy]:
    """Hold what the token is bound to against what went along (RFC 8705, section 3; RFC 9449, 7.1)."""
    found = judge_confirmation(claims, x5t=presented.x5t)
    as_bearer = presented.token.token_type.lower() != "dpop"
    weight = SAID if _ABOUT_BINDING.search(said) else PROVEN
    if found.key not in {Bond.UNTOLD, Bond.MISSING} and as_bearer:
        text = "The token is bound to a DPoP key, but went as a Bearer token. Turn on DPoP and get a new one."
        yield Remedy(text, "dpop", weight)
    elif found.certificate is Bond.OTHER:
        went = "another one" if presented.x5t else "none"
        text = f"The token is bound to a client certificate, and {went} went along. Get a new one."
        yield Remedy(text, "mtls", weight)
    elif weight == SAID:
        text = (
            "The API blames what the token is bound to: compare the report's Binding with what it asks for."
        )
        yield Remedy(text, "dpop", SAID)


def _audience(presented: Presented, claims: Mapping[str, Any] | None, said: str) -> Iterator[Remedy]:
    """Hold ``aud`` against the API's address; an API may go by another name, so a difference is no proof."""
    if claims is None:
        hidden = "The token does not show whom it is for; request it for this API's audience in step 1."
        yield Remedy(hidden, "audience", SAID if _ABOUT_AUDIENCE.search(said) else POSSIBLE)
        return
    stated = claims.get("aud")
    named = [aud for aud in (stated if isinstance(stated, list) else [stated]) if isinstance(aud, str)]
    origins = {origin_of(aud) for aud in named}
    if _ABOUT_AUDIENCE.search(said):
        weight = SAID
    elif origin_of(presented.url) in origins:
        return
    else:
        weight = LIKELY if named and "" not in origins else POSSIBLE
    for_whom = (
        f"The token is for {scrub(', '.join(named[:5]), limit=200)}" if named else "It names no audience"
    )
    text = (
        f"{for_whom}, and this API is {origin_of(presented.url)}. Request the API's own audience in step 1."
    )
    yield Remedy(text, "audience", weight)
