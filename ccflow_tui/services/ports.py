"""The seams of the house: what the screens ask of the services, and what the services ask of the world.

Everything here is a Protocol or a plain value, so that tests put in a frozen clock, a scripted
transport or a dictionary for a keyring, and the screens never see an implementation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ccflow_tui.models.access_token import AccessToken
    from ccflow_tui.models.discovery import DiscoveryResult
    from ccflow_tui.models.history import HistoryEntry
    from ccflow_tui.models.lifetime import Lifetime
    from ccflow_tui.models.outcome import Advice, Outcome, ResourceResult
    from ccflow_tui.models.problems import FieldProblem
    from ccflow_tui.models.profile import Profile
    from ccflow_tui.models.progress import Progress
    from ccflow_tui.models.secret import Secret
    from ccflow_tui.models.token_request import TokenRequest
    from ccflow_tui.models.token_view import TokenView


class Clock(Protocol):
    """Time, so that tests can own it."""

    def wall(self) -> float:
        """Return epoch seconds."""
        ...

    def monotonic(self) -> float:
        """Return seconds from an arbitrary start that never jump back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


@dataclass(frozen=True, slots=True)
class WireRequest:
    """Bytes to send: nothing is added to it and nothing taken away."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""

    def __repr__(self) -> str:
        """Leave headers and body out, since both may hold a secret."""
        return f"WireRequest({self.method} {self.url}, {len(self.body)} bytes)"


@dataclass(frozen=True, slots=True)
class WireResponse:
    """An HTTP answer as it came, body capped."""

    status: int
    headers: tuple[tuple[str, str], ...]
    """Names in lower case, in the order received."""
    body: bytes
    received_at: float
    """Epoch seconds."""

    def header(self, name: str) -> str:
        """Return the first header of that lower-case name, or an empty text."""
        return next((value for key, value in self.headers if key == name), "")

    def __repr__(self) -> str:
        """Leave headers and body out, since both may hold a token."""
        return f"WireResponse({self.status}, {len(self.body)} bytes)"


class Transport(Protocol):
    """One HTTP exchange at a time, fenced: no redirects, no cookies, a deadline and a size cap."""

    async def exchange(self, request: WireRequest, *, deadline: float) -> WireResponse:
        """Send ``request`` and read the whole answer within ``deadline`` seconds.

        Raises ``services.transport.TransportFault`` with phase and kind when no whole answer arrived.
        """
        ...

    async def warm(self) -> None:
        """Do what is slow before the first request (imports, TLS context), off the event loop."""
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...


class StoreKind(StrEnum):
    """Where secrets live, as the status bar says it."""

    KEYRING = "keyring"
    MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """Where secrets live and why."""

    kind: StoreKind
    detail: str = ""
    """The backend's name, or why there is none and what follows from that."""


class SecretStore(Protocol):
    """Named secrets; an implementation never writes one to a plain file."""

    async def get(self, name: str) -> Secret | None:
        """Return the secret, or ``None``; raises ``SecretStoreProblem``."""
        ...

    async def put(self, name: str, secret: Secret) -> None:
        """Store the secret and read it back; raises ``SecretStoreProblem``."""
        ...

    async def delete(self, name: str) -> bool:
        """Remove the secret and make sure it is gone; return whether there was one."""
        ...

    async def status(self) -> StoreStatus:
        """Say where secrets go."""
        ...


class CopyRoute(StrEnum):
    """How text reached a clipboard, told honestly."""

    NATIVE = "native"
    """A clipboard tool took it and said so."""
    TERMINAL = "terminal"
    """Sent to the terminal (OSC 52), which never answers."""
    NONE = "none"


@dataclass(frozen=True, slots=True)
class CopyReport:
    """What became of a copy."""

    route: CopyRoute
    message: str


class Clipboard(Protocol):
    """Copies text by every road there is."""

    async def copy(self, text: Secret, *, label: str) -> CopyReport:
        """Copy ``text``; ``label`` names it in the report."""
        ...


class HistoryStore(Protocol):
    """The history, newest first; metadata only."""

    def add(self, entry: HistoryEntry) -> HistoryEntry:
        """Store an entry and return it with its id."""
        ...

    def count(self) -> int:
        """Return how many entries there are."""
        ...

    def page(self, offset: int, limit: int) -> Sequence[HistoryEntry]:
        """Return entries newest first."""
        ...

    def clear(self) -> int:
        """Remove every entry; return how many there were."""
        ...


@dataclass(frozen=True, slots=True)
class Credential:
    """What the client authenticates with, and where it came from (never shown, only its source)."""

    secret: Secret | None = None
    key: Secret | None = None
    """Private key text (PEM or JWK)."""
    source: str = ""
    """``typed``, ``environment``, ``.env``, ``keyring``, ``memory``, ``file``."""


ProgressListener = Callable[["Progress"], None]


class FlowEngine(Protocol):
    """What the wizard and ``ccflow token`` ask the services for; no method gives a secret back."""

    def check(self, profile: Profile, *, secret_present: bool) -> tuple[FieldProblem, ...]:
        """Return every finding about the configuration, errors first; quick enough for every key press."""
        ...

    def check_secret(self, secret: Secret) -> tuple[FieldProblem, ...]:
        """Return what looks wrong about a client secret, without repeating it."""
        ...

    def derive(self, profile: Profile) -> Profile:
        """Fill issuer, token endpoint and API base from a preset's environment and region."""
        ...

    def recognise(self, text: str) -> tuple[str, str] | None:
        """Return environment id and region when ``text`` is a PingOne URL."""
        ...

    async def discover(self, profile: Profile, *, refetch: bool = False) -> DiscoveryResult:
        """Find the token endpoint of ``profile.issuer`` (RFC 8414, then OpenID Connect Discovery)."""
        ...

    def remember_secret(self, profile: Profile, secret: Secret) -> None:
        """Keep a typed client secret in memory for this run, bound to the profile's origin."""
        ...

    async def credential_source(self, profile: Profile) -> str:
        """Return where the profile's secret or key would come from, or an empty text when there is none."""
        ...

    async def save_secret(self, profile: Profile) -> StoreStatus:
        """Move the remembered secret into the secret store; raises ``SecretStoreProblem``."""
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

    async def sign_out(self, profile: Profile) -> tuple[str, ...]:
        """Remove token, cache and secrets of the profile; return what was removed, in words."""
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


RefreshListener = Callable[["Outcome", "Profile"], None]
"""Called when a background refresh or a fresh token for a resource call ended."""
