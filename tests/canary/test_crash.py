"""When the program itself is at fault: the traceback names places, never values."""

from __future__ import annotations

import io
from pathlib import Path
from typing import NoReturn

import pytest
from textual.events import Key
from textual.worker import WorkerFailed

from ccflow_tui.crash import APOLOGY
from ccflow_tui.models.secret import MASK, Secret
from ccflow_tui.profile_book import ProfileBook
from ccflow_tui.screens.build import BuildScreen
from ccflow_tui.services.ports import WireRequest
from tests.canary.answers import granting
from tests.canary.canaries import secret, token
from tests.canary.stage import BASIC, POST, Stage, make_stage

pytestmark = pytest.mark.usefixtures("memory_keyring")

SECRET, TOKEN = secret("client secret"), token("access token")


class Bug(Exception):
    """A mistake of ours; its text repeats what was at hand."""


def in_transport(request: WireRequest) -> NoReturn:
    held = request.body.decode()
    raise Bug(f"cannot send {request.headers} {held}")


def crashing_stage(scene: Path) -> Stage:
    stage = make_stage(scene, granting(TOKEN.text), SECRET, TOKEN, profile=POST)
    stage.machine.engine.remember_secret(POST, Secret(SECRET.text))
    return stage


def last_words(stage: Stage) -> str:
    """Print what the app prints when it ends, into a text."""
    printed = io.StringIO()
    stage.app.error_console.file = printed
    stage.app._print_error_renderables()
    return printed.getvalue()


async def crash(stage: Stage, *keys: str) -> str:
    """Press keys until the app falls over; return what it printed."""
    printed = ""
    keep = stage.app._close_messages_no_wait

    def close() -> None:
        nonlocal printed
        printed += last_words(stage)
        keep()

    stage.app._close_messages_no_wait = close  # type: ignore[method-assign]
    with pytest.raises((Bug, WorkerFailed), match="cannot"):
        async with stage.app.run_test(size=(100, 30), message_hook=stage.hear) as pilot:
            await stage.press_only(pilot)
            for key in keys:
                await pilot.press(key)
                await pilot.pause()
                await stage.app.workers.wait_for_complete()
                await pilot.pause()
    await stage.close()
    return printed


def check(stage: Stage, scene: Path, printed: str) -> None:
    assert "Bug: cannot" in printed and MASK in printed, "there was no secret in the crash to be masked"
    assert APOLOGY.splitlines()[0] in printed
    stage.searcher.look("the traceback", printed)
    stage.searcher.look("the log", stage.machine.logger.export())
    stage.searcher.check()


async def test_a_crash_in_a_message_handler(scene: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def on_key(self: BuildScreen, event: Key) -> None:
        request = self.app.state.request  # type: ignore[attr-defined]
        body = request.body()
        raise Bug(f"cannot handle {event.key} {body} {request.wire_headers()}")

    monkeypatch.setattr(BuildScreen, "on_key", on_key, raising=False)
    stage = crashing_stage(scene)
    check(stage, scene, await crash(stage, "ctrl+j", "z"))


async def test_a_crash_in_a_worker(scene: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def profiles(self: ProfileBook) -> NoReturn:
        held = Secret(SECRET.text).reveal()
        raise Bug(f"cannot list {held!r}")

    monkeypatch.setattr(ProfileBook, "profiles", profiles)
    stage = crashing_stage(scene)
    check(stage, scene, await crash(stage, "f6"))


async def test_a_bug_in_the_transport_with_the_request_at_hand(scene: Path) -> None:
    """It ends in a worker that does not bring the app down; wherever it surfaces, it is masked."""
    stage = make_stage(scene, in_transport, SECRET, TOKEN, profile=BASIC)
    stage.machine.engine.remember_secret(BASIC, Secret(SECRET.text))
    errors: list[BaseException] = []
    async with stage.app.run_test(size=(100, 30), notifications=True, message_hook=stage.hear) as pilot:
        await stage.press_only(pilot)
        await stage.press_only(pilot, "ctrl+j")
        await stage.press_only(pilot, "ctrl+j")
        await pilot.press("ctrl+j")
        await pilot.pause()
        errors += [worker.error for worker in stage.app.workers if worker.error]
        stage.search("a bug in the transport")
    await stage.close()
    assert stage.transport.requests
    stage.searcher.check()
