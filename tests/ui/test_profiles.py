"""Profiles: the list, switching, and a demo server that does not come up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ccflow_tui.app import CcflowApp
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
