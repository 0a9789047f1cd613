"""Where everything of the demo server stands, laid out as PingOne does."""

from __future__ import annotations

from dataclasses import dataclass

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Addresses:
    """The URLs of one running demo server."""

    origin: str
    """``http://127.0.0.1:PORT``, without a trailing slash."""
    environment_id: str
    closed_origin: str
    """A loopback origin at which nothing listens."""

    @property
    def issuer(self) -> str:
        """The issuer identifier, ``<origin>/<environment id>/as``."""
        return f"{self.origin}/{self.environment_id}/as"

    @property
    def token_endpoint(self) -> str:
        """The token endpoint (RFC 6749, section 3.2)."""
        return f"{self.issuer}/token"

    @property
    def closed_token_endpoint(self) -> str:
        """A token endpoint that refuses every connection."""
        return f"{self.closed_origin}/{self.environment_id}/as/token"

    @property
    def jwks_uri(self) -> str:
        """The key set that access tokens are verified with."""
        return f"{self.issuer}/jwks"

    @property
    def introspection_endpoint(self) -> str:
        """Where a client asks about its own tokens (RFC 7662)."""
        return f"{self.issuer}/introspect"

    @property
    def revocation_endpoint(self) -> str:
        """Where a client gives a token back (RFC 7009)."""
        return f"{self.issuer}/revoke"

    @property
    def oidc_metadata(self) -> str:
        """The metadata document by OpenID Connect Discovery 1.0, section 4."""
        return f"{self.issuer}/.well-known/openid-configuration"

    @property
    def oauth_metadata(self) -> str:
        """The metadata document by RFC 8414, section 3.1: the well-known part goes before the path."""
        return f"{self.origin}/.well-known/oauth-authorization-server/{self.environment_id}/as"

    @property
    def api_base(self) -> str:
        """The protected resource that the wizard calls."""
        return f"{self.api_audience}/environments/{self.environment_id}"

    @property
    def api_audience(self) -> str:
        """What the protected API calls itself in ``aud``, and its resource indicator (RFC 8707)."""
        return f"{self.origin}/v1"

    @property
    def reports_audience(self) -> str:
        """A second resource that tokens can be asked for; the API refuses tokens that are for it alone."""
        return f"{self.origin}/reports"
