"""The wizard asks once whether the settings of the working folder are trusted."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ccflow_tui.config.settings import load_settings
from ccflow_tui.config.state import SavedState, UserState
from ccflow_tui.config.trust import folder_settings
from ccflow_tui.models.flow import Step
from ccflow_tui.models.profile import Profile
from ccflow_tui.screens.confirm import ConfirmDialog
from tests.support.wizard import PROFILE, Wizard, make_wizard
from tests.ui.drive import driving

SERVER = "https://elsewhere.example/token"
BLOCK = {"tokenEndpoint": SERVER, "clientId": "c1", "assertion": {"key": "k.pem"}}


def wizard_in(folder: Path, block: dict[str, object]) -> Wizard:
    """Make a wizard whose only settings lie in the working folder."""
    file = folder / "settings.json"
    file.write_text(json.dumps({"oauth": {"clientCredentials": block}}))
    found = folder_settings(file)
    saved = UserState(folder / "state.json").load()
    judges: list[Callable[[Profile], str]] = []
    wizard = make_wizard(
        folder,
        profiles=(replace(PROFILE, name="default"),),
        why_off=lambda profile: "".join(judge(profile) for judge in judges),
    )
    book = wizard.app.parts.book
    judges.append(book.distrust)
    book.layers = replace(
        book.layers,
        settings=load_settings(file),
        settings_trusted=found.is_trusted(saved),
        saved=SavedState(trusted=saved.trusted),
    )
    book.folder = found
    profile, sources = book.open()
    wizard.app.state, wizard.app.sources = wizard.app.state.with_profile(profile), sources
    return wizard


async def test_what_is_asked_names_the_file_and_what_it_sets(tmp_path: Path) -> None:
    async with driving(wizard_in(tmp_path, BLOCK), settled=False) as driver:
        assert isinstance(driver.dialog, ConfirmDialog)
        text = driver.screen()
        for part in ("settings.json", SERVER, "c1", "k.pem"):
            assert part in text


async def test_cancelled_the_key_stays_unused_and_the_way_out_is_told(tmp_path: Path) -> None:
    async with driving(wizard_in(tmp_path, BLOCK), settled=False) as driver:
        await driver.press("enter")  # the safe answer has the focus
        await driver.done()
        assert "Not trusted" in driver.notes()
        await driver.press("ctrl+j")
        await driver.done()
        assert driver.step is Step.CONFIGURE
        assert "ccflow config --trust" in driver.notes()
        assert not (tmp_path / "state.json").exists()


async def test_trusted_it_is_asked_no_more_until_it_changes(tmp_path: Path) -> None:
    async with driving(wizard_in(tmp_path, BLOCK), settled=False) as driver:
        await driver.press("right", "enter")
        await driver.done()
        assert not driver.app.parts.book.distrust(driver.app.state.profile)
        assert "Next is off" not in driver.text("#reason") or "not trusted" not in driver.text("#reason")
    async with driving(wizard_in(tmp_path, BLOCK)) as driver:
        assert driver.dialog is None
    async with driving(wizard_in(tmp_path, {**BLOCK, "note": "changed"}), settled=False) as driver:
        assert isinstance(driver.dialog, ConfirmDialog)


async def test_harmless_settings_are_not_asked_about(tmp_path: Path) -> None:
    async with driving(wizard_in(tmp_path, {"scopes": ["a"]})) as driver:
        assert driver.dialog is None
        assert driver.input("scope").value == "a"
