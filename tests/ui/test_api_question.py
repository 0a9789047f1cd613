"""G6: the API's host is confirmed on first use, unless it is known without a question."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ccflow_tui.api_consent import keep_confirmed, unconfirmed_api
from ccflow_tui.config.layers import Layers, Source
from ccflow_tui.config.settings import Settings
from ccflow_tui.config.state import SavedState, UserState
from ccflow_tui.config.trust import FolderFile
from ccflow_tui.models.flow import Step
from ccflow_tui.models.problems import SettingsProblem
from ccflow_tui.models.profile import EndpointMode, Profile
from ccflow_tui.profile_book import ProfileBook
from ccflow_tui.screens.api_question import HEADING
from ccflow_tui.screens.confirm import ConfirmDialog
from tests.support.fakes import ScriptedTransport, json_response
from tests.support.wizard import GRANT, PROFILE, make_wizard
from tests.ui.drive import driving
from tests.ui.scenes import until

API = "https://api.example"


def asked_at(transport: ScriptedTransport) -> list[str]:
    return [request.url for request in transport.requests if request.method == "GET"]


async def test_G6_the_first_call_asks_and_names_the_host(tmp_path: Path) -> None:
    transport = ScriptedTransport(GRANT, json_response("{}"), json_response("{}"))
    async with driving(make_wizard(tmp_path, transport=transport, confirmed=False)) as driver:
        await driver.to_step(Step.TOKEN)
        await driver.press("a")
        await until(driver.pilot, lambda: HEADING in driver.screen())
        assert isinstance(driver.dialog, ConfirmDialog)
        text = driver.question
        assert API in text and "as.example" in text and "“default”" in text
        assert not asked_at(transport)
        await driver.press("right", "enter")
        await driver.done()
        assert driver.text("#answer").startswith("✓ GET → HTTP 200")
        await driver.press("a")
        await driver.done()
        assert driver.dialog is None
        assert len(asked_at(transport)) == 2
    assert UserState(tmp_path / "state.json").load().confirmed_apis == {"default": (API,)}


async def test_G6_without_the_word_nothing_is_sent_and_the_way_out_is_told(tmp_path: Path) -> None:
    transport = ScriptedTransport(GRANT)
    async with driving(make_wizard(tmp_path, transport=transport, confirmed=False)) as driver:
        await driver.to_step(Step.TOKEN)
        for _ in range(2):  # a "no" is no answer for ever
            await driver.press("a")
            await until(driver.pilot, lambda: HEADING in driver.screen())
            await driver.press("escape")
            await driver.done()
        assert not asked_at(transport)
        assert f"Not sent: {API} was not confirmed. “API to call” in step 1" in driver.notes()
        assert not (tmp_path / "state.json").exists()


async def test_G6_what_is_typed_in_the_form_is_confirmed_by_typing_and_kept_by_saving(
    tmp_path: Path,
) -> None:
    transport = ScriptedTransport(GRANT, json_response("{}"))
    async with driving(make_wizard(tmp_path, transport=transport, confirmed=False)) as driver:
        await driver.type("api_base", "https://typed.example/v1")
        await driver.press("ctrl+s")
        await driver.done()
        await driver.to_step(Step.TOKEN)
        await driver.press("a")
        await driver.done()
        assert driver.dialog is None
        assert asked_at(transport) == ["https://typed.example/v1"]
    kept = json.loads((tmp_path / "state.json").read_text(encoding="utf-8"))
    assert kept["confirmed_apis"] == {"default": ["https://typed.example"]}


def book_with(folder: Path, *files: FolderFile, **layers: object) -> ProfileBook:
    given = {"saved": SavedState(), **layers}
    return ProfileBook(Layers(**given), UserState(folder / "state.json"), folder=files)  # type: ignore[arg-type]


SAVED, FROM_SETTINGS, TYPED = {"api_base": "saved"}, {"api_base": "settings.json"}, {"api_base": "typed"}
ISSUED = replace(PROFILE, endpoint_mode=EndpointMode.ISSUER, issuer="https://api.example/as")


@pytest.mark.parametrize(
    ("profile", "sources", "origin"),
    [
        (PROFILE, SAVED, API),
        (PROFILE, {}, API),
        (PROFILE, TYPED, ""),
        (PROFILE, FROM_SETTINGS, ""),
        (replace(PROFILE, api_base="https://AS.example:443/v1"), SAVED, ""),
        (replace(PROFILE, api_base="https://as.example:8443/v1"), SAVED, "https://as.example:8443"),
        (replace(PROFILE, api_base="http://as.example/v1"), SAVED, "http://as.example"),
        (ISSUED, SAVED, ""),
        (replace(PROFILE, issuer="https://api.example"), SAVED, API),  # which decides about nothing here
        (Profile(environment_id="e", api_base="https://api.pingone.com/v1/environments/e"), SAVED, ""),
        (replace(PROFILE, api_base=""), SAVED, ""),
        (replace(PROFILE, api_base="https://[half"), SAVED, ""),  # told by the call itself
    ],
    ids=[
        "saved",
        "unknown",
        "typed",
        "own settings",
        "the server itself",
        "another port",
        "another scheme",
        "the issuer",
        "an issuer unused",
        "preset",
        "none",
        "no address",
    ],
)
def test_G6_which_api_needs_a_word(
    tmp_path: Path, profile: Profile, sources: dict[str, str], origin: str
) -> None:
    assert unconfirmed_api(book_with(tmp_path), profile, sources) == origin


def test_G6_settings_of_a_folder_are_no_word_about_the_api_even_when_they_are_trusted(tmp_path: Path) -> None:
    file = FolderFile(tmp_path / "settings.json", Source.SETTINGS, "")
    trusted = book_with(tmp_path, file, settings=Settings(), settings_trusted=True)
    assert unconfirmed_api(trusted, PROFILE, FROM_SETTINGS) == API
    keep_confirmed(trusted, PROFILE, FROM_SETTINGS)  # Ctrl+S does not make it the user's own
    assert unconfirmed_api(trusted, PROFILE, SAVED) == API
    behind = book_with(tmp_path, file, settings=Settings(), own_settings=Settings())
    assert unconfirmed_api(behind, PROFILE, FROM_SETTINGS) == "", "the user's own file said it"


def test_G6_a_confirmation_is_of_one_profile_and_one_origin(tmp_path: Path) -> None:
    book = book_with(tmp_path)
    book.confirm_api("default", API)
    book.confirm_api("default", API)
    assert unconfirmed_api(book, PROFILE, SAVED) == ""
    assert unconfirmed_api(book, replace(PROFILE, name="other"), SAVED) == API
    elsewhere = replace(PROFILE, api_base="https://other.example")
    assert unconfirmed_api(book, elsewhere, SAVED) == "https://other.example"
    assert UserState(tmp_path / "state.json").load().confirmed_apis == {"default": (API,)}


def test_G6_where_it_cannot_be_kept_it_holds_for_this_run(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("where a folder should be")
    book = book_with(tmp_path / "file")
    book.confirm_api("default", API)
    assert unconfirmed_api(book, PROFILE, SAVED) == ""


@pytest.mark.parametrize("kept", [[], {"a": "b"}, {"a": [1]}, "x"])
def test_broken_confirmations_confirm_nothing(tmp_path: Path, kept: object) -> None:
    path = tmp_path / "state.json"
    path.write_text(json.dumps({"version": 1, "confirmed_apis": kept}))
    with pytest.raises(SettingsProblem, match="confirmed_apis: It must be an object of lists of texts"):
        UserState(path).load()
