"""Step 3: one key sends, live progress, cancel, and every way it can end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ccflow_tui.models.flow import Step, StepStatus
from ccflow_tui.models.outcome import Cancelled, Granted, Malformed, Phase, Refused, Unreachable
from ccflow_tui.models.problems import InputProblem, SecretStoreProblem, StoreFault
from ccflow_tui.models.profile import AuthMethod
from ccflow_tui.services.ports import WireResponse
from ccflow_tui.services.transport_faults import TransportFault
from ccflow_tui.widgets.error_card import ErrorCard
from tests.support.fakes import Answer, DictStore, ScriptedTransport, json_response
from tests.support.wizard import GRANT, PROFILE, SECRET, TOKEN, make_wizard
from tests.ui.drive import Driver, GatedTransport, driving, surviving

DENIED = json_response('{"error":"invalid_client","error_description":"[red]Unknown[/] client"}', status=401)
BUSY = json_response("{}", status=503)
HTML = WireResponse(200, (("content-type", "text/html"),), b"<html>Sign in</html>", 0.0)
UNKNOWN_HOST = TransportFault(Phase.DNS, "name-not-found", "as.example was not found.", transient=False)


def status(wizard: Driver) -> str:
    return wizard.text("#status")


async def test_progress_then_the_token(tmp_path: Path) -> None:
    transport = GatedTransport(GRANT)
    async with driving(make_wizard(tmp_path, transport=transport)) as wizard:
        await wizard.to_step(Step.SEND)
        assert "Ready." in status(wizard)
        assert wizard.focused == "send"
        await wizard.press("ctrl+j")
        assert wizard.app.state.sending
        wizard.wizard.clock.jump(1.5)
        wizard.send._draw_progress()
        assert "Attempt 1 of" in status(wizard)
        assert "waiting for the answer · 1.5 s · Esc cancels" in status(wizard)
        transport.gate.set()
        await wizard.done()
        assert wizard.step is Step.TOKEN
        assert isinstance(wizard.app.state.outcome, Granted)
        assert wizard.history() == ["granted"]
        assert "Access token acquired." in wizard.notes()
        assert wizard.app.state.status(Step.SEND) is StepStatus.DONE
        await wizard.press("3")
        assert "✓ Token acquired" in status(wizard)


async def test_a_second_press_never_sends_twice(tmp_path: Path) -> None:
    transport = GatedTransport(GRANT)
    async with driving(make_wizard(tmp_path, transport=transport)) as wizard:
        await wizard.to_step(Step.SEND)
        await wizard.press("ctrl+j", "f5", "enter", "ctrl+j")
        transport.gate.set()
        await wizard.done()
        assert len(transport.requests) == 1
        assert wizard.history() == ["granted"]


async def test_a_retry_is_told_with_its_wait(tmp_path: Path) -> None:
    transport = ScriptedTransport(BUSY, GRANT)
    async with driving(make_wizard(tmp_path, transport=transport)) as wizard:
        await wizard.to_step(Step.SEND)
        await wizard.press("ctrl+j")
        assert "Attempt 1 of" in status(wizard)
        assert "failed:" in status(wizard)
        assert "Next in" in status(wizard)
        await wizard.advance(60)
        await wizard.done()
        assert wizard.step is Step.TOKEN
        assert len(transport.requests) == 2


@pytest.mark.parametrize("waits_for", ["the answer", "the next attempt"])
async def test_escape_cancels(tmp_path: Path, waits_for: str) -> None:
    transport = GatedTransport(BUSY)
    async with driving(make_wizard(tmp_path, transport=transport)) as wizard:
        await wizard.to_step(Step.SEND)
        await wizard.press("ctrl+j")
        if waits_for == "the next attempt":
            transport.gate.set()
            await wizard.rest()
            assert "Next in" in status(wizard)
        await wizard.press("escape")
        await wizard.done()
        assert transport.cancelled == (waits_for == "the answer")
        assert wizard.step is Step.SEND
        assert isinstance(wizard.app.state.outcome, Cancelled)
        assert not wizard.app.state.sending
        assert "Cancelled" in status(wizard)
        assert wizard.history() == ["cancelled"]
        assert wizard.app.state.status(Step.SEND) is StepStatus.ACTIVE  # nothing went wrong
        await wizard.press("escape")  # nothing is under way any more: back
        assert wizard.step is Step.BUILD


async def test_the_back_button_cancels_as_escape_does(tmp_path: Path) -> None:
    transport = GatedTransport(GRANT)
    async with driving(make_wizard(tmp_path, transport=transport)) as wizard:
        await wizard.to_step(Step.SEND)
        await wizard.press("ctrl+j", "shift+tab", "enter")
        await wizard.done()
        assert transport.cancelled == 1
        assert wizard.step is Step.SEND


async def test_other_steps_stay_closed_while_sending(tmp_path: Path) -> None:
    transport = GatedTransport(GRANT)
    async with driving(make_wizard(tmp_path, transport=transport)) as wizard:
        await wizard.to_step(Step.SEND)
        await wizard.press("ctrl+j", "1")
        assert wizard.step is Step.SEND
        assert "Press Esc to cancel it first." in wizard.notes()
        transport.gate.set()
        await wizard.done()


@pytest.mark.parametrize(
    ("answer", "kind", "history", "words"),
    [
        (DENIED, Refused, "refused", "invalid_client"),
        (HTML, Malformed, "malformed", "web page"),
        (UNKNOWN_HOST, Unreachable, "unreachable", "as.example"),
    ],
)
async def test_each_failure_gets_a_card(
    tmp_path: Path, answer: Answer, kind: type, history: str, words: str
) -> None:
    transport = ScriptedTransport(answer)
    async with driving(make_wizard(tmp_path, transport=transport)) as wizard:
        await wizard.to_step(Step.SEND)
        await wizard.press("ctrl+j")
        await wizard.done()
        assert isinstance(wizard.app.state.outcome, kind)
        assert wizard.history() == [history]
        assert "✗ Failed after" in status(wizard)
        screen = wizard.screen()
        assert words in screen
        assert "What to do" in screen
        assert wizard.app.state.status(Step.SEND) is StepStatus.ERROR
        await wizard.press("c")
        await wizard.done()
        ((label, report),) = wizard.wizard.clipboard.copied
        assert label == "the error report"
        assert "Token endpoint" in report
        assert SECRET not in report


async def test_what_the_server_says_is_no_markup(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path, transport=ScriptedTransport(DENIED))) as wizard:
        await wizard.to_step(Step.SEND)
        await wizard.press("ctrl+j")
        await wizard.done()
        assert "[red]Unknown[/] client" in wizard.screen()


async def test_the_cards_choices(tmp_path: Path) -> None:
    transport = ScriptedTransport(DENIED, DENIED, GRANT)
    async with driving(make_wizard(tmp_path, transport=transport)) as wizard:
        await wizard.to_step(Step.SEND)
        await wizard.press("ctrl+j")
        await wizard.done()
        card = wizard.send.query_one(ErrorCard)
        assert "HTTP status" not in wizard.screen()
        assert "c Copy report" in wizard.screen()
        await wizard.press("d")
        assert "HTTP status" in wizard.screen()
        await wizard.press("x")
        assert card.advice is None
        assert "Copy report" not in wizard.screen()
        assert wizard.focused == "send"
        await wizard.press("enter")
        await wizard.done()
        assert card.advice is not None
        await wizard.press("r")
        await wizard.done()
        assert wizard.step is Step.TOKEN
        assert wizard.history() == ["granted", "refused", "refused"]


async def test_edit_configuration_focuses_the_named_field(tmp_path: Path) -> None:
    refused = json_response('{"error":"invalid_scope"}', status=400)
    async with driving(make_wizard(tmp_path, transport=ScriptedTransport(refused))) as wizard:
        await wizard.to_step(Step.SEND)
        await wizard.press("ctrl+j")
        await wizard.done()
        await wizard.press("e")
        assert wizard.step is Step.CONFIGURE
        assert wizard.focused == "scope"
        await wizard.type("scope", "read")
        assert wizard.app.state.status(Step.SEND) is StepStatus.PENDING
        await wizard.to_step(Step.SEND)
        assert "Ready." in status(wizard)
        assert wizard.send.card.advice is None


async def test_a_key_that_is_gone_when_sending_gets_a_card(tmp_path: Path) -> None:
    profile = replace(PROFILE)
    parts = make_wizard(tmp_path, profiles=(profile,))
    async with driving(parts) as wizard:
        await wizard.to_step(Step.SEND)
        gone = InputProblem("key_reference", "The key file is gone.", "Check the path.")
        with surviving(gone, parts.engine, "request_token"):
            await wizard.press("ctrl+j")
            await wizard.done()
        assert wizard.history() == ["unreachable"]
        assert "The key file is gone." in wizard.screen()
        assert not wizard.app.state.sending


async def test_a_locked_keyring_when_sending_gets_a_card(tmp_path: Path) -> None:
    store = DictStore()
    parts = make_wizard(tmp_path, store=store)
    async with driving(parts) as wizard:
        await wizard.to_step(Step.SEND)
        locked = SecretStoreProblem(StoreFault.LOCKED, "The keyring is locked.", "Unlock it.")
        with surviving(locked, parts.engine, "request_token"):
            await wizard.press("ctrl+j")
            await wizard.done()
        assert "The keyring is locked." in wizard.screen()


async def test_a_bug_while_sending_neither_hangs_nor_ends_the_app(tmp_path: Path) -> None:
    parts = make_wizard(tmp_path)
    async with driving(parts) as wizard:
        await wizard.to_step(Step.SEND)
        with surviving(RuntimeError(SECRET), parts.engine, "request_token"):
            await wizard.press("ctrl+j")
            await wizard.done()
        assert not wizard.app.state.sending
        assert "A bug in ccflow" in wizard.notes()
        assert SECRET not in wizard.notes() + parts.logger.export() + wizard.screen()
        await wizard.press("ctrl+j")
        await wizard.done()
        assert wizard.step is Step.TOKEN


async def test_a_token_that_arrives_under_a_dialog_does_not_pull_it_away(tmp_path: Path) -> None:
    transport = GatedTransport(GRANT)
    async with driving(make_wizard(tmp_path, transport=transport)) as wizard:
        await wizard.to_step(Step.SEND)
        await wizard.press("ctrl+j", "f1")
        assert wizard.dialog is not None
        transport.gate.set()
        await wizard.done()
        assert wizard.dialog is not None
        await wizard.press("escape")
        assert wizard.step is Step.SEND
        assert "Press 4 to see it." in status(wizard)
        await wizard.press("4")
        assert wizard.step is Step.TOKEN


async def test_reset_while_sending_cancels_and_does_not_come_back(tmp_path: Path) -> None:
    transport = GatedTransport(GRANT)
    async with driving(make_wizard(tmp_path, transport=transport)) as wizard:
        await wizard.to_step(Step.SEND)
        await wizard.press("ctrl+j", "ctrl+r")
        await wizard.done()
        assert transport.cancelled == 1
        assert wizard.step is Step.CONFIGURE
        state = wizard.app.state
        assert (state.sending, state.request, state.token) == (False, None, None)
        assert wizard.history() == ["cancelled"]
        transport.gate.set()
        await wizard.to_step(Step.TOKEN)
        assert wizard.app.state.token is not None


async def test_another_profile_while_sending_gets_nothing_of_this_one(tmp_path: Path) -> None:
    transport = GatedTransport(GRANT)
    other = replace(PROFILE, name="other", auth_method=AuthMethod.CLIENT_SECRET_POST)
    async with driving(make_wizard(tmp_path, profiles=(PROFILE, other), transport=transport)) as wizard:
        await wizard.to_step(Step.SEND)
        await wizard.press("ctrl+j", "f6", "down", "enter")
        await wizard.done()
        transport.gate.set()
        await wizard.rest()
        assert wizard.app.state.profile.name == "other"
        assert wizard.app.state.token is None
        (entry,) = wizard.wizard.history.page(0, 9)
        assert (entry.kind.value, entry.profile) == ("cancelled", "default")


async def test_quit_while_sending_cancels_and_leaves_nothing_running(tmp_path: Path) -> None:
    transport = GatedTransport(GRANT)
    parts = make_wizard(tmp_path, transport=transport)
    async with driving(parts) as wizard:
        await wizard.to_step(Step.SEND)
        await wizard.press("ctrl+j")
        await wizard.pilot.press("ctrl+q")
    assert transport.cancelled == 1
    assert parts.app.return_code == 0
    await parts.engine.close()
    parts.logger.write(parts.logger.entries()[0].level, "📤", "after the end")
    assert "listener failed" not in parts.logger.export()
    assert TOKEN not in parts.logger.export()
