"""Saving with another client, server or key: what the former leaves is asked about and proved to be gone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ccflow_tui.config.layers import Layers
from ccflow_tui.config.settings import load_settings
from ccflow_tui.filings import noted
from ccflow_tui.models.flow import Step
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.credential_names import (
    access_token_name,
    client_secret_name,
    filing,
    passphrase_name,
    shared_secret_name,
)
from tests.cli.program import write_settings
from tests.support.fakes import DictStore, KeyringDict, ScriptedTransport
from tests.support.wizard import SECRET, make_wizard
from tests.ui.drive import driving
from tests.ui.saving import (
    BILLING,
    KEEP,
    NEW_SECRET,
    ORDERS,
    REMOVE,
    TWO,
    WHOSE,
    answer,
    asked,
    make,
    save,
    save_as,
    state,
    stored,
)


@pytest.mark.parametrize("noting_it", [True, False], ids=["noted", "saved before notes were kept"])
async def test_the_former_client_s_secret_is_removed_once_the_new_one_is_stored(
    tmp_path: Path, noting_it: bool
) -> None:
    async with driving(make(tmp_path, noting_it=noting_it)) as wizard:
        await save_as(wizard, "client_id", "two")
        assert wizard.question.splitlines() == [
            "“orders” had another client, server or key before, whose secrets it will not use any more:",
            f"• the client secret {WHOSE} (keyring)",
            "Save and keep that, or save and remove it? "
            "Sign-out or “Forget profile” can remove it later, too.",
        ]
        assert wizard.focused == "cancel"
        await answer(wizard, *REMOVE)
        assert "Profile “orders” saved; its client secret is in the system keyring." in wizard.notes()
        assert f"Removed: the client secret {WHOSE} (keyring). Read back: nothing left." in wizard.notes()
        assert stored(wizard) == {client_secret_name(TWO), client_secret_name(BILLING)}
        assert state(tmp_path).profiles["orders"].client_id == "two"
        assert noted(state(tmp_path), "orders") == (filing(TWO),)
        await save(wizard)
        assert wizard.dialog is None, "there is nothing left to ask about"


async def test_what_is_kept_is_found_and_removed_by_forget(tmp_path: Path) -> None:
    async with driving(make(tmp_path)) as wizard:
        await save_as(wizard, "client_id", "two")
        await answer(wizard, *KEEP)
        assert f"Kept: the client secret {WHOSE} (keyring). Sign-out or" in wizard.notes()
        assert client_secret_name(ORDERS) in stored(wizard)
        assert noted(state(tmp_path), "orders") == (filing(ORDERS), filing(TWO))
        await save(wizard)
        assert wizard.dialog is None, "what was kept once is not asked about again"
    kept = {name: Secret(SECRET) for name in stored(wizard)}
    again, store = make_wizard(tmp_path, profiles=(TWO,), store=KeyringDict(), secret=None), KeyringDict()
    assert isinstance(again.store, DictStore)
    again.store.secrets = store.secrets = kept
    again.app.parts.book.layers = Layers(saved=state(tmp_path))
    async with driving(again) as wizard:
        await wizard.press("f6", "d")
        await asked(wizard)
        assert f"• the client secret {WHOSE} (keyring)" in wizard.question
        await answer(wizard, "right", "enter")
        assert "Read back: nothing left." in wizard.notes()
        assert set(kept) == {client_secret_name(BILLING)}
        assert noted(state(tmp_path), "orders") == ()
        assert noted(state(tmp_path), "billing") == (filing(BILLING),)


async def test_a_client_typed_just_before_the_key_holds_no_secret_of_the_former(tmp_path: Path) -> None:
    async with driving(make(tmp_path)) as wizard:
        await wizard.type("client_id", "two")
        assert wizard.input("client_secret").placeholder == "held; type to replace it"
        await save(wizard)
        await answer(wizard, *KEEP)
        assert wizard.focused == "client_id"
        assert "there is no client secret yet" in wizard.notes()
        assert wizard.input("client_secret").placeholder == "type or paste; F7 shows it"
        assert "Client secret is required" in wizard.screen()


@pytest.mark.parametrize("key", ["escape", "enter"])
async def test_the_safe_answer_saves_nothing_and_loses_nothing(tmp_path: Path, key: str) -> None:
    async with driving(make(tmp_path)) as wizard:
        before = (tmp_path / "state.json").read_bytes()
        await save_as(wizard, "client_id", "two")
        await answer(wizard, key)
        assert "Not saved: Nothing was saved, and nothing removed." in wizard.notes()
        assert (tmp_path / "state.json").read_bytes() == before
        assert stored(wizard) == {client_secret_name(ORDERS), client_secret_name(BILLING)}
        assert wizard.app.state.profile.client_id == "two"
        assert await wizard.wizard.engine.credential_source(wizard.app.state.profile) == "typed"


async def test_another_server_leaves_its_secret_behind_and_no_secret_goes_to_the_new_one(
    tmp_path: Path,
) -> None:
    moved = replace(ORDERS, token_endpoint="https://other.example/token")
    async with driving(make(tmp_path)) as wizard:
        await save_as(wizard, "token_endpoint", moved.token_endpoint, secret="")
        assert f"• the client secret {WHOSE} (keyring)" in wizard.question
        await answer(wizard, *KEEP)
        assert "Profile “orders” saved; there is no client secret yet." in wizard.notes()
        assert client_secret_name(moved) not in stored(wizard)
        assert await wizard.wizard.engine.credential_source(moved) == ""
        await wizard.press("ctrl+j")
        await wizard.done()
        assert wizard.step is Step.CONFIGURE
        assert isinstance(wizard.wizard.transport, ScriptedTransport) and not wizard.wizard.transport.requests
        await save_as(wizard, "token_endpoint", ORDERS.token_endpoint, secret="")
        assert wizard.dialog is None, "nothing was stored for the other server"
        assert await wizard.wizard.engine.credential_source(ORDERS) == "keyring"
        assert noted(state(tmp_path), "orders") == (filing(ORDERS),)


async def test_the_token_of_the_former_client_goes_from_screen_memory_and_store(tmp_path: Path) -> None:
    async with driving(make(tmp_path)) as wizard:
        await wizard.to_step(Step.TOKEN)
        await wizard.press("1")
        assert access_token_name(ORDERS) in stored(wizard)
        await save_as(wizard, "client_id", "two")
        assert f"• the access token {WHOSE} (memory, keyring)" in wizard.question
        await answer(wizard, *REMOVE)
        assert stored(wizard) == {client_secret_name(TWO), client_secret_name(BILLING)}
        assert (wizard.app.state.token, wizard.step) == (None, Step.CONFIGURE)
        assert wizard.app.state.profile.client_id == "two"


async def test_the_token_of_the_new_client_stays(tmp_path: Path) -> None:
    async with driving(make(tmp_path)) as wizard:
        await wizard.type("client_id", "two")
        await wizard.leave()
        await wizard.type("client_secret", NEW_SECRET)
        await wizard.to_step(Step.TOKEN)
        await wizard.press("1")
        await save(wizard)
        assert wizard.question.splitlines()[1:-1] == [f"• the client secret {WHOSE} (keyring)"]
        await answer(wizard, *REMOVE)
        assert wizard.app.state.token is not None
        assert stored(wizard) == {
            client_secret_name(TWO),
            access_token_name(TWO),
            client_secret_name(BILLING),
        }


async def test_another_key_leaves_a_passphrase_that_another_profile_may_use(tmp_path: Path) -> None:
    former = replace(ORDERS, key_reference="/keys/old.pem", secret_reference="keyring:team")
    billing = replace(BILLING, secret_reference="keyring:team")
    store = KeyringDict()
    team = shared_secret_name("team", former)
    store.secrets = {each: Secret(SECRET) for each in (passphrase_name("/keys/old.pem"), team)}
    async with driving(make(tmp_path, former, billing, store=store)) as wizard:
        await wizard.type("secret_reference", "")
        await wizard.type("key_reference", "/keys/new.pem")
        await wizard.leave()
        await save(wizard)
        assert wizard.question.splitlines()[1:-1] == [
            "• the passphrase of /keys/old.pem (keyring)",
            "The client secret keyring:team stays: “billing” uses it too.",
        ]
        await answer(wizard, *REMOVE)
        assert passphrase_name("/keys/old.pem") not in stored(wizard)
        assert {team, client_secret_name(former)} <= stored(wizard)


async def test_what_settings_still_give_is_not_asked_about(tmp_path: Path) -> None:
    file = write_settings(
        tmp_path / "settings.json",
        {},
        profiles={"orders": {"clientId": "one", "tokenEndpoint": ORDERS.token_endpoint}},
    )
    parts = make(tmp_path)
    book = parts.app.parts.book
    book.layers = replace(book.layers, settings=load_settings(file), settings_trusted=True)
    async with driving(parts) as wizard:
        await save_as(wizard, "client_id", "two")
        assert wizard.dialog is None
        assert client_secret_name(ORDERS) in stored(wizard)
        assert noted(state(tmp_path), "orders") == (filing(ORDERS), filing(TWO))


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 18)], ids=["120x40", "80x24", "60x18"])
async def test_the_answers_fit_the_screen(tmp_path: Path, size: tuple[int, int]) -> None:
    async with driving(make(tmp_path), size) as wizard:
        await save_as(wizard, "client_id", "two")
        assert "Cancel    Save and keep    Save and remove" in wizard.screen()
