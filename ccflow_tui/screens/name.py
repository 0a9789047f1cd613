"""The question for a name."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Button, Input, Static

from ccflow_tui.screens.dialog import Dialog
from ccflow_tui.widgets.push_button import PushButton


class NameDialog(Dialog[str]):
    """Ends with a name that may be used, or ``None``."""

    def __init__(self, heading: str, explanation: str, why_not: Callable[[str], str], confirm: str) -> None:
        """Ask for a name; ``why_not`` says what is wrong with one and what to do, or nothing."""
        self.HEADING = heading
        super().__init__()
        self._explanation, self._why_not, self._confirm = explanation, why_not, confirm

    def compose_dialog(self) -> ComposeResult:
        """Yield the input, what is wrong with it, and the answers."""
        yield Static(self._explanation, id="question", markup=False)
        yield Input(placeholder="name", validate_on=(), compact=True, id="name")
        yield Static("", id="problem", markup=False)
        with Horizontal(classes="buttons"):
            yield PushButton(self._confirm, id="confirm", compact=True, variant="primary")
            yield PushButton("Cancel", id="cancel", compact=True)

    @on(Input.Changed)
    def _clear(self) -> None:
        self.query_one("#problem", Static).update("")

    @on(Input.Submitted)
    @on(Button.Pressed, "#confirm")
    def _finish(self) -> None:
        name = self.query_one("#name", Input).value.strip()
        if problem := self._why_not(name):
            self.query_one("#problem", Static).update(f"✗ {problem}")
            self.query_one("#name").focus()
        else:
            self.dismiss(name)

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.dismiss(None)
