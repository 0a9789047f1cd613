"""Profiles: the list, switching, and a demo server that does not come up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ccflow_tui.app import CcflowApp
from ccflow_tui.config.state import UserState
from ccflow_tui.keymap import remapped
from ccflow_tui.models.flow import Step
from ccflow_tui.models.problems import CcflowError
from ccflow_tui.models.profile import AuthMethod
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.credential_names import client_secret_name
from ccflow_tui.wiring import AWAITED_DEMO
from tests.support.fakes import DictStore
from tests.support.wizard import PROFILE, SECRET, make_wizard
from tests.ui.drive import driving

OTHER = replace(
    PROFILE,
    name="[b]other[/]",
    client_id="client-two",
    auth_method=AuthMethod.CLIENT_SECRET_POST,
    production=True,
    note="for [red]tests[/]",
)


async def test_the_list_marks_the_current_and_switches(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path, profiles=(PROFILE, OTHER))) as wizard:
        await wizard.type("scope", "edited")
        await wizard.press("ctrl+o")
        screen = wizard.screen()
        assert "● default" in screen
        assert "[b]other[/]" in screen
        assert "for [red]tests[/]" in screen
        assert "PRODUCTION" in screen
        await wizard.press("down", "enter")
        await wizard.done()
        assert wizard.app.state.profile.name == OTHER.name
        assert wizard.input("client_id").value == "client-two"
        assert wizard.app.state.profile.auth_method is wizard.configure.picker.value
        assert "PRODUCTION" in wizard.screen()
        await wizard.press("f6", "up", "enter")
        await wizard.done()
        assert wizard.input("scope").value == "edited"  # the edit was not lost


async def test_escape_and_the_same_profile_change_nothing(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path, profiles=(PROFILE, OTHER))) as wizard:
        await wizard.to_step(Step.TOKEN)
        for key in ("escape", "enter"):
            await wizard.press("f6", key)
            await wizard.done()
            assert wizard.step is Step.TOKEN
            assert wizard.app.state.token is not None


async def test_a_token_stays_with_its_profile(tmp_path: Path) -> None:
    store = DictStore()
    store.secrets[client_secret_name(PROFILE)] = Secret(SECRET)
    parts = make_wizard(tmp_path, profiles=(PROFILE, OTHER), store=store, secret=None)
    async with driving(parts) as wizard:
        await wizard.to_step(Step.TOKEN)
        await wizard.rest()
        await wizard.press("f6", "down", "enter")
        await wizard.done()
        assert wizard.step is Step.CONFIGURE
        assert wizard.app.state.token is None
        await wizard.press("f6", "up", "enter")
        await wizard.done()
        assert wizard.app.state.token is not None  # it was stored, and it lives


async def test_a_demo_that_does_not_start_is_told(tmp_path: Path) -> None:
    async def fail() -> None:
        raise CcflowError("The demo server did not start.")

    parts = make_wizard(tmp_path)
    parts.app.parts.book.use_demo((AWAITED_DEMO,), requested=None)
    app = CcflowApp(
        replace(parts.app.parts, open_profiles=fail, warnings=lambda: ("History lasts for this run.",))
    )
    async with driving(replace(parts, app=app)) as wizard:
        assert "Demo: The demo server did not start." in wizard.notes()
        assert ": History lasts for this run." in wizard.notes()
        await wizard.press("ctrl+s")
        await wizard.done()
        assert "Not saved: profile: Demo profiles are made anew" in wizard.notes()


async def test_a_demo_that_starts_fills_the_form(tmp_path: Path) -> None:
    parts = make_wizard(tmp_path)
    book = parts.app.parts.book
    book.use_demo((AWAITED_DEMO,), requested=None)

    async def start() -> None:
        book.use_demo((replace(PROFILE, name="basic"),), requested="basic")

    app = CcflowApp(replace(parts.app.parts, open_profiles=start))
    async with driving(replace(parts, app=app)) as wizard:
        assert wizard.app.state.profile.name == "basic"
        assert wizard.input("client_id").value == "client-one"


async def test_a_demo_profile_that_does_not_exist_is_told_and_the_first_one_opens(tmp_path: Path) -> None:
    parts = make_wizard(tmp_path)
    book = parts.app.parts.book
    book.use_demo((AWAITED_DEMO,), requested=None)

    async def start() -> None:
        book.use_demo((replace(PROFILE, name="basic"), replace(PROFILE, name="post")), requested="psot")

    app = CcflowApp(
        replace(
            parts.app.parts, open_profiles=start, actions=remapped({"profiles": "f9"}, Path("settings.json"))
        )
    )
    async with driving(replace(parts, app=app)) as wizard:
        assert 'There is no profile "psot". F9 lists those of the demo.' in wizard.notes()
        assert "bug" not in wizard.notes()
        assert wizard.app.state.profile.name == "basic"
        await wizard.press("f9")
        assert wizard.dialog is not None


async def test_a_bug_at_the_start_is_told_and_the_form_works(tmp_path: Path) -> None:
    async def fail() -> None:
        raise RuntimeError("unforeseen")

    parts = make_wizard(tmp_path)
    app = CcflowApp(replace(parts.app.parts, open_profiles=fail))
    async with driving(replace(parts, app=app)) as wizard:
        assert "A bug in ccflow: ccflow met an error it did not expect (RuntimeError)." in wizard.notes()
        await wizard.to_step(Step.BUILD)
        assert wizard.step is Step.BUILD


async def test_in_a_narrow_terminal_every_profile_keeps_to_one_row(tmp_path: Path) -> None:
    long = replace(OTHER, name="a-name-longer-than-the-others", note="a note with more words than fit here")
    wizard = make_wizard(tmp_path, profiles=(PROFILE, long))
    async with driving(wizard, size=(60, 18)) as driver:
        await driver.press("f6")
        (row,) = (line for line in driver.screen().splitlines() if long.name in line)
        assert "PRODUCTION" in row
        assert "…" in row
        assert "than fit here" not in driver.screen()


@pytest.mark.parametrize("way", ["key in the list", "palette"])
async def test_a_second_profile_begins_as_a_copy_under_a_name_of_its_own(tmp_path: Path, way: str) -> None:
    store = DictStore()
    parts = make_wizard(tmp_path, store=store, secret=None)
    async with driving(parts) as wizard:
        await wizard.type("client_secret", SECRET)
        await wizard.type("scope", "edited")
        if way == "palette":
            await wizard.app.run_action("app.new_profile")
        else:
            await wizard.press("f6")
            await wizard.pilot.press("n")
        await wizard.rest()
        assert "copy of “default”" in wizard.screen()
        for text, words in (("", "needs a name"), ("Default", "There is a profile “Default” already.")):
            await wizard.pilot.press(*text, "enter")
            await wizard.rest()
            assert words in wizard.screen()
            assert wizard.app.state.profile.name == "default"
        await wizard.pilot.press(*["backspace"] * 7, *"second one", "enter")
        await wizard.done()
        assert wizard.app.state.profile == replace(PROFILE, name="second one", scope="edited")
        assert "is a copy of “default”" in wizard.notes()
        assert wizard.input("client_secret").value == ""
        assert str(wizard.configure.reason.content) == "", "its secret came along"
        assert store.secrets[client_secret_name(wizard.app.state.profile)].reveal() == SECRET
        saved = UserState(tmp_path / "state.json").load()
        assert saved.last_profile == "second one"
        assert saved.profiles["second one"].scope == "edited"
        await wizard.type("scope", "other")
        await wizard.press("f6", "up", "enter")
        await wizard.done()
        assert wizard.app.state.profile.name == "default"
        assert wizard.input("scope").value == "edited", "the edit of this run"
    assert SECRET.encode() not in (tmp_path / "state.json").read_bytes()


async def test_a_name_that_is_not_given_changes_nothing(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path)) as wizard:
        await wizard.to_step(Step.TOKEN)
        for keys in (("escape",), ("tab", "tab", "enter")):
            await wizard.press("f6", "n", *"x", *keys)
            await wizard.done()
            assert wizard.dialog is None
            assert wizard.step is Step.TOKEN
            assert wizard.app.state.token is not None
        assert not (tmp_path / "state.json").exists()


async def test_a_new_profile_that_cannot_be_kept_is_told(tmp_path: Path) -> None:
    (tmp_path / "state.json").mkdir()
    async with driving(make_wizard(tmp_path)) as wizard:
        await wizard.press("f6", "n", *"second", "enter")
        await wizard.done()
        assert "Not saved: " in wizard.notes()
        assert wizard.app.state.profile.name == "default"


async def test_a_demo_profile_is_copied_for_this_run(tmp_path: Path) -> None:
    parts = make_wizard(tmp_path)
    parts.app.parts.book.use_demo((replace(PROFILE, note="Works"),), requested=None)
    async with driving(parts) as wizard:
        await wizard.press("f6", "n", *"mine", "enter")
        await wizard.done()
        assert wizard.app.state.profile.name == "mine"
        assert not (tmp_path / "state.json").exists()
        await wizard.press("f6")
        assert "● mine" in wizard.screen()
        await wizard.press("escape")
        await wizard.to_step(Step.TOKEN)


def test_a_new_name_is_short_printable_and_not_taken(tmp_path: Path) -> None:
    book = make_wizard(tmp_path).app.parts.book
    assert book.why_not_named("x" * 60) == ""
    for name in ("", "x" * 61, "a\x1bb", "DEFAULT"):
        assert book.why_not_named(name)
