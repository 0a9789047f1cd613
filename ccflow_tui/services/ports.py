"""The seams of the house: what the screens ask of the services, and what the services ask of the world.

The first is here, the second in ``ports_world.py``; both are imported from here. The screens never see
an implementation.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from ccflow_tui.services.ports_world import (
    Clipboard,
    Clock,
    CopyReport,
    CopyRoute,
    Credential,
    HistoryStore,
    PassphraseAsker,
    PassphraseQuestion,
    SecretStore,
    StoreKind,
    StoreStatus,
    Transport,
    WireRequest,
    WireResponse,
)

if TYPE_CHECKING:
    from ccflow_tui.models.access_token import AccessToken
    from ccflow_tui.models.discovery import DiscoveryResult
    from ccflow_tui.models.lifetime import Lifetime
    from ccflow_tui.models.outcome import Advice, Outcome, ResourceResult
    from ccflow_tui.models.problems import FieldProblem
    from ccflow_tui.models.profile import Profile
    from ccflow_tui.models.progress import Progress
    from ccflow_tui.models.secret import Secret
    from ccflow_tui.models.token_request import TokenRequest
    from ccflow_tui.models.token_view import TokenView
    from ccflow_tui.services.ports_inspection import TokenInspection
    from ccflow_tui.services.ports_removal import CredentialRemoval

__all__ = [
    "Clipboard",
    "Clock",
    "CopyReport",
    "CopyRoute",
    "Credential",
    "Filed",
    "FlowEngine",
    "HistoryStore",
    "PassphraseAsker",
    "PassphraseQuestion",
    "ProgressListener",
    "RefreshListener",
    "SecretStore",
    "StoreKind",
    "StoreStatus",
    "Transport",
    "WireRequest",
    "WireResponse",
    "unnoted",
]

ProgressListener = Callable[["Progress"], None]


class FlowEngine(Protocol):
    """What the wizard and ``ccflow token`` ask the services for; no method gives a secret back."""

    @property
    def inspector(self) -> TokenInspection:
        """Asks about a token that is held."""
        ...

    @property
    def removal(self) -> CredentialRemoval:
        """Removes what is secret of a profile, and proves it."""
        ...

    def check(self, profile: Profile, *, secret_present: bool) -> tuple[FieldProblem, ...]:
        """Return every finding about the configuration, errors first; quick enough for every key press."""
        ...

    def offered_algorithms(self, profile: Profile) -> Mapping[str, tuple[str, ...]]:
        """Return what assertions and DPoP proofs can be signed with, of what the server lists, if anything.

        By the ``Profile`` attributes ``assertion_alg`` and ``dpop_alg``.
        """
        ...

    def check_secret(self, secret: Secret) -> tuple[FieldProblem, ...]:
        """Return what looks wrong about a client secret, without repeating it."""
        ...

    def derive(self, profile: Profile) -> Profile:
        """Fill issuer, token endpoint and API base from what a preset asks for."""
        ...

    def unconfirmed_origin(self, profile: Profile) -> str:
        """Return the origin of a discovered token endpoint to which no credential goes before a consent."""
        ...

    def recognise(self, text: str, profile: Profile) -> Mapping[str, Any]:
        """Return the changes to ``profile`` that a known provider's URL stands for; empty for other texts."""
        ...

    async def discover(self, profile: Profile, *, refetch: bool = False) -> DiscoveryResult:
        """Find the token endpoint of ``profile.issuer`` (RFC 8414, then OpenID Connect Discovery)."""
        ...

    def remember_passphrase(self, reference: str, passphrase: Secret) -> None:
        """Keep the typed passphrase of the private key that ``reference`` names in memory for this run.

        Wanted when a method raises ``PassphraseProblem``; an empty one forgets.
        """
        ...

    def remember_secret(self, profile: Profile, secret: Secret) -> None:
        """Keep a typed client secret in memory for this run, bound to the profile's origin."""
        ...

    async def share_secret(self, profile: Profile, other: Profile) -> None:
        """Let another profile of the same client at the same server have the secret of ``profile``."""
        ...

    async def credential_source(self, profile: Profile) -> str:
        """Return where the profile's secret or key would come from, or an empty text when there is none."""
        ...

    async def save_secret(self, profile: Profile) -> StoreStatus:
        """Move the remembered secret, and the passphrases of keys, into the secret store.

        Raises ``SecretStoreProblem``.
        """
        ...

    async def import_key(self, profile: Profile) -> Profile:
        """Copy the private key file into the secret store and return the profile that refers to it there."""
        ...

    async def prepare(self, profile: Profile) -> TokenRequest:
        """Build and sign the request; raises ``InputProblem`` when something is missing or weak."""
        ...

    async def request_token(
        self, profile: Profile, first: TokenRequest | None, listener: ProgressListener
    ) -> Outcome:
        """Send, retrying what may pass; ``first`` is the previewed request, used while it is fresh."""
        ...

    def advise(self, outcome: Outcome, profile: Profile) -> Advice | None:
        """Explain a failure; ``None`` when there is none to explain."""
        ...

    def view_token(self, token: AccessToken) -> TokenView:
        """Decode a JWT for reading, without verifying it."""
        ...

    def as_curl(self, request: TokenRequest) -> str:
        """Return the request as a curl command with placeholders for every secret."""
        ...

    async def call_resource(self, profile: Profile) -> ResourceResult:
        """Call the sample API with the current token, with one fresh token after a 401."""
        ...

    async def stored_token(self, profile: Profile) -> AccessToken | None:
        """Return a token of an earlier run that is still alive, and keep it alive from now on."""
        ...

    def lifetime(self, token: AccessToken | None) -> Lifetime:
        """Return the countdown at this moment."""
        ...

    async def let_go(self) -> None:
        """Stop keeping the current token alive, without removing anything."""
        ...

    async def store_status(self) -> StoreStatus:
        """Say where secrets live."""
        ...

    async def warm(self) -> None:
        """Load what the first request needs, off the event loop."""
        ...

    async def close(self) -> None:
        """Cancel background work and close connections."""
        ...


Filed = Callable[["Profile"], Awaitable[None]]
"""Told of a profile before something secret of it is stored, so that a removal can find it later."""


async def unnoted(_: Profile) -> None:
    """Note nothing."""


RefreshListener = Callable[["Outcome", "Profile"], None]
"""Called when a background refresh or a fresh token for a resource call ended."""
