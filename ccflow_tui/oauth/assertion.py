"""Client assertions: short-lived signed JWTs that stand for a client secret (RFC 7523, section 3)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType

from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import AssertionAudience, EndpointSource, Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.models.token_request import ClientAssertion
from ccflow_tui.oauth.client_auth import check_client_id
from ccflow_tui.oauth.keys import SigningKey, check_alg

MAX_LIFETIME = 60
"""Seconds; a stolen assertion is worthless after that."""
BACKDATE = 5
"""Seconds ``iat`` lies before the clock, for servers whose clock is a little behind."""
MAX_KID_LENGTH = 256
"""Characters; servers cap the whole header."""
STALE_MARGIN = 20
"""Seconds an assertion must still be valid for when it is sent."""
TYP_JWT = "JWT"
TYP_CLIENT_AUTHENTICATION = "client-authentication+jwt"
"""Type of an assertion addressed to the issuer (draft-ietf-oauth-rfc7523bis, section 4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssertionTerms:
    """What an assertion is to say; times are seconds."""

    client_id: str
    token_endpoint: str
    alg: str
    kid: str = ""
    """Key id of the header; empty for the JWK's own, else its thumbprint (RFC 7638)."""
    audience: str = ""
    """``aud``; empty for the token endpoint."""
    typ: str = TYP_JWT
    lifetime: int = MAX_LIFETIME
    backdate: int = BACKDATE


def sign_client_assertion(terms: AssertionTerms, *, key: SigningKey, now: float, jti: str) -> ClientAssertion:
    """Sign one assertion, to be used for one request (RFC 7523, section 3; OpenID Connect Core, section 9).

    ``iss`` and ``sub`` are the client id, ``aud`` is a single string, ``exp`` lies ``lifetime`` seconds
    after ``iat``, and there is no ``nbf``, since a skewed clock would turn it into a refusal. ``now`` is
    epoch seconds, ``jti`` a fresh random text. Raises ``InputProblem`` naming what does not fit.
    """
    check_alg(key, terms.alg)
    kid = terms.kid or key.kid or key.thumbprint
    _check_terms(terms, kid, jti)
    issued_at = math.floor(now) - terms.backdate
    header = {"alg": terms.alg, "typ": terms.typ, "kid": kid}
    claims: dict[str, str | int] = {
        "iss": terms.client_id,
        "sub": terms.client_id,
        "aud": terms.audience or terms.token_endpoint,
        "jti": jti,
        "iat": issued_at,
        "exp": issued_at + terms.lifetime,
    }
    jwt = _sign(header, claims, key)
    return ClientAssertion(jwt, MappingProxyType(header), MappingProxyType(claims))


def is_stale(assertion: ClientAssertion, now: float, *, margin: float = STALE_MARGIN) -> bool:
    """Whether less than ``margin`` seconds are left at ``now``, or the clock was set back since signing."""
    return assertion.expires_at - now < margin or assertion.issued_at > now


def check_freshness(assertion: ClientAssertion, now: float) -> None:
    """Refuse an assertion that a server would refuse for its times at ``now`` (epoch seconds).

    Raises ``InputProblem`` when it has expired, lies in the future or lives longer than ``MAX_LIFETIME``.
    """
    if assertion.expires_at <= now:
        problem = f"The client assertion expired {now - assertion.expires_at:.0f} s ago."
    elif assertion.issued_at > now:
        problem = f"The client assertion is dated {assertion.issued_at - now:.0f} s into the future."
    elif assertion.expires_at - assertion.issued_at > MAX_LIFETIME:
        problem = f"The client assertion lives longer than {MAX_LIFETIME} s."
    else:
        return
    raise InputProblem("client_assertion", problem, "Check this machine's clock and build the request again.")


def assertion_audience(profile: Profile) -> tuple[str, str]:
    """Return ``aud`` and ``typ`` for a profile's assertion.

    Addressed to the issuer where discovery verified one, as rfc7523bis asks, so that no other server can
    have an assertion made for it; to the token endpoint where that is all there is. Raises
    ``InputProblem`` when the profile asks for an issuer it does not have.
    """
    chosen = profile.assertion_audience.strip() or AssertionAudience.AUTO
    if chosen == AssertionAudience.AUTO:
        verified = profile.issuer and profile.endpoint_source is EndpointSource.DISCOVERED
        chosen = AssertionAudience.ISSUER if verified else AssertionAudience.TOKEN_ENDPOINT
    if chosen == AssertionAudience.TOKEN_ENDPOINT:
        return profile.token_endpoint, TYP_JWT
    if chosen != AssertionAudience.ISSUER:
        return chosen, TYP_CLIENT_AUTHENTICATION if chosen == profile.issuer else TYP_JWT
    if not profile.issuer:
        raise InputProblem(
            "assertion_audience",
            "The assertion is to be addressed to the issuer, and none is known.",
            "Enter the issuer, or set the audience of the assertion to the token endpoint.",
        )
    return profile.issuer, TYP_CLIENT_AUTHENTICATION


def _check_terms(terms: AssertionTerms, kid: str, jti: str) -> None:
    """Refuse terms that no server should accept."""
    check_client_id(terms.client_id)
    audience = terms.audience or terms.token_endpoint
    if not audience.strip() or not audience.isprintable():
        raise InputProblem(
            "assertion_audience",
            "The audience of the assertion is empty or holds a character that cannot be shown.",
            "Set the token endpoint, or enter the audience again.",
        )
    if len(kid) > MAX_KID_LENGTH or not kid.isprintable():
        raise InputProblem(
            "assertion_kid",
            f"The key id is longer than {MAX_KID_LENGTH} characters or holds one that cannot be shown.",
            "Enter it as your server registered it.",
        )
    if not 0 < terms.lifetime <= MAX_LIFETIME:
        raise InputProblem(
            "assertion_lifetime",
            f"A client assertion cannot live {terms.lifetime} s.",
            f"Use 1 to {MAX_LIFETIME} seconds.",
        )
    if not 0 <= terms.backdate < terms.lifetime:
        raise InputProblem(
            "assertion_backdate",
            f"Back-dating by {terms.backdate} s leaves no valid time.",
            f"Use 0 to {terms.lifetime - 1} seconds.",
        )
    if not jti.strip():
        raise InputProblem("jti", "A client assertion needs a unique jti.", "Pass a fresh random text.")


def _sign(header: dict[str, str], claims: dict[str, str | int], key: SigningKey) -> Secret:
    from joserfc import jwt

    return Secret(jwt.encode(header, claims, key.jose, algorithms=[header["alg"]], default_type=None))
