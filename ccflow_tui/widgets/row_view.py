"""What the panes that draw rows on demand share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ccflow_tui.widgets.bound_keys import listen_to_moves

if TYPE_CHECKING:
    from ccflow_tui.widgets.bound_keys import BoundKeys


class RowView(ScrollView, can_focus=True):
    """A scroller that asks a subclass for the rows in sight and for no others."""

    MOVES: ClassVar[Mapping[str, str]]
    """What it runs for the actions that move in a list, by their ids."""

    def listen_to(self, keys: BoundKeys) -> None:
        """Move by the letters of the table, too."""
        listen_to_moves(self, keys, self.MOVES)

    def strip_of(self, line: Content, base: Style) -> Strip:
        """Return one row of the widget's width."""
        segments = [
            Segment(text, base + style.rich_style)
            for text, style in line.render(parse_style=self._get_style, end="")
        ]
        width = self.scrollable_content_region.width
        return Strip(segments, line.cell_length).crop_extend(0, width, base)
