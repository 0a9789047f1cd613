"""Access tokens, signed (RFC 9068) or opaque: made for the token endpoint, checked for the API."""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from authlib.oauth2.rfc6750 import BearerTokenGenerator, InvalidTokenError
from authlib.oauth2.rfc9068.token import JWTBearerTokenGenerator
from authlib.oauth2.rfc9068.token_validator import JWTBearerTokenValidator

from ccflow_tui.demo.clients import DemoClient

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

    from ccflow_tui.demo.keys import DemoKeys

REALM = "ccflow demo API"
OPAQUE_BYTES = 32


@dataclass(frozen=True, slots=True)
class OpaqueToken:
    """What an opaque token stands for; the methods are the ones that Authlib's validator asks."""

    client_id: str
    audiences: tuple[str, ...]
    scope: str
    issued_at: float
    expires_at: float
    bound_to: str = ""
    """Thumbprint of the DPoP key it is bound to, or empty."""

    def is_expired(self) -> bool:
        """Return whether the token's time is over."""
        return time.time() >= self.expires_at

    def is_revoked(self) -> bool:
        """Return ``False``: a revoked token is not found any more."""
        return False

    def get_scope(self) -> str:
        """Return the scope granted."""
        return self.scope


class OpaqueTokens:
    """The opaque tokens that are out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._issued: dict[str, OpaqueToken] = {}

    def issue(self, client: DemoClient, scope: str) -> str:
        """Make a token and remember what it stands for."""
        value = secrets.token_urlsafe(OPAQUE_BYTES)
        now = time.time()
        expires_at = now + client.lifetime
        token = OpaqueToken(
            client.client_id, client.audiences, scope, now, expires_at, bound_to=client.bound_to
        )
        with self._lock:
            self._issued = {key: old for key, old in self._issued.items() if not old.is_expired()}
            self._issued[value] = token
        return value

    def find(self, value: str) -> OpaqueToken | None:
        """Return what a token stands for, or ``None`` when it was never issued."""
        with self._lock:
            return self._issued.get(value)


class RevokedTokens:
    """The tokens that were given back before their time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: dict[str, float] = {}

    def add(self, value: str, expires_at: float) -> None:
        """Remember a token until it expires by itself."""
        now = time.time()
        with self._lock:
            self._values = {key: until for key, until in self._values.items() if until > now}
            self._values[value] = expires_at

    def __contains__(self, value: str) -> bool:
        with self._lock:
            return value in self._values


class SignedTokenGenerator(JWTBearerTokenGenerator):  # type: ignore[misc]  # Authlib ships no types
    """Signs ``at+jwt`` access tokens (RFC 9068) with the demo's key."""

    def __init__(self, issuer: str, keys: DemoKeys) -> None:
        super().__init__(issuer, alg="RS256", expires_generator=_lifetime)
        self._keys = keys

    def get_jwks(self) -> KeySet:
        """Return the key to sign with."""
        return self._keys.signing.private_set

    def get_audiences(self, client: DemoClient, user: None, scope: str) -> str | list[str]:
        """Return what the request asked for, a single audience as one string."""
        return client.audiences[0] if len(client.audiences) == 1 else list(client.audiences)

    def get_extra_claims(self, client: DemoClient, grant_type: str, user: None, scope: str) -> dict[str, Any]:
        """Name the key that the token is bound to (RFC 9449, section 6.1)."""
        return confirmation(client.bound_to)


class TokenGenerator:
    """Makes the kind of token that a client is registered for."""

    def __init__(self, issuer: str, keys: DemoKeys, opaque: OpaqueTokens) -> None:
        self._signed = SignedTokenGenerator(issuer, keys)
        self._opaque = BearerTokenGenerator(
            lambda client, grant_type, user, scope: opaque.issue(client, scope), expires_generator=_lifetime
        )

    def __call__(self, *, client: DemoClient, **terms: Any) -> dict[str, Any]:
        """Return the members of the token response (RFC 6749, section 5.1)."""
        generator = self._opaque if client.opaque_tokens else self._signed
        response: dict[str, Any] = generator(client=client, **terms)
        return {**response, "token_type": "DPoP"} if client.bound_to else response


class AccessTokenValidator(JWTBearerTokenValidator):  # type: ignore[misc]  # Authlib ships no types
    """Checks an access token of either kind as the protected API (RFC 9068, section 4)."""

    def __init__(
        self, issuer: str, audience: str, keys: DemoKeys, opaque: OpaqueTokens, revoked: RevokedTokens
    ) -> None:
        super().__init__(issuer, audience, realm=REALM)
        self._keys, self._tokens, self._revoked = keys, opaque, revoked

    def get_jwks(self) -> KeySet:
        """Return the key to verify with."""
        return self._keys.signing.public_set

    def authenticate_token(self, token_string: str) -> Any:
        """Return the claims of a signed token, or what an opaque one stands for."""
        if token_string in self._revoked:
            raise InvalidTokenError("The token was revoked", realm=self.realm)
        opaque = self._tokens.find(token_string)
        if opaque is not None:
            return opaque
        try:
            return super().authenticate_token(token_string)
        except (TypeError, ValueError):  # what joserfc lets through for odd headers
            raise InvalidTokenError(realm=self.realm) from None

    def validate_token(self, token: Any, scopes: list[str], request: Any, **unused: Any) -> None:
        """Check a bearer token, which must not be a bound one (RFC 9449, section 7.2)."""
        if bound_to(token):
            raise InvalidTokenError("The token is bound to a key and needs the DPoP scheme", realm=self.realm)
        self.validate_any_token(token, scopes, request)

    def validate_any_token(self, token: Any, scopes: list[str], request: Any) -> None:
        """Check kind, issuer, audience, expiry and scope; raises the error of RFC 6750, section 3.1."""
        if isinstance(token, OpaqueToken):
            if self.resource_server not in token.audiences:
                raise InvalidTokenError(realm=self.realm)
            super(JWTBearerTokenValidator, self).validate_token(token, scopes, request)
            return
        if not token.header.get("typ"):
            raise InvalidTokenError("The token has no type; at+jwt is needed", realm=self.realm)
        super().validate_token(token, scopes, request)


def confirmation(thumbprint: str) -> dict[str, Any]:
    """Return the claim that names the key a token is bound to (RFC 9449, section 6.1), if there is one."""
    return {"cnf": {"jkt": thumbprint}} if thumbprint else {}


def bound_to(token: Any) -> str:
    """Return the thumbprint of the key that a token is bound to, or an empty text."""
    if isinstance(token, OpaqueToken):
        return token.bound_to
    confirmation = token.get("cnf")
    return str(confirmation.get("jkt", "")) if isinstance(confirmation, dict) else ""


def _lifetime(client: DemoClient, grant_type: str) -> int:
    return client.lifetime
