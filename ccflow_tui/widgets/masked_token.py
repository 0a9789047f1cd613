"""The access token, masked until it is asked for and masked again soon after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from ccflow_tui.widgets.tastes import shows_motion
from ccflow_tui.widgets.unseen import when_unseen

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.timer import Timer

    from ccflow_tui.models.access_token import AccessToken


_MASKED, _READABLE = "Masked", "▲ Readable"


class _TokenText(Static):
    """Text that the mouse cannot select."""

    ALLOW_SELECT = False


class MaskedToken(VerticalScroll):
    """Shows a token by its first and last ten characters; ``reveal_for`` shows all of it for a while.

    It masks itself when the time is over, when another token comes, when the terminal loses the focus or
    is suspended, and when another screen covers it.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    MaskedToken {
        height: auto;
        max-height: 10;
        scrollbar-size-vertical: 1;
        border: round $border-blurred;
        border-title-color: $text-primary;
        border-subtitle-color: $text-warning;
        padding: 0 1;
        &.-held { border: round $success; border-title-color: $text-success; }
        &.-expired { border: round $error; border-title-color: $text-error; }
        &:focus { border: round $border; }
        & > _TokenText { height: auto; color: $text-success; text-style: bold; }
        &.-expired > _TokenText { color: $ccflow-muted; }
    }
    """

    def __init__(self, *, empty: str = "No token yet.", id: str | None = None) -> None:
        super().__init__(id=id)
        self._empty = empty
        self._token: AccessToken | None = None
        self._seconds_left = 0
        self._timer: Timer | None = None
        self._text = _TokenText(markup=False)
        self.border_title = _MASKED

    def compose(self) -> ComposeResult:
        """Put the text into the scroller."""
        yield self._text

    def on_mount(self) -> None:
        """Mask whenever nobody may be looking at this screen."""
        when_unseen(self, self.mask)
        self._redraw()

    def on_unmount(self) -> None:
        """Leave nothing readable behind."""
        self.mask()

    @property
    def is_revealed(self) -> bool:
        """Whether the whole token is on the screen."""
        return self._seconds_left > 0

    def show(self, token: AccessToken | None) -> None:
        """Show a token, masked; the same token again changes nothing."""
        if token is not self._token:
            self._token = token
            self.set_class(token is not None, "-held")
            self.mask()
            self._redraw()

    def reveal_for(self, seconds: int = 10) -> None:
        """Show the whole token for some seconds; does nothing without a token."""
        if self._token is None:
            return
        self._stop_timer()
        self._seconds_left = seconds
        self._timer = self.set_interval(1.0, self.tick)
        self._redraw()

    def mask(self) -> None:
        """Show the masked form again."""
        if self.is_revealed:
            self._stop_timer()
            self._seconds_left = 0
            self._redraw()

    def tick(self) -> None:
        """Let one second of the time pass."""
        if self._seconds_left <= 1:
            self.mask()
            return
        self._seconds_left -= 1
        if shows_motion(self):
            self.border_subtitle = f"hides in {self._seconds_left} s"

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _redraw(self) -> None:
        self.border_title = _READABLE if self.is_revealed else _MASKED
        when = "in" if shows_motion(self) else "after"
        self.border_subtitle = f"hides {when} {self._seconds_left} s" if self.is_revealed else ""
        if self._token is None:
            self._text.update(Content.styled(self._empty, "not bold $ccflow-muted"))
        elif self.is_revealed:
            self._text.update(Content.styled(self._token.value.reveal(), "not bold $text-warning"))
        else:
            self._text.update(Content(self._token.masked))
