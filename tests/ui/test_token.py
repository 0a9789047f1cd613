"""Step 4: the token masked, revealed, copied, counted down, refreshed, used."""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import replace
from pathlib import Path

import pytest

from ccflow_tui.models.flow import Step, StepStatus
from ccflow_tui.models.lifetime import Urgency
from ccflow_tui.models.secret import mask_token
from ccflow_tui.services.ports import WireRequest, WireResponse
from tests.support.fakes import Answer, ScriptedTransport, json_response
from tests.support.wizard import GRANT, PROFILE, TOKEN, Wizard, make_wizard
from tests.ui.drive import Driver, driving, surviving
from tests.ui.scenes import until

FRESH = "FRESH-token-" + "fedcba9876543210" * 6
REFRESHED = json_response(json.dumps({"access_token": FRESH, "token_type": "Bearer", "expires_in": 3600}))
DENIED = json_response('{"error":"invalid_client"}', status=401)


class World(ScriptedTransport):
    """Answers token requests in order, and calls of the API in an order of their own."""

    def __init__(self, tokens: list[Answer], api: list[Answer] | None = None) -> None:
        super().__init__(*tokens)
        self.api = ScriptedTransport(*(api or [json_response("{}")]))

    async def exchange(self, request: WireRequest, *, deadline: float) -> WireResponse:
        if request.method == "GET":
            return await self.api.exchange(request, deadline=deadline)
        return await super().exchange(request, deadline=deadline)


def wizard_with(tmp_path: Path, *tokens: Answer, api: list[Answer] | None = None) -> Wizard:
    return make_wizard(tmp_path, transport=World(list(tokens) or [GRANT], api))


def urgency(wizard: Driver) -> Urgency:
    return wizard.token.countdown._lifetime.urgency


def granted(**members: object) -> WireResponse:
    return json_response(json.dumps({"access_token": TOKEN, "token_type": "Bearer", **members}))


async def test_masked_details_copy_and_status(tmp_path: Path) -> None:
    async with driving(wizard_with(tmp_path)) as wizard:
        await wizard.to_step(Step.TOKEN)
        screen = wizard.screen()
        assert TOKEN not in screen.replace("\n", "")
        assert mask_token(TOKEN) in screen
        for text in ("Bearer", "1h 00m 00s (3600 seconds)", "Expires at", "read write", "SHA-256"):
            assert text in screen
        assert wizard.focused == "copy"
        for key in ("c", "ctrl+y", "enter"):
            await wizard.press(key)
            await wizard.done()
        assert wizard.wizard.clipboard.copied == [("the access token", TOKEN)] * 3
        assert "Copied the access token." in wizard.notes()
        assert wizard.app.state.done_count == 4
        assert wizard.app.state.status(Step.TOKEN) is StepStatus.DONE
        assert TOKEN not in wizard.wizard.logger.export()


async def test_a_short_token_is_wholly_masked(tmp_path: Path) -> None:
    answer = json_response('{"access_token":"tiny-opaque-token","token_type":"Bearer"}')
    async with driving(wizard_with(tmp_path, answer)) as wizard:
        await wizard.to_step(Step.TOKEN)
        assert "tiny" not in wizard.screen()
        assert "no expiry given" in wizard.text("#details")
        assert urgency(wizard) is Urgency.UNSTATED
        assert "the server did not say" in wizard.text("#details")
        assert "did not state a lifetime" in wizard.text("#notes")


async def test_reveal_for_ten_seconds(tmp_path: Path) -> None:
    async with driving(wizard_with(tmp_path), size=(150, 40)) as wizard:
        await wizard.to_step(Step.TOKEN)
        view = wizard.token.token_view
        await wizard.press("v")
        assert view.is_revealed
        assert TOKEN[:60] in wizard.screen()
        assert str(view.border_subtitle) == "hides in 10 s"
        for _ in range(9):
            view.tick()
        assert view.is_revealed
        view.tick()
        await wizard.rest()
        assert not view.is_revealed
        assert TOKEN[:60] not in wizard.screen()
        await wizard.press("v", "v")
        assert not view.is_revealed
        await wizard.press("v", "f1")  # a dialog covers it
        assert not view.is_revealed
        await wizard.press("escape", "v", "3")  # another step does, too
        assert not view.is_revealed


async def test_what_is_revealed_is_brought_into_sight(tmp_path: Path) -> None:
    async with driving(wizard_with(tmp_path), size=(60, 18)) as wizard:
        await wizard.to_step(Step.TOKEN)
        await wizard.press("d", "end")
        assert wizard.token.scroller.scroll_offset.y == wizard.token.scroller.max_scroll_y > 0
        assert not wizard.token.can_view_partial(wizard.token.token_view)
        await wizard.press("v")
        await until(wizard.pilot, lambda: TOKEN[:20] in wizard.screen())
        assert wizard.token.token_view.is_revealed


