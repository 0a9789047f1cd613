"""What leaves the screen on purpose: the clipboard, pictures, a token that was revealed."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.command import CommandList
from textual.widgets import Input

from ccflow_tui.models.secret import Secret
from ccflow_tui.widgets.secret_input import SecretInput
from tests.canary.answers import granting
from tests.canary.canaries import secret, token
from tests.canary.stage import BASIC, Stage, make_stage

pytestmark = pytest.mark.usefixtures("memory_keyring", "still_cursor")

SIZE = (100, 30)
TYPED, OPAQUE = secret("typed secret"), token("opaque token")


def make(scene: Path) -> Stage:
    return make_stage(scene, granting(OPAQUE.text), TYPED, OPAQUE)


async def test_S4_what_is_in_a_password_field_cannot_be_copied(scene: Path) -> None:
    stage = make(scene)
    app = stage.app
    async with app.run_test(size=SIZE, message_hook=stage.hear) as pilot:
        await stage.press_only(pilot)
        await stage.enter_secret(pilot, TYPED)
        field = app.screen.query_one("#field-client_secret Input", SecretInput)
        for key in ("ctrl+c", "super+c", "ctrl+x"):
            plain = app.screen.query_one("#field-client_id Input", Input)
            plain.value = f"copied with {key}"
            plain.focus()
            plain.select_all()
            await pilot.press(key)
            assert app.clipboard == f"copied with {key}", "this key copies from no field at all"
            for _ in ("masked", "readable"):
                field.focus()
                field.select_all()
                await pilot.press(key)
                assert app.clipboard == f"copied with {key}"
                assert field.value == TYPED.text
                field.toggle()
    await stage.close()


async def test_S8_a_picture_saved_while_the_token_is_readable_shows_it_masked(scene: Path) -> None:
    """By Textual's own action, and by what ``TEXTUAL_SCREENSHOT`` makes it call."""
    stage = make(scene)
    app = stage.app
    async with app.run_test(size=SIZE, message_hook=stage.hear) as pilot:
        stage.machine.engine.remember_secret(BASIC, Secret(TYPED.text))
        await stage.press_only(pilot)
        for _ in range(3):
            await stage.press_only(pilot, "ctrl+j")
        for name, save in {"action.svg": app.action_screenshot, "timer.svg": app.save_screenshot}.items():
            await stage.press_only(pilot, "v")
            assert stage.searcher.names_in(app.export_screenshot()) == {"opaque token"}
            save(name, ".")
            await stage.press_only(pilot)
            stage.search("after the picture was saved")
            picture = (scene / "work" / name).read_text(encoding="utf-8")
            assert OPAQUE.text[:10] in picture, "the picture does not show the token at all"
    await stage.close()
    stage.searcher.check()


async def test_the_palette_offers_no_picture(scene: Path) -> None:
    stage = make(scene)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.press_only(pilot)
        await stage.press_only(pilot, "ctrl+p")
        await stage.press_only(pilot, *"theme")
        offered = [str(hit.prompt) for hit in stage.app.screen.query_one(CommandList).options]
        assert any("theme" in text.lower() for text in offered)
        await stage.press_only(pilot, *["backspace"] * 5, *"screenshot")
        assert not [
            hit for hit in stage.app.screen.query_one(CommandList).options if "screen" in str(hit.prompt)
        ]
    await stage.close()


async def test_reveal_and_copy_are_asked_for_and_end(scene: Path) -> None:
    """What is shown on purpose is found, so the search works here; afterwards it is gone again."""
    stage = make(scene)
    app = stage.app
    async with app.run_test(size=SIZE) as pilot:
        await stage.press_only(pilot)
        await stage.enter_secret(pilot, TYPED)
        for _ in range(3):
            await stage.press_only(pilot, "ctrl+j")
        await stage.press_only(pilot, "v")
        assert stage.searcher.names_in(app.export_screenshot()) == {"opaque token"}
        await stage.press(pilot, "v")
        await stage.press_only(pilot, "v")
        await stage.press(pilot, "f1")
        await stage.press_only(pilot, "escape")
        await stage.press(pilot, "c")
        assert stage.searcher.names_in(app.clipboard) == {"opaque token"}
        stage.search("copied")
        await stage.press_only(pilot, "2")
        await stage.press(pilot, "c")
        assert not stage.searcher.names_in(app.clipboard)
    await stage.close()
    stage.searcher.check()
