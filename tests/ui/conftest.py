"""What every test of the interface needs: a cursor that stands still, and an app with our variables."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from textual.app import App
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, TextArea

from ccflow_tui.theming import DEFAULT_DARK, available_themes, load_theme, variable_defaults


@pytest.fixture(autouse=True)
def still_cursor(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep input cursors from blinking, which would make screens differ from run to run."""
    for widget in (Input, TextArea):
        monkeypatch.setattr(widget, "cursor_blink", False)
    yield


class WidgetApp(App[None]):
    """Holds the widgets under test and keeps every message of the kinds asked for."""

    def __init__(self, *widgets: Widget, keep: tuple[type[Message], ...] = ()) -> None:
        super().__init__()
        self._widgets = widgets
        self._keep = keep
        self.kept: list[Message] = []
        self.copied: list[str] = []
        self.register_theme(load_theme(available_themes()[DEFAULT_DARK]))
        self.theme = DEFAULT_DARK

    def compose(self) -> Iterator[Widget]:
        yield from self._widgets

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return variable_defaults(self.current_theme)

    def copy_to_clipboard(self, text: str) -> None:
        self.copied.append(text)

    async def _on_message(self, message: Message) -> None:
        if isinstance(message, self._keep):
            self.kept.append(message)
        await super()._on_message(message)


def screen_text(app: App[None]) -> str:
    """Return what stands on the screen, line by line."""
    return "\n".join(
        "".join(segment.text for segment in line) for line in app.screen._compositor.render_strips()
    )
