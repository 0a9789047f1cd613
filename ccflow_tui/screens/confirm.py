"""A question before something irreversible; the safe answer has the focus."""

from __future__ import annotations

import re
import textwrap
from enum import StrEnum

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Button, Static
from textual.widgets.button import ButtonVariant

from ccflow_tui.screens.dialog import Dialog
from ccflow_tui.widgets.push_button import PushButton

_LEAD = re.compile(r"[•⚠] |\s*\S+(?: \S+)*?\s{2,}(?=\S)")
"""What stands before the text of a line: the mark of a list, or a label with the gap behind it."""
_NARROWEST = 16
"""Cells that a text needs to be wrapped beside its label rather than below it."""


def hung(text: str, width: int) -> str:
    """Return a text wrapped to ``width`` cells, each line on under the text of the one it goes on from."""
    return "\n".join("\n".join(_hung_line(line, width)) for line in text.splitlines())


def _hung_line(line: str, width: int) -> list[str]:
    found = _LEAD.match(line)
    lead = found[0] if found and found.end() + _NARROWEST <= width else ""
    texts = textwrap.wrap(line[len(lead) :], width - len(lead), break_on_hyphens=False)
    return [(" " * len(lead) if at else lead) + text for at, text in enumerate(texts or [""])]


class Answer(StrEnum):
    """What was chosen."""

    CANCEL = "cancel"
    CONFIRM = "confirm"
    MORE = "more"
    """Do it, and what goes beyond it, too."""


class ConfirmDialog(Dialog[Answer]):
    """Ends with ``CONFIRM`` or ``MORE`` only when that button was pressed."""

    VERTICAL_BREAKPOINTS = [(0, "-low"), (24, "-high")]  # noqa: RUF012 - Textual's own type

    def __init__(
        self, heading: str, question: str, confirm: str, more: str = "", *, harmless: bool = False
    ) -> None:
        self.HEADING = heading
        super().__init__()
        self.question, self._confirm, self._more = question, confirm, more
        self._harmless = harmless
        """Whether ``confirm`` destroys nothing, so that it must not look as if it did."""

    def compose_dialog(self) -> ComposeResult:
        """Yield the question and the answers."""
        # Never taller than leaves room for the answers; the focus stays with them.
        with VerticalScroll(id="question-frame", can_focus=False):
            yield Static(self.question, id="question", markup=False)
        with Horizontal(classes="buttons"):
            yield PushButton("Cancel", id=Answer.CANCEL, compact=True, variant="primary")
            variant: ButtonVariant = "default" if self._harmless else "error"
            yield PushButton(self._confirm, id=Answer.CONFIRM, compact=True, variant=variant)
            if self._more:
                yield PushButton(self._more, id=Answer.MORE, compact=True, variant="error")

    def on_mount(self) -> None:
        """Focus the safe answer."""
        self.query_one("#cancel").focus()
        self.call_after_refresh(self._fit)

    def on_resize(self) -> None:
        """Wrap the question anew."""
        self.call_after_refresh(self._fit)

    def _fit(self, fitted: int = 0) -> None:
        """Wrap the question to its place, whose width shows in the layout, and again if a scroll bar came."""
        width = self.query_one("#question-frame").scrollable_content_region.width
        if width not in {0, fitted}:
            self.query_one("#question", Static).update(hung(self.question, width))
            self.call_after_refresh(self._fit, width)

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
