"""What the key workbench is given to work with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ccflow_tui.models.profile import EndpointMode, Provider

if TYPE_CHECKING:
    from ccflow_tui.models.profile import Profile
    from ccflow_tui.services.ports_keys import KeyWorkbench


class FileWriter(Protocol):
    """Writes what anybody may read; ``services/public_files.py`` says what it raises."""

    def __call__(self, folder: str, name: str, text: str, *, replace: bool = False) -> Awaitable[Path]:
        """Return the path of the file written."""
        ...


class KeysDesk(NamedTuple):
    """Handed to the key workbench and its dialogs by the app; they reach nothing else."""

    workbench: KeyWorkbench
    profile: Callable[[], Profile]
    """The profile that is open."""
    production: Callable[[], frozenset[str]]
    """Names of the profiles that are marked production."""
    wall: Callable[[], float]
    """Epoch seconds."""
    write: FileWriter

    @property
    def provider(self) -> Provider:
        """Whose server the open profile is for, as far as that is known."""
        profile = self.profile()
        return profile.provider if profile.endpoint_mode is EndpointMode.PRESET else Provider.GENERIC

    def free_name(self) -> str:
        """Return a name for a new key: the open profile's, numbered where it is taken."""
        base = self.profile().name
        names = (base, *(f"{base}-{number}" for number in range(2, 100)))
        return next((name for name in names if not self.workbench.why_not_named(name)), "")
