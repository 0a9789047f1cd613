"""Introspection (RFC 7662) and revocation (RFC 7009): each client may ask about its own tokens."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import TokenEndpoint
from authlib.oauth2.rfc6750 import InvalidTokenError
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from ccflow_tui.demo.access_tokens import AccessTokenValidator, OpaqueToken, RevokedTokens, confirmation
from ccflow_tui.demo.clients import DemoClient
from ccflow_tui.models.profile import AuthMethod

_METHODS = [method.value for method in AuthMethod]


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A token that this server issued, of either kind; the methods are the ones that Authlib asks."""

    value: str
    terms: dict[str, Any]
    """Its claims; what an opaque token stands for, under the same names (RFC 7662, section 2.2)."""

    def check_client(self, client: DemoClient) -> bool:
        """Return whether the token was issued to this client."""
        return bool(self.terms["client_id"] == client.client_id)

    def is_expired(self) -> bool:
        """Return whether the token's time is over."""
        return bool(self.terms["exp"] <= time.time())

    def is_revoked(self) -> bool:
        """Return ``False``: a revoked token is not found any more."""
        return False


class IssuedTokens:
    """Finds and revokes the tokens that are out."""

    def __init__(self, issuer: str, validator: AccessTokenValidator, revoked: RevokedTokens) -> None:
        self._issuer, self._validator, self._revoked = issuer, validator, revoked

    def find(self, value: str) -> IssuedToken | None:
        """Return the token, or ``None`` when it was not issued here or is revoked."""
        try:
            token = self._validator.authenticate_token(value)
        except InvalidTokenError:
            return None
        return IssuedToken(value, self._terms(token) if isinstance(token, OpaqueToken) else dict(token))

    def revoke(self, token: IssuedToken) -> None:
        """Let the token be refused from now on."""
        self._revoked.add(token.value, float(token.terms["exp"]))

    def _terms(self, token: OpaqueToken) -> dict[str, Any]:
        audiences = list(token.audiences)
        return {
            "iss": self._issuer,
            "client_id": token.client_id,
            "sub": token.client_id,
            "aud": audiences[0] if len(audiences) == 1 else audiences,
            "scope": token.scope,
            "iat": int(token.issued_at),
            "exp": int(token.expires_at),
            **confirmation(token.bound_to),
        }


class _TokenQueries(TokenEndpoint):  # type: ignore[misc]  # Authlib ships no types
    """What both endpoints do: let clients in by every method, and find the token that is meant."""

    CLIENT_AUTH_METHODS = _METHODS

    def __init__(self, tokens: IssuedTokens, server: Any) -> None:
        super().__init__(server)
        self._tokens = tokens

    def query_token(self, token_string: str, token_type_hint: str | None) -> IssuedToken | None:
        """Find the token, whatever the hint says (section 2.1)."""
        return self._tokens.find(token_string)


class DemoIntrospection(_TokenQueries, IntrospectionEndpoint):  # type: ignore[misc]
    """Tells a client about its own tokens; of every other one it says only that it is not active."""

    def check_permission(self, token: IssuedToken, client: DemoClient, request: Any) -> bool:
        """Return whether the client may know."""
        return token.check_client(client)

    def introspect_token(self, token: IssuedToken) -> dict[str, Any]:
        """Return what the token says."""
        return {"active": True, "token_type": "DPoP" if "cnf" in token.terms else "Bearer", **token.terms}


class DemoRevocation(_TokenQueries, RevocationEndpoint):  # type: ignore[misc]
    """Takes back a client's own tokens; a token that nobody knows is as good as revoked (section 2.2)."""

    def revoke_token(self, token: IssuedToken, request: Any) -> None:
        """Take the token back."""
        self._tokens.revoke(token)
