"""The clients that the judge knows, as registration metadata (RFC 7591), and their secrets and keys."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

import trustme
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc.jwk import ECKey, OKPKey, RSAKey

from ccflow_tui.models.profile import AuthMethod
from ccflow_tui.models.secret import Secret
from tests.support.client_certificates import Issued, issue

THINGS = "https://api.example/things"
OTHER = "https://api.example/other?v=1&w=%20"
RESOURCES = {THINGS: "things:read things:write", OTHER: "other:read"}

ODD_SECRET = "s:e c%r+t/=&\"<>`~'100%25"
"""Everything that a form or a Basic header could mangle, within VSCHAR (RFC 6749, appendix A)."""
BASIC_ID = "odd:id %+1"
POST_ID = "odd post:id %+2&client_secret=x"
LIMITED_ID = "may-read-only"
BOUND_ID = "must-bind-its-tokens"
SIGNED_ANSWERS_ID = "is-answered-by-jwt"
NO_GRANT_ID = "not-for-this-grant"
SECRET_JWT_ALGS = ("HS256", "HS384", "HS512")
LONG_SECRET = ODD_SECRET * 3
"""Long enough for HS512 (RFC 7518, section 3.2)."""
PUBLIC_ID = "proves nothing"
TLS_ID, SELF_SIGNED_ID, CERT_BOUND_ID = "by certificate", "by its own certificate", "bound to a certificate"
JWT_ALGS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "Ed25519", "EdDSA"),
)
_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}


def jwt_id(alg: str) -> str:
    """Return the client id of the client that signs with ``alg``."""
    return f"odd:jwt %+{alg}"


@dataclass(frozen=True, slots=True)
class Registrations:
    """Fresh keys, and every client registered with them."""

    rsa: RSAKey
    ec: dict[str, ECKey]
    """By algorithm, as each curve has its own."""
    ed25519: OKPKey
    authority: trustme.CA
    """Signs the certificate of the judge."""
    clients_authority: Issued
    """Signs the certificate of the client that is known by its subject."""
    certified: Issued
    self_signed: Issued

    @classmethod
    def generate(cls) -> Registrations:
        """Make new keys."""
        clients = issue("the clients' authority", usages=None)
        return cls(
            rsa=RSAKey.generate_key(2048, private=True),
            ec={alg: ECKey.generate_key(curve, private=True) for alg, curve in _CURVES.items()},
            ed25519=OKPKey.generate_key("Ed25519", private=True),
            authority=trustme.CA(),
            clients_authority=clients,
            certified=issue("certified client", issuer=clients),
            self_signed=issue("self-signed client"),
        )

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
            _secret_client(SIGNED_ANSWERS_ID, post) | {"introspection_signed_response_alg": "RS256"},
            *(_secret_jwt_client(alg) for alg in SECRET_JWT_ALGS),
            {"client_id": PUBLIC_ID, "token_endpoint_auth_method": AuthMethod.NONE},
            *self._certificate_clients(),
        ]

    def tls(self) -> dict[str, str]:
        """Return the judge's own certificate, and the authority of its clients."""
        own = self.authority.issue_cert("127.0.0.1")
        return {
            "cert": own.cert_chain_pems[0].bytes().decode(),
            "key": own.private_key_pem.bytes().decode(),
            "ca": self.clients_authority.pem().decode(),
        }

    def private_key(self, alg: str) -> Secret:
        """Return a private key as a person may have it: PKCS#8 PEM, SEC 1 PEM or JWK."""
        key = self._key(alg)
        if alg in {"PS256", "EdDSA"}:
            return Secret(json.dumps(key.as_dict(private=True)))
        return Secret(_sec1_pem(key) if isinstance(key, ECKey) else key.as_pem(private=True).decode())

    def thumbprint(self, alg: str) -> str:
        """Return the key id under which the public key is registered."""
        return self._key(alg).thumbprint()

    def _key(self, alg: str) -> RSAKey | ECKey | OKPKey:
        return self.ec.get(alg) or (self.ed25519 if alg.startswith("Ed") else self.rsa)

    def _jwt_client(self, alg: str) -> dict[str, Any]:
        key = self._key(alg)
        public = {**key.as_dict(private=False), "kid": key.thumbprint(), "use": "sig", "alg": alg}
        return {
            "client_id": jwt_id(alg),
            "token_endpoint_auth_method": AuthMethod.PRIVATE_KEY_JWT,
            "token_endpoint_auth_signing_alg": alg,
            "jwks": {"keys": [public]},
        }

    def _certificate_clients(self) -> list[dict[str, Any]]:
        public = ECKey.import_key(self.self_signed.key).as_dict(private=False)
        x5c = [base64.b64encode(self.self_signed.der()).decode()]
        bound = {"tls_client_certificate_bound_access_tokens": True}
        return [
            {
                "client_id": TLS_ID,
                "token_endpoint_auth_method": AuthMethod.TLS_CLIENT_AUTH,
                "tls_client_auth_subject_dn": "CN=certified client",
                **bound,
            },
            {
                "client_id": SELF_SIGNED_ID,
                "token_endpoint_auth_method": AuthMethod.SELF_SIGNED_TLS_CLIENT_AUTH,
                "jwks": {"keys": [{**public, "x5c": x5c}]},
            },
            self._jwt_client("ES256") | {"client_id": CERT_BOUND_ID, **bound},
        ]


def _secret_jwt_client(alg: str) -> dict[str, Any]:
    return _secret_client(jwt_id(alg), AuthMethod.CLIENT_SECRET_JWT) | {
        "client_secret": LONG_SECRET,
        "token_endpoint_auth_signing_alg": alg,
    }


def _secret_client(client_id: str, method: AuthMethod) -> dict[str, Any]:
    return {"client_id": client_id, "client_secret": ODD_SECRET, "token_endpoint_auth_method": method}


def _sec1_pem(key: ECKey) -> str:
    private = key.private_key
    assert private is not None
    return private.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
