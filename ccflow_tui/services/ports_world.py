"""What the services ask of the world: time, one HTTP exchange, a place for secrets, a clipboard, a history.

Everything here is a Protocol or a plain value, so that tests put in a frozen clock, a scripted
transport or a dictionary for a keyring.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from ccflow_tui.models.history import HistoryEntry
    from ccflow_tui.models.secret import Secret


@runtime_checkable
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


@runtime_checkable
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
    FILE = "encrypted file"


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """Where secrets live and why."""

    kind: StoreKind
    detail: str = ""
    """The backend's name, or why there is none and what follows from that."""
    moves_on: bool = False
    """Whether what is held in memory moves into the lasting store once that can be reached."""


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

    async def places(self, name: str) -> tuple[StoreKind, ...]:
        """Return every place that holds the secret, or a part of it, by looking.

        Raises ``SecretStoreProblem`` where a place cannot be asked.
        """
        ...

    async def status(self) -> StoreStatus:
        """Say where secrets go."""
        ...


@dataclass(frozen=True, slots=True)
class PassphraseQuestion:
    """What a person is asked where secrets are in an encrypted file."""

    place: str
    """The path of the file."""
    new: bool = False
    """Whether the passphrase is chosen now rather than known."""
    change: bool = False
    """Whether the new one takes the place of another, so that the file is there already."""
    problem: str = ""
    """What was wrong with the last answer."""


PassphraseAsker = Callable[[PassphraseQuestion], Awaitable["Secret | None"]]
"""Asks a person; ``None`` when they would rather not say."""


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

    def remove(self, entry: HistoryEntry) -> bool:
        """Remove one entry; return whether it was there."""
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
    """``typed``, ``environment``, ``.env``, a ``StoreKind``, ``file``, or the reference that was followed."""
