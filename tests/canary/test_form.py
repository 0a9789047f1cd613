"""The fields of step 1 that say where a secret is: what they name, and what is pasted there by mistake."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input

from ccflow_tui.models.flow import Step
from ccflow_tui.models.outcome import Granted
from ccflow_tui.models.secret_reference import command_reference
from ccflow_tui.screens.configure import ConfigureScreen
from tests.canary.answers import granting
from tests.canary.canaries import secret, token
from tests.canary.stage import BASIC, Stage, make_stage
from tests.ui.conftest import screen_text

SIZE = (110, 60)
SECRET, TOKEN = secret("client secret"), token("access token")
# What a profile holds here stays in memory, where other tests look for theirs.
PASTED, ARGUMENT, ANSWER = secret("pasted secret"), secret("argument"), secret("command's answer")


def form(stage: Stage) -> ConfigureScreen:
    assert isinstance(stage.app.screen, ConfigureScreen)
    return stage.app.screen


async def test_L1_a_secret_named_by_reference_is_shown_nowhere(scene: Path) -> None:
    profile = replace(BASIC, name="referring", secret_reference="env:ORDERS")
    stage = make_stage(
        scene, granting(TOKEN.text), SECRET, TOKEN, profile=profile, environment={"ORDERS": SECRET.text}
    )
    async with stage.app.run_test(size=SIZE, notifications=True, message_hook=stage.hear) as pilot:
        await stage.press_only(pilot)
        for name in ("secret_reference", "client_secret", "production", "note"):
            form(stage).focus_field(name)
            await stage.press(pilot)
        await stage.press_only(pilot, "ctrl+s")
        stage.search_all("a saved reference")
        for _ in range(3):
            await stage.press(pilot, "ctrl+j")
        assert isinstance(stage.app.state.outcome, Granted)
        stage.search_all("a secret by reference")
    await stage.close()
    stage.searcher.check()


async def test_a_secret_pasted_where_its_reference_belongs_is_not_kept(scene: Path) -> None:
    """It stands on the screen, where the user put it; saving refuses, and no file holds it."""
    stage = make_stage(scene, granting(TOKEN.text), PASTED, TOKEN, profile=BASIC)
    async with stage.app.run_test(size=SIZE, notifications=True) as pilot:
        await stage.press_only(pilot)
        form(stage).query_one("#field-secret_reference Input", Input).value = PASTED.text
        await stage.press_only(pilot, "ctrl+s")
        await stage.press_only(pilot, "ctrl+j")
        assert stage.app.state.step is Step.CONFIGURE
        stage.searcher.look("the log", stage.machine.logger.export())
        for notice in stage.app._notifications:
            stage.searcher.look("a notification", notice.message)
        for problem in form(stage)._findings():
            stage.searcher.look("a finding", str(problem))
    await stage.close()
    stage.searcher.check()


@pytest.mark.skipif(os.name != "posix", reason="asks sh for a secret")
async def test_the_arguments_of_a_command_stay_off_the_screen(scene: Path) -> None:
    """The profile holds them, as the user wrote them; neither screen, log nor message does."""
    program = ("sh", "-c", 'printf "%s" "$2"', "sh", ARGUMENT.text, ANSWER.text)
    profile = replace(BASIC, name="asking", secret_reference=command_reference(program))
    stage = make_stage(scene, granting(TOKEN.text), ARGUMENT, ANSWER, TOKEN, profile=profile)

    def look(where: str) -> None:
        stage.searcher.look(f"the screen {where}", screen_text(stage.app))
        stage.searcher.look(f"the log {where}", stage.machine.logger.export())
        for notice in stage.app._notifications:
            stage.searcher.look(f"a notification {where}", notice.message)

    async with stage.app.run_test(size=SIZE, notifications=True) as pilot:
        await stage.press_only(pilot)
        form(stage).focus_field("secret_reference")
        await stage.press_only(pilot)
        look("at the field")
        for step in ("build", "send", "token"):
            await stage.press_only(pilot, "ctrl+j")
            look(f"after {step}")
        assert isinstance(stage.app.state.outcome, Granted)
    stage.planted = (stage.home / "state.json",)
    await stage.close()
    stage.searcher.check()
