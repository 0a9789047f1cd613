"""What the tests of the interface share: a cursor that stands still, an app with our variables, pictures."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from textual.app import App
from textual.message import Message
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Input, TextArea

from ccflow_tui.models.profile import Profile
from ccflow_tui.services import request_builder, token_client
from ccflow_tui.services.ports import WireResponse
from ccflow_tui.theming import DEFAULT_DARK, available_themes, load_theme, variable_defaults
from ccflow_tui.widgets.masked_token import MaskedToken
from tests.support.idle import app_numbers, quick_pilot  # noqa: F401 - fixtures
from tests.ui import scenes
from tests.ui.scenes import SIGNED, Scene

Picture = Callable[..., bool]

SMALL, LARGE, NARROW = (80, 24), (120, 40), (60, 18)


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


@pytest.fixture
def standstill(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fix what would differ from run to run: time zone, random ids and waits, a revealed token's seconds."""
    monkeypatch.setenv("TZ", "UTC")
    if hasattr(time, "tzset"):
        time.tzset()
    monkeypatch.setattr(request_builder, "new_jti", lambda: "Zk3v0Qm1rT8yX2wB5nC7dA")
    monkeypatch.setattr(token_client, "_JITTER", 0.0)
    monkeypatch.setattr(MaskedToken, "tick", lambda self: None)
    yield
    monkeypatch.undo()
    if hasattr(time, "tzset"):
        time.tzset()


@pytest.fixture
def picture(standstill: None, snap_compare: Callable[..., bool], tmp_path: Path) -> Picture:
    """Return a function that plays a scene and compares the screen with the picture kept of it."""

    def take(
        scene: Scene,
        *answers: WireResponse,
        profile: Profile = SIGNED,
        size: tuple[int, int] = SMALL,
        theme: str = "ccflow-dark",
        colour: bool = True,
        toasts: bool = False,
    ) -> bool:
        wizard = scenes.wizard_for(tmp_path, *answers, profile=profile, theme=theme)
        wizard.app._disable_notifications = not toasts
        if not colour:
            scenes.without_colour(wizard)

        async def play(pilot: Pilot[int]) -> None:
            await scene(wizard, pilot)

        return snap_compare(wizard.app, terminal_size=size, run_before=play)

    return take
