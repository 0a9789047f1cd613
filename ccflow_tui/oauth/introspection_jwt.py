"""A signed answer about a token (RFC 9701): believed when it is verified, and not used otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from ccflow_tui.models.finding import Finding, Verdict
from ccflow_tui.models.inspection import Introspection
from ccflow_tui.models.strict_json import StrictJsonError, parse_object
from ccflow_tui.oauth.access_token_claims import CLOCK_TOLERANCE
from ccflow_tui.oauth.introspection import told_by, unreadable
from ccflow_tui.oauth.jwks import VerificationKeys
from ccflow_tui.oauth.jws import (
    JwsError,
    SignatureState,
    SignedToken,
    check_signature,
    describe_critical,
    parse_signed,
)
from ccflow_tui.oauth.numeric_date import read_time
from ccflow_tui.oauth.response_headers import media_type
from ccflow_tui.oauth.token_answer import TokenAnswer

MEDIA_TYPE = "application/token-introspection+jwt"
ANSWER = "Answer"

_TYPES = frozenset({MEDIA_TYPE, MEDIA_TYPE.removeprefix("application/")})
"""``typ`` may leave out the first word (RFC 7515, section 4.1.9)."""
_JWE_DOTS = 4
_IN_ANOTHER_WAY = (
    "Have the server answer this client in JSON, or sign by RS256, ES256 or another algorithm that needs no "
    "shared secret, with a key that it publishes."
)
_STRANGE = frozenset({SignatureState.SYMMETRIC, SignatureState.UNSUPPORTED, SignatureState.NO_KEY})


@dataclass(frozen=True, slots=True)
class ExpectedAnswer:
    """What a signed answer must say."""

    issuer: str
    """As discovery verified it."""
    client_id: str
    """Whom the answer is for."""
    now: float
    """Epoch seconds."""


def is_signed_answer(answer: TokenAnswer) -> bool:
    """Whether the server answered by a JWT (RFC 9701, section 5)."""
    return answer.status == HTTPStatus.OK and media_type(answer.headers) == MEDIA_TYPE


def parse_signed_answer(answer: TokenAnswer) -> SignedToken | Introspection:
    """Return the answer taken apart, or why it cannot be read; never raises."""
    text = answer.body.decode("ascii", errors="replace").strip()
    if text.count(".") == _JWE_DOTS:
        problem = "The server encrypted its answer about the token (JWE), and ccflow has no key for it."
        return unreadable(problem, "Have the server answer this client without encryption.")
    try:
        return parse_signed(text)
    except JwsError:
        return _untrusted("it is not made as one")


def read_signed_answer(
    answer: TokenAnswer, signed: SignedToken, keys: VerificationKeys, expected: ExpectedAnswer
) -> Introspection:
    """Return what a signed answer says about the token, once everything about it is verified; never raises.

    Signature, ``typ``, ``iss``, ``aud`` and ``iat`` must be right (RFC 9701, section 5): an answer that was
    made for somebody else, for another purpose or long ago says nothing here.
    """
    state = check_signature(signed, keys.keys)
    if state is not SignatureState.VERIFIED:
        remedy = _IN_ANOTHER_WAY if state in _STRANGE else ""
        return _untrusted(_about_signature(state, signed, answer), remedy)
    try:
        claims = parse_object(signed.payload)
    except StrictJsonError as problem:
        return _untrusted(f"its claims cannot be read: {problem}")
    for fault in _faults(signed.header, claims, expected, lambda value: _shown(value, answer)):
        return _untrusted(fault)
    alg, kid = _key_named(signed, answer)
    verified = Finding(Verdict.GOOD, ANSWER, f"a JWT, verified with the server's key ({alg}, kid {kid}).")
    told = claims["token_introspection"]
    return replace(told_by(told, answer), findings=(verified,))


def _about_signature(state: SignatureState, signed: SignedToken, answer: TokenAnswer) -> str:
    alg, kid = _key_named(signed, answer)
    no_key = f"the server publishes no key that fits it ({alg}, kid {kid})"
    return {
        SignatureState.UNSIGNED: "it is not signed",
        SignatureState.SYMMETRIC: f"it is signed with a shared secret ({alg}), which ccflow does not check",
        SignatureState.UNSUPPORTED: f"it is signed with {alg}, which ccflow does not know",
        SignatureState.CRITICAL: "its header demands extensions that ccflow does not know "
        f"({answer.clean(describe_critical(signed.header))})",
        SignatureState.UNKNOWN_KID: no_key,
        SignatureState.NO_KEY: no_key,
        SignatureState.WRONG: f"its signature does not fit the server's key ({alg}, kid {kid})",
    }[state]


def _faults(
    header: Mapping[str, Any],
    claims: Mapping[str, Any],
    expected: ExpectedAnswer,
    shown: Callable[[object], str],
) -> Iterator[str]:
    typ = header.get("typ")
    if not isinstance(typ, str) or typ.lower() not in _TYPES:
        yield f"its typ is {shown(typ)} instead of token-introspection+jwt"
    if claims.get("iss") != expected.issuer:
        yield f"its issuer is {shown(claims.get('iss'))} instead of {shown(expected.issuer)}"
    audience = claims.get("aud")
    if expected.client_id not in (audience if isinstance(audience, list) else [audience]):
        yield f"it is for {shown(audience)} and not for this client"
    issued = read_time(claims, "iat")
    if issued is None:
        yield "it does not say when it was issued (iat)"
    elif abs(age := expected.now - issued) > CLOCK_TOLERANCE:
        when = f"{age:.0f} s ago" if age > 0 else f"{-age:.0f} s in the future"
        yield f"it was issued {when}; it is an old answer, or one of the clocks is wrong"
    if not isinstance(claims.get("token_introspection"), dict):
        yield "it has no token_introspection, which would tell about the token"


def _key_named(signed: SignedToken, answer: TokenAnswer) -> tuple[str, str]:
    """Return algorithm and key id of the header, safe to show."""
    return answer.clean(signed.alg, limit=20), answer.clean(signed.kid, limit=80) or "none"


def _shown(value: object, answer: TokenAnswer) -> str:
    return answer.clean(value, limit=120) if value is not None else "missing"


def _untrusted(why: str, remedy: str = "") -> Introspection:
    problem = f"The server's answer about the token is a JWT (RFC 9701) that cannot be trusted: {why}."
    return unreadable(problem, remedy) if remedy else unreadable(problem)
