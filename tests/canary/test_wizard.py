"""The whole wizard by keyboard with real files and a keyring: secrets stay where they belong."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from ccflow_tui.models.flow import Step
from ccflow_tui.models.profile import Profile
from ccflow_tui.services.credential_names import client_secret_name
from tests.canary.answers import granting
from tests.canary.canaries import Canary, jwt, noise, private_key, secret, token
from tests.canary.keyrings import MemoryKeyring
from tests.canary.stage import BASIC, JWT, POST, Stage, make_stage

SIZE = (100, 30)
TYPED = secret("typed secret")
ENV_FILE = secret("secret in .env")
STORED = secret("secret in the keyring")
OPAQUE = token("opaque token")
SIGNED = jwt("signed token", f"eyJhbGciOiJSUzI1NiJ9.{'eyJzdWIiOiJjbGllbnQifQ'}.{noise('signature', 200)}")
KEY = private_key("private key")
ALL = (TYPED, ENV_FILE, STORED, OPAQUE, SIGNED, KEY)

pytestmark = pytest.mark.usefixtures("still_cursor")


def stage_for(scene: Path, profile: Profile, granted: Canary = OPAQUE, **more: object) -> Stage:
    return make_stage(scene, granting(granted.text), *ALL, profile=profile, **more)  # type: ignore[arg-type]


async def get_token(stage: Stage, pilot: Pilot[int], *, typed: Canary | None = None) -> None:
    """Go all four steps, and look at each."""
    app = stage.app
    await stage.press_only(pilot)
    if typed is not None:
        await stage.enter_secret(pilot, typed)
        stage.searcher.look("a screenshot while typing", app.export_screenshot())
    await stage.press(pilot, "ctrl+j")
    assert app.state.step is Step.BUILD
    assert all(not widget.value for widget in app.query(Input) if widget.password)
    await stage.press(pilot, "ctrl+j")
    await stage.press(pilot, "ctrl+j")
    assert app.state.step is Step.TOKEN
    assert stage.searcher.names_in(_sent(stage)), "no secret was ever sent"


async def walk(stage: Stage, *, typed: Canary | None = None) -> None:
    """Get a token, use it in every way that shows or copies nothing, and sign out."""
    app = stage.app
    async with app.run_test(size=SIZE, notifications=True, message_hook=stage.hear) as pilot:
        await get_token(stage, pilot, typed=typed)
        await stage.call_api(pilot)
        assert app.state.resource is not None and app.state.resource.status == 200
        await stage.press(pilot, "d")
        await stage.press(pilot, "f1")
        await stage.press_only(pilot, "escape")
        await stage.press(pilot, "ctrl+p")
        await stage.press_only(pilot, "escape")
        app.action_export_log()
        await stage.press(pilot, "alt+1")
        stage.search_all("the end of the walk")
        await stage.press_only(pilot, "alt+4")
        await sign_out(stage, pilot)
    await stage.close()
    stage.searcher.check()


async def sign_out(stage: Stage, pilot: Pilot[int]) -> None:
    await pilot.press("x")
    await pilot.pause()
    stage.search("the question before signing out")
    await pilot.click("#confirm")
    await stage.press_only(pilot)
    stage.search_all("signed out")
    assert stage.app.state.token is None


async def go(stage: Stage) -> None:
    """Get a token and sign out."""
    async with stage.app.run_test(size=SIZE, notifications=True, message_hook=stage.hear) as pilot:
        await get_token(stage, pilot)
        stage.search_all("the token")
        await sign_out(stage, pilot)
    await stage.close()
    stage.searcher.check()


def _sent(stage: Stage) -> str:
    return repr([(request.headers, request.body) for request in stage.transport.requests])


async def test_L1_a_typed_secret_and_an_opaque_token(scene: Path, memory_keyring: MemoryKeyring) -> None:
    """The files that are searched hold the run, so that a search of empty files cannot pass."""
    stage = stage_for(scene, BASIC)
    await walk(stage, typed=TYPED)
    names = {path.name for path in scene.rglob("*") if path.is_file()}  # noqa: ASYNC240 - nothing else runs here
    assert {"state.json", "history.sqlite3", "ccflow.log", "ccflow-log.jsonl"} <= names
    assert "token acquired" in (scene / "ccflow.log").read_text(encoding="utf-8")
    assert "token acquired" in (stage.home / "ccflow-log.jsonl").read_text(encoding="utf-8")
    history = b"".join(path.read_bytes() for path in stage.home.glob("history.sqlite3*"))
    assert b"granted" in history and b"signed out" in history
    assert json.loads((stage.home / "state.json").read_text(encoding="utf-8"))["profiles"]


async def test_L1_a_private_key_and_a_signed_token(scene: Path, memory_keyring: MemoryKeyring) -> None:
    await walk(stage_for(scene, JWT, SIGNED, environment={"SIGNING_KEY": KEY.text}))


async def test_a_secret_of_a_dotenv_file(scene: Path, memory_keyring: MemoryKeyring) -> None:
    content = (
        "CCFLOW_SECRET_ORIGIN=https://as.example\n"
        "CCFLOW_CLIENT_SECRET='" + ENV_FILE.text.replace("'", "\\'") + "'\n"
    )
    trust = {"CCFLOW_TRUST_FOLDER": str(scene / "work")}
    await go(stage_for(scene, POST, env_file=content, environment=trust))
    assert (scene / "work" / ".env").read_text(encoding="utf-8") == content


async def test_a_secret_of_the_keyring(scene: Path, memory_keyring: MemoryKeyring) -> None:
    memory_keyring.entries["ccflow", client_secret_name(BASIC)] = STORED.text
    await go(stage_for(scene, BASIC))
    assert not memory_keyring.entries, "signing out left something in the keyring"


async def test_saving_puts_the_secret_into_the_keyring_and_nowhere_else(
    scene: Path, memory_keyring: MemoryKeyring
) -> None:
    stage = stage_for(scene, BASIC)
    async with stage.app.run_test(size=SIZE, notifications=True, message_hook=stage.hear) as pilot:
        await stage.press_only(pilot)
        await stage.enter_secret(pilot, TYPED)
        await stage.press(pilot, "ctrl+s")
        stage.search_all("saved")
    await stage.close()
    assert memory_keyring.entries == {("ccflow", client_secret_name(BASIC)): TYPED.text}
    stage.searcher.check()
    if os.name == "posix":
        for name in ("state.json", "history.sqlite3"):
            assert stat.S_IMODE((stage.home / name).stat().st_mode) & 0o077 == 0, name


async def test_a_secret_typed_for_one_profile_is_not_sent_by_another(
    scene: Path, memory_keyring: MemoryKeyring
) -> None:
    stage = stage_for(scene, BASIC)
    async with stage.app.run_test(size=SIZE, message_hook=stage.hear) as pilot:
        await stage.press_only(pilot)
        await stage.enter_secret(pilot, TYPED)
        await pilot.press("f6")
        await pilot.pause()
        await pilot.press("end", "up", "enter")
        await pilot.pause()
        await stage.app.workers.wait_for_complete()
        await pilot.pause()
        assert stage.app.state.profile.name != "basic"
        await stage.press(pilot, "ctrl+j")
        stage.search_all("another profile")
    await stage.close()
    assert not stage.transport.requests
    stage.searcher.check()


async def test_a_secret_typed_before_the_method_changed_does_not_stay_in_the_form(
    scene: Path, memory_keyring: MemoryKeyring
) -> None:
    stage = stage_for(scene, JWT, environment={"SIGNING_KEY": KEY.text})
    async with stage.app.run_test(size=SIZE, message_hook=stage.hear) as pilot:
        await stage.press_only(pilot)
        hidden = stage.app.screen.query_one("#field-client_secret Input", Input)
        hidden.value = TYPED.text
        await stage.press_only(pilot, "ctrl+j")
        assert stage.app.state.step is Step.BUILD
        assert not hidden.value
        stage.search_all("the method changed")
    await stage.close()
    stage.searcher.check()


async def test_a_token_that_was_kept_is_taken_up_after_a_restart(
    scene: Path, memory_keyring: MemoryKeyring
) -> None:
    first = stage_for(scene, BASIC)
    async with first.app.run_test(size=SIZE, notifications=True, message_hook=first.hear) as pilot:
        await first.press_only(pilot)
        await first.enter_secret(pilot, TYPED)
        await first.press_only(pilot, "ctrl+s")
        await get_token(first, pilot)
    await first.close()
    first.searcher.check()
    assert first.searcher.names_in(repr(memory_keyring.entries)) == {"typed secret", "opaque token"}
    second = stage_for(scene, BASIC)
    async with second.app.run_test(size=SIZE, notifications=True, message_hook=second.hear) as pilot:
        await second.press_only(pilot)
        assert second.app.state.token is not None
        await second.press(pilot, "alt+4")
        assert second.app.state.step is Step.TOKEN
        second.search_all("the token after a restart")
    await second.close()
    assert not second.transport.requests
    second.searcher.check()
