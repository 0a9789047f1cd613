"""Client assertions: short-lived signed JWTs that prove who a client is (RFC 7523, section 3)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType

from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import Profile
from ccflow_tui.models.token_request import ClientAssertion
from ccflow_tui.oauth.algorithms import chosen_alg
from ccflow_tui.oauth.audience import TYP_JWT, assertion_audience, check_audience, verified_issuer
from ccflow_tui.oauth.client_auth import check_client_id
from ccflow_tui.oauth.jwt_signing import sign_jwt
from ccflow_tui.oauth.signing_key import SigningKey, check_alg

MAX_LIFETIME = 60
"""Seconds; a stolen assertion is worthless after that."""
BACKDATE = 5
"""Seconds ``iat`` lies before the clock, for servers whose clock is a little behind."""
MAX_KID_LENGTH = 256
"""Characters; servers cap the whole header."""
STALE_MARGIN = 20
"""Seconds an assertion must still be valid for when it is sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssertionTerms:
    """What an assertion is to say; times are seconds."""

    client_id: str
    token_endpoint: str
    alg: str
    kid: str = ""
    """Key id of the header; empty for the JWK's own, else its thumbprint (RFC 7638). A secret has none."""
    x5t: str = ""
    """``x5t#S256`` of the header; empty for that of the certificate that came with the key, if any."""
    audience: str = ""
    """``aud``; empty for the token endpoint."""
    verified_issuer: str = ""
    """The issuer that discovery verified; no other audience may lie outside the token endpoint's origin."""
    typ: str = TYP_JWT
    lifetime: int = MAX_LIFETIME
    backdate: int = BACKDATE


def sign_client_assertion(terms: AssertionTerms, *, key: SigningKey, now: float, jti: str) -> ClientAssertion:
    """Sign one assertion, to be used for one request (RFC 7523, section 3; OpenID Connect Core, section 9).

    ``iss`` and ``sub`` are the client id, ``aud`` is a single string, ``exp`` lies ``lifetime`` seconds
    after ``iat``, and there is no ``nbf``, since a skewed clock would turn it into a refusal. ``now`` is
    epoch seconds, ``jti`` a fresh random text. Raises ``InputProblem`` naming what does not fit, an
    audience at another server than the token endpoint's among them.
    """
    check_alg(key, terms.alg)
    kid = terms.kid or key.kid or key.thumbprint
    _check_terms(terms, kid, jti)
    issued_at = math.floor(now) - terms.backdate
    header = {"alg": terms.alg, "typ": terms.typ}
    if kid:
        header["kid"] = kid
    if x5t := terms.x5t or key.x5t:
        header["x5t#S256"] = x5t
    claims: dict[str, str | int] = {
        "iss": terms.client_id,
        "sub": terms.client_id,
        "aud": terms.audience or terms.token_endpoint,
        "jti": jti,
        "iat": issued_at,
        "exp": issued_at + terms.lifetime,
    }
    jwt = sign_jwt(header, claims, key)
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


def assertion_terms(profile: Profile, *, x5t: str = "") -> AssertionTerms:
    """Return what the assertion of a profile is to say; raises ``InputProblem`` for an unknown issuer.

    ``x5t`` is the thumbprint of a certificate that the profile names beside its key.
    """
    audience, typ = assertion_audience(profile)
    return AssertionTerms(
        client_id=profile.client_id,
        token_endpoint=profile.request_endpoint,
        alg=chosen_alg(profile),
        kid=profile.assertion_kid,
        x5t=x5t,
        audience=audience,
        verified_issuer=verified_issuer(profile),
        typ=typ,
    )


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
    check_audience(audience, token_endpoint=terms.token_endpoint, verified_issuer=terms.verified_issuer)
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
