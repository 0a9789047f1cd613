"""A button that copies, and says for a moment on itself that it did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccflow_tui.widgets.push_button import PushButton

if TYPE_CHECKING:
    from textual.timer import Timer

CONFIRMED_SECONDS = 2.0


class CopyButton(PushButton):
    """As wide as what it says afterwards, so that nothing beside it moves."""

    DEFAULT_CSS = "CopyButton { min-width: 12; }"
    _own_label = ""
    _timer: Timer | None = None

    def confirm(self, words: str) -> None:
        """Say what happened, then offer to copy again."""
        if self._timer is None:
            self._own_label = str(self.label)
        else:
            self._timer.stop()
        self.label = f"✓ {words}"
        self._timer = self.set_timer(CONFIRMED_SECONDS, self._offer_again)

    def _offer_again(self) -> None:
        self._timer = None
        self.label = self._own_label
