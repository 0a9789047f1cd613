"""Access tokens that are bound to a DPoP key, at the protected API (RFC 9449, section 7)."""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc6749.resource_protector import TokenValidator
from authlib.oauth2.rfc6750 import InvalidTokenError

from ccflow_tui.demo.access_tokens import AccessTokenValidator, bound_to
from ccflow_tui.demo.dpop_proofs import ProofChecker, ProofRefused


class BoundTokenValidator(TokenValidator):  # type: ignore[misc]  # Authlib ships no types
    """Checks a token of the DPoP scheme: first the proof that goes along, then all that any token needs."""

    TOKEN_TYPE = "dpop"  # noqa: S105 - the scheme's name

    def __init__(self, validator: AccessTokenValidator, proofs: ProofChecker) -> None:
        super().__init__(validator.realm)
        self._validator, self._proofs = validator, proofs

    def authenticate_token(self, token_string: str) -> Any:
        """Return the claims of a signed token, or what an opaque one stands for."""
        return self._validator.authenticate_token(token_string)

    def validate_token(self, token: Any, scopes: list[str], request: Any) -> None:
        """Check the proof, the key it shares with the token, and the token."""
        value = request.headers["Authorization"].split(None, 1)[1]
        thumbprint = self._proofs.thumbprint(request, request.base_url, value)
        if not thumbprint:
            raise ProofRefused("A DPoP proof is needed")
        if bound_to(token) != thumbprint:
            raise InvalidTokenError("The token is bound to another key", realm=self.realm)
        self._validator.validate_any_token(token, scopes, request)
