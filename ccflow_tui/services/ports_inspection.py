"""What the wizard asks about a token that it holds; reached through ``FlowEngine.inspector``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ccflow_tui.models.access_token import AccessToken
    from ccflow_tui.models.finding import Finding
    from ccflow_tui.models.inspection import Introspection, Revocation, Verification
    from ccflow_tui.models.profile import Profile


class TokenInspection(Protocol):
    """Questions about a token; none gives a secret back, and problems come back as values."""

    def compare(self, profile: Profile, token: AccessToken) -> tuple[Finding, ...]:
        """Hold what was granted against what the profile asks for; asks nobody."""
        ...

    async def learn(self, profile: Profile) -> str:
        """Fetch the metadata of the profile's issuer, unless it is known; return why there is none."""
        ...

    def can_revoke(self, profile: Profile) -> bool:
        """Whether the metadata fetched so far names a usable revocation endpoint; asks nobody."""
        ...

    async def introspect(self, profile: Profile, token: AccessToken) -> Introspection:
        """Ask the server about the token (RFC 7662)."""
        ...

    async def verify(self, profile: Profile, token: AccessToken) -> Verification:
        """Check a JWT as its API would (RFC 9068, section 4), with the keys that the server publishes."""
        ...

    async def revoke(self, profile: Profile, token: AccessToken) -> Revocation:
        """Have the server take the token back (RFC 7009), and forget it wherever it is kept."""
        ...
