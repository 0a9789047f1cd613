"""Every way a request can fail in the wizard, with servers and stores that repeat what they were told."""

from __future__ import annotations

from pathlib import Path

import keyring
import pytest

from ccflow_tui.models.flow import Step
from ccflow_tui.models.outcome import Cancelled, Granted, Malformed, Phase, Refused, Unreachable
from ccflow_tui.models.profile import Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.ports import WireRequest, WireResponse
from ccflow_tui.services.transport_faults import TransportFault
from tests.canary.answers import everything, granting, page, refusing, response
from tests.canary.canaries import private_key, secret, token
from tests.canary.keyrings import LoudKeyring, MemoryKeyring
from tests.canary.stage import BASIC, JWT, POST, Answer, Stage, hang, make_stage

pytestmark = pytest.mark.usefixtures("memory_keyring")

SIZE = (120, 40)
SECRET, TOKEN, KEY = secret("client secret"), token("access token"), private_key("private key")


def unreachable(request: WireRequest) -> WireResponse:
    raise TransportFault(Phase.CONNECT, "refused", "as.example refused the connection.", transient=False)


def scene_of(scene: Path, answer: Answer, profile: Profile = BASIC) -> Stage:
    stage = make_stage(
        scene, answer, SECRET, TOKEN, KEY, profile=profile, environment={"SIGNING_KEY": KEY.text}
    )
    stage.machine.engine.remember_secret(profile, Secret(SECRET.text))
    return stage


FAILURES: dict[str, tuple[Answer, type]] = {
    "refused": (refusing(), Refused),
    "a web page": (page, Malformed),
    "plain text": (lambda request: response(400, everything(request), "text/plain"), Malformed),
    "unreachable": (unreachable, Unreachable),
}


@pytest.mark.parametrize("profile", [BASIC, POST, JWT], ids=lambda profile: profile.name)
@pytest.mark.parametrize("failure", FAILURES)
async def test_a_failed_request(scene: Path, failure: str, profile: Profile) -> None:
    answer, kind = FAILURES[failure]
    stage = scene_of(scene, answer, profile)
    async with stage.app.run_test(size=SIZE, notifications=True, message_hook=stage.hear) as pilot:
        await stage.press_only(pilot)
        for _ in range(3):
            await stage.press_only(pilot, "ctrl+j")
        assert type(stage.app.state.outcome) is kind
        await stage.press(pilot, "d")
        await stage.press_only(pilot, "c")
        stage.searcher.look("the copied report", stage.app.clipboard)
        stage.search_all(failure)
    await stage.close()
    stage.searcher.check()


async def test_a_cancelled_request(scene: Path) -> None:
    stage = scene_of(scene, hang)
    async with stage.app.run_test(size=SIZE, notifications=True, message_hook=stage.hear) as pilot:
        await stage.press_only(pilot)
        for _ in range(2):
            await stage.press_only(pilot, "ctrl+j")
        await pilot.press("ctrl+j")
        await pilot.pause()
        assert stage.app.state.sending
        stage.search_all("a request under way")
        await stage.press(pilot, "escape")
        assert isinstance(stage.app.state.outcome, Cancelled)
        stage.search_all("cancelled")
    await stage.close()
    stage.searcher.check()


@pytest.mark.parametrize(
    "key",
    [
        KEY.text.replace("-----END", "-----FINISH"),
        KEY.text[: len(KEY.text) // 2],
        KEY.text.replace("PRIVATE KEY", "PUBLIC KEY"),
        '{"kty": "RSA", "d": "' + KEY.pieces[3] + '"}',
        "no key " + KEY.pieces[3],
    ],
    ids=["no end", "half", "labelled public", "JWK", "text"],
)
async def test_a_key_that_cannot_sign(scene: Path, key: str) -> None:
    stage = make_stage(scene, granting(TOKEN.text), KEY, profile=JWT, environment={"SIGNING_KEY": key})
    async with stage.app.run_test(size=SIZE, notifications=True, message_hook=stage.hear) as pilot:
        await stage.press_only(pilot)
        await stage.press(pilot, "ctrl+j")
        assert stage.app.state.step is Step.CONFIGURE
        stage.search_all("a bad key")
    await stage.close()
    stage.searcher.check()


async def test_a_key_pasted_where_its_name_belongs_is_not_kept(scene: Path) -> None:
    """It stands on the screen, where the user put it; saving refuses, and no file holds it."""
    stage = scene_of(scene, granting(TOKEN.text), JWT)
    async with stage.app.run_test(size=SIZE, notifications=True) as pilot:
        await stage.press_only(pilot)
        field = stage.app.screen.query_one("#field-key_reference Input")
        field.value = KEY.text.replace("\n", "")  # type: ignore[attr-defined]
        await stage.press_only(pilot, "ctrl+s")
        await stage.press_only(pilot, "ctrl+j")
        assert stage.app.state.step is Step.CONFIGURE
        stage.searcher.look("the log", stage.machine.logger.export())
        for notice in stage.app._notifications:
            stage.searcher.look("a notification", notice.message)
    await stage.close()
    stage.searcher.check()


@pytest.mark.parametrize("keys", [("ctrl+s",), ("ctrl+j", "ctrl+j", "ctrl+j")], ids=["save", "get"])
async def test_a_store_that_fails_and_repeats_the_secret(
    scene: Path, memory_keyring: MemoryKeyring, keys: tuple[str, ...]
) -> None:
    keyring.set_keyring(LoudKeyring())
    stage = scene_of(scene, granting(TOKEN.text))
    async with stage.app.run_test(size=SIZE, notifications=True, message_hook=stage.hear) as pilot:
        await stage.press_only(pilot)
        await stage.press_only(pilot, *keys)
        if len(keys) > 1:
            assert isinstance(stage.app.state.outcome, Granted)
        stage.search_all("a failing store")
    await stage.close()
    stage.searcher.check()
