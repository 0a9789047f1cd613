"""When the program itself is at fault: its last words name kinds and places, never values."""

from __future__ import annotations

import gc
import io
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from textual.events import Key

from ccflow_tui.crash import APOLOGY, DEEPEST
from ccflow_tui.exit_codes import CRASHED
from ccflow_tui.models.flow import Step
from ccflow_tui.models.secret import Secret
from ccflow_tui.profile_book import ProfileBook
from ccflow_tui.screens.build import BuildScreen
from ccflow_tui.screens.configure import ConfigureScreen
from ccflow_tui.services.ports import WireRequest
from tests.canary.answers import granting
from tests.canary.canaries import secret, token
from tests.canary.stage import BASIC, POST, Stage, make_stage

pytestmark = pytest.mark.usefixtures("memory_keyring", "still_cursor")

SIZE = (100, 30)
SECRET, TOKEN = secret("client secret"), token("access token")


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """Collect the bugs and what they hold, for another test searches every living object."""
    yield
    gc.collect()


class Bug(Exception):
    """A mistake of ours; its text repeats what was at hand."""


def in_transport(request: WireRequest) -> NoReturn:
    held = request.body.decode()
    raise Bug(f"cannot send {request.headers} {held}")


def crashing_stage(scene: Path) -> Stage:
    stage = make_stage(scene, granting(TOKEN.text), SECRET, TOKEN, profile=POST)
    stage.machine.engine.remember_secret(POST, Secret(SECRET.text))
    return stage


async def crash(stage: Stage, *keys: str) -> str:
    """Press keys until the app falls over; return what it printed to the terminal."""
    printed = io.StringIO()
    stage.app.error_console.file = printed
    with pytest.raises(Bug, match="cannot"):
        async with stage.app.run_test(size=SIZE, message_hook=stage.hear) as pilot:
            await stage.press_only(pilot)
            for key in keys:
                await stage.press_only(pilot, key)
    await stage.close()
    return printed.getvalue()


def check(stage: Stage, printed: str) -> None:
    assert "ccflow hit a bug and had to stop: Bug" in printed and APOLOGY.splitlines()[0] in printed
    assert "in on_key" in printed, "the place is not told"
    assert len(printed.splitlines()) <= DEEPEST + 3 + len(APOLOGY.splitlines()), "this is no short apology"
    stage.searcher.look("the last words", printed)
    stage.searcher.look("the log", stage.machine.logger.export())
    stage.searcher.check()
    assert stage.app.return_code == CRASHED


async def test_L1_a_bug_in_a_handler_ends_the_app_with_an_apology(
    scene: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    def on_key(self: BuildScreen, event: Key) -> None:
        request = self.app.state.request  # type: ignore[attr-defined]
        body = request.body()
        said.append(f"cannot handle {event.key} {body} {request.wire_headers()}")
        raise Bug(said[0])

    monkeypatch.setattr(BuildScreen, "on_key", on_key, raising=False)
    stage = crashing_stage(scene)
    check(stage, await crash(stage, "ctrl+j", "z"))
    assert stage.searcher.names_in(said[0]) == {"client secret"}, "there was nothing to keep quiet about"


async def test_L1_what_nobody_knows_yet_to_be_a_secret_is_not_in_the_apology(
    scene: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A secret still being typed, and one in the exception's cause: no redactor has heard of them."""

    def on_key(self: ConfigureScreen, event: Key) -> None:
        if event.key == "f12":
            try:
                {}[SECRET.text]
            except KeyError as error:
                bug = Bug(f"cannot use {self.secret.take_secret().reveal()}")  # type: ignore[union-attr]
                bug.add_note(SECRET.text)
                raise bug from error

    monkeypatch.setattr(ConfigureScreen, "on_key", on_key, raising=False)
    stage = make_stage(scene, granting(TOKEN.text), SECRET)
    printed = io.StringIO()
    stage.app.error_console.file = printed
    with pytest.raises(Bug):
        async with stage.app.run_test(size=SIZE, message_hook=stage.hear) as pilot:
            await stage.press_only(pilot)
            await stage.enter_secret(pilot, SECRET)
            await stage.press_only(pilot, "f12")
    await stage.close()
    check(stage, printed.getvalue())
    assert "Bug after KeyError" in printed.getvalue()


async def test_L1_a_crash_loses_nothing_that_was_saved(scene: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def on_key(self: BuildScreen, event: Key) -> None:
        if event.key == "z":
            raise Bug("cannot go on")

    monkeypatch.setattr(BuildScreen, "on_key", on_key, raising=False)
    stage = crashing_stage(scene)
    check(stage, await crash(stage, "ctrl+s", "ctrl+j", "ctrl+j", "ctrl+j", "alt+2", "z"))
    again = make_stage(scene, granting(TOKEN.text), SECRET, TOKEN, profile=POST)
    async with again.app.run_test(size=SIZE) as pilot:
        await again.press_only(pilot)
        assert again.app.state.token is not None
        assert again.app.parts.history.count() == 1
    await again.close()
    assert not again.transport.requests
    again.searcher.check()


async def test_L1_a_bug_in_a_worker_is_told_and_the_app_goes_on(
    scene: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def profiles(self: ProfileBook) -> NoReturn:
        held = Secret(SECRET.text).reveal()
        raise Bug(f"cannot list {held!r}")

    monkeypatch.setattr(ProfileBook, "profiles", profiles)
    stage = crashing_stage(scene)
    async with stage.app.run_test(size=SIZE, notifications=True, message_hook=stage.hear) as pilot:
        await stage.press_only(pilot)
        await pilot.press("f6")
        await pilot.pause()
        (notice,) = stage.app._notifications
        assert notice.title == "A bug in ccflow" and "(Bug)" in notice.message
        stage.search("a bug in a worker")
        for step in (Step.BUILD, Step.SEND, Step.TOKEN):
            await stage.press_only(pilot, "ctrl+j")
            assert stage.app.state.step is step
        stage.search("the token after the bug")
    await stage.close()
    assert "Bug at tests.canary.test_crash, line" in stage.machine.logger.export()
    stage.searcher.look("the log", stage.machine.logger.export())
    stage.searcher.check()


async def test_L1_a_bug_in_the_transport_with_the_request_at_hand(scene: Path) -> None:
    """It ends the request, not the app."""
    stage = make_stage(scene, in_transport, SECRET, TOKEN, profile=BASIC)
    stage.machine.engine.remember_secret(BASIC, Secret(SECRET.text))
    async with stage.app.run_test(size=SIZE, notifications=True, message_hook=stage.hear) as pilot:
        await stage.press_only(pilot)
        await stage.press_only(pilot, "ctrl+j")
        await stage.press_only(pilot, "ctrl+j")
        await pilot.press("ctrl+j")
        await pilot.pause()
        stage.search("a bug in the transport")
        assert not stage.app.state.sending and stage.app.state.outcome is not None
        assert "Bug" in " ".join(notice.message for notice in stage.app._notifications)
    await stage.close()
    assert stage.transport.requests
    stage.searcher.check()
