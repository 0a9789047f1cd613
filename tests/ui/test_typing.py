"""Typing is quick: a key draws the cells that changed, and lays nothing out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual._compositor import Compositor
from textual.content import Content

from ccflow_tui.widgets.steady import SteadyText
from tests.support.wizard import make_wizard
from tests.ui.conftest import WidgetApp
from tests.ui.drive import driving


@pytest.fixture
def layouts(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    done: list[object] = []
    original = Compositor.reflow

    def reflow(self: Compositor, *args: Any) -> Any:
        done.append(args)
        return original(self, *args)

    monkeypatch.setattr(Compositor, "reflow", reflow)
    return done


@pytest.mark.parametrize("name", ["client_id", "scope", "client_secret"])
async def test_typing_into_a_field_lays_nothing_out(tmp_path: Path, layouts: list[object], name: str) -> None:
    async with driving(make_wizard(tmp_path)) as wizard:
        wizard.input(name).focus()
        await wizard.press("end", "a")  # the first key may change more: a tag, or why Next is off
        layouts.clear()
        await wizard.press("b", "c", "backspace", "d")
        assert layouts == []
        assert wizard.input(name).value.endswith("abd")


async def test_a_text_longer_than_its_field_scrolls_with_the_cursor(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path)) as wizard:
        wizard.input("scope").focus()
        await wizard.press("end", "space", *"w" * 200, "x", "y", "z")
        assert "xyz" in wizard.screen()
        await wizard.press("home")
        assert "xyz" not in wizard.screen()


async def test_the_source_of_a_value_follows_the_edit(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path)) as wizard:
        field = wizard.field("client_id")
        field.set_source("settings.json")
        wizard.input("client_id").focus()
        await wizard.press("a")
        assert field._source == "typed"
        secret = wizard.field("client_secret")
        secret.set_source("keyring")
        wizard.input("client_secret").focus()
        await wizard.press("a")
        assert secret._source == "", "what is typed now is not what the keyring holds"


async def test_a_steady_text_follows_words_and_style_and_lays_nothing_out_for_the_same(
    layouts: list[object],
) -> None:
    text = SteadyText("one")
    app = WidgetApp(text)
    async with app.run_test() as pilot:
        await pilot.pause()
        layouts.clear()
        text.update("one")
        await pilot.pause()
        assert layouts == []
        text.update(Content.styled("two", "bold"))
        text.update(Content.styled("two", "italic"))
        await pilot.pause()
        assert layouts
        assert isinstance(text.content, Content)
        assert [str(span.style) for span in text.content.spans] == ["italic"]
