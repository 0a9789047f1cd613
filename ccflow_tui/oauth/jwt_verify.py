"""An access token verified as its API would do it (RFC 9068, section 4), as a list of findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ccflow_tui.models.finding import Finding, Verdict
from ccflow_tui.models.strict_json import StrictJsonError, parse_object
from ccflow_tui.oauth.access_token_claims import Expected, check_claims
from ccflow_tui.oauth.jwks import VerificationKeys
from ccflow_tui.oauth.jws import (
    JwsError,
    SignatureState,
    SignedToken,
    check_signature,
    describe_critical,
    parse_signed,
)
from ccflow_tui.oauth.jwt_view import view_token
from ccflow_tui.oauth.sanitize import scrub

SIGNATURE = "Signature"

_JWE = "An encrypted token (JWE): only the API it is meant for can open and verify it."
_OPAQUE = "An opaque token holds nothing to verify. Ask the server about it instead (introspection)."
_IGNORED = ("jku", "x5u", "jwk", "x5c")
"""Header members that offer a key of the token's own choosing (RFC 8725, section 3.10)."""


def read_signed(text: str) -> SignedToken | Finding:
    """Return the token taken apart, or why there is nothing to verify."""
    kind = view_token(text).kind
    if kind == "jwe":
        return Finding(Verdict.DOUBT, SIGNATURE, _JWE)
    if kind == "opaque":
        return Finding(Verdict.DOUBT, SIGNATURE, _OPAQUE)
    try:
        return parse_signed(text)
    except JwsError as problem:
        return Finding(Verdict.BAD, SIGNATURE, str(problem))


def verify_access_token(
    token: SignedToken, keys: VerificationKeys, expected: Expected
) -> tuple[Finding, ...]:
    """Return every finding about signature, header and claims, the signature first; never raises.

    The rest is told whatever became of the signature: it shows which server a token really comes from.
    """
    state = check_signature(token, keys.keys)
    return (
        signature_finding(state, token),
        *_offered_keys(token.header),
        *_about_claims(token, expected),
        *(Finding(Verdict.DOUBT, "Key set", note) for note in keys.notes),
    )


def signature_finding(state: SignatureState, token: SignedToken) -> Finding:
    """Put the state of a signature into words."""
    alg, kid = scrub(token.alg, limit=20), scrub(token.kid, limit=80) or "none"
    if state is SignatureState.VERIFIED:
        return Finding(Verdict.GOOD, SIGNATURE, f"Verified with the server's key ({alg}, kid {kid}).")
    text = {
        SignatureState.UNSIGNED: "The token is not signed: anyone can make one. No API may accept it.",
        SignatureState.SYMMETRIC: f"Signed with a shared secret ({alg}), which nobody but the server and the "
        "API can check. It must never be checked with a public key.",
        SignatureState.UNSUPPORTED: f"Signed with {alg}, which ccflow does not know.",
        SignatureState.CRITICAL: "The header demands extensions that ccflow does not know "
        f"({describe_critical(token.header)}), so the token must be refused (RFC 7515, section 4.1.11).",
        SignatureState.UNKNOWN_KID: f"The server publishes no key with the id {kid}, even at a second look.",
        SignatureState.NO_KEY: f"The server publishes no key that fits {alg} (kid {kid}).",
        SignatureState.WRONG: f"The signature does not fit the server's key ({alg}, kid {kid}): the token "
        "was changed, or another server made it.",
    }[state]
    doubtful = {SignatureState.SYMMETRIC, SignatureState.UNSUPPORTED}
    return Finding(Verdict.DOUBT if state in doubtful else Verdict.BAD, SIGNATURE, text)


def _offered_keys(header: Mapping[str, Any]) -> Iterator[Finding]:
    offered = [name for name in _IGNORED if name in header]
    if offered:
        text = f"The header offers a key of its own ({', '.join(offered)}); it was neither fetched nor used."
        yield Finding(Verdict.DOUBT, "Header", text)


def _about_claims(token: SignedToken, expected: Expected) -> tuple[Finding, ...]:
    try:
        claims = parse_object(token.payload)
    except StrictJsonError as problem:
        return (Finding(Verdict.BAD, "Claims", f"The claims cannot be read: {problem}."),)
    return check_claims(token.header, claims, expected)
