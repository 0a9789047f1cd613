"""The keys that work now, as many as fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.events import Resize
    from textual.screen import Screen


class KeyBar(Footer):
    """A footer that leaves out the last keys rather than cut one in half; the help lists them all."""

    _made_for = 0
    """The width in cells that the keys now shown were chosen for."""

    def compose(self) -> ComposeResult:
        """Yield keys while there is room for them."""
        room = self._made_for = self.app.size.width
        for widget in super().compose():
            if isinstance(widget, FooterKey):
                room -= cell_len(f"{widget.key_display} {widget.description}")
                if room < 0:
                    return
                room -= 1
            yield widget

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Stay as it is beneath a dialog or the palette, whose keys these are not."""
        if screen is self.app.screen:
            super().bindings_changed(screen)

    def on_resize(self, event: Resize) -> None:
        """Choose again for another width."""
        if self._made_for not in {0, self.app.size.width}:
            self.call_after_refresh(self.recompose)
