"""Facts that reach the app from outside the screens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from ccflow_tui.models.outcome import Outcome
    from ccflow_tui.models.profile import Profile


class TokenRefreshed(Message):
    """A background refresh ended, well or badly."""

    def __init__(self, outcome: Outcome, profile: Profile) -> None:
        super().__init__()
        self.outcome, self.profile = outcome, profile
