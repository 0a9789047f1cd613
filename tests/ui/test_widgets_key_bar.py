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
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "bell", "Apples"),
        Binding("b", "noop", "Bananas"),
        Binding("c", "nothing", "Cherries"),
        Binding("d", "screen.elsewhere", "Dates"),
    ]

    def get_default_screen(self) -> Screen[None]:
        return Base()


class Base(Screen[None]):
    """Has no action of its own, so it refuses those meant for the screen in front."""

    def compose(self) -> Iterator[Widget]:
        yield KeyBar(compact=True, show_command_palette=False)

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


async def test_keys_stay_as_they_are_beneath_a_dialog() -> None:
    app = KeysApp()
    async with app.run_test(size=(40, 3)) as pilot:
        await pilot.pause()
        await app.push_screen(Box())
        await pilot.pause()
        app.screen_stack[0].refresh_bindings()
        await pilot.pause()
        shown = [key.description for key in app.screen_stack[0].query("FooterKey")]
        assert shown == ["Apples", "Bananas", "Cherries"]
