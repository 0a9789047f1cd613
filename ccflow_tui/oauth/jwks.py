"""Published key sets (RFC 7517): the keys that a signature may be checked with, and why others may not."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.strict_json import StrictJsonError, parse_object
from ccflow_tui.oauth.algorithms import EC_ALGS, RSA_ALGS
from ccflow_tui.oauth.rsa_strength import rsa_weakness
from ccflow_tui.oauth.sanitize import scrub

MAX_KEYS = 100
"""Keys of a set that are looked at."""

CURVE_ALGS = {
    **{("EC", curve): (alg,) for curve, alg in EC_ALGS.items()},
    ("OKP", "Ed25519"): ("Ed25519", "EdDSA"),
    ("OKP", "Ed448"): ("Ed448", "EdDSA"),
}
"""The algorithms of each curve (RFC 7518, section 3.4; RFC 8037, section 3.1; RFC 9864, section 2.2)."""
VERIFICATION_ALGS = frozenset({*RSA_ALGS, *(alg for algs in CURVE_ALGS.values() for alg in algs)})

_PUBLIC = {"RSA": ("n", "e"), "EC": ("x", "y"), "OKP": ("x",)}
_PRIVATE = ("d", "p", "q", "dp", "dq", "qi")
_BASE64URL = re.compile(r"[A-Za-z0-9_-]{1,8192}")


class _Unusable(ValueError):
    """Why a key is left out, in words that follow "it"."""


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A public key, and the algorithms it may be used for."""

    kid: str
    """Key id; empty when the set names none."""
    algs: tuple[str, ...]
    curve: str
    """Empty for RSA."""
    jose: Any = field(repr=False, compare=False)
    """joserfc's key."""


@dataclass(frozen=True, slots=True)
class VerificationKeys:
    """The usable keys of a set, and what was wrong with the others."""

    keys: tuple[VerificationKey, ...] = ()
    notes: tuple[str, ...] = ()


def parse_jwks(body: bytes) -> VerificationKeys:
    """Return the keys of a JWK Set (RFC 7517, section 5); one that cannot be used is left out with a note.

    Shared secrets, encryption keys, weak keys and points off their curve are left out. Private members are
    never read. Raises ``InputProblem`` for ``jwks_uri`` when the document is no key set.
    """
    try:
        listed = parse_object(body).get("keys")
    except StrictJsonError as problem:
        raise _no_set(f"The server's key set cannot be read: {problem}.") from None
    if not isinstance(listed, list):
        raise _no_set("The server's key set has no list of keys.")
    keys, notes = [], []
    for number, member in enumerate(listed[:MAX_KEYS], start=1):
        name = _name(member, number)
        try:
            keys.append(_key(member))
        except _Unusable as problem:
            notes.append(f"Key {name} is left out: it {problem}.")
        if isinstance(member, Mapping) and any(part in member for part in _PRIVATE):
            notes.append(f"Key {name} is published with its private half: whoever reads it can sign tokens.")
    return VerificationKeys(tuple(keys), tuple(notes))


def _no_set(problem: str) -> InputProblem:
    return InputProblem("jwks_uri", problem, "Tell the authorization server's operator.")


def _name(member: object, number: int) -> str:
    kid = member.get("kid") if isinstance(member, Mapping) else None
    return scrub(kid, limit=60) if isinstance(kid, str) and kid.strip() else f"number {number}"


def _key(member: object) -> VerificationKey:
    """Check one key of a set; raises ``_Unusable``."""
    if not isinstance(member, Mapping):
        raise _Unusable("is no JSON object")
    kty, curve = member.get("kty"), member.get("crv", "")
    if kty == "oct":
        raise _Unusable("is a shared secret, which has no place in a public set")
    if not isinstance(kty, str) or kty not in _PUBLIC:
        raise _Unusable("is of a type that ccflow does not know")
    algs = RSA_ALGS if kty == "RSA" else CURVE_ALGS.get((kty, curve if isinstance(curve, str) else ""), ())
    if not algs:
        raise _Unusable("lies on a curve that ccflow does not know")
    algs = _intended(member, algs)
    jose = _imported(kty, member)
    kid = member.get("kid")
    return VerificationKey(kid if isinstance(kid, str) else "", algs, "" if kty == "RSA" else curve, jose)


def _intended(member: Mapping[str, Any], algs: tuple[str, ...]) -> tuple[str, ...]:
    """Narrow the algorithms to what the key says it is for (RFC 7517, sections 4.2 to 4.4)."""
    operations = member.get("key_ops")
    if member.get("use", "sig") != "sig" or (operations is not None and not _may_verify(operations)):
        raise _Unusable("is not for signatures")
    alg = member.get("alg")
    if alg is None:
        return algs
    if alg not in algs:
        raise _Unusable("is meant for an algorithm that does not fit it")
    return (alg,)


def _may_verify(operations: object) -> bool:
    return isinstance(operations, list) and "verify" in operations


def _imported(kty: str, member: Mapping[str, Any]) -> Any:
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey, OKPKey, RSAKey

    public = {"kty": kty} if kty == "RSA" else {"kty": kty, "crv": member["crv"]}
    for part in _PUBLIC[kty]:
        value = member.get(part)
        if not isinstance(value, str) or not _BASE64URL.fullmatch(value) or len(value) % 4 == 1:
            raise _Unusable(f"has no readable {part}")
        public[part] = value
    if kty == "RSA" and (weakness := rsa_weakness(_number(public["n"]), _number(public["e"]))):
        raise _Unusable(weakness)
    kinds: dict[str, Any] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
    try:
        key = kinds[kty].import_key(public)
        _ = key.public_key  # joserfc looks at the numbers only when they are first used
    except (JoseError, ValueError, TypeError):
        raise _Unusable("is damaged") from None
    return key


def _number(text: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")
