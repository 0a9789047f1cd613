"""Every way a request can fail in the wizard, with servers and stores that repeat what they were told."""

from __future__ import annotations

import json
from pathlib import Path

import keyring
import pytest

from ccflow_tui.models.flow import Step
from ccflow_tui.models.outcome import Cancelled, Granted, Malformed, Phase, Refused, Unreachable
from ccflow_tui.models.profile import Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.ports import WireRequest, WireResponse
from ccflow_tui.services.transport_faults import TransportFault
from tests.canary.answers import everything, granting, page, refusing, response, told
from tests.canary.canaries import private_key, secret, token
from tests.canary.keyrings import LoudKeyring, MemoryKeyring
from tests.canary.stage import BASIC, JWT, Answer, Stage, hang, make_stage

pytestmark = pytest.mark.usefixtures("memory_keyring")

SIZE = (100, 30)
SECRET, TOKEN, KEY = secret("client secret"), token("access token"), private_key("private key")


def scene_of(scene: Path, answer: Answer, profile: Profile = BASIC) -> Stage:
    stage = make_stage(
        scene, answer, SECRET, TOKEN, KEY, profile=profile, environment={"SIGNING_KEY": KEY.text}
    )
    stage.machine.engine.remember_secret(profile, Secret(SECRET.text))
    return stage


def fault(phase: Phase, kind: str) -> Answer:
    def fail(request: WireRequest) -> WireResponse:
        raise TransportFault(phase, kind, f"as.example failed with {everything(request)}.", transient=False)

    return fail


def moved(request: WireRequest) -> WireResponse:
    return response(302, "", "text/plain", ("location", f"https://other.example/{everything(request)}"))


def cut(request: WireRequest) -> WireResponse:
    return response(200, json.dumps({"access_token": TOKEN.text, "told": told(request)})[:-3])


ECHOING: dict[str, tuple[Answer, type]] = {
    "refused": (refusing(), Refused),
    "plain text": (lambda request: response(400, everything(request), "text/plain"), Malformed),
}
FAILURES: dict[str, tuple[Answer, type]] = {
    **ECHOING,
    "a web page": (page, Malformed),
    "redirect": (moved, Malformed),
    "cut JSON": (cut, Malformed),
    "certificate": (fault(Phase.TLS, "tls-self-signed"), Unreachable),
    "time-out": (fault(Phase.RECEIVE, "timed-out"), Unreachable),
}


@pytest.mark.parametrize(
    ("profile", "failures"),
    [(BASIC, FAILURES), (JWT, ECHOING)],
    ids=["every failure, basic", "echoes, jwt"],
)
async def test_L1_failed_requests(
    scene: Path, profile: Profile, failures: dict[str, tuple[Answer, type]]
) -> None:
    stage = scene_of(scene, hang, profile)
    async with stage.app.run_test(size=SIZE, notifications=True, message_hook=stage.hear) as pilot:
        await stage.press_only(pilot)
        await stage.press_only(pilot, "ctrl+j")
        await stage.press_only(pilot, "ctrl+j")
        for name, (answer, kind) in failures.items():
            stage.transport.answer = answer
            await stage.press_only(pilot, "ctrl+j")
            assert type(stage.app.state.outcome) is kind, name
            await stage.press_only(pilot, "d", "c")
            assert profile.client_id in stage.app.clipboard, "no report was copied"
            stage.searcher.look(f"the copied report of {name}", stage.app.clipboard)
            stage.search(name)
        assert stage.searcher.names_in("".join(map(told, stage.transport.requests))), "no secret was sent"
        stage.search_all("all failures")
    await stage.close()
    stage.searcher.check()


async def test_L1_an_api_that_refuses_the_token_and_a_refresh_that_fails(scene: Path) -> None:
    """First the API repeats the token in its refusal, then the server the secret as the token runs out."""

    def answer(request: WireRequest) -> WireResponse:
        if request.method == "POST":
            return granting(TOKEN.text)(request)
        said = f'Bearer error="insufficient_scope", error_description="{told(request)}"'
        return response(403, everything(request), "text/plain", ("www-authenticate", said))

    stage = scene_of(scene, answer)
    async with stage.app.run_test(size=SIZE, notifications=True, message_hook=stage.hear) as pilot:
        await stage.press_only(pilot)
        for _ in range(3):
            await stage.press_only(pilot, "ctrl+j")
        await stage.call_api(pilot)
        assert stage.app.state.resource is not None and stage.app.state.resource.status == 403
        stage.transport.answer = refusing()
        sent = len(stage.transport.requests)
        await stage.clock.advance(3590)
        await stage.press(pilot)
        assert len(stage.transport.requests) > sent, "no refresh was tried"
        assert any(notice.title == "Refresh failed" for notice in stage.app._notifications)
        stage.search_all("a refresh that failed")
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
        KEY.text[: len(KEY.text) // 2],
        KEY.text.replace("PRIVATE KEY", "PUBLIC KEY"),
        '{"kty": "RSA", "d": "' + KEY.pieces[3] + '"}',
    ],
    ids=["half", "labelled public", "JWK"],
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
