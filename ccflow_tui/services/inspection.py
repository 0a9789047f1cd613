"""Asks about a token that is held: its server (introspection, revocation), its signature, its terms."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.finding import Finding, Verdict
from ccflow_tui.models.inspection import Introspection, Revocation, Verification
from ccflow_tui.models.problems import FieldProblem, InputProblem, SecretStoreProblem
from ccflow_tui.models.profile import MutualTls, Profile
from ccflow_tui.oauth.access_token_claims import Expected
from ccflow_tui.oauth.capabilities import endpoint_findings
from ccflow_tui.oauth.grant_report import grant_report
from ccflow_tui.oauth.introspection import read_introspection, token_parameters
from ccflow_tui.oauth.introspection_jwt import (
    ExpectedAnswer,
    is_signed_answer,
    parse_signed_answer,
    read_signed_answer,
)
from ccflow_tui.oauth.jwks import VerificationKeys
from ccflow_tui.oauth.jwt_verify import SIGNATURE, read_signed, verify_access_token
from ccflow_tui.oauth.revocation import read_revocation
from ccflow_tui.oauth.server_endpoints import EndpointName, credentialed_endpoint, profile_at
from ccflow_tui.oauth.token_answer import TokenAnswer
from ccflow_tui.services.bulky import read_body
from ccflow_tui.services.connections import Connections
from ccflow_tui.services.flow_log import FlowLog
from ccflow_tui.services.ports import Clock, WireRequest
from ccflow_tui.services.redaction import Redactor, redact_answer_to
from ccflow_tui.services.request_builder import RequestBuilder
from ccflow_tui.services.server_keys import ServerKeys
from ccflow_tui.services.transport_faults import TransportFault

DEADLINE = 15.0
"""Seconds that one question may take."""
_OPERATOR = "Tell the authorization server's operator."
_NETWORK = "Check the network, then try again."

Forget = Callable[[Profile, AccessToken], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class TokenInspector:
    """Implements ``ports_inspection.TokenInspection``."""

    clock: Clock
    connections: Connections
    builder: RequestBuilder
    redactor: Redactor
    log: FlowLog
    forget: Forget
    """Drops a token from cache and secret store."""
    thumbprint: Callable[[MutualTls], str]
    """Returns ``x5t#S256`` of a client certificate that was used, else an empty text; reads nothing."""

    @property
    def server(self) -> ServerKeys:
        """What the server publishes."""
        return ServerKeys(self.connections)

    def compare(self, profile: Profile, token: AccessToken) -> tuple[Finding, ...]:
        """See ``ports_inspection.TokenInspection.compare``."""
        return grant_report(profile, token, x5t=self.thumbprint(profile.client_tls))

    async def learn(self, profile: Profile) -> str:
        """See ``ports_inspection.TokenInspection.learn``."""
        if self.server.known(profile) is not None:
            return ""
        try:
            await self.server.metadata(profile)
        except InputProblem as problem:
            return str(problem.finding)
        return ""

    def can_revoke(self, profile: Profile) -> bool:
        """See ``ports_inspection.TokenInspection.can_revoke``."""
        if (known := self.server.known(profile)) is None:
            return False
        with suppress(InputProblem):
            return bool(credentialed_endpoint(known, "revocation_endpoint", profile))
        return False

    async def introspect(self, profile: Profile, token: AccessToken) -> Introspection:
        """See ``ports_inspection.TokenInspection.introspect``."""
        try:
            answer = await self._ask(profile, token, "introspection_endpoint")
        except (InputProblem, SecretStoreProblem, TransportFault) as problem:
            return Introspection(None, {}, *_told(problem))
        found = await self._read(profile, answer)
        self.log.introspected(found.active)
        doubts = self._doubts(profile, "introspection_endpoint")
        if found.active is None:
            return replace(found, remedy=_with(doubts, found.remedy))
        taken = tuple(
            Finding(Verdict.DOUBT, "Authentication", f"{doubt.problem} It answered all the same.")
            for doubt in doubts
        )
        return replace(found, findings=(*found.findings, *taken))

    async def _read(self, profile: Profile, answer: TokenAnswer) -> Introspection:
        if not is_signed_answer(answer):
            return await read_body(answer.body, lambda: read_introspection(answer))
        signed = await read_body(answer.body, lambda: parse_signed_answer(answer))
        if isinstance(signed, Introspection):
            return signed
        try:
            metadata = await self.server.metadata(profile)
            keys = await self.server.fitting(profile, metadata, signed)
        except InputProblem as problem:
            text = "The server signed its answer about the token (RFC 9701), and that could not be checked."
            remedy = problem.finding.remedy or _OPERATOR
            return Introspection(None, {}, f"{text} {problem.finding.problem}", remedy)
        expected = ExpectedAnswer(metadata.issuer, profile.client_id, self.clock.wall())
        return await asyncio.to_thread(read_signed_answer, answer, signed, keys, expected)

    def _doubts(self, profile: Profile, name: EndpointName) -> tuple[FieldProblem, ...]:
        """Return what of the client's authentication the server does not list for an endpoint."""
        known = self.server.known(profile)
        return endpoint_findings(profile, known, name) if known else ()

    async def revoke(self, profile: Profile, token: AccessToken) -> Revocation:
        """See ``ports_inspection.TokenInspection.revoke``."""
        try:
            answer = await self._ask(profile, token, "revocation_endpoint")
        except (InputProblem, SecretStoreProblem, TransportFault) as problem:
            return Revocation(False, *_told(problem))
        outcome = await read_body(answer.body, lambda: read_revocation(answer))
        self.log.revoked(outcome.revoked)
        if outcome.revoked:
            try:
                await self.forget(profile, token)
            except SecretStoreProblem as problem:
                return Revocation(True, *_told(problem))
            return outcome
        return replace(outcome, remedy=_with(self._doubts(profile, "revocation_endpoint"), outcome.remedy))

    async def verify(self, profile: Profile, token: AccessToken) -> Verification:
        """See ``ports_inspection.TokenInspection.verify``."""
        signed = read_signed(token.value.reveal())
        if isinstance(signed, Finding):
            return Verification((signed,))
        issuer, keys, problem = "", VerificationKeys(), None
        try:
            metadata = await self.server.metadata(profile)
            issuer = metadata.issuer
            keys = await self.server.fitting(profile, metadata, signed)
        except InputProblem as refusal:
            problem = refusal.finding
        expected = Expected(issuer, profile.audience, profile.resources, profile.client_id, self.clock.wall())
        found = await asyncio.to_thread(verify_access_token, signed, keys, expected)
        if problem is None:
            return Verification(found)
        unchecked = Finding(Verdict.DOUBT, SIGNATURE, f"Not checked. {problem.problem}")
        return Verification((unchecked, *found[1:]), problem.remedy or "Introspect the token instead.")

    async def _ask(self, profile: Profile, token: AccessToken, name: EndpointName) -> TokenAnswer:
        """Send the token, authenticated, to an endpoint that the metadata names."""
        metadata = await self.server.metadata(profile)
        endpoint = credentialed_endpoint(metadata, name, profile)
        for doubt in endpoint_findings(profile, metadata, name):
            self.log.warning(doubt.problem)
        self.redactor.know_token(token.value)
        asking = profile_at(profile, metadata, name)
        request = await self.builder.build_form(asking, endpoint, token_parameters(token.value))
        wall, monotonic = self.clock.wall(), self.clock.monotonic()
        response = await self.connections.transport(profile.client_tls).exchange(
            WireRequest(request.method, request.url, request.wire_headers(), request.body()),
            deadline=DEADLINE,
        )
        return TokenAnswer(
            status=response.status,
            headers=response.headers,
            body=response.body,
            requested_at=wall,
            requested_at_monotonic=monotonic,
            received_at=response.received_at,
            redact=redact_answer_to(request, self.redactor.redact),
        )


def _with(doubts: tuple[FieldProblem, ...], remedy: str) -> str:
    """Return a remedy after what may have been the reason."""
    return " ".join([*map(str, doubts), remedy])


def _told(problem: InputProblem | SecretStoreProblem | TransportFault) -> tuple[str, str]:
    """Return problem and remedy."""
    if isinstance(problem, TransportFault):
        return problem.detail, _NETWORK
    found = problem.finding if isinstance(problem, InputProblem) else problem
    return found.problem, found.remedy
