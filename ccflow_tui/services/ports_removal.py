"""What can be asked of removing a profile's secrets: look first, then remove and read back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ccflow_tui.models.profile import Profile


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose secrets are meant."""

    profile: Profile
    versions: tuple[Profile, ...] = ()
    """The same profile as it is kept elsewhere; under another client or server it has other secrets."""
    others: tuple[Profile, ...] = ()
    """Every other profile: what one of them uses too is not taken from it."""
    holds_token: bool = False
    """Whether the caller has a token of the profile, and lets go of it before anything is removed."""
    successor: Profile | None = None
    """What the profile is from now on, where only what it leaves behind is meant; its own is left alone."""
    unlooked: tuple[str, ...] = ()
    """Which stores are not looked into, why, and the way out, as sentences."""


@dataclass(frozen=True, slots=True)
class Holding:
    """One thing that is kept, and where."""

    words: str
    """``the client secret``."""
    places: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.words} ({', '.join(self.places)})"


@dataclass(frozen=True, slots=True)
class Holdings:
    """What was found by looking."""

    found: tuple[Holding, ...] = ()
    spared: tuple[str, ...] = ()
    """What stays on purpose, each with the reason, as a sentence."""
    unseen: tuple[str, ...] = ()
    """What could not be looked for, why, and the way out, as sentences."""
    only_memory: bool = False
    """Whether there is no secret store here that could be looked into."""


@dataclass(frozen=True, slots=True)
class RemovalReport:
    """What became of it, by reading back."""

    removed: tuple[Holding, ...] = ()
    left: tuple[str, ...] = ()
    """What is still there or could not be read back, why, and the way out; empty when nothing is left."""
    spared: tuple[str, ...] = ()
    only_memory: bool = False
    """Whether there is no secret store here that could be read back."""


class CredentialRemoval(Protocol):
    """Removes everything secret that is kept for one profile, in memory and in the secret store."""

    async def look(self, subject: Subject) -> Holdings:
        """Return what there is, by looking."""
        ...

    async def remove(self, subject: Subject) -> RemovalReport:
        """Remove what ``look`` finds, read back, and tell; a store that fails is told, not raised."""
        ...
