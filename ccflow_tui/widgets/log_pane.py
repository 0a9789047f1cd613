"""The log as it grows, already redacted when it comes here."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size

from ccflow_tui.models.log_entry import LogEntry, LogLevel
from ccflow_tui.widgets.row_view import RowView

if TYPE_CHECKING:
    from textual.strip import Strip

CAPACITY = 500
"""Entries kept; older ones leave the pane, not the log file."""

_LEVEL_STYLES = {
    LogLevel.DEBUG: "$ccflow-muted",
    LogLevel.INFO: "$text-primary",
    LogLevel.SUCCESS: "$text-success",
    LogLevel.WARNING: "$text-warning",
    LogLevel.ERROR: "$text-error",
}
_CLOCK_LENGTH = len("00:00:00 ")


def log_line(entry: LogEntry) -> Content:
    """Return one line: muted time, tag in the colour of its level, message."""
    line = entry.line()
    tag_end = _CLOCK_LENGTH + len(entry.tag)
    style = _LEVEL_STYLES[entry.level]
    loud = style if entry.level in {LogLevel.WARNING, LogLevel.ERROR} else ""
    return Content.assemble(
        (line[:_CLOCK_LENGTH], "$ccflow-muted"),
        (line[_CLOCK_LENGTH:tag_end], f"bold {style}"),
        (line[tag_end:], loud),
    )


class LogPane(RowView):
    """The last entries, oldest on top; follows the end unless the user scrolled away from it."""

    DEFAULT_CSS = """
    LogPane {
        border: round $border-blurred;
        border-title-color: $text-primary;
        padding: 0 1;
        scrollbar-size: 0 1;
        &:focus { border: round $border; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("k", "scroll_up", "Up", show=False),
        Binding("j", "scroll_down", "Down", show=False),
        Binding("g", "scroll_home", "Oldest", show=False),
        Binding("G", "scroll_end", "Newest", show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: deque[tuple[LogEntry, Content]] = deque(maxlen=CAPACITY)

    def on_mount(self) -> None:
        """Show the title from the start."""
        self._changed(follow=True)

    def append(self, entry: LogEntry) -> None:
        """Add an entry at the end."""
        follow = self.is_vertical_scroll_end
        full = len(self._lines) == CAPACITY
        self._lines.append((entry, log_line(entry)))
        if full and not follow:
            # Every line moved up by one: stay on the lines the user is reading.
            self.scroll_to(y=max(0, self.scroll_offset.y - 1), animate=False, force=True, immediate=True)
        self._changed(follow=follow)

    def load(self, entries: Iterable[LogEntry]) -> None:
        """Replace everything by these entries."""
        self._lines.clear()
        self._lines.extend((entry, log_line(entry)) for entry in entries)
        self._changed(follow=True)

    def clear(self) -> None:
        """Empty the pane."""
        self.load(())

    @property
    def has_errors(self) -> bool:
        """Whether an error is among the entries kept."""
        return any(entry.level is LogLevel.ERROR for entry, _ in self._lines)

    def _changed(self, *, follow: bool) -> None:
        width = max((line.cell_length for _, line in self._lines), default=0)
        self.virtual_size = Size(width, len(self._lines))
        full = ", full" if len(self._lines) == CAPACITY else ""
        errors = " ▲ errors" if self.has_errors else ""
        self.border_title = f"Log ({len(self._lines)}/{CAPACITY}{full}){errors}"
        if follow:
            self.scroll_end(animate=False, immediate=True, force=True, x_axis=False)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one row."""
        index = self.scroll_offset.y + y
        line = self._lines[index][1] if index < len(self._lines) else Content("")
        return self.strip_of(line, self.visual_style.rich_style, left=self.scroll_offset.x)
