"""The engine: one object that takes a profile from configuration to a living token, without a screen."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.discovery import DiscoveryResult
from ccflow_tui.models.lifetime import Lifetime
from ccflow_tui.models.outcome import Granted, Outcome, ResourceResult
from ccflow_tui.models.problems import InputProblem, SecretStoreProblem
from ccflow_tui.models.profile import MutualTls, Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.models.token_request import TokenRequest
from ccflow_tui.oauth.endpoint_consent import unconfirmed_origin
from ccflow_tui.services.client_certificates import ClientCertificates
from ccflow_tui.services.connections import Connections, TransportFactory
from ccflow_tui.services.credentials import CredentialSource
from ccflow_tui.services.dpop_keys import DpopKeys
from ccflow_tui.services.dpop_prover import DpopProver
from ccflow_tui.services.flow_log import FlowLog
from ccflow_tui.services.inspection import TokenInspector
from ccflow_tui.services.kept_keys import KeptKeys, reference_to
from ccflow_tui.services.key_register import KeyRegister, MemoryKeyRegister
from ccflow_tui.services.offline_answers import OfflineAnswers
from ccflow_tui.services.ports import (
    Clock,
    Filed,
    ProgressListener,
    RefreshListener,
    SecretStore,
    StoreStatus,
    unnoted,
)
from ccflow_tui.services.redaction import Redactor
from ccflow_tui.services.removal import Remover
from ccflow_tui.services.request_builder import RequestBuilder
from ccflow_tui.services.server_notes import ServerNotes
from ccflow_tui.services.token_fetcher import TokenFetcher
from ccflow_tui.services.token_keeper import KeeperParts, TokenKeeper
from ccflow_tui.services.token_storage import TokenStorage
from ccflow_tui.services.token_use import TokenUse


def _ignore(_: object, __: object = None) -> None:
    """Listen to nothing."""


@dataclass(frozen=True, slots=True)
class EngineParts:
    """What an engine is made of; every part can be a stand-in."""

    clock: Clock
    transports: TransportFactory
    store: SecretStore
    credentials: CredentialSource
    redactor: Redactor
    log: FlowLog
    jitter: Callable[[], float] = random.random
    certificates: ClientCertificates | None = None
    """Loads the certificates that ``transports`` present; made from the other parts when not given."""
    key_register: KeyRegister = field(default_factory=MemoryKeyRegister)
    filed: Filed = unnoted
    """Told before a token or a DPoP key is stored; never raises."""


@dataclass(slots=True)
class Engine(OfflineAnswers):
    """Implements ``ports.FlowEngine``; one instance serves one process."""

    parts: EngineParts
    on_refresh: RefreshListener = _ignore
    inspector: TokenInspector = field(init=False)
    kept_keys: KeptKeys = field(init=False)
    removal: Remover = field(init=False)
    _connections: Connections = field(init=False)
    _dpop_keys: DpopKeys = field(init=False)
    _prover: DpopProver = field(init=False)
    _builder: RequestBuilder = field(init=False)
    _certificates: ClientCertificates = field(init=False)
    _keeper: TokenKeeper = field(init=False)
    _fetcher: TokenFetcher = field(init=False)
    _use: TokenUse = field(init=False)

    def __post_init__(self) -> None:
        """Wire the parts that hold state."""
        parts = self.parts
        self._connections = Connections(parts.transports, parts.clock, parts.log.discovery_attempt)
        self._dpop_keys = DpopKeys(parts.store, parts.log.warning, parts.filed)
        self._prover = DpopProver(self._dpop_keys, ServerNotes(), parts.clock)
        self._builder = RequestBuilder(
            parts.clock, parts.credentials, parts.redactor, parts.log, self._prover
        )
        keys = self._builder.keys
        self._certificates = parts.certificates or ClientCertificates(keys, parts.clock)
        self.kept_keys = KeptKeys(keys, parts.store, parts.clock, parts.key_register, self._let_go_of_key)
        self._fetcher = TokenFetcher(
            parts.clock, self._connections, self._builder, parts.redactor, parts.log, self._certificates
        )
        self._wire_tokens()

    def _wire_tokens(self) -> None:
        """Wire what keeps, uses, asks about and removes tokens."""
        parts = self.parts
        self._keeper = TokenKeeper(
            KeeperParts(
                clock=parts.clock,
                credentials=parts.credentials,
                storage=TokenStorage(parts.store, parts.clock),
                log=parts.log,
                jitter=parts.jitter,
                binding=self._binding,
                filed=parts.filed,
                fetch=self._fetcher.fetch_unattended,
            ),
            on_refresh=self._refreshed,
        )
        self._use = TokenUse(
            parts.clock,
            self._connections,
            self._keeper,
            parts.redactor,
            self._prover,
            self._certificates.known_thumbprint,
        )
        self.inspector = TokenInspector(
            parts.clock,
            self._connections,
            self._builder,
            parts.redactor,
            parts.log,
            self._keeper.forget,
            self._certificates.known_thumbprint,
        )
        self.removal = Remover(
            store=parts.store,
            credentials=parts.credentials,
            keeper=self._keeper,
            dpop_keys=self._dpop_keys,
            keys=self._builder.keys,
            certificates=self._certificates,
            connections=self._connections,
        )

    async def _binding(self, profile: Profile) -> str:
        """Return what tokens of the profile are bound to: a DPoP key, a client certificate, or both."""
        certificate = await self._certificates.thumbprint(profile.client_tls)
        return f"{await self._prover.binding(profile)} {certificate}".strip()

    def _refreshed(self, outcome: Outcome, profile: Profile) -> None:
        self.on_refresh(outcome, profile)

    def lifetime(self, token: AccessToken | None) -> Lifetime:
        """See ``ports.FlowEngine.lifetime``."""
        return self._keeper.lifetime(token)

    # Configure

    async def discover(self, profile: Profile, *, refetch: bool = False) -> DiscoveryResult:
        """See ``ports.FlowEngine.discover``."""
        discovery = self._connections.discovery(profile.mtls)
        return await discovery.discover(profile.issuer, refetch=refetch)

    def remember_passphrase(self, reference: str, passphrase: Secret) -> None:
        """See ``ports.FlowEngine.remember_passphrase``."""
        self.parts.redactor.know(passphrase)
        self.parts.credentials.reader.remember_passphrase(reference, passphrase)

    def remember_secret(self, profile: Profile, secret: Secret) -> None:
        """See ``ports.FlowEngine.remember_secret``."""
        self.parts.redactor.know(secret)
        self.parts.credentials.remember(profile, secret)

    def provide_secret(self, profile: Profile, secret: Secret) -> None:
        """Hold the secret that a profile of the demo comes with; no removal takes it away."""
        self.parts.redactor.know(secret)
        self.parts.credentials.provide(profile, secret)

    async def share_secret(self, profile: Profile, other: Profile) -> None:
        """See ``ports.FlowEngine.share_secret``."""
        await self.parts.credentials.share(profile, other)

    async def credential_source(self, profile: Profile) -> str:
        """See ``ports.FlowEngine.credential_source``."""
        try:
            return await self.parts.credentials.source(profile)
        except (InputProblem, SecretStoreProblem):
            return ""

    async def save_secret(self, profile: Profile) -> StoreStatus:
        """See ``ports.FlowEngine.save_secret``."""
        await self.parts.credentials.reader.save_passphrases(profile.key_references.values())
        self.parts.credentials.references.allow(profile)
        if await self.credential_source(profile) == "typed":
            await self.parts.credentials.save(profile)
            self._keeper.store_kept()
        return await self.parts.store.status()

    async def import_key(self, profile: Profile) -> Profile:
        """See ``ports.FlowEngine.import_key``; raises ``KeyProblem`` for a key that could not sign."""
        key = await self.kept_keys.opened(profile.key_reference.strip(), kid=profile.assertion_kid)
        await self.kept_keys.keep(profile.name, key)
        return replace(profile, key_reference=reference_to(profile.name))

    async def _let_go_of_key(self, reference: str) -> None:
        """Drop what was read of a key that is deleted, and the connections that it proves."""
        self._builder.keys.forget()
        self._certificates.forget()
        await self._connections.drop_key(reference)

    # Build and send

    async def prepare(self, profile: Profile) -> TokenRequest:
        """See ``ports.FlowEngine.prepare``."""
        return await self._fetcher.prepare(profile)

    async def request_token(
        self, profile: Profile, first: TokenRequest | None, listener: ProgressListener
    ) -> Outcome:
        """See ``ports.FlowEngine.request_token``; raises ``InputProblem`` when no request can be built."""
        outcome = await self._fetcher.fetch(profile, self._fetcher.unsent(first), listener)
        if isinstance(outcome, Granted):
            try:
                await self._keeper.keep(profile, outcome)
            except (InputProblem, SecretStoreProblem) as problem:
                self.parts.log.warning(f"the token is not refreshed in the background: {problem}")
        return outcome

    async def fetch_token(
        self, profile: Profile, first: TokenRequest | None, listener: ProgressListener
    ) -> Outcome:
        """Get a token without keeping it; parameters and errors as for ``request_token``."""
        return await self._fetcher.fetch(profile, first, listener)

    # Use and end

    async def call_resource(self, profile: Profile) -> ResourceResult:
        """See ``ports.FlowEngine.call_resource``."""
        return await self._use.call(profile)

    async def stored_token(self, profile: Profile) -> AccessToken | None:
        """See ``ports.FlowEngine.stored_token``."""
        if unconfirmed_origin(profile):
            return None  # it could not be kept alive
        token = await self._keeper.restore(profile)
        if token is not None:
            self.parts.redactor.know_token(token.value)
        return token

    async def let_go(self) -> None:
        """See ``ports.FlowEngine.let_go``."""
        self._keeper.let_go()

    async def store_status(self) -> StoreStatus:
        """See ``ports.FlowEngine.store_status``."""
        return await self.parts.store.status()

    async def warm(self) -> None:
        """See ``ports.FlowEngine.warm``."""
        await self._connections.transport(MutualTls()).warm()

    async def close(self) -> None:
        """See ``ports.FlowEngine.close``."""
        await self._keeper.close()
        await self._connections.close()
