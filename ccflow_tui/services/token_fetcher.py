"""Gets tokens for the engine and keeps none: checked, built, sent, told to the log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache

from ccflow_tui.models.outcome import Granted, Outcome, Phase, Unreachable
from ccflow_tui.models.problems import InputProblem, SecretStoreProblem, Severity
from ccflow_tui.models.profile import Profile
from ccflow_tui.models.progress import AttemptStarted, Progress
from ccflow_tui.models.token_request import PresentedCertificate, TokenRequest
from ccflow_tui.oauth.confirmation import certificate_problems
from ccflow_tui.oauth.endpoint_consent import refuse_unconfirmed
from ccflow_tui.oauth.jwt_view import view_token
from ccflow_tui.oauth.profile_check import check_profile
from ccflow_tui.services.client_certificates import ClientCertificates
from ccflow_tui.services.connections import Connections
from ccflow_tui.services.flow_log import FlowLog
from ccflow_tui.services.ports import Clock, ProgressListener
from ccflow_tui.services.redaction import Redactor
from ccflow_tui.services.request_builder import RequestBuilder
from ccflow_tui.services.token_client import TokenJob, request_client_credentials_token

_REMEMBERED = 64
"""Profiles that are not checked again."""


def _watch_nothing(_: Progress) -> None:
    """Stand in where nobody follows a request."""


@dataclass(slots=True)
class TokenFetcher:
    """One for each engine."""

    clock: Clock
    connections: Connections
    builder: RequestBuilder
    redactor: Redactor
    log: FlowLog
    certificates: ClientCertificates
    attempts: int = 4
    """Attempts at most."""
    deadline: float = 30.0
    """Seconds that one attempt may take."""
    _sent_jtis: tuple[str, ...] = ()
    """Of the previewed request that was sent last: client assertion, DPoP proof."""
    _refuse_unready: Callable[[Profile], None] = field(
        default_factory=lambda: lru_cache(_REMEMBERED)(_refuse_unready)
    )
    """Checks a profile once: a service asks for the same ones again and again."""

    async def prepare(self, profile: Profile) -> TokenRequest:
        """Build and sign the request; raises ``InputProblem`` when something is missing or weak."""
        self._refuse_unready(profile)
        request = await self.builder.build(profile)
        return replace(request, certificate=await self._presented(request))

    async def _presented(self, request: TokenRequest) -> PresentedCertificate | None:
        """Tell which client certificate goes with a request; without TLS there is no handshake for one."""
        tls = request.client_tls
        loaded = await self.certificates.load(tls) if request.url.startswith("https:") else None
        if loaded is None:
            return None
        own = loaded.certificate
        return PresentedCertificate(own.subject, own.thumbprint, own.not_after, tls.cert_ref.strip())

    def unsent(self, request: TokenRequest | None) -> TokenRequest | None:
        """Return the previewed request unless what is signed in it was sent before.

        A client assertion and a DPoP proof are each good for one use (RFC 7523, section 3; RFC 9449, 11.1).
        """
        signed = (request.assertion, request.proof) if request is not None else ()
        jtis = tuple(str(each.claims["jti"]) for each in signed if each is not None)
        if not jtis:
            return request
        if jtis == self._sent_jtis:
            return None
        self._sent_jtis = jtis
        return request

    async def fetch(
        self,
        profile: Profile,
        first: TokenRequest | None = None,
        listener: ProgressListener = _watch_nothing,
    ) -> Outcome:
        """Get a token; parameters and errors as for ``ports.FlowEngine.request_token``."""
        log = self.log
        self._refuse_unready(profile)

        def listen(progress: Progress) -> None:
            if isinstance(progress, AttemptStarted):
                log.post(profile.auth_method)
            listener(progress)

        outcome = await request_client_credentials_token(
            TokenJob(
                build=lambda: self.builder.build(profile),
                first=first,
                transport=self.connections.transport(profile.client_tls),
                clock=self.clock,
                listener=listen,
                limit=self.attempts,
                deadline=self.deadline,
                redact=self.redactor.redact,
                servers=self.builder.prover.servers,
                allow_bearer=profile.dpop_allow_bearer,
            )
        )
        if isinstance(outcome, Granted):
            self.redactor.know_token(outcome.token.value)
            outcome = await self._compared(outcome, profile)
        log.ended(outcome, profile)
        return outcome

    async def _compared(self, granted: Granted, profile: Profile) -> Granted:
        """Note what is wrong with the token's binding to the client certificate (RFC 8705, section 3)."""
        if not profile.client_tls.enabled:
            return granted
        view = view_token(granted.token.value.reveal())
        findings = certificate_problems(
            view.claims if view.kind == "jwt" else None,
            await self.certificates.thumbprint(profile.client_tls),
            expected=profile.server_facts.certificate_bound_tokens,
        )
        told = tuple(map(str, findings))
        return replace(granted, notes=(*granted.notes, *told), differences=(*granted.differences, *told))

    async def fetch_unattended(self, profile: Profile) -> Outcome:
        """Fetch where nobody stands by to catch an exception: a key file that is gone is an outcome, too."""
        try:
            return await self.fetch(profile)
        except (InputProblem, SecretStoreProblem) as problem:
            self.log.warning(str(problem))
            return Unreachable(Phase.PREPARE, "not-prepared", str(problem))


def _refuse_unready(profile: Profile) -> None:
    for finding in check_profile(profile, secret_present=True):
        if finding.severity is Severity.ERROR:
            raise InputProblem(finding.field, finding.problem, finding.remedy)
    refuse_unconfirmed(profile)
