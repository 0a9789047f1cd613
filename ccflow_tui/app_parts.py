"""What the app is wired from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ccflow_tui.actions import ACTIONS, Action

if TYPE_CHECKING:
    from ccflow_tui.models.profile import Profile
    from ccflow_tui.profile_book import ProfileBook
    from ccflow_tui.services.logger import FlowLogger
    from ccflow_tui.services.ports import Clipboard, Clock, FlowEngine, HistoryStore
    from ccflow_tui.services.ports_keys import KeyWorkbench


@dataclass(frozen=True, slots=True)
class AppParts:
    """Every part is a port or a value; tests put in stand-ins."""

    engine: FlowEngine
    workbench: KeyWorkbench
    book: ProfileBook
    history: HistoryStore
    logger: FlowLogger
    clipboard: Callable[[Callable[[str], None]], Clipboard]
    """Makes a clipboard from the terminal's own way to copy (OSC 52)."""
    clock: Clock
    version: str
    why_off: Callable[[Profile], str]
    """Why a profile's flow is switched off and how to enable it (the feature flag); empty when it is on."""
    theme: str = ""
    """The theme to start with; empty leaves it to settings and state."""
    theme_dir: Path | None = None
    open_profiles: Callable[[], Awaitable[None]] | None = None
    """Runs after the first paint and fills the book, when a demo server has to start first."""
    warnings: Callable[[], tuple[str, ...]] = tuple
    """What has to be said after the first paint, for example that history lasts for this run only."""
    standing_warning: str = ""
    """What the status bar must say all the time."""
    change_passphrase: Callable[[], Awaitable[str]] | None = None
    """Changes the passphrase of the encrypted file and says so; ``None`` where secrets are not in one."""
    actions: tuple[Action, ...] = ACTIONS
    """The table of keys, with the person's own."""
    emoji: bool = True
    motion: bool = True
    """Whether anything moves by itself; without, the countdown goes by the minute."""
