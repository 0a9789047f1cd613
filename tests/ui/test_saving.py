"""Saving with another client, server or key: what the former leaves is asked about and proved to be gone."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from ccflow_tui.config.layers import Layers
from ccflow_tui.config.settings import load_settings
from ccflow_tui.config.state import SavedState, UserState
from ccflow_tui.filings import noted, noting
from ccflow_tui.models.flow import Step
from ccflow_tui.models.problems import SecretStoreProblem, StoreFault
from ccflow_tui.models.profile import AuthMethod, EndpointMode, Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.models.store_choice import StoreChoice
from ccflow_tui.services.credential_names import (
    access_token_name,
    client_secret_name,
    filing,
    passphrase_name,
    shared_secret_name,
)
from tests.cli.program import write_settings
from tests.oauth.key_material import pem
from tests.support.fakes import DictStore, KeyringDict, ScriptedTransport
from tests.support.patience import patiently
from tests.support.wizard import PROFILE, SECRET, Wizard, make_wizard
from tests.ui.drive import Driver, driving

ORDERS = replace(PROFILE, name="orders", client_id="one")
TWO = replace(ORDERS, client_id="two")
BILLING = replace(PROFILE, name="billing", client_id="one")
WHOSE = "of client one at https://as.example"
NEW_SECRET = "CANARY-secret-of-two"
LOCKED = SecretStoreProblem(StoreFault.LOCKED, "The keyring is locked.", "Unlock it.")


def make(folder: Path, *profiles: Profile, store: DictStore | None = None, noting_it: bool = True) -> Wizard:
    """Return a wizard whose first profile was saved with its secret."""
    profiles = profiles or (ORDERS, BILLING)
    saved = SavedState(profiles={each.name: each for each in profiles}, last_profile=profiles[0].name)
    if noting_it:
        saved = noting(StoreChoice.KEYRING, *profiles)(saved)
    UserState(folder / "state.json").update(lambda _: saved)
    store = store or KeyringDict()
    store.secrets |= {client_secret_name(each): Secret(SECRET) for each in profiles}
    wizard = make_wizard(folder, profiles=profiles, store=store, secret=None)
    book = wizard.app.parts.book
    book.layers = replace(book.layers, saved=saved)
    return wizard


def stored(wizard: Driver) -> set[str]:
    assert isinstance(wizard.wizard.store, DictStore)
    return set(wizard.wizard.store.secrets)


def state(folder: Path) -> SavedState:
    return UserState(folder / "state.json").load()


async def save_as(wizard: Driver, field: str, text: str, secret: str = NEW_SECRET) -> None:
    await wizard.type(field, text)
    await wizard.leave()
    if secret:
        await wizard.type("client_secret", secret)
    await save(wizard)


async def save(wizard: Driver) -> None:
    """Press the key and wait until it is done or asks."""
    await wizard.press("ctrl+s")
    await asked(wizard)


async def asked(wizard: Driver) -> None:
    for _ in patiently():
        if wizard.dialog is not None or not any(worker.is_running for worker in wizard.app.workers):
            await wizard.rest()
            return
        await wizard.rest()
        await asyncio.sleep(0.01)
    raise AssertionError("it neither ends nor asks")


async def answer(wizard: Driver, *keys: str) -> None:
    await wizard.press(*keys)
    await wizard.done()


REMOVE, KEEP = ("right", "right", "enter"), ("right", "enter")


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


async def test_a_keyring_that_cannot_be_asked_is_told_and_the_former_client_noted(tmp_path: Path) -> None:
    parts = make(tmp_path, noting_it=False)
    assert isinstance(parts.store, DictStore)
    parts.store.problem = LOCKED
    async with driving(parts) as wizard:
        await save_as(wizard, "client_id", "two", secret="")
        assert wizard.dialog is None
        assert "may have secrets that could not be looked for. The secret store could not be asked" in (
            wizard.notes()
        )
        assert noted(state(tmp_path), "orders", StoreChoice.KEYRING) == (filing(ORDERS),)
        parts.store.problem = None
        await wizard.press("f12")
        await asked(wizard)
        assert f"• the client secret {WHOSE} (keyring)" in wizard.question


async def test_where_the_former_secret_cannot_be_deleted_it_is_told_and_stays_noted(tmp_path: Path) -> None:
    class Stubborn(KeyringDict):
        async def delete(self, name: str) -> bool:
            raise SecretStoreProblem(StoreFault.FAILED, "The keyring refused.", "Remove it by hand.")

    async with driving(make(tmp_path, store=Stubborn())) as wizard:
        await save_as(wizard, "client_id", "two")
        await answer(wizard, *REMOVE)
        assert "Not all removed: " in wizard.notes() and "The keyring refused. Remove it by hand." in (
            wizard.notes()
        )
        assert noted(state(tmp_path), "orders") == (filing(ORDERS), filing(TWO))


async def test_where_the_new_secret_cannot_be_stored_the_next_save_asks_again(tmp_path: Path) -> None:
    class Refusing(KeyringDict):
        refuses = True

        async def put(self, name: str, secret: Secret) -> None:
            if self.refuses:
                raise SecretStoreProblem(StoreFault.FAILED, "The keyring is full.", "Make room.")
            await super().put(name, secret)

    store = Refusing()
    async with driving(make(tmp_path, store=store)) as wizard:
        await save_as(wizard, "client_id", "two")
        await answer(wizard, *REMOVE)
        assert "The keyring is full." in wizard.notes()
        assert client_secret_name(ORDERS) in stored(wizard), "the old secret may still be needed"
        store.refuses = False
        await save(wizard)
        assert f"• the client secret {WHOSE} (keyring)" in wizard.question
        await answer(wizard, *REMOVE)
        assert stored(wizard) == {client_secret_name(TWO), client_secret_name(BILLING)}
        assert noted(state(tmp_path), "orders") == (filing(TWO),)


async def test_a_profile_that_cannot_be_written_costs_no_secret(tmp_path: Path) -> None:
    async with driving(make(tmp_path)) as wizard:
        await save_as(wizard, "client_id", "two")
        (tmp_path / "state.json").write_text("broken", "utf-8")
        await answer(wizard, *REMOVE)
        assert "Not saved: " in wizard.notes()
        assert stored(wizard) == {client_secret_name(ORDERS), client_secret_name(BILLING)}


async def test_what_was_never_stored_is_no_question_and_is_found_in_memory_all_the_same(
    tmp_path: Path,
) -> None:
    parts = make(tmp_path)
    assert isinstance(parts.store, DictStore)
    parts.store.secrets.clear()
    async with driving(parts) as wizard:
        await wizard.type("client_secret", SECRET)
        await wizard.to_step(Step.TOKEN)
        await wizard.press("1")
        await save_as(wizard, "client_id", "two")
        assert wizard.dialog is None
        assert wizard.app.state.token is not None and stored(wizard) == {client_secret_name(TWO)}
        await wizard.press("f12")
        await asked(wizard)
        assert f"• the client secret {WHOSE} (memory)" in wizard.question


async def test_what_an_edit_stored_that_was_never_saved_is_found_by_forget(tmp_path: Path) -> None:
    signing = replace(
        ORDERS,
        auth_method=AuthMethod.PRIVATE_KEY_JWT,
        key_reference="env:SIGNING_KEY",
        assertion_alg="ES256",
    )
    UserState(tmp_path / "state.json").update(lambda _: SavedState(profiles={"orders": signing}))
    store = KeyringDict()
    parts = make_wizard(
        tmp_path, profiles=(signing,), store=store, secret=None, environment={"SIGNING_KEY": pem("P-256")}
    )
    edited = replace(signing, client_id="two")
    async with driving(parts) as wizard:
        await wizard.type("client_id", "two")
        await wizard.to_step(Step.TOKEN)
        await wizard.press("1")
        assert set(store.secrets) == {access_token_name(edited)}
        assert noted(state(tmp_path), "orders") == (filing(edited), filing(signing))
        await wizard.type("client_id", "one")
        await wizard.to_step(Step.TOKEN)
        await wizard.press("1")
        await save(wizard)
        assert wizard.dialog is None, "it was saved for no other client"
        await wizard.app.run_action("app.forget_profile")
        await asked(wizard)
        assert "• the access token of client two at https://as.example (keyring)" in wizard.question
        await answer(wizard, "right", "enter")
    assert not store.secrets
    assert not noted(state(tmp_path), "orders")


async def test_in_memory_what_was_kept_is_found_as_long_as_the_run_lasts(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path, profiles=(ORDERS,))) as wizard:
        await save(wizard)
        await save_as(wizard, "client_id", "two")
        await answer(wizard, *KEEP)
        assert "filings" not in (tmp_path / "state.json").read_text("utf-8"), "memory ends with the run"
        await wizard.press("f12")
        await asked(wizard)
        assert f"• the client secret {WHOSE} (memory)" in wizard.question
        await answer(wizard, "right", "enter")
        await save_as(wizard, "client_id", "three", secret="")
        assert wizard.dialog is None


async def test_a_server_that_is_not_known_yet_moves_nothing(tmp_path: Path) -> None:
    waiting = replace(
        ORDERS, endpoint_mode=EndpointMode.ISSUER, issuer="https://as.example", token_endpoint=""
    )
    parts = make(tmp_path)
    book = parts.app.parts.book
    async with driving(parts) as wizard:
        book.remember(waiting)
        wizard.app.show_profile(waiting, {})
        await wizard.done()
        await save(wizard)
        assert wizard.dialog is None
        assert noted(state(tmp_path), "orders") == (filing(ORDERS),)


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 18)], ids=["120x40", "80x24", "60x18"])
async def test_the_answers_fit_the_screen(tmp_path: Path, size: tuple[int, int]) -> None:
    async with driving(make(tmp_path), size) as wizard:
        await save_as(wizard, "client_id", "two")
        assert "Cancel    Save and keep    Save and remove" in wizard.screen()
