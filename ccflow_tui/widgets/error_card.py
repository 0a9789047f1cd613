"""A failure explained: what failed, why, and what to do about it."""

from __future__ import annotations

import textwrap
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Static

from ccflow_tui.models.places import Place
from ccflow_tui.widgets.bound_keys import listen
from ccflow_tui.widgets.hanging_text import HangingText
from ccflow_tui.widgets.push_button import PushButton
from ccflow_tui.widgets.tastes import shows_emoji

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.events import Resize

    from ccflow_tui.models.outcome import Advice
    from ccflow_tui.widgets.bound_keys import BoundKeys


class ErrorChoice(StrEnum):
    """What can be done from the card."""

    RETRY = "retry"
    EDIT = "edit"
    DETAILS = "details"
    DISMISS = "dismiss"


_BUTTONS = {
    ErrorChoice.RETRY: "Retry",
    ErrorChoice.EDIT: "Edit configuration",
    ErrorChoice.DETAILS: "Details",
    ErrorChoice.DISMISS: "Dismiss",
}
_AROUND = 17
"""Columns that the card takes beside the labels of its four buttons."""
_HEADING = "bold $ccflow-label"


def _heading(text: str) -> Content:
    return Content.styled(text, _HEADING)


def _remedy(number: int, remedy: str, width: int) -> Content:
    """Return a remedy wrapped beside its number; a width of 0 leaves it in one line."""
    lines = textwrap.wrap(remedy, max(20, width - 3)) if width else [remedy]
    return Content(f"{number}. " + "\n   ".join(lines))


def advice_text(advice: Advice, width: int = 0, *, emoji: bool = True) -> Content:
    """Return title, reason, the server's own words and the remedies, most likely first."""
    parts = [
        Content.styled(f"⛔ {advice.title}" if emoji else advice.title, "bold $text-error"),
        Content(advice.reason),
    ]
    if advice.server_said:
        parts.append(_heading("The server said: ") + Content.styled(advice.server_said, "$text-warning"))
    if advice.what_to_do:
        parts.append(_heading("What to do"))
        parts += [_remedy(number, remedy, width) for number, remedy in enumerate(advice.what_to_do, 1)]
    return Content("\n").join(part for part in parts if part)


def _value_column(advice: Advice) -> int:
    """Return the cell at which the values of the details begin."""
    return max((len(name) for name, _ in advice.details), default=0) + 2


def details_text(advice: Advice) -> Content:
    """Return the details as one aligned line each."""
    width = _value_column(advice)
    lines = [Content.assemble((f"{name:<{width}}", _HEADING), value) for name, value in advice.details]
    return Content("\n").join(lines or [Content("There are no further details.")])


class ErrorCard(Vertical):
    """Stays until it is dismissed; hidden while there is nothing to tell."""

    DEFAULT_CSS = """
    ErrorCard {
        display: none;
        height: auto;
        max-height: 100%;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        border: round $error;
        padding: 0 1;
        &.-shown { display: block; }
        & > Static { height: auto; }
        & > .error-details { display: none; margin: 1 0 0 0; color: $ccflow-muted; }
        & > .error-details.-shown { display: block; }
        & > Horizontal { height: auto; margin: 1 0 0 0; }
        & PushButton { min-width: 6; margin: 0 1 0 0; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "app.focus_previous", "Previous button", show=False),
        Binding("right", "app.focus_next", "Next button", show=False),
        Binding("up", "scroll_up", "Up", show=False),
        Binding("down", "scroll_down", "Down", show=False),
    ]

    class Chosen(Message):
        """The user chose what to do; ``DETAILS`` was already done by the card itself."""

        def __init__(self, error_card: ErrorCard, choice: ErrorChoice) -> None:
            super().__init__()
            self.error_card = error_card
            self.choice = choice

        @property
        def control(self) -> ErrorCard:
            """The card."""
            return self.error_card

    def __init__(self, keys: BoundKeys, *, id: str | None = None) -> None:
        super().__init__(id=id)
        listen(self, keys.bindings(Place.FAILURE))
        self._labels = {
            choice: f"{label} ({keys.name(f'failure.{choice}')})" for choice, label in _BUTTONS.items()
        }
        self._advice: Advice | None = None
        self._width = 0
        self._text = Static(markup=False)
        self._details = HangingText(classes="error-details")
        self._buttons = {
            choice: PushButton(label, compact=True, name=choice.value, classes="error-choice")
            for choice, label in _BUTTONS.items()
        }
        self._buttons[ErrorChoice.RETRY].variant = "primary"

    def compose(self) -> ComposeResult:
        """Put the texts above one row of buttons."""
        yield self._text
        yield self._details
        with Horizontal():
            yield from self._buttons.values()

    @property
    def advice(self) -> Advice | None:
        """What the card shows now."""
        return self._advice

    def show(self, advice: Advice | None) -> None:
        """Show a failure, or hide the card with ``None``."""
        self._advice = advice
        self.set_class(advice is not None, "-shown")
        self._details.remove_class("-shown")
        if advice is not None:
            self._text.update(advice_text(advice, self._width, emoji=shows_emoji(self)))
            self._details.indent = _value_column(advice)
            self._details.update(details_text(advice))
            self._buttons[ErrorChoice.RETRY].disabled = not advice.can_retry
            self.scroll_home(animate=False)

    def focus(self, scroll_visible: bool = False) -> ErrorCard:
        """Give the focus to the first button that can be pressed.

        It is not scrolled to: in a small terminal the title matters more, and the keys work all the same.
        """
        choice = ErrorChoice.EDIT if self._buttons[ErrorChoice.RETRY].disabled else ErrorChoice.RETRY
        self._buttons[choice].focus(scroll_visible)
        return self

    def on_resize(self, event: Resize) -> None:
        """Name the keys on the buttons where there is room for that."""
        width = self.scrollable_content_region.width
        if width != self._width and self._advice is not None:
            self._text.update(advice_text(self._advice, width, emoji=shows_emoji(self)))
        self._width = width
        with_keys = event.size.width >= sum(map(len, self._labels.values())) + _AROUND
        for choice, label in (self._labels if with_keys else _BUTTONS).items():
            button = self._buttons[choice]
            if str(button.label) != label:
                button.label = label
                button.refresh(layout=True)  # of itself it would stay as wide as it was

    def action_choose(self, choice: str) -> None:
        """Act on a key or a button."""
        chosen = ErrorChoice(choice)
        if self._buttons[chosen].disabled:
            return
        if chosen is ErrorChoice.DETAILS:
            self._details.toggle_class("-shown")
        self.post_message(self.Chosen(self, chosen))

    @on(Button.Pressed, ".error-choice")
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_choose(event.button.name or "")
