"""F1: what this step is for, and every key that works here."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from ccflow_tui.screens.dialog import Dialog


@dataclass(frozen=True, slots=True)
class HelpRow:
    """One key and what it does."""

    keys: str
    text: str


@dataclass(frozen=True, slots=True)
class HelpPage:
    """What the help shows for one step."""

    heading: str
    introduction: str
    here: Sequence[HelpRow]
    everywhere: Sequence[HelpRow] = ()
    place: str = "On this step"
    """Where the keys of ``here`` work."""


MOVING = (
    HelpRow("Tab / Shift+Tab", "next and previous field or button"),
    HelpRow("Enter", "in a field: go on to the next; on a button: press it"),
    HelpRow("Space / arrows", "choose in a list; among the methods, up, down, left and right"),
)

_KEYS = 19
"""Cells of the column of keys."""


class HelpDialog(Dialog[None]):
    """Lists keys; scrolls with the arrow keys."""

    BINDINGS = [Binding("f1,question_mark", "close", "Close")]  # noqa: RUF012 - Textual's own type

    def __init__(self, page: HelpPage) -> None:
        self.HEADING = f"Help · {page.heading}"
        super().__init__()
        self._page = page

    def compose_dialog(self) -> ComposeResult:
        """Yield the page."""
        with VerticalScroll(id="help"):
            yield Static(self._text(), id="help-text", markup=False)

    def on_mount(self) -> None:
        """Let the arrow keys scroll at once."""
        self.query_one("#help").focus()
        self.call_after_refresh(self._fit)

    def on_resize(self) -> None:
        """Wrap the texts anew."""
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        """Wrap each text within its column; how wide that is shows only once the box is laid out."""
        width = self.query_one("#help").scrollable_content_region.width
        self.query_one("#help-text", Static).update(self._text(width))

    def _text(self, width: int = 0) -> Content:
        page = self._page
        blocks = [Content(page.introduction)]
        groups = ((page.place, page.here), ("Everywhere", page.everywhere), ("Moving", MOVING))
        for title, rows in ((title, rows) for title, rows in groups if rows):
            blocks.append(Content(""))
            blocks.append(Content.styled(title, "bold"))
            blocks += [_line(row, width) for row in rows]
        blocks += [Content(""), Content.styled("Esc closes this page.", "dim")]
        return Content("\n").join(blocks)


def _line(row: HelpRow, width: int) -> Content:
    lines = textwrap.wrap(row.text, max(20, width - _KEYS)) if width else [row.text]
    text = ("\n" + " " * _KEYS).join(lines)
    return Content.assemble((f"  {row.keys}".ljust(_KEYS), "$text-accent"), text)
