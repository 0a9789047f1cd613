"""Uses the token that is kept, or one got for the purpose, for a call to the profile's sample API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.outcome import Granted, Outcome, ResourceResult
from ccflow_tui.models.problems import InputProblem, SecretStoreProblem
from ccflow_tui.models.profile import MutualTls, Profile
from ccflow_tui.models.token_request import DpopProof
from ccflow_tui.oauth.diagnosis import advise
from ccflow_tui.services.connections import Connections
from ccflow_tui.services.dpop_prover import DpopProver
from ccflow_tui.services.ports import Clock
from ccflow_tui.services.redaction import Redactor
from ccflow_tui.services.resource_client import Proving, ResourceCall, call_resource
from ccflow_tui.services.token_keeper import TokenKeeper


@dataclass(frozen=True, slots=True)
class TokenUse:
    """One for each engine."""

    clock: Clock
    connections: Connections
    keeper: TokenKeeper
    redactor: Redactor
    prover: DpopProver
    thumbprint: Callable[[MutualTls], str]
    """Returns ``x5t#S256`` of a client certificate that was used, else an empty text; reads nothing."""

    async def call(self, profile: Profile) -> ResourceResult:
        """GET ``profile.api_base`` with the profile's token; every problem comes back in the result."""
        try:
            outcome = await self.keeper.current(profile)
        except (InputProblem, SecretStoreProblem) as problem:
            return ResourceResult("GET", profile.api_base, None, problem=str(problem))
        if not isinstance(outcome, Granted):
            reason = _reason(outcome, profile)
            return ResourceResult("GET", profile.api_base, None, problem=f"No token to call with. {reason}")
        renewed: list[Outcome] = []

        async def fresh_token() -> AccessToken | None:
            renewed.append(fresh := await self.keeper.fresh(profile))
            return fresh.token if isinstance(fresh, Granted) else None

        result = await call_resource(
            ResourceCall(
                transport=self.connections.transport(profile.client_tls),
                clock=self.clock,
                url=profile.api_base,
                token=outcome.token,
                fresh_token=fresh_token,
                redact=self.redactor.redact,
                proving=self._proving(profile) if profile.dpop else None,
                certificate=lambda: self._presented(profile),
            )
        )
        if not renewed or isinstance(renewed[0], Granted):
            return result
        reason = _reason(renewed[0], profile)
        return replace(result, problem=f"{result.problem} A fresh token was not to be had: {reason}")

    def _presented(self, profile: Profile) -> str | None:
        if not profile.client_tls.enabled or not profile.api_base.startswith("https:"):
            return ""
        return self.thumbprint(profile.client_tls) or None

    def _proving(self, profile: Profile) -> Proving:
        async def prove(token: AccessToken) -> DpopProof:
            return await self.prover.for_resource(profile, "GET", profile.api_base, token)

        return Proving(prove, self.prover.servers)


def _reason(outcome: Outcome, profile: Profile) -> str:
    advice = advise(outcome, profile)
    return advice.reason if advice else "The request was cancelled."
