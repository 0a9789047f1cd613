"""A widget of a few text lines that repaints only the cells that changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content
from textual.geometry import Region
from textual.widget import Widget

if TYPE_CHECKING:
    from textual.app import RenderResult
    from textual.geometry import Size
    from textual.style import Style

    StyledCharacter = tuple[str, tuple[str | Style, ...]]


def _styled_characters(line: Content) -> list[StyledCharacter]:
    styles: list[tuple[str | Style, ...]] = [()] * len(line.plain)
    for start, end, style in line.spans:
        for index in range(start, min(end, len(styles))):
            styles[index] += (style,)
    return list(zip(line.plain, styles, strict=True))


def changed_cells(old: Content, new: Content) -> tuple[int, int] | None:
    """Return first cell and number of cells in which two lines differ, or ``None`` when they are alike."""
    before, after = _styled_characters(old), _styled_characters(new)
    if before == after:
        return None
    pairs = list(zip(before, after, strict=False))
    first = next((i for i, (a, b) in enumerate(pairs) if a != b), len(pairs))
    start = cell_len(new.plain[:first])
    if len(before) != len(after) or old.cell_length != new.cell_length:
        return start, max(old.cell_length, new.cell_length) - start
    last = next(i for i in reversed(range(len(pairs))) if pairs[i][0] != pairs[i][1])
    # A wide character may have taken the place of a narrow one within the changed stretch.
    end = max(cell_len(old.plain[: last + 1]), cell_len(new.plain[: last + 1]))
    return start, end - start


class LineWidget(Widget):
    """Base of widgets that are told a new value often, such as once a second.

    A subclass keeps its value, overrides ``draw`` and calls ``redraw`` when the value changed. On a slow
    link a countdown that changes two digits then costs two cells and not two lines.
    """

    DEFAULT_CSS = "LineWidget { height: auto; }"

    _lines: tuple[Content, ...] = ()
    _width = 0

    def draw(self, width: int) -> tuple[Content, ...]:
        """Return the lines for a width in cells; must depend on nothing but that and the widget's value."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Repaint what differs from what is on the screen."""
        if not self._lines:
            self.refresh(layout=True)
            return
        lines = self.draw(self._width)
        old, self._lines = self._lines, lines
        if len(old) != len(lines):
            self.refresh(layout=True)
            return
        regions = [
            Region(span[0], y, span[1], 1)
            for y, (before, after) in enumerate(zip(old, lines, strict=True))
            if (span := changed_cells(before, after))
        ]
        if regions:
            self.refresh(*regions)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the number of lines drawn for that width."""
        return len(self.draw(width))

    def render(self) -> RenderResult:
        """Return all lines; only the changed cells of them reach the terminal."""
        if self._width != self.content_size.width or not self._lines:
            self._width = self.content_size.width
            self._lines = self.draw(self._width)
        return Content("\n").join(self._lines)
