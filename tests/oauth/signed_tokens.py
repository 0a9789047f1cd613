"""Access tokens and key sets for the tests, signed with real keys."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from ccflow_tui.oauth.jwks import VerificationKeys, parse_jwks
from tests.support.fakes import EPOCH

ISSUER = "https://as.example/tenant/as"
CLIENT = "client-1"
API = "https://api.example/v1"

CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "sub": CLIENT,
    "client_id": CLIENT,
    "aud": API,
    "iat": int(EPOCH),
    "exp": int(EPOCH) + 3600,
    "jti": "one",
    "scope": "read",
}
KIND_OF = {"RS": "RSA", "PS": "RSA", "ES256": "P-256", "ES384": "P-384", "ES512": "P-521", "Ed": "Ed25519"}


@cache
def key(kind: str, *, serial: int = 0) -> Any:
    """Return joserfc's private key: ``RSA``, a curve, or ``oct``; another one for each ``serial``."""
    if kind == "RSA":
        return RSAKey.generate_key(2048)
    if kind == "oct":
        return OctKey.generate_key(512)
    if kind in {"Ed25519", "Ed448"}:
        return OKPKey.generate_key(kind)  # type: ignore[arg-type]
    return ECKey.generate_key(kind)  # type: ignore[arg-type]


def kind_for(alg: str) -> str:
    """Return the kind of key that an algorithm needs."""
    if alg in {"Ed448", "oct"}:
        return alg
    return next((kind for start, kind in KIND_OF.items() if alg.startswith(start)), "oct")


def encode(data: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sign(
    claims: Mapping[str, Any] | bytes = CLAIMS, *, signer: Any = None, alg: str = "RS256", **header: Any
) -> str:
    """Return a compact JWS, however odd its header."""
    told = {"alg": alg, "typ": "at+jwt", "kid": "k1"} | header
    told = {name: value for name, value in told.items() if value is not None}
    payload = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    signing_input = f"{encode(json.dumps(told).encode())}.{encode(payload)}"
    signer = signer or key(kind_for(alg))
    model = JWSRegistry.algorithms["Ed25519" if alg == "EdDSA" else alg]
    return f"{signing_input}.{encode(model.sign(signing_input.encode(), signer))}"


def jwk(signer: Any, **members: Any) -> dict[str, Any]:
    """Return the public JWK with further members; ``None`` leaves a member out."""
    public = {**signer.as_dict(private=False), "kid": "k1"} | members
    return {name: value for name, value in public.items() if value is not None}


def keys(*members: Mapping[str, Any]) -> VerificationKeys:
    """Read a set of JWKs as from a server."""
    return parse_jwks(jwks(*members))


def jwks(*members: Mapping[str, Any]) -> bytes:
    """Return a key set as a server publishes it."""
    return json.dumps({"keys": list(members)}).encode()


def unchecked(**claims: Any) -> str:
    """Return a token of that content whose signature is none; for readers that do not check it."""
    header = encode(json.dumps({"alg": "RS256"}).encode())
    return f"{header}.{encode(json.dumps(claims).encode())}.c2ln"
