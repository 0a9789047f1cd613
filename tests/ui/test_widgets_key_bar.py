"""The footer: whole keys only, and none that belong to something else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen, Screen
from textual.widget import Widget

from ccflow_tui.widgets.key_bar import KeyBar
from tests.ui.conftest import screen_text


class KeysApp(App[None]):
    may_nothing: bool | None = True
    ran: int = 0
    rows: int = 1

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "bell", "Apples"),
        Binding("b", "noop", "Bananas"),
        Binding("c", "nothing", "Cherries"),
        Binding("d", "screen.elsewhere", "Dates"),
    ]

    def get_default_screen(self) -> Screen[None]:
        return Base(self.rows)

    def action_nothing(self) -> None:
        self.ran += 1

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.may_nothing if action == "nothing" else True


class Base(Screen[None]):
    """Has no action of its own, so it refuses those meant for the screen in front."""

    def __init__(self, rows: int) -> None:
        super().__init__()
        self.rows = rows

    def compose(self) -> Iterator[Widget]:
        bar = KeyBar(most_rows=self.rows)
        bar.styles.height = "auto"
        yield bar

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "elsewhere"


class Box(ModalScreen[None]):
    """A dialog that refuses nothing."""


async def test_keys_that_do_not_fit_whole_are_left_out() -> None:
    app = KeysApp()
    async with app.run_test(size=(18, 3)) as pilot:
        await pilot.pause()
        assert screen_text(app).splitlines()[-1].strip() == "a Apples b Bananas"
        await pilot.resize_terminal(17, 3)
        await pilot.pause()
        assert screen_text(app).splitlines()[-1].strip() == "a Apples"
        await pilot.resize_terminal(40, 3)
        await pilot.pause()
        assert screen_text(app).splitlines()[-1].strip() == "a Apples b Bananas c Cherries"


async def test_with_a_second_row_the_keys_that_do_not_fit_go_there_and_can_be_clicked() -> None:
    app = KeysApp()
    app.rows = 2
    async with app.run_test(size=(18, 4)) as pilot:
        await pilot.pause()
        *_, first, second = (line.strip() for line in screen_text(app).splitlines())
        assert (first, second) == ("a Apples b Bananas", "c Cherries")
        await pilot.click(KeyBar, offset=(13, 1))  # behind the last key of its row
        assert app.ran == 0
        await pilot.click(KeyBar, offset=(3, 1))
        await pilot.pause()
        assert app.ran == 1
        await pilot.resize_terminal(40, 4)
        await pilot.pause()
        assert screen_text(app).splitlines()[-1].strip() == "a Apples b Bananas c Cherries"
        await pilot.resize_terminal(8, 4)
        await pilot.pause()
        lines = [line.strip() for line in screen_text(app).splitlines()]
        assert lines[-1] == "a Apples", "no second row for what would not fit there, either"


async def test_keys_stay_as_they_are_beneath_a_dialog() -> None:
    app = KeysApp()
    async with app.run_test(size=(40, 3)) as pilot:
        await pilot.pause()
        await app.push_screen(Box())
        await pilot.pause()
        app.screen_stack[0].refresh_bindings()
        await pilot.pause()
        shown = [key.description for key in app.screen_stack[0].query_one(KeyBar).shown]
        assert shown == ["Apples", "Bananas", "Cherries"]


async def test_a_click_presses_the_key_under_it() -> None:
    app = KeysApp()
    async with app.run_test(size=(40, 3)) as pilot:
        await pilot.pause()
        await pilot.click(KeyBar, offset=(21, 0))  # the c of "c Cherries"
        await pilot.click(KeyBar, offset=(18, 0))  # the gap before it
        await pilot.click(KeyBar, offset=(35, 0))  # behind the last key
        await pilot.pause()
        assert app.ran == 1


async def test_a_key_that_does_nothing_now_is_dim_and_cannot_be_clicked() -> None:
    app = KeysApp()
    app.may_nothing = None
    async with app.run_test(size=(40, 3)) as pilot:
        await pilot.pause()
        await pilot.click(KeyBar, offset=(21, 0))
        await pilot.pause()
        assert app.ran == 0
        assert [key.enabled for key in app.screen.query_one(KeyBar).shown] == [True, True, False]
        segments = app.screen.query_one(KeyBar).render_line(0)
        assert [segment.text for segment in segments if segment.style and segment.style.dim] == [
            "c",
            " Cherries",
        ]


async def test_the_key_under_the_pointer_stands_out() -> None:
    app = KeysApp()
    async with app.run_test(size=(40, 3)) as pilot:
        await pilot.pause()
        bar = app.screen.query_one(KeyBar)
        plain = [segment.style for segment in bar.render_line(0)]
        await pilot.hover(KeyBar, offset=(10, 0))
        await pilot.pause()
        marked = [
            segment.text
            for segment, was in zip(bar.render_line(0), plain, strict=False)
            if segment.style != was
        ]
        assert marked == ["b", " Bananas"]
        await pilot.hover(KeyBar, offset=(37, 0))
        await pilot.pause()
        assert [segment.style for segment in bar.render_line(0)] == plain
