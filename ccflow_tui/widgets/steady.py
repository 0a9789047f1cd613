"""Widgets that are told their value at every key, or grow at a Tab, and lay out no more than that needs.

Whenever a layout gives a widget another size (``Widget.virtual_size``), Textual lays out once more, in case
its parts depend on that. Those of the classes here do not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Focus
from textual.geometry import Size
from textual.reactive import Reactive
from textual.visual import VisualType
from textual.widgets import Input, Static
from textual.widgets.input import Selection

if TYPE_CHECKING:
    from textual.app import RenderResult


class SteadyText(Static):
    """A text that is told often and changes rarely: Textual lays the whole screen out for each telling."""

    virtual_size: Reactive[Size] = Reactive(Size(0, 0), layout=False)

    def update(self, content: VisualType = "", *, layout: bool = True) -> None:
        """Show another text; the one that is shown already costs nothing."""
        if not _are_same(content, self.content):
            super().update(content, layout=layout)


class WhyOff(SteadyText):
    """Why the way on is closed, in one row, whose opening words give way where the reason would be cut."""

    OPENING, MARK = "Next is off: ", "✗ "

    def tell(self, reason: str) -> None:
        """Show another reason; an empty one says that the way is open."""
        self.update(f"{self.OPENING}{reason}" if reason else "")

    def render(self) -> RenderResult:
        """Return the row for the width there is."""
        text = str(self.content)
        if cell_len(text) > self.content_size.width > 0:
            text = text.replace(self.OPENING, self.MARK, 1)
        return Content(text)


def _are_same(one: VisualType, other: VisualType) -> bool:
    """Compare styles, too, which ``==`` leaves out."""
    if isinstance(one, Content) and isinstance(other, Content):
        return one.is_same(other)
    return type(one) is type(other) and one == other


class SteadyScroll(VerticalScroll):
    """A scroller that is laid out once more only where its scroll bar comes or goes."""

    virtual_size: Reactive[Size] = Reactive(Size(0, 0), layout=False)


class SteadyInput(Input):
    """An input whose size does not depend on its text, so that typing lays nothing out."""

    virtual_size: Reactive[Size] = Reactive(Size(0, 0), layout=False)

    def on_mount(self) -> None:
        """Leave selecting to ``on_focus``."""
        self.select_on_focus = False

    def on_focus(self, event: Focus) -> None:
        """Select the text from its end to its beginning, which stays in sight: of a URL that is the host."""
        if not event.from_app_focus:
            self.selection = Selection(len(self.value), 0)
