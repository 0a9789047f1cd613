"""F1: what this step is for, and every key that works here."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from ccflow_tui.screens.dialog import Dialog
from ccflow_tui.widgets.bound_keys import listen

if TYPE_CHECKING:
    from ccflow_tui.widgets.bound_keys import BoundKeys

HelpRows = Sequence[tuple[str, str]]
"""Keys, and what they do."""


@dataclass(frozen=True, slots=True)
class HelpPage:
    """What the help shows for one step or dialog."""

    heading: str
    introduction: str
    groups: Mapping[str, HelpRows]
    """By where the keys work."""
    so_far: HelpRows = ()
    """Steps, and what came of them."""


MOVING: HelpRows = (
    ("Tab / Shift+Tab", "next and previous field or button"),
    ("Enter", "in a field: go on to the next; on a button: press it"),
    ("Space / arrows", "choose in a list; among the methods, up, down, left and right"),
    ("PgUp / PgDn", "a screenful up and down"),
)

_KEYS = 19
"""Cells of the column of keys."""


class HelpDialog(Dialog[None]):
    """Lists keys; scrolls with the arrow keys."""

    def __init__(self, page: HelpPage) -> None:
        self.HEADING = f"Help · {page.heading}"
        super().__init__()
        self._page = page

    def listen_to(self, keys: BoundKeys) -> None:
        """Close by the key that opened it, too."""
        super().listen_to(keys)
        listen(self, keys.elsewhere("help", "screen.close"))

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
        groups = {**page.groups, "Moving": MOVING, "The flow so far": page.so_far}
        for title, rows in ((title, rows) for title, rows in groups.items() if rows):
            blocks.append(Content(""))
            blocks.append(Content.styled(title, "bold"))
            blocks += [_line(keys, text, width) for keys, text in rows]
        blocks += [Content(""), Content.styled("Esc closes this page.", "dim")]
        return Content("\n").join(blocks)


def _line(keys: str, text: str, width: int) -> Content:
    lines = textwrap.wrap(text, max(20, width - _KEYS)) if width else [text]
    if len(keys) > _KEYS - 3:
        lines.insert(0, "")
    hung = ("\n" + " " * _KEYS).join(lines)
    return Content.assemble((f"  {keys}".ljust(_KEYS), "$text-accent"), hung)
