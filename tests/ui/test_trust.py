"""The wizard asks once whether the files of the working folder are trusted."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from ccflow_tui.config.files import read_files
from ccflow_tui.config.layers import Source
from ccflow_tui.config.paths import Paths
from ccflow_tui.config.settings_file import settings_choice
from ccflow_tui.config.state import SavedState, UserState
from ccflow_tui.models.flow import Step
from ccflow_tui.screens.confirm import ConfirmDialog
from ccflow_tui.trusting import HEADING
from tests.support.wizard import PROFILE, Wizard, make_wizard
from tests.ui.drive import Driver, driving
from tests.ui.scenes import until

SERVER = "https://elsewhere.example/token"
BLOCK = {"tokenEndpoint": SERVER, "clientId": "c1", "assertion": {"key": "k.pem"}}
ENV_FILE = f"CCFLOW_CLIENT_ID=c1\nCCFLOW_CLIENT_SECRET=CANARY-env-secret\nCCFLOW_TOKEN_ENDPOINT={SERVER}\n"


def wizard_in(folder: Path, block: dict[str, object] | None = None, env_file: str = "") -> Wizard:
    """Make a wizard whose only settings lie in the working folder."""
    if block is not None:
        (folder / "settings.json").write_text(json.dumps({"oauth": {"clientCredentials": block}}))
    if env_file:
        (folder / ".env").write_text(env_file)
    paths = Paths(folder / "home", folder / "home")
    files = read_files(folder / ".env", settings_choice(None, folder, paths), None, paths)
    saved = UserState(folder / "state.json").load()
    wizard = make_wizard(folder, profiles=(replace(PROFILE, name="default"),))
    book = wizard.app.parts.book
    book.layers = replace(
        book.layers,
        settings=files.settings,
        env_file=files.env_file,
        settings_trusted=files.trusted(Source.SETTINGS, saved, {}),
        env_file_trusted=files.trusted(Source.ENV_FILE, saved, {}),
        saved=SavedState(trusted=saved.trusted),
    )
    book.folder = files.folder
    profile, sources = book.open()
    wizard.app.state, wizard.app.sources = wizard.app.state.with_profile(profile), sources
    return wizard


async def question_in(driver: Driver) -> str:
    """Return what is asked, once it is drawn; a long path is wrapped on the screen."""
    await until(driver.pilot, lambda: HEADING in driver.screen())
    assert isinstance(driver.dialog, ConfirmDialog)
    return driver.question


async def test_what_is_asked_names_the_file_and_what_it_sets(tmp_path: Path) -> None:
    async with driving(wizard_in(tmp_path, BLOCK), settled=False) as driver:
        text = await question_in(driver)
        for part in ("settings.json", SERVER, "c1", "k.pem"):
            assert part in text


async def test_before_the_answer_nothing_of_it_is_in_the_form(tmp_path: Path) -> None:
    async with driving(wizard_in(tmp_path, BLOCK), settled=False) as driver:
        assert driver.app.state.profile.token_endpoint == ""
        assert driver.app.state.profile.key_reference == ""
        assert driver.app.state.profile.client_id == "c1", "which does no harm"


async def test_cancelled_the_key_stays_unused_and_the_way_out_is_told(tmp_path: Path) -> None:
    async with driving(wizard_in(tmp_path, BLOCK), settled=False) as driver:
        await question_in(driver)
        await driver.press("enter")  # the safe answer has the focus
        await driver.done()
        assert "Not trusted" in driver.notes()
        assert "ccflow config --trust" in driver.notes()
        await driver.press("ctrl+j")
        await driver.done()
        assert driver.step is Step.CONFIGURE
        assert driver.app.state.profile.token_endpoint == driver.app.state.profile.key_reference == ""
        assert not (tmp_path / "state.json").exists()


async def test_trusted_it_is_asked_no_more_until_it_changes(tmp_path: Path) -> None:
    async with driving(wizard_in(tmp_path, BLOCK), settled=False) as driver:
        await question_in(driver)
        await driver.press("right", "enter")
        await driver.done()
        assert driver.app.state.profile.token_endpoint == SERVER
        assert driver.input("token_endpoint").value == SERVER
        assert driver.app.sources["token_endpoint"] == "settings.json"
    async with driving(wizard_in(tmp_path, BLOCK)) as driver:
        assert driver.dialog is None
    async with driving(wizard_in(tmp_path, {**BLOCK, "note": "changed"}), settled=False) as driver:
        assert isinstance(driver.dialog, ConfirmDialog)


async def test_harmless_settings_are_not_asked_about(tmp_path: Path) -> None:
    async with driving(wizard_in(tmp_path, {"scopes": ["a"]}, "CCFLOW_AUDIENCE=b\n")) as driver:
        assert driver.dialog is None
        assert driver.input("scope").value == "a"
        assert driver.input("audience").value == "b"


async def test_an_env_file_with_client_secret_and_endpoint_costs_one_question_ever(tmp_path: Path) -> None:
    async with driving(wizard_in(tmp_path, env_file=ENV_FILE), settled=False) as driver:
        text = await question_in(driver)
        assert ".env" in text and SERVER in text and "CANARY" not in text
        await question_in(driver)
        await driver.press("right", "enter")
        await driver.done()
        assert driver.dialog is None
        assert driver.input("token_endpoint").value == SERVER
    for _ in range(2):
        async with driving(wizard_in(tmp_path, env_file=ENV_FILE)) as driver:
            assert driver.dialog is None
            assert driver.input("token_endpoint").value == SERVER


async def test_both_files_are_one_question(tmp_path: Path) -> None:
    both = {"block": {"apiBase": "https://api.elsewhere.example"}, "env_file": ENV_FILE}
    async with driving(wizard_in(tmp_path, **both), settled=False) as driver:  # type: ignore[arg-type]
        text = await question_in(driver)
        for part in (".env", "settings.json", SERVER):
            assert part in text
        await question_in(driver)
        await driver.press("right", "enter")
        await driver.done()
        assert driver.dialog is None
        assert driver.app.state.profile.api_base == ""  # .env names the server, so the weaker file no API
    assert len(UserState(tmp_path / "state.json").load().trusted) == 2


async def test_a_file_that_asks_for_an_unknown_profile_is_told_once_it_is_trusted(tmp_path: Path) -> None:
    wizard = wizard_in(tmp_path, env_file=f"{ENV_FILE}CCFLOW_PROFILE=nowhere\n")
    async with driving(wizard, settled=False) as driver:
        await question_in(driver)
        await driver.press("right", "enter")
        await driver.done()
        assert 'There is no profile "nowhere"' in driver.notes()
        assert driver.step is Step.CONFIGURE
