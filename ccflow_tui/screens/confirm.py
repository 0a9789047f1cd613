"""A question before something irreversible; the safe answer has the focus."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Button, Static

from ccflow_tui.screens.dialog import Dialog
from ccflow_tui.widgets.push_button import PushButton


class ConfirmDialog(Dialog[bool]):
    """Ends with ``True`` only when the dangerous button was pressed."""

    def __init__(self, heading: str, question: str, confirm: str) -> None:
        self.HEADING = heading
        super().__init__()
        self._question, self._confirm = question, confirm

    def compose_dialog(self) -> ComposeResult:
        """Yield the question and both answers."""
        yield Static(self._question, id="question", markup=False)
        with Horizontal(classes="buttons"):
            yield PushButton("Cancel", id="cancel", compact=True, variant="primary")
            yield PushButton(self._confirm, id="confirm", compact=True, variant="error")

    def on_mount(self) -> None:
        """Focus the safe answer."""
        self.query_one("#cancel").focus()

    def key_left(self) -> None:
        """Arrow keys move between the answers, as they do in every dialog."""
        self.focus_previous()

    def key_right(self) -> None:
        """See ``key_left``."""
        self.focus_next()

    @on(Button.Pressed)
    def _answer(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "confirm")
