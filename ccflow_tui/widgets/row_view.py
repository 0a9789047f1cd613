"""What the panes that draw rows on demand share."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.scroll_view import ScrollView
from textual.strip import Strip


class RowView(ScrollView, can_focus=True):
    """A scroller that asks a subclass for the rows in sight and for no others."""

    def strip_of(self, line: Content, base: Style) -> Strip:
        """Return one row of the widget's width."""
        segments = [
            Segment(text, base + style.rich_style)
            for text, style in line.render(parse_style=self._get_style, end="")
        ]
        width = self.scrollable_content_region.width
        return Strip(segments, line.cell_length).crop_extend(0, width, base)
