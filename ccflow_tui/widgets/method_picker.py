"""The client authentication methods, with what speaks for each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message

from ccflow_tui.models.profile import AuthMethod
from ccflow_tui.widgets.line_widget import LineWidget
from ccflow_tui.widgets.tastes import shows_emoji

if TYPE_CHECKING:
    from textual.events import Click

    from ccflow_tui.widgets.bound_keys import BoundKeys


class MethodCard(NamedTuple):
    """How a method is presented."""

    method: AuthMethod
    glyph: str
    level: str
    level_style: str
    reason: str


_GOOD, _FAIR, _BAD = "$text-success", "$text-warning", "$text-error"
METHOD_CARDS = (
    MethodCard(AuthMethod.PRIVATE_KEY_JWT, "🔒", "Highest · preferred", _GOOD, "Only a signed proof is sent"),
    MethodCard(AuthMethod.TLS_CLIENT_AUTH, "📜", "Highest", _GOOD, "Certificate of an authority, in TLS"),
    MethodCard(
        AuthMethod.SELF_SIGNED_TLS_CLIENT_AUTH, "🔏", "Highest", _GOOD, "Registered certificate, in TLS"
    ),
    MethodCard(AuthMethod.CLIENT_SECRET_JWT, "🏆", "High", _GOOD, "Proof signed with the secret"),
    MethodCard(AuthMethod.CLIENT_SECRET_BASIC, "🔐", "Medium", _FAIR, "Secret in the HTTP header"),
    MethodCard(AuthMethod.CLIENT_SECRET_POST, "📤", "Medium", _FAIR, "Secret in the request body"),
    MethodCard(AuthMethod.NONE, "🔓", "Low", _BAD, "Proves nothing; mostly refused"),
)
_PREFERRED = AuthMethod.PRIVATE_KEY_JWT
_LOW_ROWS = (3, 4)
"""Rows to spread the methods over in a low terminal, where the width allows."""
_GAP = 2
_NAME_WIDTH = 27
_REASON_COLUMN = 54
_NARROW = 88


class MethodPicker(LineWidget, can_focus=True):
    """Every method; the arrow keys pick.

    A row for each where there is room. A low terminal has the names side by side, column by column, so that
    the fields below stay in sight. Level and reason of the method picked are always there.

    There is no cursor apart from the choice: whoever leaves the rows by Tab would lose what it stood on.
    """

    DEFAULT_CSS = """
    MethodPicker {
        background: $ccflow-input;
        border-left: outer $ccflow-edge;
        padding: 0 1 0 0;
        pointer: pointer;
        &:focus { background: $ccflow-input-focus; border-left: outer $border; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("left", "move_column(-1)", "Column to the left", show=False),
        Binding("right", "move_column(1)", "Column to the right", show=False),
        Binding("enter", "app.focus_next", "Go on", show=False),
    ]
    MOVES: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "list.up": "move(-1)",
            "list.down": "move(1)",
            "list.left": "move_column(-1)",
            "list.right": "move_column(1)",
        }
    )
    """What it runs for the actions that move in a list, by their ids."""

    class Picked(Message):
        """The user picked a method."""

        def __init__(self, method_picker: MethodPicker, method: AuthMethod) -> None:
            super().__init__()
            self.method_picker = method_picker
            self.method = method

        @property
        def control(self) -> MethodPicker:
            """The picker."""
            return self.method_picker

    def __init__(self, value: AuthMethod = _PREFERRED, *, low: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self._value = value
        self._low = low

    def listen_to(self, keys: BoundKeys) -> None:
        """Move by the letters of the table, too."""
        from ccflow_tui.widgets.bound_keys import listen_to_moves

        listen_to_moves(self, keys, self.MOVES)

    @staticmethod
    def _position(method: AuthMethod) -> int:
        return [card.method for card in METHOD_CARDS].index(method)

    @property
    def value(self) -> AuthMethod:
        """The method picked."""
        return self._value

    def set_value(self, method: AuthMethod) -> None:
        """Show a method as picked; posts nothing."""
        self._value = method
        self.redraw()

    def set_low(self, low: bool) -> None:
        """Make do with few lines, or take one for each method again."""
        if low is not self._low:
            self._low = low
            self.redraw()

    def _rows(self, width: int) -> int:
        """Return over how many rows the methods are spread; as many as there are in a single column."""
        fitting = (rows for rows in _LOW_ROWS if _width(rows) <= width)
        return next(fitting, len(METHOD_CARDS)) if self._low else len(METHOD_CARDS)

    def draw(self, width: int) -> tuple[Content, ...]:
        """Return the methods, and the reason of the current one where it does not stand beside it."""
        rows = self._rows(width)
        if rows < len(METHOD_CARDS):
            return (*(self._side_by_side(row, rows) for row in range(rows)), self._picked_line(width))
        narrow = width < _NARROW
        lines = [self._row(card, narrow).truncate(width, ellipsis=True) for card in METHOD_CARDS]
        if narrow:
            lines.append(self._reason_line(width))
        return tuple(lines)

    def _mark(self, card: MethodCard) -> Content:
        picked = card.method is self._value
        return Content.assemble(
            ("▸" if picked and self.has_focus else " ", "$text-primary bold"),
            ("◉ " if picked else "○ ", "$text-primary" if picked else "$ccflow-muted"),
        )

    def _side_by_side(self, row: int, rows: int) -> Content:
        line = Content()
        for column in _columns(rows):
            if row < len(column):
                card = column[row]
                name = Content.styled(card.method.value, "bold" if card.method is self._value else "")
                preferred = Content.styled(_preference(card), "$text-success")
                cell = self._mark(card) + name + preferred
                line += cell + " " * (_column_width(column) + _GAP - cell.cell_length)
        return line.rstrip()

    def _picked_line(self, width: int) -> Content:
        card = METHOD_CARDS[self._position(self._value)]
        line = Content.assemble(
            f" {card.glyph} " if shows_emoji(self) else " ",
            (card.level, card.level_style),
            (f": {card.reason}", "$ccflow-muted"),
        )
        return line.truncate(width, ellipsis=True)

    def _reason_line(self, width: int) -> Content:
        reason = f"     {METHOD_CARDS[self._position(self._value)].reason}"
        return Content.styled(reason, "$ccflow-muted").truncate(width, ellipsis=True)

    def _row(self, card: MethodCard, narrow: bool) -> Content:
        row = self._mark(card) + Content.assemble(
            f"{card.glyph} " if shows_emoji(self) else "",
            (f"{card.method.value:<{_NAME_WIDTH}} ", "bold" if card.method is self._value else ""),
            (card.level, card.level_style),
        )
        if narrow:
            return row
        return row + " " * (_REASON_COLUMN - row.cell_length) + Content.styled(card.reason, "$ccflow-muted")

    def action_move(self, by: int) -> None:
        """Pick the next or previous method, stopping at both ends."""
        self._pick(min(max(self._position(self._value) + by, 0), len(METHOD_CARDS) - 1))

    def action_move_column(self, by: int) -> None:
        """Pick the method beside the current one, where there is one."""
        to = self._position(self._value) + by * self._rows(self.content_size.width)
        if 0 <= to < len(METHOD_CARDS):
            self._pick(to)

    def _pick(self, index: int) -> None:
        method = METHOD_CARDS[index].method
        if method is not self._value:
            self._value = method
            self.redraw()
            self.post_message(self.Picked(self, method))

    def on_click(self, event: Click) -> None:
        """Pick the method that was clicked."""
        at = event.get_content_offset_capture(self)
        rows = self._rows(self.content_size.width)
        start = 0
        for index, column in enumerate(_columns(rows)):
            end = start + _column_width(column) if rows < len(METHOD_CARDS) else self.content_size.width
            if start <= at.x < end and at.y < len(column):
                self._pick(index * rows + at.y)
            start = end + _GAP

    def watch_has_focus(self, has_focus: bool) -> None:
        """Mark the row, or no longer; only now is the flag what it will be."""
        super().watch_has_focus(has_focus)
        self.redraw()


def _columns(rows: int) -> tuple[tuple[MethodCard, ...], ...]:
    return tuple(METHOD_CARDS[start : start + rows] for start in range(0, len(METHOD_CARDS), rows))


def _preference(card: MethodCard) -> str:
    return " · preferred" if card.method is _PREFERRED else ""


def _column_width(column: tuple[MethodCard, ...]) -> int:
    return max(len(f"▸◉ {card.method.value}{_preference(card)}") for card in column)


def _width(rows: int) -> int:
    columns = _columns(rows)
    return sum(map(_column_width, columns)) + _GAP * (len(columns) - 1)
