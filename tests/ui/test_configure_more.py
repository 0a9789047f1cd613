"""Step 1: the secret by reference, the assertion's own audience, and what belongs to the profile itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input, Static

from ccflow_tui.models.flow import Step
from ccflow_tui.models.profile import AuthMethod, Profile
from ccflow_tui.screens.confirm import ConfirmDialog
from ccflow_tui.widgets.choice import ChoiceLine
from tests.support.wizard import PROFILE, SECRET, make_wizard
from tests.ui.drive import Driver, driving

REFERRING = replace(PROFILE, secret_reference="env:ORDERS")
SIGNING = replace(PROFILE, auth_method=AuthMethod.CLIENT_SECRET_JWT, assertion_alg="HS256")


def profile_of(driver: Driver) -> Profile:
    return driver.app.state.profile


def empty_text(driver: Driver, name: str) -> str:
    return driver.configure.query_one(f"#field-{name} Input", Input).placeholder


async def choose(driver: Driver, name: str, key: str) -> None:
    """Press a key while a choice has the focus."""
    driver.configure.focus_field(name)
    await driver.rest()
    driver.field(name).query_one(ChoiceLine).focus()
    await driver.press(key)


def said(driver: Driver, name: str) -> str:
    return " ".join(str(problem) for problem in driver.field(name).problems)


# The client secret by reference


async def test_a_reference_that_is_typed_takes_the_place_of_the_secret(tmp_path: Path) -> None:
    wizard = make_wizard(tmp_path, secret=None, environment={"ORDERS": SECRET})
    async with driving(wizard) as driver:
        assert "Client secret is required" in driver.text("#reason")
        await driver.type("secret_reference", "env:ORDERS")
        await driver.leave()
        await driver.done()
        assert driver.text("#reason") == ""
        assert empty_text(driver, "client_secret") == "🔑 from env:ORDERS"
        driver.configure.focus_field("client_secret")
        await driver.rest()
        note = driver.field("client_secret").query_one(".field-note", Static)
        assert note.display and "Leave this empty: what is typed comes first." in str(note.content)
        assert driver.field("client_secret")._source == "env:ORDERS"
        assert driver.input("client_secret").value == ""
        await driver.to_step(Step.TOKEN)


async def test_without_pictures_the_key_goes_and_the_words_stay(tmp_path: Path) -> None:
    wizard = make_wizard(tmp_path, profiles=(REFERRING,), secret=None, emoji=False)
    async with driving(wizard) as driver:
        assert empty_text(driver, "client_secret") == "from env:ORDERS"


async def test_a_secret_in_the_place_of_a_reference_is_found_and_not_repeated(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path, secret=None)) as driver:
        await driver.type("secret_reference", SECRET)
        await driver.leave()
        await driver.done()
        assert "names no place where a secret is kept" in said(driver, "secret_reference")
        assert SECRET not in said(driver, "secret_reference") + driver.text("#reason")
        await driver.press("ctrl+j")
        assert driver.step is Step.CONFIGURE and driver.focused == "secret_reference"


async def test_a_reference_that_leads_nowhere_is_told_at_its_field(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path, profiles=(REFERRING,), secret=None)) as driver:
        await driver.press("ctrl+j")
        await driver.done()
        assert driver.step is Step.CONFIGURE and driver.focused == "secret_reference"
        assert "The variable ORDERS is not set" in said(driver, "secret_reference")


async def test_the_arguments_of_a_command_are_not_put_on_the_screen(tmp_path: Path) -> None:
    asking = replace(PROFILE, secret_reference="command:vault read --token=CANARY-argument")
    async with driving(make_wizard(tmp_path, profiles=(asking,), secret=None), (110, 60)) as driver:
        driver.configure.focus_field("secret_reference")
        await driver.rest()
        assert "CANARY-argument" not in driver.screen()
        assert empty_text(driver, "secret_reference").startswith("command:vault … (arguments hidden)")
        assert profile_of(driver) == asking, "what is not shown stays"
        await driver.press("e", "backspace")
        assert profile_of(driver).secret_reference == "", "what was typed and deleted is gone"


async def test_the_fold_names_a_reference_only_for_a_method_that_uses_it(tmp_path: Path) -> None:
    for method, named in ((AuthMethod.CLIENT_SECRET_POST, True), (AuthMethod.NONE, False)):
        profile = replace(REFERRING, auth_method=method)
        async with driving(make_wizard(tmp_path, profiles=(profile,))) as driver:
            label = str(driver.configure.query_one("#more").render())
            assert ("Secret from" in label) is named


# The assertion's own audience


async def test_A5_an_audience_of_one_s_own_is_asked_for_when_it_is_chosen(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path, profiles=(SIGNING,), secret=SECRET * 2)) as driver:
        assert "own_audience" not in driver.shown()
        await choose(driver, "assertion_audience", "end")
        assert "own_audience" in driver.shown()
        assert "Assertion audience is required" in driver.text("#reason")
        await driver.press("tab")
        assert driver.focused == "own_audience"
        driver.input("own_audience").value = "https://elsewhere.example"
        await driver.leave()
        assert "would be addressed to https://elsewhere.example" in said(driver, "own_audience")
        await driver.type("own_audience", "https://as.example/oauth2")
        await driver.leave()
        assert said(driver, "own_audience") == driver.text("#reason") == ""
        assert profile_of(driver).assertion_audience == "https://as.example/oauth2"
        await driver.to_step(Step.BUILD)


async def test_an_own_audience_survives_a_look_at_the_choices(tmp_path: Path) -> None:
    own = replace(SIGNING, assertion_audience="https://as.example/oauth2")
    async with driving(make_wizard(tmp_path, profiles=(own,))) as driver:
        assert driver.input("own_audience").value == "https://as.example/oauth2"
        await choose(driver, "assertion_audience", "home")
        assert profile_of(driver).assertion_audience == "auto"
        assert "own_audience" not in driver.shown()
        await driver.press("end")
        assert profile_of(driver) == own
        assert driver.input("own_audience").value == "https://as.example/oauth2"


async def test_a_word_of_the_choices_keeps_the_field_until_it_is_left(tmp_path: Path) -> None:
    own = replace(SIGNING, assertion_audience="https://as.example/oauth2")
    async with driving(make_wizard(tmp_path, profiles=(own,))) as driver:
        await driver.type("own_audience", "token_endpoint")
        assert driver.focused == "own_audience" and "own_audience" in driver.shown()
        await driver.leave()
        assert "own_audience" not in driver.shown()
        assert driver.field("assertion_audience").query_one(ChoiceLine).value == "token_endpoint"


# What belongs to the profile itself


@pytest.mark.parametrize("text", ["59", "121", "abc", "9" * 5000, "-90", "9.5"])
async def test_a_refresh_that_is_too_early_or_too_late_or_no_number_is_refused(
    tmp_path: Path, text: str
) -> None:
    async with driving(make_wizard(tmp_path)) as driver:
        await driver.type("proactive_refresh_seconds", text)
        await driver.leave()
        assert "must lie between 60 and 120 seconds" in said(driver, "proactive_refresh_seconds")
        await driver.press("ctrl+j")
        assert driver.step is Step.CONFIGURE and driver.focused == "proactive_refresh_seconds"


@pytest.mark.parametrize(("text", "seconds"), [("60", 60), (" 120 ", 120), ("", 90)])
async def test_the_refresh_can_be_set(tmp_path: Path, text: str, seconds: int) -> None:
    profile = replace(PROFILE, proactive_refresh_seconds=75)
    async with driving(make_wizard(tmp_path, profiles=(profile,))) as driver:
        assert driver.input("proactive_refresh_seconds").value == "75"
        await driver.type("proactive_refresh_seconds", text)
        await driver.leave()
        assert profile_of(driver).proactive_refresh_seconds == seconds
        assert not driver.field("proactive_refresh_seconds").problems


async def test_the_production_mark_goes_on_at_once_and_off_after_a_question(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path)) as driver:
        await choose(driver, "production", "right")
        assert profile_of(driver).production and "PRODUCTION" in driver.screen()
        line = driver.field("production").query_one(ChoiceLine)
        for answer in (("enter",), ("escape",)):
            await driver.press("right")
            assert isinstance(driver.dialog, ConfirmDialog)
            assert "sends for “default” without asking" in driver.screen()
            assert profile_of(driver).production and line.value == "on", "until it is answered, it stands"
            await driver.press(*answer)
            assert profile_of(driver).production and line.value == "on"
        await driver.press("right")
        await driver.press("right", "enter")
        await driver.done()
        assert not profile_of(driver).production and line.value == "off"
        assert driver.dialog is None, "asked once"
        assert "PRODUCTION" not in driver.screen()


async def test_a_profile_that_is_made_production_s_says_why_its_flow_is_off(tmp_path: Path) -> None:
    def why_off(profile: Profile) -> str:
        return "off in production" if profile.production else ""

    async with driving(make_wizard(tmp_path, why_off=why_off)) as driver:
        await choose(driver, "production", "right")
        assert driver.text("#reason") == "Next is off: off in production"


async def test_a_note_is_kept_and_shown_among_the_profiles(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path)) as driver:
        await driver.type("note", "for the nightly job")
        await driver.press("ctrl+s")
        await driver.done()
        assert '"note": "for the nightly job"' in (tmp_path / "state.json").read_text("utf-8")
        await driver.press("f6")
        assert "for the nightly job" in driver.screen()


async def test_a_note_of_a_file_that_would_break_the_line_is_told(tmp_path: Path) -> None:
    odd = replace(PROFILE, note="one\ntwo")
    async with driving(make_wizard(tmp_path, profiles=(odd,))) as driver:
        driver.configure.focus_field("note")
        await driver.leave()
        assert "line break" in said(driver, "note")
        await driver.to_step(Step.BUILD)


@pytest.mark.parametrize("name", ["secret_reference", "proactive_refresh_seconds", "production", "note"])
async def test_every_one_of_them_says_what_it_does(tmp_path: Path, name: str) -> None:
    async with driving(make_wizard(tmp_path, profiles=(PROFILE,))) as driver:
        driver.configure.focus_field(name)
        await driver.rest()
        hint = driver.field(name)._hint
        assert len(hint) > 20
        assert hint[:20] in driver.screen()


async def test_a_hint_that_comes_while_the_field_has_the_focus_is_shown(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path)) as driver:
        field = driver.field("client_id")
        field.focus()
        await driver.rest()
        field.set_hint("A hint that came late.")
        await driver.rest()
        assert "A hint that came late." in driver.screen()
        await driver.press("tab")
        assert "A hint that came late." not in driver.screen()
