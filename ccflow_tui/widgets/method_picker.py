"""The client authentication methods side by side, with what speaks for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message

from ccflow_tui.models.profile import AuthMethod
from ccflow_tui.widgets.line_widget import LineWidget

if TYPE_CHECKING:
    from textual.events import Click


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
_NAME_WIDTH = 27
_REASON_COLUMN = 54
_NARROW = 88


class MethodPicker(LineWidget, can_focus=True):
    """A row for each method; the arrow keys pick.

    There is no cursor apart from the choice: whoever leaves the rows by Tab would lose what it stood on.
    Where the reasons do not fit beside the methods, that of the method picked stands beneath.
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
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("enter", "app.focus_next", "Go on", show=False),
    ]

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

    def __init__(self, value: AuthMethod = AuthMethod.PRIVATE_KEY_JWT, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._value = value

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

    def draw(self, width: int) -> tuple[Content, ...]:
        """Return a row for each method, and in a narrow place the reason of the current one."""
        narrow = width < _NARROW
        rows = [self._row(card, narrow).truncate(width, ellipsis=True) for card in METHOD_CARDS]
        if narrow:
            reason = f"     {METHOD_CARDS[self._position(self._value)].reason}"
            rows.append(Content.styled(reason, "$ccflow-muted").truncate(width, ellipsis=True))
        return tuple(rows)

    def _row(self, card: MethodCard, narrow: bool) -> Content:
        picked = card.method is self._value
        row = Content.assemble(
            ("▸" if picked and self.has_focus else " ", "$text-primary bold"),
            ("◉ " if picked else "○ ", "$text-primary" if picked else "$ccflow-muted"),
            f"{card.glyph} ",
            (f"{card.method.value:<{_NAME_WIDTH}} ", "bold" if picked else ""),
            (card.level, card.level_style),
        )
        if narrow:
            return row
        return row + " " * (_REASON_COLUMN - row.cell_length) + Content.styled(card.reason, "$ccflow-muted")

    def action_move(self, by: int) -> None:
        """Pick the next or previous method, stopping at both ends."""
        self._pick(min(max(self._position(self._value) + by, 0), len(METHOD_CARDS) - 1))

    def _pick(self, row: int) -> None:
        method = METHOD_CARDS[row].method
        if method is not self._value:
            self._value = method
            self.redraw()
            self.post_message(self.Picked(self, method))

    def on_click(self, event: Click) -> None:
        """Pick the method that was clicked."""
        row = event.get_content_offset_capture(self).y
        if row < len(METHOD_CARDS):
            self._pick(row)

    def watch_has_focus(self, has_focus: bool) -> None:
        """Mark the row, or no longer; only now is the flag what it will be."""
        super().watch_has_focus(has_focus)
        self.redraw()
