"""Asks about a token that is held: its server (introspection, revocation), its signature, its terms."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.discovery import ServerMetadata
from ccflow_tui.models.finding import Finding, Verdict
from ccflow_tui.models.inspection import Introspection, Revocation, Verification
from ccflow_tui.models.problems import InputProblem, SecretStoreProblem
from ccflow_tui.models.profile import MutualTls, Profile
from ccflow_tui.oauth.access_token_claims import Expected
from ccflow_tui.oauth.grant_report import grant_report
from ccflow_tui.oauth.introspection import read_introspection, token_parameters
from ccflow_tui.oauth.jwks import VerificationKeys
from ccflow_tui.oauth.jws import SignatureState, SignedToken, check_signature
from ccflow_tui.oauth.jwt_verify import SIGNATURE, read_signed, verify_access_token
from ccflow_tui.oauth.revocation import read_revocation
from ccflow_tui.oauth.server_endpoints import EndpointName, credentialed_endpoint
from ccflow_tui.oauth.token_answer import TokenAnswer
from ccflow_tui.oauth.url_validation import origin_of
from ccflow_tui.services.bulky import read_body
from ccflow_tui.services.connections import Connections
from ccflow_tui.services.flow_log import FlowLog
from ccflow_tui.services.ports import Clock, WireRequest
from ccflow_tui.services.redaction import Redactor
from ccflow_tui.services.request_builder import RequestBuilder
from ccflow_tui.services.transport_faults import TransportFault

DEADLINE = 15.0
"""Seconds that one question may take."""
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

    def compare(self, profile: Profile, token: AccessToken) -> tuple[Finding, ...]:
        """See ``ports_inspection.TokenInspection.compare``."""
        return grant_report(profile, token, x5t=self.thumbprint(profile.client_tls))

    async def learn(self, profile: Profile) -> str:
        """See ``ports_inspection.TokenInspection.learn``."""
        if self._known(profile) is not None:
            return ""
        try:
            await self._metadata(profile)
        except InputProblem as problem:
            return str(problem.finding)
        return ""

    def can_revoke(self, profile: Profile) -> bool:
        """See ``ports_inspection.TokenInspection.can_revoke``."""
        if (known := self._known(profile)) is None:
            return False
        with suppress(InputProblem):
            return bool(credentialed_endpoint(known, "revocation_endpoint", profile))
        return False

    def _known(self, profile: Profile) -> ServerMetadata | None:
        return self.connections.known(profile.issuer)

    async def introspect(self, profile: Profile, token: AccessToken) -> Introspection:
        """See ``ports_inspection.TokenInspection.introspect``."""
        try:
            answer = await self._ask(profile, token, "introspection_endpoint")
        except (InputProblem, SecretStoreProblem, TransportFault) as problem:
            return Introspection(None, {}, *_told(problem))
        found = await read_body(answer.body, lambda: read_introspection(answer))
        self.log.introspected(found.active)
        return found

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

    async def verify(self, profile: Profile, token: AccessToken) -> Verification:
        """See ``ports_inspection.TokenInspection.verify``."""
        signed = read_signed(token.value.reveal())
        if isinstance(signed, Finding):
            return Verification((signed,))
        issuer, keys, problem = "", VerificationKeys(), None
        try:
            metadata = await self._metadata(profile)
            issuer = metadata.issuer
            keys = await self._keys_for(profile, metadata, signed)
        except InputProblem as refusal:
            problem = refusal.finding
        expected = Expected(issuer, profile.audience, profile.resources, profile.client_id, self.clock.wall())
        found = await asyncio.to_thread(verify_access_token, signed, keys, expected)
        if problem is None:
            return Verification(found)
        unchecked = Finding(Verdict.DOUBT, SIGNATURE, f"Not checked. {problem.problem}")
        return Verification((unchecked, *found[1:]), problem.remedy)

    async def _metadata(self, profile: Profile) -> ServerMetadata:
        """Return the metadata of the profile's issuer, from the cache where it is fresh."""
        if not profile.issuer.strip():
            raise InputProblem(
                "issuer", "There is no metadata: this profile names no issuer.", "Give an issuer in step 1."
            )
        result = await self.connections.discovery(profile.mtls).discover(profile.issuer)
        if result.metadata is not None:
            return result.metadata
        problem = result.problem
        text, remedy = (problem.problem, problem.remedy) if problem else ("It cannot be read.", "")
        raise InputProblem("issuer", f"There is no metadata. {text}", remedy)

    async def _keys_for(
        self, profile: Profile, metadata: ServerMetadata, signed: SignedToken
    ) -> VerificationKeys:
        """Return the server's keys, fetched anew when the token's is not among them (keys rotate)."""
        if not metadata.jwks_uri:
            raise InputProblem(
                "jwks_uri", "The server's metadata names no keys (jwks_uri).", "Introspect the token instead."
            )
        at_home = origin_of(metadata.jwks_uri) == origin_of(profile.request_endpoint)
        # A client certificate is shown to the server it is for, and to nobody else.
        key_sets = self.connections.key_sets(profile.mtls if at_home else MutualTls())
        keys = await key_sets.get(metadata.jwks_uri)
        if await asyncio.to_thread(check_signature, signed, keys.keys) is SignatureState.UNKNOWN_KID:
            return await key_sets.get(metadata.jwks_uri, refetch=True)
        return keys

    async def _ask(self, profile: Profile, token: AccessToken, name: EndpointName) -> TokenAnswer:
        """Send the token, authenticated, to an endpoint that the metadata names."""
        endpoint = credentialed_endpoint(await self._metadata(profile), name, profile)
        self.redactor.know_token(token.value)
        request = await self.builder.build_form(profile, endpoint, token_parameters(token.value))
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
            redact=self.redactor.redact,
        )


def _told(problem: InputProblem | SecretStoreProblem | TransportFault) -> tuple[str, str]:
    """Return problem and remedy."""
    if isinstance(problem, TransportFault):
        return problem.detail, _NETWORK
    found = problem.finding if isinstance(problem, InputProblem) else problem
    return found.problem, found.remedy
