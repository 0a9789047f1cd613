"""What the engine is held against: httpx and bare signing, with nothing around them."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def signing_keys() -> Mapping[str, str]:
    """Return a new private key in PEM for each algorithm."""
    made = {"RS256": rsa.generate_private_key(65537, 2048), "ES256": ec.generate_private_key(ec.SECP256R1())}
    pem = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return {alg: key.private_bytes(*pem).decode() for alg, key in made.items()}


class Raw:
    """Posts and reads the token; no checks, no retries, no deadline."""

    def __init__(self, url: str) -> None:
        self.url, self.http = url, httpx.AsyncClient()
        self.alg, self.key = "", None

    def use_key(self, alg: str, pem: str) -> None:
        """Sign with this key from now on."""
        self.alg, self.key = alg, (RSAKey if alg.startswith("RS") else ECKey).import_key(pem)

    async def basic(self) -> str:
        """Get a token with a secret in the header."""
        return await self._post({}, ("bench", "bench-secret"))

    async def signed(self) -> str:
        """Get a token with a signed assertion."""
        now = int(time.time())
        claims = {"iss": "bench", "sub": "bench", "aud": self.url, "iat": now, "exp": now + 60}
        assertion = jwt.encode({"alg": self.alg}, claims | {"jti": uuid.uuid4().hex}, self.key)
        form = {"client_id": "bench", "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
        return await self._post(form, None)

    async def close(self) -> None:
        """Close the connections."""
        await self.http.aclose()

    async def _post(self, form: Mapping[str, Any], auth: tuple[str, str] | None) -> str:
        data = {"grant_type": "client_credentials", **form}
        response = await self.http.post(self.url, data=data, auth=auth)
        response.raise_for_status()
        return str(response.json()["access_token"])