async def test_the_countdown_goes_from_green_to_expired(tmp_path: Path) -> None:
    async with driving(wizard_with(tmp_path)) as wizard:
        await wizard.to_step(Step.TOKEN)
        clock = wizard.wizard.clock
        seen = []
        for seconds in (1, 3359, 200, 60):
            clock.jump(seconds)
            wizard.app.tick()
            await wizard.pilot.pause()
            seen.append(urgency(wizard))
        assert seen == [Urgency.FRESH, Urgency.SOON, Urgency.URGENT, Urgency.EXPIRED]
        assert "EXPIRED" in wizard.screen()


async def test_the_tick_reaches_countdown_and_status_bar(tmp_path: Path) -> None:
    async with driving(wizard_with(tmp_path)) as wizard:
        await wizard.to_step(Step.TOKEN)
        assert "1:00:00" in wizard.screen()
        wizard.wizard.clock.jump(61)
        wizard.app.tick()
        await wizard.pilot.pause()
        screen = wizard.screen()
        assert screen.count("58:59") >= 2
        assert "refresh in" in screen


async def test_the_refresh_happens_in_the_background(tmp_path: Path) -> None:
    async with driving(wizard_with(tmp_path, GRANT, REFRESHED)) as wizard:
        await wizard.to_step(Step.TOKEN)
        await wizard.press("1")  # on another step, so that nothing depends on step 4 being open
        await wizard.advance(3600 - 80)
        assert wizard.step is Step.CONFIGURE
        token = wizard.app.state.token
        assert token is not None and token.value.reveal() == FRESH
        assert wizard.history() == ["refreshed", "granted"]
        assert "refreshed in the background" in wizard.notes()
        await wizard.press("4")
        assert mask_token(FRESH) in wizard.screen()
        assert urgency(wizard) is Urgency.FRESH


async def test_a_failed_refresh_keeps_the_token_and_says_so(tmp_path: Path) -> None:
    async with driving(wizard_with(tmp_path, GRANT, DENIED)) as wizard:
        await wizard.to_step(Step.TOKEN)
        await wizard.advance(3600 - 80)
        token = wizard.app.state.token
        assert token is not None and token.value.reveal() == TOKEN
        assert wizard.history() == ["refused", "granted"]
        assert "The current token is kept until it expires." in wizard.notes()
        assert mask_token(TOKEN) in wizard.screen()


async def test_the_api_answers(tmp_path: Path) -> None:
    answer = json_response('{"name": "[bold]Production[/]", "type": "SANDBOX"}')
    async with driving(wizard_with(tmp_path, api=[answer])) as wizard:
        await wizard.to_step(Step.TOKEN)
        await wizard.press("a")
        await wizard.done()
        text = wizard.text("#answer")
        assert text.startswith("✓ GET → HTTP 200")
        assert PROFILE.api_base in text
        assert "[bold]Production[/]" in wizard.screen()
        assert wizard.history() == ["resource", "granted"]


async def test_a_401_is_tried_once_more_with_a_fresh_token(tmp_path: Path) -> None:
    parts = wizard_with(tmp_path, GRANT, REFRESHED, api=[json_response("{}", 401), json_response("{}")])
    async with driving(parts) as wizard:
        await wizard.to_step(Step.TOKEN)
        await wizard.press("a")
        await wizard.done()
        assert "HTTP 200" in wizard.text("#answer")
        assert "with one fresh token" in wizard.text("#answer")
        assert mask_token(FRESH) in wizard.screen()
        assert wizard.history() == ["resource", "refreshed", "granted"]


async def test_the_answer_of_the_api_stays_through_a_refresh(tmp_path: Path) -> None:
    parts = wizard_with(tmp_path, GRANT, REFRESHED, api=[json_response('{"name": "first answer"}')])
    async with driving(parts) as wizard:
        await wizard.to_step(Step.TOKEN)
        await wizard.press("a")
        await wizard.done()
        assert "earlier token" not in wizard.text("#answer")
        await wizard.advance(3600 - 80)
        assert mask_token(FRESH) in wizard.screen()
        assert "with an earlier token" in wizard.text("#answer")
        assert "first answer" in wizard.screen()
        await wizard.press("a")
        await wizard.done()
        assert "HTTP 200" in wizard.text("#answer")
        assert "earlier token" not in wizard.text("#answer")
        await wizard.press("ctrl+r")
        await wizard.to_step(Step.TOKEN)
        assert not wizard.token.answer.display


class HeldApi(World):
    """Lets the API's answers after the first wait until the gate is open."""

    def __init__(self, tokens: list[Answer]) -> None:
        super().__init__(tokens)
        self.gate = asyncio.Event()

    async def exchange(self, request: WireRequest, *, deadline: float) -> WireResponse:
        if request.method == "GET" and self.api.requests:
            await self.gate.wait()
        return await super().exchange(request, deadline=deadline)


