"""A screen that is styled, laid out and drawn as often as needed; Textual would do each of it repeatedly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual._compositor import Compositor
from textual.geometry import Region, Size
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.events import Resize, ScreenResume
    from textual.strip import Strip


class NearCompositor(Compositor):
    """Draws what lies in the part to be drawn; Textual asks whatever shares a scrolled container with it."""

    def _get_renders(self, crop: Region | None = None) -> Iterable[tuple[Region, Region, list[Strip]]]:
        for widget, (region, clip) in self.visible_widgets.items():
            seen = region.intersection(clip)
            if seen and (crop is None or crop.overlaps(seen)):
                yield region, clip, widget.render_lines(seen - region.offset)


class OpeningScreen(Screen[None]):
    """What delays the first paint, or a move of the focus, for nothing is left out; the result is the same.

    It overrides what is not public in Textual: two methods here, and how the screen is put together. The
    bound on Textual's minor version and ``tests/ui/test_opening.py`` tell when they change.
    """

    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (60, "-narrow"), (80, "-normal"), (100, "-wide")]  # noqa: RUF012 - Textual's own type
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (18, "-low"), (30, "-tall")]  # noqa: RUF012

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    """As in Textual, which draws the whole screen anew for every move of the focus."""

    def __init__(self) -> None:
        super().__init__()
        self._compositor = NearCompositor()
        self.fitted = Size(0, 0)
        """The terminal's size that the classes are made for."""
        self._laid_out_for = Size(0, 0)
        self._has_opened = False

    def fit(self, size: Size) -> None:
        """Take the classes of a terminal's size at once: set later, they would style everything again."""
        self.fitted = size
        steps = ((self.HORIZONTAL_BREAKPOINTS, size.width), (self.VERTICAL_BREAKPOINTS, size.height))
        for breakpoints, length in steps:
            self.set_class(True, [name for least, name in breakpoints if length >= least][-1], update=False)

    def can_view_entire(self, widget: Widget) -> bool:
        """Whether a widget is in sight as a whole.

        Textual asks every parent, and takes one that is hidden itself (see ``step.tcss``) for an empty place:
        each move of the focus would scroll the form.
        """
        region, clip = self._compositor.visible_widgets.get(widget, (Region(), Region()))
        return bool(region) and clip.contains_region(region)

    def on_screen_resume(self, event: ScreenResume) -> None:
        """Style nothing when the screen opens for the first time: mounting it has styled all of it."""
        if not self._has_opened:
            self._has_opened, event.refresh_styles = True, False

    def on_resize(self, event: Resize) -> None:
        """Lay out for another size only; the start tells one and the same size four times."""
        if event.size != self.fitted:
            self.fitted = event.size
            self.size_changed()
        elif event.size == self._laid_out_for:
            event.prevent_default()

    def size_changed(self) -> None:
        """Redraw what depends on the terminal's size, which ``fitted`` tells."""

    def _refresh_layout(self, size: Size | None = None, scroll: bool = False) -> None:
        """Lay out nothing while the app starts: it is told the size once more when everything is mounted."""
        if self.app._dom_ready or not self.app._batch_count:
            if not self._laid_out_for:
                size = size or self.app.size
            self._laid_out_for = size or self._laid_out_for
            super()._refresh_layout(size, scroll)

    def _compositor_refresh(self) -> None:
        """Draw nothing while the app collects changes: Textual would draw all of it and throw it away."""
        if not self.app._batch_count:
            super()._compositor_refresh()
