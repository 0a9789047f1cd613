"""What every dialog shares: a box in the middle, Esc closes it, focus returns where it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen, ScreenResultType
from textual.widgets import Static

from ccflow_tui.widgets.bound_keys import listen

if TYPE_CHECKING:
    from pathlib import PurePath

    from ccflow_tui.models.places import Place
    from ccflow_tui.widgets.bound_keys import BoundKeys


class Dialog(ModalScreen[ScreenResultType]):
    """A modal box with a title; subclasses fill it."""

    # Always, whatever the keymap says: no question is to lock anybody in.
    BINDINGS = [Binding("escape", "close", "Close", key_display="Esc")]  # noqa: RUF012 - Textual's own type
    CSS_PATH: ClassVar[str | list[str | PurePath]] = "dialog.tcss"
    HEADING = ""
    PLACE: ClassVar[Place | None] = None
    """Whose keys of the table it listens to."""
    keys: BoundKeys
    """The keys in force; handed over before the dialog is shown."""

    def listen_to(self, keys: BoundKeys) -> None:
        """Take the keys in force."""
        self.keys = keys
        own = keys.bindings(self.PLACE) if self.PLACE else ()
        listen(self, [*own, *keys.elsewhere("back", "screen.close")])

    def compose(self) -> ComposeResult:
        """Lay out the box."""
        with Vertical(id="box"):
            yield Static(self.HEADING, id="dialog-title", markup=False)
            yield from self.compose_dialog()

    def compose_dialog(self) -> ComposeResult:
        """Yield what stands in the box."""
        raise NotImplementedError

    def on_screen_suspend(self) -> None:
        """Leave the messages to what opens on top, as the steps do."""
        self.query("ToastRack").set(display=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the keys of the step below alone."""
        return hasattr(self, f"action_{action}")

    def action_close(self) -> None:
        """Close without a choice."""
        self.dismiss(None)
