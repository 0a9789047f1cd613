"""Saving with another client where a store or a file fails, or lasts for the run only."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ccflow_tui.config.state import SavedState, UserState
from ccflow_tui.filings import noted
from ccflow_tui.models.flow import Step
from ccflow_tui.models.problems import SecretStoreProblem, StoreFault
from ccflow_tui.models.profile import AuthMethod, EndpointMode
from ccflow_tui.models.secret import Secret
from ccflow_tui.models.store_choice import StoreChoice
from ccflow_tui.services.credential_names import (
    access_token_name,
    client_secret_name,
    filing,
)
from tests.oauth.key_material import pem
from tests.support.fakes import DictStore, KeyringDict
from tests.support.wizard import SECRET, make_wizard
from tests.ui.drive import driving
from tests.ui.saving import (
    BILLING,
    KEEP,
    LOCKED,
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
