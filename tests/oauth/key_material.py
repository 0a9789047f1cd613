"""Keys for the tests, made once per run."""

from __future__ import annotations

import base64
import json
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from joserfc.jwk import ECKey, OKPKey, RSAKey

from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth.keys import load_signing_key
from ccflow_tui.oauth.signing_key import SigningKey

CURVES: dict[str, type[ec.SECP256R1 | ec.SECP384R1 | ec.SECP521R1]] = {
    "P-256": ec.SECP256R1,
    "P-384": ec.SECP384R1,
    "P-521": ec.SECP521R1,
}
PASSPHRASE = "correct horse"


@cache
def native(kind: str) -> Any:
    """Return an unwrapped private key: ``RSA``, ``RSA-1024``, a curve's name, ``Ed25519``, ``secp256k1``."""
    if kind.startswith("RSA"):
        return rsa.generate_private_key(65537, 1024 if kind == "RSA-1024" else 2048)
    if kind == "Ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    return ec.generate_private_key(CURVES[kind]() if kind in CURVES else ec.SECP256K1())


def pem(kind: str, *, style: str = "PKCS8", passphrase: str = "") -> str:
    """Return the key as PEM; ``style`` names a ``PrivateFormat``."""
    encryption = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    data: bytes = native(kind).private_bytes(Encoding.PEM, getattr(PrivateFormat, style), encryption)
    return data.decode()


def public_pem(kind: str) -> str:
    public = native(kind).public_key()
    data: bytes = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return data.decode()


def jwk(kind: str, *, private: bool = True, **members: Any) -> dict[str, Any]:
    """Return the key as a JWK with further members."""
    key = native(kind)
    if kind == "Ed25519":
        return {**OKPKey.import_key(key).as_dict(private=private), **members}
    wrapped = RSAKey.import_key(key) if kind.startswith("RSA") else ECKey.import_key(key)
    return {**wrapped.as_dict(private=private), **members}


def weak_jwk() -> dict[str, Any]:
    """Return an RSA JWK of 1024 bits, put together by hand because the library warns about it."""
    numbers = native("RSA-1024").private_numbers()
    public = numbers.public_numbers
    return {"kty": "RSA", "n": _b64(public.n), "e": _b64(public.e), "d": _b64(numbers.d)}


@cache
def signing_key(kind: str) -> SigningKey:
    return load_signing_key(Secret(pem(kind)))


def as_secret(jwk: dict[str, Any]) -> Secret:
    return Secret(json.dumps(jwk))


def _b64(number: int) -> str:
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
