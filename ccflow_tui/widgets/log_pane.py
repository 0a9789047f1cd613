"""The log as it grows, already redacted when it comes here."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from textual.content import Content
from textual.geometry import Size

from ccflow_tui.models.log_entry import LogEntry, LogLevel
from ccflow_tui.widgets.row_view import RowView
from ccflow_tui.widgets.tastes import shows_emoji

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
_NARROWEST = 8
"""Cells below which wrapping would leave nothing to read."""
_INDENT = "  "
"""Begins the rows into which a long line goes on."""
_EMOJI_STYLE = "\ufe0f"
"""Variation selector 16. Terminals disagree whether it makes a narrow character a wide one, and where one
counts otherwise than Textual does, all that follows in the row is shifted. The log file keeps it."""
NOTHING_YET = "Nothing is logged yet."


def log_line(entry: LogEntry) -> Content:
    """Return one line: muted time, tag in the colour of its level, message."""
    line = entry.line().replace(_EMOJI_STYLE, "")
    tag_end = _CLOCK_LENGTH + len(entry.tag.replace(_EMOJI_STYLE, ""))
    style = _LEVEL_STYLES[entry.level]
    loud = style if entry.level in {LogLevel.WARNING, LogLevel.ERROR} else ""
    return Content.assemble(
        (line[:_CLOCK_LENGTH], "$ccflow-muted"),
        (line[_CLOCK_LENGTH:tag_end], f"bold {style}"),
        (line[tag_end:], loud),
    )


def log_rows(entry: LogEntry, width: int, *, emoji: bool = True) -> tuple[Content, ...]:
    """Return an entry as the rows it takes in a width in cells; in one row while the width is not known."""
    line = log_line(entry if emoji else replace(entry, emoji=""))
    if width <= _NARROWEST or line.cell_length <= width:
        return (line,)
    first, *more = line.wrap(width - len(_INDENT))
    return (first, *(Content.assemble(_INDENT, row) for row in more))


class LogPane(RowView):
    """The last entries, oldest on top; follows the end unless the user scrolled away from it."""

    DEFAULT_CSS = """
    LogPane {
        border: round $border-blurred;
        border-title-color: $text-primary;
        padding: 0 1;
        scrollbar-size: 0 1;
        scrollbar-gutter: stable;
        &:focus { border: round $border; }
    }
    """
    MOVES = MappingProxyType(
        {
            "list.up": "scroll_up",
            "list.down": "scroll_down",
            "list.first": "scroll_home",
            "list.last": "scroll_end",
        }
    )

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._entries: deque[tuple[LogEntry, int]] = deque(maxlen=CAPACITY)
        """Each with the number of rows it takes."""
        self._rows: list[Content] = []
        self._wrapped_to = 0
        self._unseen = 0
        """Entries that came while the end was out of sight."""

    def on_mount(self) -> None:
        """Show the title from the start."""
        self._changed(follow=True)

    def append(self, entry: LogEntry) -> None:
        """Add an entry at the end."""
        follow = self.is_vertical_scroll_end
        if len(self._entries) == CAPACITY:
            gone = self._entries[0][1]
            del self._rows[:gone]
            if not follow:
                # Every row moved up: stay on the ones the user is reading.
                up = max(0, self.scroll_offset.y - gone)
                self.scroll_to(y=up, animate=False, force=True, immediate=True)
        self._add(entry)
        self._unseen = 0 if follow else self._unseen + 1
        self._changed(follow=follow)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Take the entries for seen once the end is in sight."""
        super().watch_scroll_y(old_value, new_value)
        if self._unseen and self.is_vertical_scroll_end:
            self._unseen = 0
            self._retitle()

    def load(self, entries: Iterable[LogEntry]) -> None:
        """Show these entries and no others; those that are shown already are not wrapped once more."""
        wanted, held = list(entries)[-CAPACITY:], [entry for entry, _ in self._entries]
        if wanted[: len(held)] != held:
            self._entries.clear()
            self._rows.clear()
            held = []
        for entry in wanted[len(held) :]:
            self._add(entry)
        self._changed(follow=True)

    def _add(self, entry: LogEntry) -> None:
        rows = log_rows(entry, self._wrapped_to, emoji=shows_emoji(self))
        self._entries.append((entry, len(rows)))
        self._rows += rows

    def on_resize(self) -> None:
        """Take over how far there is to scroll now."""
        self._fit()
        self._changed(follow=True)

    def _fit(self) -> None:
        """Wrap the lines to the width there is, unless they are."""
        width = self.scrollable_content_region.width
        if width == self._wrapped_to:
            return
        self._wrapped_to = width
        entries = [entry for entry, _ in self._entries]
        self._entries.clear()
        self._rows.clear()
        for entry in entries:
            self._add(entry)

    def clear(self) -> None:
        """Empty the pane."""
        self.load(())

    @property
    def has_errors(self) -> bool:
        """Whether an error is among the entries kept."""
        return any(entry.level is LogLevel.ERROR for entry, _ in self._entries)

    def _retitle(self) -> None:
        count = len(self._entries)
        full = ", full" if count == CAPACITY else ""
        unseen = f" ▼ {self._unseen} new" if self._unseen else ""
        errors = " ▲ errors" if self.has_errors else ""
        self.border_title = f"Log ({count}/{CAPACITY}{full}){unseen}{errors}"

    def _changed(self, *, follow: bool) -> None:
        self.virtual_size = Size(self._wrapped_to, len(self._rows))
        if follow:
            self._unseen = 0
        self._retitle()
        if follow:
            self.scroll_end(animate=False, immediate=True, force=True, x_axis=False)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one row."""
        self._fit()  # the first paint after a change of size comes before its event
        index = self.scroll_offset.y + y
        line = self._rows[index] if index < len(self._rows) else Content("")
        if not self._rows and y == 0:
            line = Content.styled(NOTHING_YET, "$ccflow-muted")
        return self.strip_of(line, self.visual_style.rich_style)
