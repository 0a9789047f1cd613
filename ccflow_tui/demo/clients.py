"""A client as the demo authorization server has it registered."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from authlib.oauth2.rfc6749 import ClientMixin

from ccflow_tui.models.profile import AuthMethod
from ccflow_tui.models.secret import Secret

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

GRANT_TYPE = "client_credentials"
SECRET_ALG = "HS256"  # noqa: S105 - an algorithm
"""Algorithm that every client which signs with its secret is registered for."""


class Fault(StrEnum):
    """What the server does to a client that authenticated well."""

    NONE = ""
    UNSUPPORTED_GRANT = "unsupported_grant_type"
    INVALID_GRANT = "invalid_grant"
    UNAVAILABLE_TWICE = "503 twice, then a token"
    UNAVAILABLE = "503 always"
    SLOW = "slow"
    HTML = "a web page"
    REDIRECT = "a redirect"


@dataclass(frozen=True, eq=False)
class DemoClient(ClientMixin):  # type: ignore[misc]  # Authlib ships no types
    """A registered client; the methods are the ones that Authlib's server asks."""

    client_id: str
    auth_method: AuthMethod
    secret: Secret | None = None
    public_keys: KeySet | None = field(default=None, repr=False)
    grant_types: tuple[str, ...] = (GRANT_TYPE,)
    allowed_scopes: tuple[str, ...] = ()
    default_scopes: tuple[str, ...] = ()
    lifetime: int = 3600
    """Seconds that an access token lives."""
    opaque_tokens: bool = False
    needs_dpop: bool = False
    """``dpop_bound_access_tokens`` (RFC 9449, section 5.2)."""
    fault: Fault = Fault.NONE
    audiences: tuple[str, ...] = ()
    """What the token under way is for; set for each request."""
    bound_to: str = ""
    """Thumbprint of the key that the token under way is bound to; set for each request."""

    @property
    def secret_keys(self) -> KeySet | None:
        """The secret as the key of ``client_secret_jwt`` (OpenID Connect Core, section 9)."""
        from joserfc.jwk import KeySet, OctKey

        if self.secret is None:
            return None
        return KeySet([OctKey.import_key(self.secret.reveal(), {"alg": SECRET_ALG})])

    def get_client_id(self) -> str:
        """Return the client identifier."""
        return self.client_id

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """Return the scope to grant (the default when none was asked), or ``None`` when it is not allowed."""
        asked = tuple(dict.fromkeys((scope or "").split())) or self.default_scopes
        return " ".join(asked) if set(asked) <= set(self.allowed_scopes) else None

    def check_client_secret(self, client_secret: str) -> bool:
        """Compare in constant time."""
        return self.secret is not None and self.secret == Secret(client_secret)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Return whether this is the one method the client is registered for."""
        return method == self.auth_method

    def check_grant_type(self, grant_type: str) -> bool:
        """Return whether the client may use the grant."""
        return grant_type in self.grant_types