async def test_a_refresh_during_a_call_leaves_it_shown_as_under_way(tmp_path: Path) -> None:
    world = HeldApi([GRANT, REFRESHED])
    async with driving(make_wizard(tmp_path, transport=world)) as wizard:
        await wizard.to_step(Step.TOKEN)
        await wizard.press("a")
        await wizard.done()
        await wizard.press("a")
        await wizard.advance(3600 - 80)
        assert mask_token(FRESH) in wizard.screen()
        assert wizard.text("#answer") == "… calling the API"
        world.gate.set()
        await wizard.done()
        assert "HTTP 200" in wizard.text("#answer")


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refusal_of_the_api_is_explained(tmp_path: Path, status: int) -> None:
    async with driving(wizard_with(tmp_path, api=[json_response("{}", status)])) as wizard:
        await wizard.to_step(Step.TOKEN)
        await wizard.press("a")
        await wizard.done()
        mark, *rest = wizard.text("#answer").splitlines()
        assert mark.startswith("✗")
        assert f"HTTP {status}" in mark
        assert rest


async def test_an_api_address_that_is_none_is_explained(tmp_path: Path) -> None:
    profile = replace(PROFILE, api_base="https://[half/an/address")
    async with driving(make_wizard(tmp_path, profiles=(profile,))) as wizard:
        await wizard.to_step(Step.TOKEN)
        await wizard.press("a")
        await wizard.done()
        assert wizard.text("#answer").startswith("✗")
        assert wizard.history() == ["resource", "granted"]


async def test_a_bug_in_the_call_is_told(tmp_path: Path) -> None:
    parts = wizard_with(tmp_path)
    async with driving(parts) as wizard:
        await wizard.to_step(Step.TOKEN)
        with surviving(RuntimeError("boom"), parts.engine, "call_resource"):
            await wizard.press("a")
            await wizard.done()
        assert "A bug in ccflow" in wizard.notes()
        assert "calling the API" not in wizard.text("#answer")


async def test_a_jwt_is_decoded_and_followed_through_a_refresh(tmp_path: Path) -> None:
    def jwt(name: str) -> Answer:
        parts = [{"alg": "none"}, {"sub": name, "exp": 1_800_000_000}]
        segments = [
            base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts
        ]
        token = ".".join([*segments, "c2ln"])
        return json_response(json.dumps({"access_token": token, "token_type": "Bearer", "expires_in": 3600}))

    async with driving(wizard_with(tmp_path, jwt("first"), jwt("second"))) as wizard:
        await wizard.to_step(Step.TOKEN)
        assert not wizard.token.decoded.display
        await wizard.press("d")
        assert '"sub": "first"' in str(wizard.token.decoded.content)
        await wizard.advance(3600 - 80)
        assert '"sub": "second"' in str(wizard.token.decoded.content)
        await wizard.press("d")
        assert not wizard.token.decoded.display


async def test_an_opaque_token_gets_a_note(tmp_path: Path) -> None:
    async with driving(wizard_with(tmp_path)) as wizard:
        await wizard.to_step(Step.TOKEN)
        await wizard.press("d")
        assert "opaque" in str(wizard.token.decoded.content).lower()


async def test_less_than_asked_for_is_marked(tmp_path: Path) -> None:
    parts = wizard_with(tmp_path, granted(scope="read", expires_in=60))
    async with driving(parts, size=(90, 40)) as wizard:  # without the log, which says it, too
        await wizard.to_step(Step.TOKEN)
        assert "▲ Scope: not granted: write; granted: read." in wizard.text("#report")
        assert wizard.screen().count("not granted: write") == 1


async def test_the_buttons_do_what_the_keys_do(tmp_path: Path) -> None:
    async with driving(wizard_with(tmp_path)) as wizard:
        await wizard.to_step(Step.TOKEN)
        await wizard.press("tab", "enter")
        assert wizard.token.token_view.is_revealed
        await wizard.press("tab", "enter")
        assert wizard.token.decoded.display
        await wizard.press("tab", "enter")
        await wizard.done()
        assert "HTTP 200" in wizard.text("#answer")
        await wizard.press("tab", "enter")
        assert wizard.step is Step.SEND
        await wizard.press("4", "ctrl+j")
        assert wizard.step is Step.SEND
        await wizard.press("4", "shift+tab")
        wizard.token.query_one("#sign-out").focus()
        await wizard.press("enter")
        assert wizard.dialog is not None


async def test_an_edited_configuration_does_not_change_where_the_token_goes(tmp_path: Path) -> None:
    parts = wizard_with(tmp_path)
    async with driving(parts) as wizard:
        await wizard.to_step(Step.TOKEN)
        await wizard.press("1")
        await wizard.type("client_id", "someone-else")
        wizard.configure.query_one("#next").focus()
        await wizard.press("4", "a")
        await wizard.done()
        assert "HTTP 200" in wizard.text("#answer")
        entry = parts.history.page(0, 1)[0]
        assert entry.client_id == "client-one"
