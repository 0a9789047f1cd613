"""Signing out: a question first, then everything of this profile is gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from ccflow_tui.models.flow import Step
from ccflow_tui.models.problems import SecretStoreProblem, StoreFault
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.credential_names import client_secret_name
from tests.support.fakes import DictStore
from tests.support.wizard import PROFILE, SECRET, make_wizard
from tests.ui.drive import driving


@pytest.mark.parametrize("answer", ["escape", "enter"])
async def test_the_safe_answer_has_the_focus(tmp_path: Path, answer: str) -> None:
    async with driving(make_wizard(tmp_path)) as wizard:
        await wizard.to_step(Step.TOKEN)
        await wizard.press("x")
        assert wizard.dialog is not None
        assert wizard.focused == "cancel"
        assert "profile “default”" in wizard.screen()
        await wizard.press(answer)
        await wizard.done()
        assert wizard.step is Step.TOKEN
        assert wizard.app.state.token is not None


async def test_everything_of_the_profile_is_purged(tmp_path: Path) -> None:
    store = DictStore()
    store.secrets[client_secret_name(PROFILE)] = Secret(SECRET)
    async with driving(make_wizard(tmp_path, store=store, secret=None)) as wizard:
        await wizard.to_step(Step.TOKEN)
        await wizard.rest()
        assert len(store.secrets) == 2  # the secret and, since it can be got again with it, the token
        await wizard.press("x", "right", "enter")
        await wizard.done()
        assert store.secrets == {}
        assert wizard.step is Step.CONFIGURE
        state = wizard.app.state
        assert (state.token, state.request, state.outcome) == (None, None, None)
        assert state.profile == PROFILE
        assert wizard.history()[0] == "signed out"
        removed = "the access token (memory, keyring), the client secret (keyring)"
        assert f"Signed out. Removed: {removed}. Read back: nothing left." in wizard.notes()
        assert "client secret" in str(wizard.configure.reason.content).lower()
        await wizard.press("alt+4")
        assert wizard.step is Step.CONFIGURE
        assert "There is no token yet." in wizard.notes()
        assert await wizard.wizard.engine.stored_token(PROFILE) is None


async def test_the_screens_that_held_the_token_are_gone(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path)) as wizard:
        await wizard.to_step(Step.TOKEN)
        before = wizard.token
        await wizard.press("x", "right", "enter")
        await wizard.done()
        assert not before.is_attached
        await wizard.type("client_secret", SECRET)
        await wizard.to_step(Step.TOKEN)
        assert wizard.token is not before


async def test_the_question_lists_what_was_found_and_no_more(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path)) as wizard:
        await wizard.to_step(Step.TOKEN)
        await wizard.press("x")
        assert wizard.dialog is not None
        question = wizard.question
        assert [line for line in question.splitlines() if line.startswith("•")] == [
            "• the access token (memory)",
            "• the client secret (memory)",
        ]


async def test_a_store_that_cannot_delete_is_told_and_the_token_is_gone_all_the_same(tmp_path: Path) -> None:
    store = DictStore()
    async with driving(make_wizard(tmp_path, store=store)) as wizard:
        await wizard.to_step(Step.TOKEN)
        store.problem = SecretStoreProblem(StoreFault.LOCKED, "The keyring is locked.", "Unlock it.")
        await wizard.press("x")
        assert "The secret store could not be asked: The keyring is locked." in wizard.screen()
        await wizard.press("right", "enter")
        await wizard.done()
        assert "Sign-out is not complete: Removed: the access token (memory)" in wizard.notes()
        assert "Still there: anything in the secret store, which could not be asked: " in wizard.notes()
        assert "The keyring is locked. Unlock it." in wizard.notes()
        assert wizard.app.state.token is None
        assert wizard.step is Step.CONFIGURE
        assert "signed out" not in wizard.history()


async def test_a_demo_client_can_be_used_again_after_signing_out(tmp_path: Path) -> None:
    parts = make_wizard(tmp_path, secret=None)
    parts.engine.provide_secret(PROFILE, Secret(SECRET))
    async with driving(parts) as wizard:
        await wizard.to_step(Step.TOKEN)
        await wizard.press("x", "right", "enter")
        await wizard.done()
        assert "The client secret that came with the demo stays" in wizard.notes()
        assert "Read back: nothing left." in wizard.notes()
        await wizard.to_step(Step.TOKEN)
        assert wizard.app.state.token is not None
