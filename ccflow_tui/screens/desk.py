"""What every screen is given to work with: the engine, the history, and a few facts about this run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ccflow_tui.models.log_entry import LogEntry
    from ccflow_tui.models.profile import Profile
    from ccflow_tui.services.ports import FlowEngine, HistoryStore
    from ccflow_tui.widgets.bound_keys import BoundKeys


class Desk(NamedTuple):
    """Handed to each step by the app; a screen reaches nothing else."""

    engine: FlowEngine
    history: HistoryStore
    log_entries: Callable[[], tuple[LogEntry, ...]]
    monotonic: Callable[[], float]
    """Seconds from an arbitrary start, for elapsed times on screen."""
    why_off: Callable[[Profile], str]
    """Why a profile's flow is switched off and how to enable it; empty when it is on."""
    keys: Callable[[], BoundKeys]
    """The keys in force; what has keys of its own listens to them."""
    shadows: Callable[[str], Mapping[str, str]] = lambda profile: {}
    """By the name of a profile: which values its fields stand before."""
    unconfirmed_api: Callable[[Profile], str] = lambda profile: ""
    """The origin of a profile's API while nobody has confirmed that a token may go there; else empty."""
    key: Callable[[str], str] = lambda action: ""
    """By the id of an action: the key to press for it, as a person says it."""
