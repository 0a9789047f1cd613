"""DPoP proofs as a careful server checks them (RFC 9449, section 4.3), with nonces of its own (section 8)."""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from authlib.oauth2.rfc6749 import OAuth2Error
from joserfc import jwt
from joserfc.errors import JoseError

from ccflow_tui.demo.client_assertion import ReplayGuard
from ccflow_tui.oauth.algorithms import DPOP_ALGS
from ccflow_tui.oauth.jwt_signing import jws_registry

if TYPE_CHECKING:
    from joserfc.jwk import Key
    from werkzeug.wrappers import Request

PROOF_ALGS = DPOP_ALGS
NONCE_LIFETIME = 60.0
"""Seconds after which another nonce is asked for; the one before is taken for as long again."""
MAX_AGE, LEEWAY = 60.0, 5.0
"""Seconds by which ``iat`` may lie behind and ahead."""
PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
MAX_HEADER = 2048
"""Bytes; joserfc's own limit is too low for an RSA key."""


class ProofRefused(OAuth2Error):  # type: ignore[misc]  # Authlib ships no types
    """The proof is missing or wrong (section 5)."""

    error = "invalid_dpop_proof"


class NonceWanted(OAuth2Error):  # type: ignore[misc]  # Authlib ships no types
    """The proof lacks a current nonce (section 8); the answer carries one."""

    error = "use_dpop_nonce"

    def __init__(self, nonce: str) -> None:
        super().__init__("A nonce is needed in the DPoP proof")
        self.nonce = nonce

    def get_headers(self) -> list[tuple[str, str]]:
        """Add the nonce."""
        return [*super().get_headers(), ("DPoP-Nonce", self.nonce)]


class Nonces:
    """The nonce to give out now, and the one before it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._since, self._current, self._previous = clock(), _new_nonce(), ""

    def current(self) -> str:
        """Return the nonce to give out."""
        with self._lock:
            age = self._clock() - self._since
            if age >= NONCE_LIFETIME:
                self._previous = self._current if age < 2 * NONCE_LIFETIME else ""
                self._current, self._since = _new_nonce(), self._clock()
            return self._current

    def accepts(self, nonce: object) -> bool:
        """Whether a proof with this nonce was made lately."""
        return nonce == self.current() or (nonce == self._previous and bool(nonce))


class ProofChecker:
    """Checks proofs for the token endpoint and for the API."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock, self._replay, self.nonces = clock, ReplayGuard(), Nonces()

    def thumbprint(self, request: Request, url: str, access_token: str = "") -> str:
        """Return the thumbprint (RFC 7638) of the key that the request proves to hold.

        Empty for a request without a proof. Raises ``ProofRefused`` or ``NonceWanted``.
        """
        text = request.headers.get("DPoP", "")
        if not text:
            return ""
        token, key = _verified(text)
        claims = token.claims
        if (claims.get("htm"), claims.get("htu")) != (request.method, url):
            raise ProofRefused("htm and htu do not name this request")
        self._check_time(claims)
        if access_token and claims.get("ath") != _hash(access_token):
            raise ProofRefused("ath is not the hash of the access token")
        if not self.nonces.accepts(claims.get("nonce")):
            raise NonceWanted(self.nonces.current())
        self._check_first_use(claims)
        return key.thumbprint()

    def _check_time(self, claims: dict[str, Any]) -> None:
        issued_at = claims.get("iat")
        if not isinstance(issued_at, int | float):
            raise ProofRefused("iat is missing")
        if not -LEEWAY <= self._clock() - issued_at <= MAX_AGE:
            raise ProofRefused("iat is too far from the time of this server")

    def _check_first_use(self, claims: dict[str, Any]) -> None:
        jti, now = claims.get("jti"), self._clock()
        if not isinstance(jti, str) or not jti:
            raise ProofRefused("jti is missing")
        if not self._replay.first_use("", jti, expires_at=now + MAX_AGE + LEEWAY, now=now):
            raise ProofRefused("The proof was used before")


def _verified(text: str) -> tuple[jwt.Token, Key]:
    """Verify the signature by the public key in the proof's own header."""
    keys: list[Key] = []

    def key_of(proof: Any) -> Key:
        keys.append(_public_key(proof.headers()))
        return keys[0]

    registry = jws_registry(PROOF_ALGS)
    registry.max_header_length = MAX_HEADER
    try:
        return jwt.decode(text, key_of, registry=registry), keys[0]
    except (JoseError, LookupError, ValueError, TypeError, RecursionError):
        raise ProofRefused("The proof is no JWT signed by the key in its header") from None


def _public_key(header: dict[str, Any]) -> Key:
    from joserfc.jwk import import_key

    jwk = header.get("jwk")
    if header.get("typ") != "dpop+jwt":
        raise ProofRefused("The type of the proof must be dpop+jwt")
    if not isinstance(jwk, dict) or PRIVATE_MEMBERS & jwk.keys():
        raise ProofRefused("The header of the proof must hold a public key")
    return import_key(jwk)


def _hash(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def _new_nonce() -> str:
    return secrets.token_urlsafe(16)
