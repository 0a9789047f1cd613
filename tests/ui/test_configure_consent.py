"""Step 1 asks before a credential goes where an issuer's metadata sends it (E7)."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from ccflow_tui.app import CcflowApp
from ccflow_tui.config.layers import Layers
from ccflow_tui.config.state import UserState
from ccflow_tui.models.flow import Step
from ccflow_tui.models.profile import EndpointConsent, EndpointMode, EndpointSource, MutualTls, ServerFacts
from ccflow_tui.oauth.endpoint_consent import unconfirmed_origin
from ccflow_tui.profile_book import ProfileBook
from ccflow_tui.screens.configure_edits import Edits
from ccflow_tui.services.ports import WireRequest, WireResponse
from tests.support.fakes import ScriptedTransport, json_response
from tests.support.wizard import GRANT, PROFILE, SECRET, Wizard, make_wizard
from tests.ui.drive import Driver, driving

ISSUER, ELSEWHERE = "https://login.example", "https://tokens.example"
ISSUED = replace(
    PROFILE,
    endpoint_mode=EndpointMode.ISSUER,
    issuer=ISSUER,
    token_endpoint="",
    endpoint_source=EndpointSource.NONE,
)


class Server(ScriptedTransport):
    """Publishes metadata that names a token endpoint on another host, and grants."""

    def __init__(self, endpoint: str = f"{ELSEWHERE}/token") -> None:
        super().__init__(GRANT)
        self.endpoint = endpoint

    async def exchange(self, request: WireRequest, *, deadline: float) -> WireResponse:
        if request.method == "GET":
            issuer = request.url.partition("/.well-known")[0]
            return json_response(json.dumps({"issuer": issuer, "token_endpoint": self.endpoint}))
        return await super().exchange(request, deadline=deadline)


def make(folder: Path, server: Server | None = None, *, secret: str | None = SECRET) -> Wizard:
    return make_wizard(folder, profiles=(ISSUED,), transport=server or Server(), secret=secret)


async def answer(wizard: Driver, *keys: str) -> None:
    """Ask for the next step and answer the question."""
    await wizard.press("ctrl+j")
    await wizard.rest()
    assert wizard.dialog is not None
    await wizard.press(*keys)
    await wizard.done()


async def test_E7_the_question_names_issuer_and_host_and_allowing_goes_on(tmp_path: Path) -> None:
    server = Server()
    async with driving(make(tmp_path, server)) as wizard:
        await wizard.press("ctrl+j")
        await wizard.rest()
        screen = wizard.screen()
        assert "Authenticate at another host?" in screen
        assert ISSUER in screen and ELSEWHERE in screen
        assert wizard.focused == "cancel"  # the safe answer
        await wizard.press("right", "enter")
        await wizard.done()
        assert wizard.step is Step.BUILD
        assert wizard.app.state.profile.endpoint_consent == EndpointConsent(ISSUER, ELSEWHERE)
        await wizard.to_step(Step.TOKEN)
        assert len(server.requests) == 1


async def test_E7_declining_sends_nothing_and_keeps_what_was_typed(tmp_path: Path) -> None:
    server = Server()
    async with driving(make(tmp_path, server, secret=None)) as wizard:
        await wizard.type("client_secret", SECRET)
        for keys in (("enter",), ("escape",)):
            await answer(wizard, *keys)
            assert wizard.step is Step.CONFIGURE
            assert f"Nothing was sent to {ELSEWHERE}" in wizard.notes()
            assert wizard.configure.secret.has_text
        assert wizard.app.state.request is None
        assert wizard.app.state.profile.endpoint_consent == EndpointConsent()
        assert server.requests == []


async def test_E7_an_unconfirmed_endpoint_does_not_become_one_typed_by_hand(tmp_path: Path) -> None:
    async with driving(make(tmp_path)) as wizard:
        await answer(wizard, "escape")
        wizard.field("endpoint_mode").focus()
        await wizard.press("right")
        profile = wizard.app.state.profile
        assert (profile.endpoint_mode, profile.token_endpoint) == (EndpointMode.MANUAL, "")
    async with driving(make(tmp_path)) as wizard:
        await answer(wizard, "right", "enter")
        await wizard.press("1")
        wizard.field("endpoint_mode").focus()
        await wizard.press("right")
        assert wizard.app.state.profile.token_endpoint == f"{ELSEWHERE}/token"


def test_E7_F2_nor_does_one_whose_alias_for_mutual_tls_was_at_home() -> None:
    elsewhere = f"{ELSEWHERE}/token"
    discovered = replace(
        ISSUED,
        token_endpoint=elsewhere,
        endpoint_source=EndpointSource.DISCOVERED,
        mtls=MutualTls(True, "client.pem"),
        server=ServerFacts(token_endpoint=elsewhere, mtls_token_endpoint=f"{ISSUER}/mtls/token"),
    )
    assert unconfirmed_origin(discovered) == ""
    edits = Edits(lambda profile: profile, unconfirmed_origin)
    assert edits.apply(discovered, {"endpoint_mode": EndpointMode.MANUAL}).token_endpoint == ""


async def test_E7_the_answer_holds_for_this_run(tmp_path: Path) -> None:
    async with driving(make(tmp_path)) as wizard:
        await answer(wizard, "right", "enter")
        await wizard.press("1")
        await wizard.type("scope", "other")
        await wizard.press("ctrl+j")
        await wizard.done()
        assert wizard.step is Step.BUILD
        await wizard.press("ctrl+r", "ctrl+j")
        await wizard.done()
        assert wizard.step is Step.BUILD


async def test_E7_another_issuer_or_another_host_is_asked_about_anew(tmp_path: Path) -> None:
    server = Server()
    async with driving(make(tmp_path, server)) as wizard:
        await answer(wizard, "right", "enter")
        await wizard.press("1")
        server.endpoint = "https://third.example/token"
        await wizard.press("ctrl+g")
        await wizard.done()
        await wizard.type("client_secret", SECRET)  # the first one belongs to the host that was allowed
        await wizard.press("ctrl+j")
        await wizard.rest()
        assert wizard.dialog is not None
        assert "https://third.example" in wizard.screen()
        await wizard.press("escape")
        server.endpoint = f"{ELSEWHERE}/token"
        await wizard.type("issuer", "https://login.other.example")
        await wizard.leave()
        await wizard.done()
        await wizard.press("ctrl+j")
        await wizard.rest()
        assert wizard.dialog is not None
        assert "https://login.other.example" in wizard.screen()


async def test_E7_a_saved_answer_is_found_again_and_holds_no_secret(tmp_path: Path) -> None:
    async with driving(make(tmp_path)) as wizard:
        await answer(wizard, "right", "enter")
        await wizard.press("1", "ctrl+s")
        await wizard.done()
    kept = json.loads((tmp_path / "state.json").read_text(encoding="utf-8"))["profiles"]["default"]
    assert kept["endpoint_consent"] == {"issuer": ISSUER, "origin": ELSEWHERE}
    assert SECRET not in (tmp_path / "state.json").read_text(encoding="utf-8")

    parts = make(tmp_path)
    state = UserState(tmp_path / "state.json")
    app = CcflowApp(replace(parts.app.parts, book=ProfileBook(Layers(saved=state.load()), state)))
    async with driving(replace(parts, app=app)) as wizard:
        await wizard.press("ctrl+j")
        await wizard.done()
        assert wizard.step is Step.BUILD


async def test_E7_a_long_issuer_leaves_the_answers_on_the_screen(tmp_path: Path) -> None:
    long = replace(ISSUED, issuer=f"{ISSUER}/{'t' * 1900}")
    async with driving(make_wizard(tmp_path, profiles=(long,), transport=Server()), size=(80, 24)) as wizard:
        await wizard.press("ctrl+j")
        await wizard.rest()
        screen = wizard.screen()
        assert ELSEWHERE in screen
        assert "Allow and go on" in screen


async def test_E7_an_endpoint_at_the_issuer_is_not_asked_about(tmp_path: Path) -> None:
    async with driving(make(tmp_path, Server(f"{ISSUER}/token"))) as wizard:
        await wizard.to_step(Step.BUILD)
        assert wizard.app.state.profile.endpoint_consent == EndpointConsent()
