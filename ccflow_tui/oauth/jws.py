"""Signed tokens taken apart strictly, and their signature checked (RFC 7515, RFC 8725)."""

from __future__ import annotations

import binascii
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ccflow_tui.models.strict_json import StrictJsonError, parse_object
from ccflow_tui.oauth.jwks import VERIFICATION_ALGS, VerificationKey
from ccflow_tui.oauth.sanitize import scrub

MAX_TOKEN = 256 * 1024
"""Characters; no token that fits into a header is nearly as long."""

_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")
_PARTS = 3


class SignatureState(StrEnum):
    """How the check of a signature ended."""

    VERIFIED = "verified"
    UNSIGNED = "unsigned"
    """``alg`` is none, or the signature is empty."""
    SYMMETRIC = "symmetric"
    """Signed with a shared secret, which no published key can check (RFC 8725, section 2.1)."""
    UNSUPPORTED = "unsupported"
    CRITICAL = "critical"
    """The header demands an extension that ccflow does not know (RFC 7515, section 4.1.11)."""
    UNKNOWN_KID = "unknown-kid"
    NO_KEY = "no-key"
    WRONG = "wrong"


class JwsError(ValueError):
    """A text is no signed token; the message gives the reason and never repeats the token."""


@dataclass(frozen=True, slots=True)
class SignedToken:
    """A compact JWS, decoded; nothing in it is verified yet."""

    header: Mapping[str, Any]
    payload: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    signing_input: bytes = field(repr=False)

    @property
    def alg(self) -> str:
        """The algorithm that the header names."""
        return str(self.header["alg"])

    @property
    def kid(self) -> str:
        """The key id, or an empty text."""
        kid = self.header.get("kid")
        return kid if isinstance(kid, str) else ""


def parse_signed(text: str) -> SignedToken:
    """Take a compact JWS apart (RFC 7515, section 7.1); raises ``JwsError``.

    Stricter than most: padding, characters beyond base64url and stray bits are refused, and so is a header
    with duplicate members, which two readers could understand differently.
    """
    if len(text) > MAX_TOKEN:
        raise JwsError("The token is too long to be checked.")
    parts = text.split(".")
    if len(parts) != _PARTS:
        raise JwsError("The token does not have the three parts of a signed JWT.")
    encoded_header, encoded_payload, encoded_signature = parts
    try:
        header = parse_object(_decoded(encoded_header))
    except StrictJsonError as problem:
        raise JwsError(f"The token's header cannot be read: {problem}.") from None
    if not isinstance(header.get("alg"), str):
        raise JwsError("The token's header names no algorithm.")
    return SignedToken(
        header=header,
        payload=_decoded(encoded_payload),
        signature=_decoded(encoded_signature),
        signing_input=f"{encoded_header}.{encoded_payload}".encode("ascii"),
    )


def check_signature(token: SignedToken, keys: Iterable[VerificationKey]) -> SignatureState:
    """Verify the signature with the one or the few of ``keys`` that fit kid and algorithm; never raises.

    The key decides which algorithms are allowed, not the token (RFC 8725, section 3.1). Keys and addresses
    in the header (``jwk``, ``jku``, ``x5c``, ``x5u``) are ignored (section 3.10).
    """
    if refusal := _refusal(token):
        return refusal
    keys = tuple(keys)
    named = [key for key in keys if key.kid == token.kid] if token.kid else keys
    if not named:
        # A server with a single key may publish it without an id.
        named = [key for key in keys if not key.kid]
    fitting = [key for key in named if token.alg in key.algs]
    if any(_verifies(token, key) for key in fitting):
        return SignatureState.VERIFIED
    if fitting:
        return SignatureState.WRONG
    return SignatureState.NO_KEY if named or not token.kid else SignatureState.UNKNOWN_KID


def _refusal(token: SignedToken) -> SignatureState | None:
    """Tell what no key could make good."""
    alg = token.alg
    if alg.lower() == "none" or not token.signature:
        return SignatureState.UNSIGNED
    if alg.upper().startswith("HS"):
        return SignatureState.SYMMETRIC
    if "crit" in token.header:
        return SignatureState.CRITICAL
    return None if alg in VERIFICATION_ALGS else SignatureState.UNSUPPORTED


def _verifies(token: SignedToken, key: VerificationKey) -> bool:
    from joserfc.errors import JoseError
    from joserfc.jws import JWSRegistry

    # "EdDSA" is the old name for both curves (RFC 9864).
    model = JWSRegistry.algorithms[key.curve if token.alg == "EdDSA" else token.alg]
    try:
        model.check_key(key.jose)
        return bool(model.verify(token.signing_input, token.signature, key.jose))
    except (JoseError, ValueError, TypeError):
        return False


def _decoded(part: str) -> bytes:
    """Decode base64url without padding (RFC 7515, section 2) in the one spelling that encoders produce."""
    try:
        if _BASE64URL.fullmatch(part):
            data = urlsafe_b64decode(part + "=" * (-len(part) % 4))
            if urlsafe_b64encode(data).rstrip(b"=") == part.encode("ascii"):
                return data
    except binascii.Error:
        pass
    raise JwsError("The token is not encoded as RFC 7515 says (base64url without padding).")


def describe_critical(header: Mapping[str, Any]) -> str:
    """Name the extensions that a header demands, safe to show."""
    names = header.get("crit")
    listed = [scrub(str(name), limit=40) for name in names[:5]] if isinstance(names, list) else []
    return ", ".join(listed) or "in no readable way"
