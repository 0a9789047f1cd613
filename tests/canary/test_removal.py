"""Passphrases, and the dialogs that remove and change: no secret comes to light, and none is left."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from ccflow_tui.models.flow import Step
from ccflow_tui.screens.confirm import ConfirmDialog
from ccflow_tui.screens.passphrase import PassphraseDialog
from ccflow_tui.services.credential_names import client_secret_name, passphrase_name
from tests.canary.answers import granting
from tests.canary.canaries import secret, token
from tests.canary.keyrings import MemoryKeyring
from tests.canary.stage import BASIC, JWT, Stage, make_stage
from tests.oauth.key_material import pem
from tests.support.patience import patiently

SIZE = (100, 30)
TYPED, GRANTED = secret("typed secret"), token("access token")
WORDS, OTHER_WORDS = secret("passphrase"), secret("another passphrase")
ALL = (TYPED, GRANTED, WORDS, OTHER_WORDS)

pytestmark = pytest.mark.usefixtures("still_cursor")


async def until(pilot: Pilot[int], condition: Callable[[], bool]) -> None:
    for _ in patiently():
        await pilot.pause()
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it does not happen")


def seen(stage: Stage, where: str) -> None:
    """Look at what can be seen while an input holds what is typed into it."""
    stage.searcher.look(where, stage.app.export_screenshot())


async def agree(stage: Stage, pilot: Pilot[int], what: str) -> None:
    """Look at the question, say yes, and look everywhere once it is done."""
    await until(pilot, lambda: isinstance(stage.app.screen, ConfirmDialog))
    stage.search(f"the question {what}")
    await pilot.click("#confirm")
    await stage.press_only(pilot)
    stage.search_all(what)


async def enter_passphrase(stage: Stage, pilot: Pilot[int], *canaries: object) -> None:
    """Fill the inputs of the dialog for passphrases, and look at it in between."""
    await until(pilot, lambda: isinstance(stage.app.screen, PassphraseDialog))
    for into, canary in zip(("#passphrase", "#again"), canaries, strict=False):
        await stage.enter_secret(pilot, canary, into=into)  # type: ignore[arg-type]
        seen(stage, "the dialog for a passphrase")
        await pilot.press("enter")
    await until(pilot, lambda: not isinstance(stage.app.screen, PassphraseDialog))


async def test_L1_D19_the_passphrase_of_a_key_is_typed_saved_and_cleared(
    scene: Path, memory_keyring: MemoryKeyring
) -> None:
    profile = replace(JWT, assertion_alg="ES256")
    key = {"SIGNING_KEY": pem("P-256", passphrase=WORDS.text)}
    stage = make_stage(scene, granting(GRANTED.text), *ALL, profile=profile, environment=key)
    field = "#field-key_passphrase Input"
    async with stage.app.run_test(size=SIZE, notifications=True, message_hook=stage.hear) as pilot:
        await stage.press_only(pilot)
        await stage.press(pilot, "ctrl+j")  # which tells that the key is encrypted, and shows the field
        await stage.enter_secret(pilot, WORDS, into=field)
        seen(stage, "the passphrase being typed")
        await pilot.press("f7")
        await pilot.press("f7")
        seen(stage, "the passphrase that was shown and masked again")
        await stage.press(pilot, "ctrl+s")
        assert memory_keyring.entries == {("ccflow", passphrase_name("env:SIGNING_KEY")): WORDS.text}
        for _ in range(3):
            await stage.press(pilot, "ctrl+j")
        assert stage.app.state.step is Step.TOKEN
        stage.search_all("the token of an encrypted key")
        await stage.press(pilot, "alt+1")
        await pilot.press("f12")
        await agree(stage, pilot, "clearing the credentials")
        assert not memory_keyring.entries
        assert stage.app.state.token is None
        await stage.press(pilot, "ctrl+j")
        assert stage.app.state.step is Step.CONFIGURE, "the key was opened without its passphrase"
    await stage.close()
    stage.searcher.check()


async def save_and_get_token(stage: Stage, pilot: Pilot[int]) -> None:
    """Save the profile with its secret, and go as far as the token."""
    await stage.press_only(pilot)
    await stage.enter_secret(pilot, TYPED)
    await stage.press(pilot, "ctrl+s")
    for _ in range(3):
        await stage.press(pilot, "ctrl+j")


@pytest.mark.parametrize("button", ["#more", "#confirm"], ids=["remove", "keep"])
async def test_L1_a_profile_is_saved_for_another_client(
    scene: Path, memory_keyring: MemoryKeyring, button: str
) -> None:
    stage = make_stage(scene, granting(GRANTED.text), *ALL, profile=BASIC)
    async with stage.app.run_test(size=SIZE, notifications=True, message_hook=stage.hear) as pilot:
        await save_and_get_token(stage, pilot)
        await stage.press(pilot, "alt+1")
        pilot.app.query_one("#field-client_id Input", Input).value = "another"
        await pilot.pause()
        await stage.enter_secret(pilot, WORDS)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(stage.app.screen, ConfirmDialog))
        stage.search("the question about a former client")
        await pilot.click(button)
        await stage.press_only(pilot)
        stage.search_all("a profile saved for another client")
        left = {BASIC.client_id, "another"} if button == "#confirm" else {"another"}
        kept = {client_secret_name(replace(BASIC, client_id=each)) for each in left}
        assert {name for _, name in memory_keyring.entries if name.startswith("client-secret")} == kept
        assert (stage.app.state.token is None) is (button == "#more")
    await stage.close()
    stage.searcher.check()


@pytest.mark.parametrize("by", ["d", "palette"])
async def test_L1_a_profile_is_forgotten(scene: Path, memory_keyring: MemoryKeyring, by: str) -> None:
    stage = make_stage(scene, granting(GRANTED.text), *ALL, profile=BASIC)
    async with stage.app.run_test(size=SIZE, notifications=True, message_hook=stage.hear) as pilot:
        await save_and_get_token(stage, pilot)
        assert len(memory_keyring.entries) == 2
        if by == "d":
            await pilot.press("f6")
            await pilot.pause()
            await pilot.press("d")
        else:
            await stage.app.run_action("app.forget_profile")
        await agree(stage, pilot, "forgetting a profile")
        assert not memory_keyring.entries
    await stage.close()
    stage.searcher.check()
    state = json.loads((stage.home / "state.json").read_text(encoding="utf-8"))
    assert "basic" not in state["profiles"] and "post" in state["profiles"]


async def test_L1_L6_the_passphrase_of_the_file_is_chosen_and_changed(scene: Path) -> None:
    stage = make_stage(
        scene, granting(GRANTED.text), *ALL, profile=BASIC, environment={"CCFLOW_SECRET_STORE": "file"}
    )
    file = stage.machine.secrets_file
    assert file is not None
    file.cost = 16
    async with stage.app.run_test(size=SIZE, notifications=True, message_hook=stage.hear) as pilot:
        await stage.press_only(pilot)
        await stage.enter_secret(pilot, TYPED)
        await pilot.press("ctrl+s")
        await enter_passphrase(stage, pilot, WORDS, WORDS)
        await stage.press(pilot)
        stage.search_all("the file was made")
        made = (stage.home / "secrets.encrypted").read_bytes()
        await stage.app.run_action("app.change_passphrase")
        await enter_passphrase(stage, pilot, OTHER_WORDS, OTHER_WORDS)
        await stage.press(pilot)
        stage.search_all("the passphrase was changed")
        assert (stage.home / "secrets.encrypted").read_bytes() != made
        assert await stage.machine.store.get(client_secret_name(BASIC)) is not None
    await stage.close()
    stage.searcher.check()
