"""ccflow's own engine as the applicant before the judge: real parts, only the keyring is a dictionary."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ccflow_tui.models.discovery import with_metadata
from ccflow_tui.models.outcome import Advice, Granted, Outcome, Refused
from ccflow_tui.models.profile import (
    AuthMethod,
    EndpointConsent,
    EndpointMode,
    EndpointSource,
    MutualTls,
    Profile,
)
from ccflow_tui.models.secret import Secret
from ccflow_tui.models.token_request import TokenRequest
from ccflow_tui.services.client_certificates import ClientCertificates
from ccflow_tui.services.clock import SystemClock
from ccflow_tui.services.credentials import CredentialSource, Variables
from ccflow_tui.services.engine import Engine, EngineParts
from ccflow_tui.services.flow_log import FlowLog
from ccflow_tui.services.logger import FlowLogger
from ccflow_tui.services.redaction import Redactor
from ccflow_tui.services.signing_keys import SigningKeys
from ccflow_tui.services.token_client import TokenJob, request_client_credentials_token
from ccflow_tui.services.transport import HttpTransport
from tests.judge.registrations import ODD_SECRET, Registrations, jwt_id
from tests.judge.server_process import Judge
from tests.support.client_certificates import Issued, write
from tests.support.fakes import DictStore


def make_engine() -> Engine:
    """Return an engine that really talks over the network and keeps its secrets in a dictionary."""
    clock, store, redactor = SystemClock(), DictStore(), Redactor()
    log = FlowLog(FlowLogger(redactor, clock))
    credentials = CredentialSource(store, Variables({}, {}), log.warning)
    certificates = ClientCertificates(SigningKeys(credentials.reader, redactor.know), clock)
    return Engine(
        EngineParts(
            clock=clock,
            transports=lambda mtls: HttpTransport(clock=clock, mtls=mtls, certificates=certificates.load),
            store=store,
            credentials=credentials,
            redactor=redactor,
            log=log,
            certificates=certificates,
        )
    )


async def _never_build() -> TokenRequest:
    raise AssertionError("a fresh request was built where the old one was to be sent")


@dataclass(frozen=True, slots=True)
class Applicant:
    """Asks the judge for tokens through the engine."""

    engine: Engine
    judge: Judge
    registrations: Registrations
    key_folder: Path

    def with_secret(
        self, client_id: str, method: AuthMethod, *, secret: str = ODD_SECRET, **changes: Any
    ) -> Profile:
        """Return the profile of a client with a secret, and type that secret."""
        profile = self._profile(client_id=client_id, auth_method=method, **changes)
        self.engine.remember_secret(profile, Secret(secret))
        return profile

    def with_key(self, alg: str, *, key: Secret | None = None, **changes: Any) -> Profile:
        """Return the profile of a client with a private key, and put that key into a file."""
        path = self.key_folder / f"{alg}.key"
        path.write_text((key or self.registrations.private_key(alg)).reveal(), encoding="ascii")
        path.chmod(0o600)
        return self._profile(
            client_id=jwt_id(alg),
            auth_method=AuthMethod.PRIVATE_KEY_JWT,
            assertion_alg=alg,
            key_reference=str(path),
            **changes,
        )

    def with_certificate(self, client_id: str, method: AuthMethod, issued: Issued, **changes: Any) -> Profile:
        """Return the profile of a client with a certificate, and put it into a PKCS#12 file."""
        path = write(self.key_folder / "client.p12", issued.pkcs12())
        return self._profile(
            client_id=client_id,
            auth_method=method,
            mtls=MutualTls(enabled=not method.uses_certificate, cert_ref=path),
            **changes,
        )

    def as_nobody(self, client_id: str, **changes: Any) -> Profile:
        """Return the profile of a public client."""
        return self._profile(client_id=client_id, auth_method=AuthMethod.NONE, **changes)

    async def discovered(self, profile: Profile) -> Profile:
        """Return the profile with the token endpoint that the issuer's metadata names."""
        result = await self.engine.discover(replace(profile, issuer=self.judge.issuer))
        assert result.metadata, result
        found = with_metadata(replace(profile, endpoint_mode=EndpointMode.ISSUER), result.metadata)
        # The alias for mutual TLS has a port of its own, which only the user's word lets a credential go to.
        elsewhere = self.engine.unconfirmed_origin(found)
        return (
            replace(found, endpoint_consent=EndpointConsent(found.issuer, elsewhere)) if elsewhere else found
        )

    async def send(self, profile: Profile, previewed: TokenRequest | None = None) -> Outcome:
        """Send one token request, as the wizard does: the previewed one first."""
        request = previewed or await self.engine.prepare(profile)
        return await self.engine.request_token(profile, request, lambda _: None)

    async def replay(self, request: TokenRequest) -> Outcome:
        """Send this very request, whatever the engine thinks of its age and of its having been used."""
        clock, transport = SystemClock(), HttpTransport(clock=SystemClock())
        job = TokenJob(_never_build, transport, clock, lambda _: None, first=request)
        try:
            return await request_client_credentials_token(job)
        finally:
            await transport.close()

    async def granted(self, profile: Profile, previewed: TokenRequest | None = None) -> Granted:
        """Send, and expect a token by the method that the profile names."""
        outcome = await self.send(profile, previewed)
        assert isinstance(outcome, Granted), outcome
        verdict = self.judge.verdict()
        assert (verdict.granted, verdict.method) == (True, profile.auth_method)
        assert self.judge.has_no_more_verdicts()
        return outcome

    async def refused(self, profile: Profile, reason: str) -> tuple[Refused, Advice]:
        """Send, and expect a refusal for the judge's own ``reason``; return it with our error card."""
        return self.explained(await self.send(profile), profile, reason)

    def explained(self, outcome: Outcome, profile: Profile, reason: str) -> tuple[Refused, Advice]:
        """Expect one refusal for the judge's own ``reason``; return it with our error card."""
        assert isinstance(outcome, Refused), outcome
        verdict = self.judge.verdict()
        assert not verdict.granted
        assert (verdict.method, verdict.error) == (profile.auth_method, outcome.code)
        assert reason in verdict.reason
        assert self.judge.has_no_more_verdicts(), "an OAuth error is never retried"
        advice = self.engine.advise(outcome, profile)
        assert advice
        return outcome, advice

    def _profile(self, **changes: Any) -> Profile:
        manual = Profile(
            name="judge",
            endpoint_mode=EndpointMode.MANUAL,
            token_endpoint=self.judge.token_endpoint,
            endpoint_source=EndpointSource.TYPED,
        )
        return replace(manual, **changes)
