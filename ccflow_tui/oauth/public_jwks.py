"""The public half of a key as a JWK Set, for registering it at a server (RFC 7517, section 5)."""

from __future__ import annotations

from typing import Any

from ccflow_tui.oauth.signing_key import SigningKey, check_alg

_PUBLIC_MEMBERS = {"RSA": ("n", "e"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")}
"""Named one by one, so that no member that a library adds can slip out (RFC 7518, section 6)."""


def public_jwks(key: SigningKey, *, alg: str, kid: str = "") -> dict[str, Any]:
    """Return a JWK Set with the public half of ``key`` and nothing else of it.

    ``kid`` is the key id that assertions will carry; empty for the JWK's own, else the thumbprint. Raises
    ``InputProblem`` when ``alg`` does not fit, ``ValueError`` for a shared secret, which has no public half.
    """
    if key.kty not in _PUBLIC_MEMBERS:
        raise ValueError("a shared secret has no public half")
    check_alg(key, alg)
    members = key.jose.as_dict(private=False)
    jwk: dict[str, Any] = {"kty": key.kty, **{name: members[name] for name in _PUBLIC_MEMBERS[key.kty]}}
    jwk |= {"kid": kid or key.kid or key.thumbprint, "use": "sig", "alg": alg}
    if key.x5t:
        jwk["x5t#S256"] = key.x5t
    return {"keys": [jwk]}


def joined_jwks(*sets: dict[str, Any]) -> dict[str, Any]:
    """Return one JWK Set with the keys of all, in order.

    While a key is replaced, its server needs the old and the new one side by side.
    """
    return {"keys": [jwk for each in sets for jwk in each["keys"]]}
