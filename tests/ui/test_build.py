"""Step 2: what is shown is what is sent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Static

from ccflow_tui.models.flow import Step, StepStatus
from ccflow_tui.models.profile import AuthMethod, Profile
from ccflow_tui.models.secret import MASK
from ccflow_tui.screens.build import BuildScreen
from ccflow_tui.services.clock import SystemClock
from ccflow_tui.services.transport import HttpTransport
from ccflow_tui.widgets.request_lines import plain_text
from tests.oauth.key_material import pem
from tests.support.fault_server import FaultServer, answers, http_answer
from tests.support.wizard import PROFILE, SECRET, make_wizard
from tests.ui.drive import Driver, driving

ODD_SECRET = "p%w:d+/ é&= and long enough for HS256"


def keyed(profile: Profile) -> Profile:
    return replace(
        profile, auth_method=AuthMethod.PRIVATE_KEY_JWT, key_reference="env:KEY", assertion_alg="ES256"
    )


def preview(wizard: Driver) -> str:
    screen = wizard.app.step_screen
    assert isinstance(screen, BuildScreen)
    return "\n".join(str(static.content) for static in screen.preview.query(Static))


@pytest.mark.parametrize("method", [method for method in AuthMethod if not method.uses_certificate])
async def test_the_preview_is_what_a_server_receives(tmp_path: Path, method: AuthMethod) -> None:
    async with FaultServer(answers(http_answer())) as server:
        profile = replace(
            PROFILE,
            token_endpoint=f"{server.url}?tenant=a%20b",
            client_id="odd:id %+",
            auth_method=method,
            key_reference="env:KEY",
            assertion_alg="HS256" if method is AuthMethod.CLIENT_SECRET_JWT else "ES256",
            scope="one two:three",
            audience="https://api.example/?x=1&y=2",
            resources=("https://r.example/a", "https://r.example/b"),
        )
        transport = HttpTransport(clock=SystemClock())
        parts = make_wizard(
            tmp_path,
            profiles=(profile,),
            transport=transport,
            environment={"KEY": pem("P-256")},
            secret=ODD_SECRET,
        )
        async with driving(parts) as wizard:
            await wizard.to_step(Step.BUILD)
            request = wizard.app.state.request
            assert request is not None
            shown = plain_text(request, unmask=True)
            masked = preview(wizard)
            assert masked == plain_text(request)
            assert ODD_SECRET not in masked
            await wizard.to_step(Step.TOKEN)
        await transport.close()
    (received,) = server.requests
    head, _, body = received.decode("ascii").partition("\r\n\r\n")
    shown_head, _, shown_body = shown.partition("\n\n")
    request_line, *headers = head.split("\r\n")
    shown_line, *shown_headers = shown_head.split("\n")
    assert request_line.split() == ["POST", "/token?tenant=a%20b", "HTTP/1.1"]
    assert shown_line == f"POST {profile.token_endpoint}"
    assert headers == shown_headers
    assert body == shown_body.split("\n\n")[0].replace("\n", "")


async def test_an_assertion_is_shown_decoded(tmp_path: Path) -> None:
    parts = make_wizard(tmp_path, profiles=(keyed(PROFILE),), environment={"KEY": pem("P-256")})
    async with driving(parts) as wizard:
        await wizard.to_step(Step.BUILD)
        text = preview(wizard)
        for name in ("Client assertion header", "alg", "kid", "Client assertion claims", "iss", "jti", "exp"):
            assert name in text
        assert "ES256" in text
        request = wizard.app.state.request
        assert request is not None and request.assertion is not None
        assert request.assertion.jwt.reveal() not in text


async def test_the_secret_is_masked_and_facts_are_shown(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path)) as wizard:
        await wizard.to_step(Step.BUILD)
        screen = wizard.screen()
        assert "https://as.example/token" in screen
        assert "grant_type=client_credentials" in screen
        assert f"Authorization: Basic {MASK}" in screen
        assert SECRET not in screen
        assert wizard.text("#facts")
        assert wizard.focused == "next"
        assert wizard.app.state.status(Step.BUILD) is StepStatus.ACTIVE
        assert wizard.app.state.status(Step.CONFIGURE) is StepStatus.DONE


async def test_notes_on_the_scope_are_shown(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path, profiles=(replace(PROFILE, scope="a a,b"),))) as wizard:
        await wizard.to_step(Step.BUILD)
        assert wizard.text("#notes").startswith("▲ ")


@pytest.mark.parametrize("key", ["c", "ctrl+y"])
async def test_copy_as_curl_holds_placeholders_only(tmp_path: Path, key: str) -> None:
    post = replace(PROFILE, auth_method=AuthMethod.CLIENT_SECRET_POST)
    async with driving(make_wizard(tmp_path, profiles=(post,))) as wizard:
        await wizard.to_step(Step.BUILD)
        await wizard.press(key)
        await wizard.done()
        ((label, text),) = wizard.wizard.clipboard.copied
        assert label == "the curl command"
        assert "curl https://as.example/token" in text
        assert "$CLIENT_SECRET" in text
        assert SECRET not in text
        assert "Copied the curl command." in wizard.notes()


async def test_the_buttons_do_what_they_say(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path)) as wizard:
        await wizard.to_step(Step.BUILD)
        await wizard.press("tab", "enter")
        await wizard.done()
        assert wizard.wizard.clipboard.copied
        await wizard.press("shift+tab", "enter")
        assert wizard.step is Step.SEND
        await wizard.press("2", "shift+tab", "enter")
        assert wizard.step is Step.CONFIGURE


async def test_an_edit_drops_the_request_and_a_new_one_is_shown(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path)) as wizard:
        await wizard.to_step(Step.BUILD)
        first = preview(wizard)
        await wizard.press("escape")
        await wizard.type("scope", "something-else")
        assert wizard.app.state.request is None
        wizard.configure.query_one("#next").focus()
        await wizard.press("2")
        assert wizard.step is Step.CONFIGURE
        assert "Complete step 1 first" in wizard.notes()
        await wizard.to_step(Step.BUILD)
        assert preview(wizard) != first
        assert "something-else" in preview(wizard)


async def test_the_arrow_keys_scroll_the_preview_on_a_small_terminal(tmp_path: Path) -> None:
    parts = make_wizard(tmp_path, profiles=(keyed(PROFILE),), environment={"KEY": pem("P-256")})
    async with driving(parts, size=(80, 24)) as wizard:
        await wizard.to_step(Step.BUILD)
        screen = wizard.app.step_screen
        assert isinstance(screen, BuildScreen)
        await wizard.press("pagedown")
        assert screen.preview.scroll_y > 0
        await wizard.press("pageup")
        assert screen.preview.scroll_y == 0
