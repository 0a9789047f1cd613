"""A question before something irreversible; the safe answer has the focus."""

from __future__ import annotations

from enum import StrEnum

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Button, Static

from ccflow_tui.screens.dialog import Dialog
from ccflow_tui.widgets.push_button import PushButton


class Answer(StrEnum):
    """What was chosen."""

    CANCEL = "cancel"
    CONFIRM = "confirm"
    MORE = "more"
    """Do it, and what goes beyond it, too."""


class ConfirmDialog(Dialog[Answer]):
    """Ends with ``CONFIRM`` or ``MORE`` only when that button was pressed."""

    def __init__(self, heading: str, question: str, confirm: str, more: str = "") -> None:
        self.HEADING = heading
        super().__init__()
        self._question, self._confirm, self._more = question, confirm, more

    def compose_dialog(self) -> ComposeResult:
        """Yield the question and the answers."""
        # Never taller than leaves room for the answers; the focus stays with them.
        with VerticalScroll(id="question-frame", can_focus=False):
            yield Static(self._question, id="question", markup=False)
        with Horizontal(classes="buttons"):
            yield PushButton("Cancel", id=Answer.CANCEL, compact=True, variant="primary")
            yield PushButton(self._confirm, id=Answer.CONFIRM, compact=True, variant="error")
            if self._more:
                yield PushButton(self._more, id=Answer.MORE, compact=True, variant="error")

    def on_mount(self) -> None:
        """Focus the safe answer."""
        self.query_one("#cancel").focus()

    def key_left(self) -> None:
        """Arrow keys move between the answers, as they do in every dialog."""
        self.focus_previous()

    def key_right(self) -> None:
        """See ``key_left``."""
        self.focus_next()

    def key_up(self) -> None:
        """Show more of a long question."""
        self.query_one("#question-frame").scroll_up()

    def key_down(self) -> None:
        """See ``key_up``."""
        self.query_one("#question-frame").scroll_down()

    def key_pageup(self) -> None:
        """See ``key_up``."""
        self.query_one("#question-frame").scroll_page_up()

    def key_pagedown(self) -> None:
        """See ``key_up``."""
        self.query_one("#question-frame").scroll_page_down()

    @on(Button.Pressed)
    def _answer(self, event: Button.Pressed) -> None:
        self.dismiss(Answer(event.button.id or Answer.CANCEL))
