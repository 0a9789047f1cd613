"""What a client asks its authorization server for, target by target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial

from ccflow_tui.library.parts import ClientParts
from ccflow_tui.library.placement import placed
from ccflow_tui.library.target import Target
from ccflow_tui.models.discovery import ServerMetadata, with_metadata
from ccflow_tui.models.outcome import Outcome
from ccflow_tui.models.problems import InputProblem, IssuerMismatch
from ccflow_tui.models.profile import EndpointMode, Profile

_REMEMBERED = 64
"""Targets whose place at the issuer's endpoint is not worked out again."""


@dataclass(slots=True)
class TargetRequests:
    """Asks for tokens as ``profile`` says, each target in its own way."""

    profile: Profile
    named_endpoint: str
    """The token endpoint that the program gave, beside an issuer or by itself."""
    parts: ClientParts
    _placed: Callable[[Profile, ServerMetadata], Profile] = field(init=False)

    def __post_init__(self) -> None:
        """Remember where the latest targets go."""
        self._placed = lru_cache(_REMEMBERED)(partial(placed, named=self.named_endpoint))

    def as_known(self) -> Profile:
        """Return the profile with what discovery has found out so far, such as the name of an algorithm."""
        known = self.parts.connections.known(self.profile.issuer)
        return with_metadata(self.profile, known) if known else self.profile

    def profile_for(self, target: Target | str | None) -> Profile:
        """Return the profile asking for this target."""
        if target is None:
            return self.profile
        if isinstance(target, str):
            return replace(self.profile, scope=target)
        return target.applied_to(self.profile)

    async def fetch(self, target: Target | str | None) -> Outcome:
        """Ask for a token; raises ``InputProblem`` for what cannot be sent."""
        profile = self.profile_for(target)
        if profile.endpoint_mode is EndpointMode.ISSUER:
            found = await self._discovered(profile)
            if not isinstance(found, Profile):
                self.parts.fetcher.log.ended(found)
                return found
            profile = found
        return await self.parts.fetcher.fetch(profile)

    async def _discovered(self, profile: Profile) -> Profile | Outcome:
        """Return the profile with the issuer's endpoint, or how the search for it ended."""
        result = await self.parts.connections.discovery(profile.mtls).discover(profile.issuer)
        if result.metadata is None:
            if result.failure is not None:
                return result.failure
            problem = result.problem
            if problem is not None and problem.kind:
                raise IssuerMismatch(problem)
            raise InputProblem("issuer", str(problem) if problem else "There is no metadata.")
        return self._placed(profile, result.metadata)
