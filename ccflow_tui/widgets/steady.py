"""Widgets that are told their value at every key, and lay nothing out for it."""

from __future__ import annotations

from textual.content import Content
from textual.events import Focus
from textual.geometry import Size
from textual.reactive import Reactive
from textual.visual import VisualType
from textual.widgets import Input, Static
from textual.widgets.input import Selection


class SteadyText(Static):
    """A text that is told often and changes rarely: Textual lays the whole screen out for each telling."""

    def update(self, content: VisualType = "", *, layout: bool = True) -> None:
        """Show another text; the one that is shown already costs nothing."""
        if not _are_same(content, self.content):
            super().update(content, layout=layout)


def _are_same(one: VisualType, other: VisualType) -> bool:
    """Compare styles, too, which ``==`` leaves out."""
    if isinstance(one, Content) and isinstance(other, Content):
        return one.is_same(other)
    return type(one) is type(other) and one == other


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
