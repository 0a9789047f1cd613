"""The clients that the judge knows, as registration metadata (RFC 7591), and their secrets and keys."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc.jwk import ECKey, RSAKey

from ccflow_tui.models.profile import AuthMethod
from ccflow_tui.models.secret import Secret

THINGS = "https://api.example/things"
OTHER = "https://api.example/other?v=1&w=%20"
RESOURCES = {THINGS: "things:read things:write", OTHER: "other:read"}

ODD_SECRET = "s:e c%r+t/=&\"<>`~'100%25"
"""Everything that a form or a Basic header could mangle, within VSCHAR (RFC 6749, appendix A)."""
BASIC_ID = "odd:id %+1"
POST_ID = "odd post:id %+2&client_secret=x"
LIMITED_ID = "may-read-only"
BOUND_ID = "must-bind-its-tokens"
NO_GRANT_ID = "not-for-this-grant"
JWT_ALGS = ("RS256", "PS256", "ES256")


def jwt_id(alg: str) -> str:
    """Return the client id of the client that signs with ``alg``."""
    return f"odd:jwt %+{alg}"


@dataclass(frozen=True, slots=True)
class Registrations:
    """Fresh keys, and every client registered with them."""

    rsa: RSAKey
    ec: ECKey

    @classmethod
    def generate(cls) -> Registrations:
        """Make new keys."""
        return cls(RSAKey.generate_key(2048, private=True), ECKey.generate_key("P-256", private=True))

    def metadata(self) -> list[dict[str, Any]]:
        """Return what the judge is told; of the keys, their public halves."""
        basic, post = AuthMethod.CLIENT_SECRET_BASIC, AuthMethod.CLIENT_SECRET_POST
        return [
            _secret_client(BASIC_ID, basic),
            _secret_client(POST_ID, post),
            _secret_client(LIMITED_ID, basic) | {"scope": "things:read"},
            _secret_client(NO_GRANT_ID, basic) | {"grant_types": []},
            *(self._jwt_client(alg) for alg in JWT_ALGS),
            _secret_client(BOUND_ID, post) | {"dpop_bound_access_tokens": True},
        ]

    def private_key(self, alg: str) -> Secret:
        """Return a private key as a person may have it: PKCS#8 PEM, SEC 1 PEM or JWK."""
        if alg == "RS256":
            return Secret(self.rsa.as_pem(private=True).decode())
        if alg == "PS256":
            return Secret(json.dumps(self.rsa.as_dict(private=True)))
        return Secret(_sec1_pem(self.ec))

    def _jwt_client(self, alg: str) -> dict[str, Any]:
        key = self.ec if alg.startswith("ES") else self.rsa
        public = {**key.as_dict(private=False), "kid": key.thumbprint(), "use": "sig", "alg": alg}
        return {
            "client_id": jwt_id(alg),
            "token_endpoint_auth_method": AuthMethod.PRIVATE_KEY_JWT,
            "token_endpoint_auth_signing_alg": alg,
            "jwks": {"keys": [public]},
        }


def _secret_client(client_id: str, method: AuthMethod) -> dict[str, Any]:
    return {"client_id": client_id, "client_secret": ODD_SECRET, "token_endpoint_auth_method": method}


def _sec1_pem(key: ECKey) -> str:
    private = key.private_key
    assert private is not None
    return private.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
