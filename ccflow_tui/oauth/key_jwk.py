"""Private keys as JWK or as one key of a JWK Set (RFC 7517, RFC 7518, RFC 8037)."""

from __future__ import annotations

import base64
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ccflow_tui.models.problems import KeyIdProblem, KeyProblem
from ccflow_tui.models.strict_json import StrictJsonError, parse_object_text
from ccflow_tui.oauth.algorithms import EC_ALGS
from ccflow_tui.oauth.sanitize import scrub
from ccflow_tui.oauth.signing_key import DAMAGED, EXPECTED, KINDS, SigningKey, check_rsa_size, describe

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

_JWK_MEMBERS = {
    "RSA": ("kty", "n", "e", "d", "p", "q", "dp", "dq", "qi", "oth"),
    "EC": ("kty", "crv", "x", "y", "d"),
    "OKP": ("kty", "crv", "x", "d"),
}
_MOST_NAMED = 6
"""Key IDs that are named where one is to be chosen."""
_CURVES = {"EC": tuple(EC_ALGS), "OKP": ("Ed25519",)}


def from_jwk(text: str, kid: str) -> SigningKey:
    """Read a private JWK, or that of a set (the one named ``kid`` of several).

    Raises ``KeyProblem``, as ``KeyIdProblem`` where ``kid`` does not pick one of several.
    """
    jwk = _one_jwk(text, kid)
    kty = str(jwk.get("kty"))
    if kty == "oct":
        raise KeyProblem("This JWK is a shared secret, no private key.", EXPECTED)
    if kty not in _JWK_MEMBERS:
        raise KeyProblem(f"A JWK of type {scrub(kty, limit=20)} cannot be used.", KINDS)
    if "d" not in jwk:
        raise KeyProblem("This JWK is a public key; the private key is needed.", EXPECTED)
    key = describe(_native_from_jwk(kty, {name: jwk[name] for name in _JWK_MEMBERS[kty] if name in jwk}))
    return replace(
        key,
        kid=_text(jwk.get("kid")),
        algs=_intended_algs(jwk, key.algs),
        x5t=_text(jwk.get("x5t#S256")),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _one_jwk(text: str, kid: str) -> dict[str, Any]:
    """Parse a JWK, or a JWK Set with one private key to take."""
    try:
        jwk = parse_object_text(text)
    except StrictJsonError:
        jwk = {}
    if not jwk:
        raise KeyProblem("The JWK is empty or no valid JSON.", DAMAGED[1])
    members = jwk.get("keys")
    if not isinstance(members, list):
        return jwk
    private = [member for member in members if isinstance(member, dict) and "d" in member]
    named = [member for member in private if kid and member.get("kid") == kid]
    if len(named) == 1:
        return named[0]
    if not private:
        raise KeyProblem("The JWK Set holds no private key.", EXPECTED)
    if len(private) > 1:
        raise _not_picked(private, len(named))
    return private[0]


def _not_picked(private: list[dict[str, Any]], named: int) -> KeyIdProblem:
    """Explain that a key ID picks none, or several, of the private keys of a set; key IDs are no secret."""
    kids = [scrub(_text(jwk.get("kid")), limit=60) for jwk in private]
    shown = [f"“{kid}”" for kid in dict.fromkeys(kids) if kid]
    if without := kids.count(""):
        shown.append(f"{'one' if without == 1 else without} without a key ID")
    more = len(shown) - _MOST_NAMED
    listed = ", ".join([*shown[:_MOST_NAMED], *([f"and {more} more"] if more > 0 else [])])
    problem = f"The JWK Set holds {len(private)} private keys: {listed}."
    if named:
        problem = f"{problem} {named} of them have this key ID."
    if named or not any(kids):
        return KeyIdProblem(problem, "Give the JWK of the right one alone.")
    remedy = "Enter the key ID of the one to sign with, or give that JWK alone."
    return KeyIdProblem(problem, remedy, field="assertion_kid")


def _native_from_jwk(kty: str, members: dict[str, Any]) -> PrivateKeyTypes:
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey, OKPKey, RSAKey

    native: PrivateKeyTypes | None = None
    curve = str(members.get("crv"))
    if kty in _CURVES and curve not in _CURVES[kty]:
        raise KeyProblem(f"The curve {scrub(curve, limit=20)} cannot be used.", KINDS)
    if kty == "RSA":
        check_rsa_size(_bits(members.get("n")))
    kinds: dict[str, type[RSAKey | ECKey | OKPKey]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
    with suppress(JoseError, ValueError, TypeError, KeyError):
        key = kinds[kty].import_key(members)
        # An Ed25519 key is made from d alone, so that a public half of another key would pass unseen.
        if kty != "OKP" or key.as_dict(private=False).get("x") == members.get("x") == _public_x(key):
            native = key.private_key
    if native is None:
        raise KeyProblem(*DAMAGED)
    return native


def _public_x(key: Any) -> str:
    raw: bytes = key.private_key.public_key().public_bytes_raw()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _bits(number: object) -> int:
    """Return the size of a JWK's modulus, looked at first because joserfc only warns about weak ones."""
    try:
        text = str(number)
        return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big").bit_length()
    except ValueError:
        raise KeyProblem(*DAMAGED) from None


def _intended_algs(jwk: dict[str, Any], usable: tuple[str, ...]) -> tuple[str, ...]:
    """Narrow the algorithms to what the JWK says it is for (RFC 7517, sections 4.2 to 4.4)."""
    operations = jwk.get("key_ops")
    if jwk.get("use", "sig") != "sig" or (isinstance(operations, list) and "sign" not in operations):
        raise KeyProblem("The JWK says that it is not for signing.", "Give the key meant for signatures.")
    alg = jwk.get("alg")
    if alg is None:
        return usable
    if alg not in usable:
        raise KeyProblem(f"The JWK is meant for {scrub(str(alg), limit=40)}.", f"Give one for {usable[0]}.")
    # Both names of Ed25519 mean the same algorithm (RFC 9864, section 4), and the server may know but one.
    return usable if jwk.get("kty") == "OKP" else (alg,)
