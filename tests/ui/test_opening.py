"""A step opens with one styling, one layout and one drawing, and still follows the terminal and the theme."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from textual._compositor import Compositor
from textual.app import App
from textual.events import Resize
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from ccflow_tui.screens.opening import OpeningScreen
from tests.ui.conftest import screen_text
from tests.ui.scenes import until


class First(OpeningScreen):
    changes = 0

    def compose(self) -> Iterator[Widget]:
        yield Static("first words")

    def size_changed(self) -> None:
        self.changes += 1


class Other(Screen[None]):
    pass


class OpeningApp(App[None]):
    DEFAULT_MODE = "first"
    CSS = """
    First { Static { width: 100%; height: 1; background: $primary; } &.-low Static { text-style: bold; } }
    """

    def __init__(self) -> None:
        super().__init__()
        self.add_mode("first", self._open)
        self.add_mode("other", Other)

    def _open(self) -> Screen[None]:
        screen = First()
        screen.fit(self.size)
        return screen

    @property
    def first(self) -> First:
        screen = self._screen_stacks["first"][0]
        assert isinstance(screen, First)
        return screen


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    done: Counter[str] = Counter()
    for owner, name in (
        (Compositor, "reflow"),
        (Compositor, "render_update"),
        (Screen, "update_node_styles"),
    ):
        original = getattr(owner, name)

        def counted(
            self: Any, *args: Any, _original: Any = original, _name: str = name, **kwargs: Any
        ) -> Any:
            done[_name] += 1
            return _original(self, *args, **kwargs)

        monkeypatch.setattr(owner, name, counted)
    return done


async def test_the_first_screen_is_laid_out_and_drawn_once(counts: Counter[str]) -> None:
    at_ready: Counter[str] = Counter()

    class Probe(OpeningApp):
        def on_ready(self) -> None:
            at_ready.update(counts)

    app = Probe()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert at_ready == {"reflow": 1, "render_update": 1}, (
            "mounting has styled it, so nothing is styled anew"
        )
        assert screen_text(app).startswith("first words")
        assert app.first.has_class("-normal", "-low")
        assert not app.first.changes


async def test_a_screen_that_is_told_no_size_after_the_start_is_laid_out_all_the_same() -> None:
    class Untold(First):
        def on_resize(self, event: Resize) -> None:
            event.prevent_default()

    class UntoldApp(OpeningApp):
        def _open(self) -> Screen[None]:
            return Untold()

    app = UntoldApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: screen_text(app).startswith("first words"))


async def test_another_size_is_laid_out_and_styled() -> None:
    app = OpeningApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.resize_terminal(62, 40)
        await pilot.pause()
        assert app.first.has_class("-narrow", "-tall")
        assert not app.first.has_class("-normal")
        assert app.first.query_one(Static).size.width == 62
        assert (app.first.fitted, app.first.changes) == ((62, 40), 1)
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert app.first.query_one(Static).size.width == 80
        assert app.first.query_one(Static).styles.text_style.bold


async def test_a_screen_out_of_sight_follows_size_and_theme_when_it_comes_back() -> None:
    app = OpeningApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        before = app.first.query_one(Static).styles.background
        await app.switch_mode("other")
        await pilot.resize_terminal(100, 30)
        app.theme = "nord"
        await pilot.pause()
        await app.switch_mode("first")
        await until(pilot, lambda: app.first.has_class("-wide", "-tall"))
        await until(pilot, lambda: app.first.query_one(Static).size.width == 100)
        assert app.first.query_one(Static).styles.background != before


async def test_what_changes_in_a_batch_is_drawn_when_it_ends() -> None:
    app = OpeningApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        with app.batch_update():
            await app.first.mount(Static("second words"))
            app.first.query(Static).first().update("other words")
            await pilot.pause()
        await pilot.pause()
        assert screen_text(app).splitlines()[:2] == ["other words".ljust(80), "second words".ljust(80)]
