"""The history of requests, newest first, drawn row by row from its store."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Protocol

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size

from ccflow_tui.models.history import HistoryEntry, HistoryKind
from ccflow_tui.widgets.row_view import RowView
from ccflow_tui.widgets.time_text import date_and_time, time_of_day

if TYPE_CHECKING:
    from textual.events import Click
    from textual.strip import Strip

_PAGE = 64
_PAGES_KEPT = 8
_WIDE = 76
_NARROW = 60
"""Columns below which date and fingerprint make way for the result."""
_EVENT, _RESULT, _SCOPE = 18, 33, 54
"""Columns, in cells."""
_TOKENS = {HistoryKind.GRANTED, HistoryKind.REFRESHED}


class HistoryRows(Protocol):
    """The part of a history store that the pane needs."""

    def count(self) -> int:
        """Return how many entries there are."""
        ...

    def page(self, offset: int, limit: int) -> Sequence[HistoryEntry]:
        """Return entries newest first."""
        ...


class HistoryPane(RowView):
    """Rows with time, event, result, scope and the start of the token's fingerprint; never a token.

    Only the rows in sight are read, a page at a time, so a million entries open as fast as a thousand.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"history-pane--cursor", "history-pane--header"}
    DEFAULT_CSS = """
    HistoryPane {
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        border: round $border-blurred;
        border-title-color: $text-primary;
        padding: 0 1;
        & > .history-pane--header { color: $ccflow-label; text-style: bold; }
        & > .history-pane--cursor { background: $ccflow-input; text-style: bold; }
        &:focus { border: round $border; }
        &:focus > .history-pane--cursor { background: $ccflow-input-focus; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "to_end(0)", "Newest", show=False),
        Binding("end", "to_end(1)", "Oldest", show=False),
    ]
    MOVES = MappingProxyType(
        {"list.up": "move(-1)", "list.down": "move(1)", "list.first": "to_end(0)", "list.last": "to_end(1)"}
    )

    def __init__(
        self, rows: HistoryRows, *, empty: str = "Nothing has happened yet.", id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self._rows, self._empty = rows, empty
        self._count = 0
        self._cursor = 0
        self._pages: dict[int, Sequence[HistoryEntry]] = {}

    def on_mount(self) -> None:
        """Read the store for the first time."""
        self.refresh_rows()

    def refresh_rows(self) -> None:
        """Read the store anew; the cursor stays on its entry when newer ones came on top."""
        count = self._rows.count()
        at_top, grown = self._cursor == 0, count - self._count
        self._count = count
        self._pages.clear()
        if not at_top and grown > 0:
            self._cursor += grown
        self._cursor = max(0, min(self._cursor, count - 1))
        self.virtual_size = Size(1, count + 1)
        self.border_title = f"History ({count})"
        self.refresh()

    @property
    def selected(self) -> HistoryEntry | None:
        """The entry under the cursor."""
        return self._entry(self._cursor)

    def _entry(self, index: int) -> HistoryEntry | None:
        if not 0 <= index < self._count:
            return None
        number, place = divmod(index, _PAGE)
        if number not in self._pages:
            if len(self._pages) >= _PAGES_KEPT:
                del self._pages[next(iter(self._pages))]
            self._pages[number] = self._rows.page(number * _PAGE, _PAGE)
        page = self._pages[number]
        return page[place] if place < len(page) else None

    def render_line(self, y: int) -> Strip:
        """Draw one row; the first line is the header and stays."""
        base, width = self.visual_style.rich_style, self.scrollable_content_region.width
        if y == 0:
            style = self.get_component_rich_style("history-pane--header")
            return self.strip_of(self._header(width), style)
        index = self.scroll_offset.y + y - 1
        entry = self._entry(index)
        if entry is None:
            text = self._empty if y == 1 and not self._count else ""
            return self.strip_of(Content.styled(text, "$ccflow-muted"), base)
        is_current = index == self._cursor
        style = self.get_component_rich_style("history-pane--cursor") if is_current else base
        return self.strip_of(self._row(entry, width, is_current=is_current), style)

    @staticmethod
    def _header(width: int) -> Content:
        if width < _NARROW:
            return Content("  Time".ljust(12) + "Event".ljust(_RESULT - _EVENT) + "Result")
        header = "  Date  Time".ljust(_EVENT) + "Event".ljust(_RESULT - _EVENT) + "Result"
        return Content(header.ljust(_SCOPE) + "Scope" if width >= _WIDE else header)

    @staticmethod
    def _row(entry: HistoryEntry, width: int, *, is_current: bool) -> Content:
        good = entry.succeeded
        style = "$text-success" if good else "$text-error"
        narrow = width < _NARROW
        # Where there is little room, a token needs no status to say that there was one.
        is_told = not narrow or entry.kind not in _TOKENS
        status = f"{entry.http_status} " if entry.http_status and is_told else ""
        row = Content.assemble(
            ("▸ " if is_current else "  ", "$text-primary"),
            ((time_of_day if narrow else date_and_time)(entry.at), "$ccflow-muted"),
            "  ",
            (f"{'✓' if good else '✗'} {entry.kind.value:<12}", style),
            " ",
        )
        result = Content(f"{status}{entry.result}")
        tag = "" if narrow else f" {entry.fingerprint[:8]:<8}"
        fingerprint = Content.styled(tag, "$ccflow-muted")
        room = max(0, width - row.cell_length - fingerprint.cell_length)
        if width >= _WIDE:
            scope_room = max(0, width - _SCOPE - fingerprint.cell_length)
            result = result.truncate(_SCOPE - _RESULT - 1, ellipsis=True, pad=True) + " "
            rest = result + Content.styled(entry.scope, "$ccflow-muted").truncate(
                scope_room, ellipsis=True, pad=True
            )
        else:
            rest = result.truncate(room, ellipsis=True, pad=True)
        return row + rest + fingerprint

    def _go(self, index: int) -> None:
        self._cursor = max(0, min(index, self._count - 1))
        visible = max(1, self.scrollable_content_region.height - 1)
        top = self.scroll_offset.y
        if self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False, force=True, immediate=True)
        elif self._cursor >= top + visible:
            self.scroll_to(y=self._cursor - visible + 1, animate=False, force=True, immediate=True)
        self.refresh()

    def action_move(self, by: int) -> None:
        """Move the cursor by rows."""
        self._go(self._cursor + by)

    def action_page(self, by: int) -> None:
        """Move the cursor by a screenful."""
        self._go(self._cursor + by * max(1, self.scrollable_content_region.height - 2))

    def action_to_end(self, oldest: int) -> None:
        """Move the cursor to the newest or the oldest entry."""
        self._go(self._count - 1 if oldest else 0)

    def on_click(self, event: Click) -> None:
        """Put the cursor on the row that was clicked."""
        row = event.get_content_offset_capture(self).y
        if row:
            self._go(self.scroll_offset.y + row - 1)
