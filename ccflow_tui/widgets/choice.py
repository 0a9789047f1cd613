"""One labelled choice among a few values, in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message

from ccflow_tui.widgets.field_frame import CONTROL_CLASS, FieldFrame
from ccflow_tui.widgets.line_widget import LineWidget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.events import Click, Key

ChoiceOption = tuple[str, str]
"""A value and the label shown for it."""


_GAP = "   "


class ChoiceLine(LineWidget, can_focus=True):
    """The values side by side where they fit, else the chosen one between arrows.

    A ``Select`` would be six widgets and hide what there is to choose from.
    """

    DEFAULT_CSS = """
    ChoiceLine { pointer: pointer; &:focus { text-style: bold; } }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,down,space", "step(1)", "Next value", show=False),
        Binding("left,up", "step(-1)", "Previous value", show=False),
        Binding("home", "pick(0)", "First value", show=False),
        Binding("end", "pick(-1)", "Last value", show=False),
        Binding("enter", "app.focus_next", "Go on", show=False),
    ]

    class Picked(Message):
        """The user picked another value."""

    class Blurred(Message):
        """The keyboard focus left."""

    def __init__(self, options: Sequence[ChoiceOption], value: str) -> None:
        super().__init__(classes=CONTROL_CLASS)
        self._options = tuple(options)
        self.value = value

    @property
    def _index(self) -> int:
        """Position of the value, or -1 when it is none of the options."""
        values = [value for value, _ in self._options]
        return values.index(self.value) if self.value in values else -1

    def choose(self, value: str) -> None:
        """Set the value; one that is not among the options is shown as it is."""
        self.value = value
        self.redraw()

    def offer(self, options: Sequence[ChoiceOption]) -> None:
        """Change what there is to choose from; the value stays."""
        if tuple(options) != self._options:
            self._options = tuple(options)
            self.redraw()

    def _marks(self) -> list[str]:
        chosen = self._index
        return [f"{'●' if i == chosen else '○'} {label}" for i, (_, label) in enumerate(self._options)]

    def _all_fit(self, width: int) -> bool:
        return self._index >= 0 and len(_GAP.join(self._marks())) <= width

    def draw(self, width: int) -> tuple[Content, ...]:
        """Return the one line."""
        chosen = self._index
        if self._all_fit(width):
            styles = ["$text-primary" if i == chosen else "$ccflow-muted" for i in range(len(self._options))]
            marks = zip(self._marks(), styles, strict=True)
            return (Content(_GAP).join(Content.styled(mark, style) for mark, style in marks),)
        name = self._options[chosen][1] if chosen >= 0 else f"{self.value} (unknown)"
        place = f"{chosen + 1} of {len(self._options)}" if chosen >= 0 else "not in the list"
        arrow = "$text-primary"
        line = Content.assemble(("◂ ", arrow), name, (" ▸", arrow))
        whole = line.append(Content.styled(f"  {place}", "$ccflow-muted"))
        # Half of “3 of 11” would tell nothing.
        return (whole if whole.cell_length <= width else line.truncate(width, ellipsis=True),)

    def action_step(self, by: int) -> None:
        """Go to the next or previous value, round and round."""
        index = self._index
        self._pick((index + by) % len(self._options) if index >= 0 else 0)

    def action_pick(self, index: int) -> None:
        """Go to the first or last value."""
        self._pick(index % len(self._options))

    def _pick(self, index: int) -> None:
        value = self._options[index][0]
        if value != self.value:
            self.choose(value)
            self.post_message(self.Picked())

    def on_key(self, event: Key) -> None:
        """Jump to the next value whose label begins with the letter typed."""
        if event.character is None or not event.character.isalnum():
            return
        count, start = len(self._options), self._index
        for step in range(1, count + 1):
            if self._options[(start + step) % count][1].lower().startswith(event.character.lower()):
                self._pick((start + step) % count)
                event.stop()
                return

    def on_click(self, event: Click) -> None:
        """Choose the value under the pointer, or the next one when only one is shown."""
        offset = event.get_content_offset_capture(self)
        if not self._all_fit(self.content_size.width):
            self.action_step(1)
            return
        start = 0
        for index, mark in enumerate(self._marks()):
            if start <= offset.x < start + len(mark):
                self._pick(index)
            start += len(mark) + len(_GAP)

    def on_blur(self) -> None:
        """Tell the field."""
        self.post_message(self.Blurred())


class ChoiceField(FieldFrame):
    """A label and a choice, with the same interface as ``Field``."""

    def __init__(
        self,
        name: str,
        label: str,
        options: Sequence[ChoiceOption],
        *,
        value: str = "",
        hint: str = "",
        id: str | None = None,
    ) -> None:
        super().__init__(name, label, hint=hint, id=id)
        self._line = ChoiceLine(options, value or options[0][0])

    def build_control(self) -> ChoiceLine:
        """Return the line of values."""
        return self._line

    @property
    def value(self) -> str:
        """The value chosen."""
        return self._line.value

    def offer(self, options: Sequence[ChoiceOption]) -> None:
        """Change what there is to choose from; the value stays."""
        self._line.offer(options)

    def set_value(self, value: str, source: str = "") -> None:
        """Choose a value and tag where it came from; posts nothing."""
        self._line.choose(value)
        self.set_source(source)

    @on(ChoiceLine.Picked)
    def _picked(self, event: ChoiceLine.Picked) -> None:
        event.stop()
        self.post_message(self.Edited(self, self.value))

    @on(ChoiceLine.Blurred)
    def _left(self, event: ChoiceLine.Blurred) -> None:
        event.stop()
        self.post_message(self.Left(self))
