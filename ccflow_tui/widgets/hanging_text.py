"""Text whose long lines go on indented, so that each line's beginning stands out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

if TYPE_CHECKING:
    from textual.app import RenderResult
    from textual.geometry import Size

INDENT = 2
"""Cells by which the rest of a line stands to the right of its beginning."""
_NARROWEST = 20
"""Cells that the rest of a line has at the least; the indent gives way for them."""


def hanging_rows(line: Content, width: int, indent: int = INDENT) -> list[Content]:
    """Return one line as the rows it takes in ``width`` cells; all after the first one are indented."""
    first, *more = line.wrap(width)
    if not more or width <= _NARROWEST:
        return [first, *more]
    indent += len(line.plain) - len(line.plain.lstrip(" "))
    hung = min(indent, width - _NARROWEST)
    # A label is not left alone, nor is a word kept whole that has to be broken all the same.
    if first.cell_length <= indent or _first_word(more[0]) > width - hung:
        first = line.fold(width)[0]
    _, rest = line.divide([len(first.plain)])
    spaces = len(rest.plain) - len(rest.plain.lstrip(" "))
    rows = (rest.divide([spaces])[1] if spaces else rest).wrap(width - hung)
    return [first, *(row.pad_left(hung) for row in rows)]


def _first_word(line: Content) -> int:
    """Return the cells of the first word."""
    return cell_len(line.plain.split(" ", 1)[0])


class HangingText(Static):
    """A ``Static`` of lines, each with a hanging indent."""

    def __init__(
        self, content: str | Content = "", *, indent: int = INDENT, id: str | None = None, classes: str = ""
    ) -> None:
        super().__init__(content, markup=False, id=id, classes=classes)
        self.indent = indent
        """Cells; see ``hanging_rows``."""

    def _rows(self, width: int) -> list[Content]:
        content = self.visual
        if width <= 0 or not isinstance(content, Content):
            return [Content("")]
        return [
            row for line in content.split(allow_blank=True) for row in hanging_rows(line, width, self.indent)
        ]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the number of rows in that width."""
        return len(self._rows(width)) if self.content else 0

    def render(self) -> RenderResult:
        """Return the rows for the width there is."""
        return Content("\n").join(self._rows(self.content_size.width))
