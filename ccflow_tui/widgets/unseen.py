"""When something readable has to be covered: nobody may be looking, or somebody else may."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.app import App
    from textual.widget import Widget


def when_unseen(widget: Widget, mask: Callable[[], None]) -> None:
    """Call ``mask`` when the terminal loses the focus, is suspended, or another screen covers the widget.

    To be called once the widget is mounted.
    """

    def focus_changed(focused: bool) -> None:
        if not focused:
            mask()

    def screen_changed(_: object) -> None:
        if widget.app.screen is not widget.screen:
            mask()

    widget.watch(widget.app, "app_focus", focus_changed, init=False)
    widget.app.app_suspend_signal.subscribe(widget, lambda _: mask(), immediate=True)
    widget.app.screen_change_signal.subscribe(widget, screen_changed, immediate=True)


def mask_all(app: App[Any]) -> None:
    """Mask everything readable at once, as when the terminal is suspended."""
    app.app_suspend_signal.publish(app)
