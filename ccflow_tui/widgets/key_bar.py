"""The keys that work now, as many as fit into the rows there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len
from textual.content import Content

from ccflow_tui.widgets.line_widget import LineWidget

if TYPE_CHECKING:
    from textual.binding import ActiveBinding
    from textual.events import Leave, MouseDown, MouseEvent, MouseMove
    from textual.screen import Screen


class ShownKey(NamedTuple):
    """One key of the bar."""

    key: str
    """The key as Textual names it, pressed when the entry is clicked."""
    display: str
    description: str
    enabled: bool

    @property
    def width(self) -> int:
        """Cells it takes."""
        return cell_len(f"{self.display} {self.description}")


Row = list[tuple[int, ShownKey]]
"""Keys beside each other, each with the cell it begins at."""


def keys_that_fit(keys: Sequence[ShownKey], width: int, most_rows: int = 1) -> list[Row]:
    """Return the first keys that fit whole into so many rows."""
    rows: list[Row] = [[]]
    start = 0
    for key in keys:
        if start + key.width > width:
            if len(rows) == most_rows or key.width > width:
                break
            rows.append([])
            start = 0
        rows[-1].append((start, key))
        start += key.width + 1
    return rows


class KeyBar(LineWidget):
    """A footer that leaves out the last keys rather than cut one in half; the help lists them all.

    Where every key matters it may take more than one row.

    It draws what Textual's ``Footer`` draws, as one widget: with a widget for every key the bar was a third
    of the widgets of the first screen, made anew at every change of the focus.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = "KeyBar { dock: bottom; height: 1; background: $panel; }"

    def __init__(self, *, most_rows: int = 1, id: str | None = None) -> None:
        super().__init__(id=id)
        self._most_rows = most_rows
        self._keys: tuple[ShownKey, ...] = ()
        self._under_pointer: ShownKey | None = None

    @property
    def shown(self) -> list[ShownKey]:
        """The keys that are drawn at the present width."""
        return [key for row in self._rows(self.size.width) for _, key in row]

    def _rows(self, width: int) -> list[Row]:
        return keys_that_fit(self._keys, width, self._most_rows)

    def on_mount(self) -> None:
        """Follow the keys of the screen."""
        self.screen.bindings_updated_signal.subscribe(self, self.show_keys_of)

    def show_keys_of(self, screen: Screen[object]) -> None:
        """Show the keys that work now; beneath a dialog or the palette stay as they are."""
        if screen is not self.screen or screen is not self.app.screen or not self.app.app_focus:
            return
        first: dict[str, ActiveBinding] = {}
        for bound in screen.active_bindings.values():
            if bound.binding.show:
                first.setdefault(bound.binding.action, bound)
        name = self.app.get_key_display
        keys = tuple(
            ShownKey(each.binding.key, name(each.binding), each.binding.description, each.enabled)
            for each in first.values()
        )
        if keys != self._keys:
            self._keys = keys
            self.redraw()

    def draw(self, width: int) -> tuple[Content, ...]:
        """Return the rows."""
        rows = self._rows(width)
        return tuple(Content(" ").join(self._entry(key) for _, key in row) for row in rows)

    def _entry(self, key: ShownKey) -> Content:
        dim = "" if key.enabled else " dim"
        if key == self._under_pointer:
            grounds = ("$block-hover-background", "$block-hover-background")
        else:
            grounds = ("$footer-key-background", "$footer-description-background")
        return Content.assemble(
            (key.display, f"bold $footer-key-foreground on {grounds[0]}{dim}"),
            (f" {key.description}", f"$footer-description-foreground on {grounds[1]}{dim}"),
        )

    def _key_at(self, event: MouseEvent) -> ShownKey | None:
        rows = self._rows(self.size.width)
        row = rows[event.y] if 0 <= event.y < len(rows) else []
        return next((key for start, key in row if start <= event.x < start + key.width), None)

    def on_mouse_move(self, event: MouseMove) -> None:
        """Show which key a click would press."""
        self._point_at(self._key_at(event))

    def on_leave(self, event: Leave) -> None:
        """Point at nothing."""
        self._point_at(None)

    def _point_at(self, key: ShownKey | None) -> None:
        if key != self._under_pointer:
            self._under_pointer = key
            self.styles.pointer = "pointer" if key else "default"
            self.redraw()

    def on_mouse_down(self, event: MouseDown) -> None:
        """Press the key that was clicked, or ring the bell when it does nothing now."""
        key = self._key_at(event)
        if key is not None and key.enabled:
            self.app.simulate_key(key.key)
        elif key is not None:
            self.app.bell()
