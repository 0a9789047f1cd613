"""A profile marked production: marked in red, asked about before each request, nothing revealed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ccflow_tui.models.flow import Step
from ccflow_tui.models.profile import Profile
from ccflow_tui.screens import production
from ccflow_tui.screens.confirm import ConfirmDialog
from tests.support.fakes import ScriptedTransport, json_response
from tests.support.wizard import GRANT, PROFILE, TOKEN, make_wizard
from tests.ui.drive import Driver, driving

LIVE = replace(PROFILE, name="live", production=True, scope="orders:read")
REFUSED = json_response('{"error":"invalid_client"}', status=401)


async def sent(driver: Driver) -> None:
    """Press Send, and answer the question with the button that sends."""
    await driver.press("ctrl+j")
    assert isinstance(driver.dialog, ConfirmDialog)
    await driver.press("right", "enter")
    await driver.done()


@pytest.mark.parametrize("profile", [LIVE, PROFILE], ids=["production", "other"])
async def test_every_step_is_marked(tmp_path: Path, profile: Profile) -> None:
    transport = ScriptedTransport(GRANT)
    async with driving(make_wizard(tmp_path, profiles=(profile,), transport=transport)) as driver:
        for step in (Step.CONFIGURE, Step.BUILD, Step.SEND):
            assert driver.step is step
            assert ("PRODUCTION" in driver.screen()) is profile.production
            edge = driver.app.screen.query_one("#body").styles.border_left
            assert (edge[0] == "thick") is profile.production
            if step < Step.SEND:
                await driver.press("ctrl+j")
                await driver.done()


async def test_the_question_names_server_client_and_scope_and_cancel_comes_first(tmp_path: Path) -> None:
    transport = ScriptedTransport(GRANT)
    async with driving(make_wizard(tmp_path, profiles=(LIVE,), transport=transport)) as driver:
        await driver.to_step(Step.SEND)
        await driver.press("ctrl+j")
        text, request = driver.screen(), driver.app.state.request
        assert request is not None
        assert (
            len(production.question(replace(LIVE, scope="x" * 5000), request)) < 600
        )  # answers stay in view
        assert "as.example" in text and LIVE.client_id in text and "orders:read" in text and "“live”" in text
        await driver.press("enter")  # what has the focus
        await driver.done()
        assert driver.step is Step.SEND and not transport.requests
        assert production.NOT_SENT in driver.notes()
        await driver.press("ctrl+j", "escape")
        await driver.done()
        assert not transport.requests
        await sent(driver)
        assert driver.step is Step.TOKEN and len(transport.requests) == 1


async def test_a_retry_is_asked_about_as_well(tmp_path: Path) -> None:
    transport = ScriptedTransport(REFUSED, GRANT)
    async with driving(make_wizard(tmp_path, profiles=(LIVE,), transport=transport)) as driver:
        await driver.to_step(Step.SEND)
        await sent(driver)
        assert len(transport.requests) == 1
        await driver.press("r")
        assert isinstance(driver.dialog, ConfirmDialog) and len(transport.requests) == 1


async def test_neither_token_nor_typed_secret_is_revealed(tmp_path: Path) -> None:
    transport = ScriptedTransport(GRANT)
    wizard = make_wizard(tmp_path, profiles=(LIVE,), transport=transport, secret=None)
    async with driving(wizard) as driver:
        await driver.type("client_secret", "CANARY-typed-1")
        await driver.press("f7")
        assert "CANARY-typed-1" not in driver.screen()
        assert "marked production" in driver.notes()
        while driver.step is not Step.SEND:
            await driver.press("ctrl+j")
            await driver.done()
        await sent(driver)
        await driver.press("v")
        assert not driver.token.token_view.is_revealed
        assert TOKEN not in driver.screen()
        await driver.press("c")
        assert len(wizard.clipboard.copied) == 1


async def test_other_profiles_are_not_asked_about(tmp_path: Path) -> None:
    transport = ScriptedTransport(GRANT)
    async with driving(make_wizard(tmp_path, transport=transport)) as driver:
        await driver.to_step(Step.TOKEN)
        await driver.press("v")
        assert driver.token.token_view.is_revealed
