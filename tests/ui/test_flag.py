"""A profile whose flow is switched off: it opens for reading and editing, and nothing is asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ccflow_tui.config.feature_flags import flow_enabled
from ccflow_tui.config.layers import Layers
from ccflow_tui.models.flow import Step
from ccflow_tui.models.profile import Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.credential_names import client_secret_name
from tests.support.fakes import DictStore, ScriptedTransport
from tests.support.wizard import GRANT, PROFILE, SECRET, Wizard, make_wizard
from tests.ui.drive import driving

PRODUCTION = replace(PROFILE, name="production", client_id="client-two", production=True)
REASON = flow_enabled(Layers(), production=True).reason


def why_off(profile: Profile) -> str:
    decision = flow_enabled(Layers(), production=profile.production)
    return "" if decision.enabled else decision.reason


def make(folder: Path, store: DictStore | None = None) -> Wizard:
    profiles = (PROFILE, PRODUCTION)
    return make_wizard(
        folder, profiles=profiles, why_off=why_off, store=store, transport=ScriptedTransport(GRANT)
    )


async def test_a_switch_to_production_opens_the_form_and_says_what_is_off(tmp_path: Path) -> None:
    async with driving(make(tmp_path)) as wizard:
        await wizard.press("f6", "down", "enter")
        await wizard.done()
        assert wizard.app.state.profile.name == "production"
        assert f"Off for this profile: {REASON}" in wizard.notes()
        assert wizard.text("#reason") == f"Next is off: {REASON}"
        await wizard.type("scope", "edited")
        assert wizard.app.state.profile.scope == "edited"
        await wizard.press("ctrl+s")
        await wizard.done()
        assert "Profile “production” saved" in wizard.notes()


async def test_neither_build_nor_a_later_step_opens_for_it(tmp_path: Path) -> None:
    parts = make(tmp_path)
    async with driving(parts) as wizard:
        await wizard.press("f6", "down", "enter")
        await wizard.done()
        await wizard.press("ctrl+j")
        await wizard.done()
        assert f"Not built: {REASON}" in wizard.notes()
        for key in ("alt+2", "alt+3", "alt+4"):
            await wizard.press(key)
            assert wizard.step is Step.CONFIGURE
        assert wizard.notes().count(f": {REASON}") == 4
        assert wizard.app.state.request is None
        assert isinstance(parts.transport, ScriptedTransport)
        assert parts.transport.requests == []
        await wizard.press("f6", "up", "enter")
        await wizard.done()
        await wizard.to_step(Step.TOKEN)  # the other profile is not held back


async def test_a_flow_that_was_switched_off_meanwhile_is_not_sent(tmp_path: Path) -> None:
    off: list[str] = []
    parts = make_wizard(
        tmp_path, why_off=lambda _: "".join(off), transport=(transport := ScriptedTransport(GRANT))
    )
    async with driving(parts) as wizard:
        await wizard.to_step(Step.SEND)
        off.append(REASON)
        await wizard.press("ctrl+j")
        await wizard.done()
        assert f"Not sent: {REASON}" in wizard.notes()
        assert transport.requests == []
        assert not wizard.app.state.sending


async def test_a_token_stored_for_it_is_not_kept_alive(tmp_path: Path) -> None:
    store = DictStore()
    store.secrets[client_secret_name(PRODUCTION)] = Secret(SECRET)
    earlier = make_wizard(tmp_path, profiles=(PRODUCTION,), store=store, secret=None)
    async with driving(earlier) as wizard:
        await wizard.to_step(Step.SEND)
        await wizard.press("ctrl+j")
        await wizard.press("right", "enter")  # the question about production
        await wizard.done()
        assert wizard.step is Step.TOKEN
    async with driving(make(tmp_path, store)) as wizard:
        await wizard.press("f6", "down", "enter")
        await wizard.done()
        assert wizard.app.state.token is None
        await wizard.advance(3600)
        assert wizard.history() == []
