"""Clearing a profile's credentials and forgetting profiles: a question with what was found, then proof."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ccflow_tui.config.layers import Layers
from ccflow_tui.config.settings import load_settings
from ccflow_tui.config.state import SavedState, UserState
from ccflow_tui.filings import noted
from ccflow_tui.models.flow import Step
from ccflow_tui.models.problems import SecretStoreProblem, StoreFault
from ccflow_tui.models.profile import Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.models.store_choice import StoreChoice
from ccflow_tui.profile_removal import why_kept
from ccflow_tui.removal_words import found_lines
from ccflow_tui.services.credential_names import client_secret_name, filing, shared_secret_name
from ccflow_tui.services.ports_removal import Holdings
from ccflow_tui.widgets.secret_input import SecretInput
from tests.cli.program import write_settings
from tests.support.fakes import DictStore
from tests.support.wizard import PROFILE, SECRET, Wizard, make_wizard
from tests.ui.drive import Driver, driving

ORDERS = replace(PROFILE, name="orders", client_id="orders")
BILLING = replace(PROFILE, name="billing", client_id="billing")
LOCKED = SecretStoreProblem(StoreFault.LOCKED, "The keyring is locked.", "Unlock it.")


def make(
    folder: Path, *profiles: Profile, store: DictStore | None = None, secret: str | None = None
) -> Wizard:
    """Return a wizard whose profiles stand in the state file, too."""
    profiles = profiles or (ORDERS, BILLING)
    UserState(folder / "state.json").update(
        lambda _: SavedState(profiles={each.name: each for each in profiles}, last_profile=profiles[0].name)
    )
    return make_wizard(folder, profiles=profiles, store=store, secret=secret)


def saved(folder: Path) -> list[str]:
    return list(UserState(folder / "state.json").load().profiles)


def question(wizard: Driver) -> list[str]:
    assert wizard.dialog is not None, wizard.screen()
    return wizard.question.splitlines()


async def confirm(wizard: Driver) -> None:
    await wizard.press("right", "enter")
    await wizard.done()


async def in_list(wizard: Driver, key: str, *, down: int = 0) -> None:
    await wizard.press("f6", *["down"] * down, key)
    await wizard.done() if wizard.dialog is None else await wizard.rest()


async def test_credentials_are_cleared_and_what_was_typed_in_the_form_with_them(tmp_path: Path) -> None:
    store = DictStore()
    store.secrets[client_secret_name(ORDERS)] = Secret(SECRET)
    async with driving(make(tmp_path, store=store)) as wizard:
        await wizard.type("client_secret", "CANARY-typed-just-now")
        await wizard.press("f12")
        assert question(wizard) == [
            "For profile “orders” this removes:",
            "• the client secret (memory, keyring)",
            "The configuration and the history stay.",
        ]
        assert wizard.focused == "cancel"
        await confirm(wizard)
        assert "Credentials cleared. Removed: the client secret (memory, keyring)." in wizard.notes()
        assert "Read back: nothing left." in wizard.notes()
        assert not store.secrets
        assert not any(field.has_text for field in wizard.configure.query(SecretInput))
        assert "Client secret is required" in wizard.screen()
        assert wizard.app.state.profile == ORDERS
        assert wizard.wizard.history.page(0, 1)[0].result == "credentials cleared"
        assert saved(tmp_path) == ["orders", "billing"]


@pytest.mark.parametrize("answer", ["escape", "enter"])
async def test_the_safe_answer_leaves_everything(tmp_path: Path, answer: str) -> None:
    store = DictStore()
    store.secrets[client_secret_name(ORDERS)] = Secret(SECRET)
    async with driving(make(tmp_path, store=store)) as wizard:
        await wizard.to_step(Step.TOKEN)
        await wizard.press("1", "f12", answer)
        await wizard.done()
        assert wizard.app.state.token is not None
        assert len(store.secrets) == 2
        await in_list(wizard, "d")
        await wizard.press(answer)
        await wizard.done()
        assert wizard.app.state.token is not None
        assert (len(store.secrets), saved(tmp_path)) == (2, ["orders", "billing"])


async def test_the_token_goes_along_wherever_the_flow_stands(tmp_path: Path) -> None:
    async with driving(make(tmp_path, secret=SECRET)) as wizard:
        await wizard.to_step(Step.TOKEN)
        await wizard.press("1", "f12")
        assert question(wizard)[1:3] == ["• the access token (memory)", "• the client secret (memory)"]
        await confirm(wizard)
        assert (wizard.app.state.token, wizard.app.state.request) == (None, None)


async def test_where_nothing_is_kept_there_is_no_question(tmp_path: Path) -> None:
    async with driving(make(tmp_path)) as wizard:
        await wizard.press("f12")
        await wizard.done()
        assert wizard.dialog is None
        assert "Nothing secret of profile “orders” is in memory or in the secret store." in wizard.notes()


async def test_clearing_works_at_configure_only(tmp_path: Path) -> None:
    async with driving(make(tmp_path, secret=SECRET)) as wizard:
        await wizard.to_step(Step.BUILD)
        await wizard.press("f12")
        assert wizard.dialog is None


async def test_a_secret_that_another_profile_uses_stays_and_the_question_names_it(tmp_path: Path) -> None:
    shared = [replace(each, secret_reference="keyring:team") for each in (ORDERS, BILLING)]
    store = DictStore()
    store.secrets[shared_secret_name("team", shared[0])] = Secret(SECRET)
    store.secrets[client_secret_name(shared[0])] = Secret(SECRET)
    async with driving(make(tmp_path, *shared, store=store)) as wizard:
        await wizard.press("f12")
        stays = "The client secret keyring:team stays: “billing” uses it too."
        assert stays in question(wizard)
        await confirm(wizard)
        assert stays in wizard.notes()
        assert list(store.secrets) == [shared_secret_name("team", shared[0])]


@pytest.mark.parametrize("key", ["d", "delete"])
async def test_another_profile_is_forgotten_and_the_open_one_left_alone(tmp_path: Path, key: str) -> None:
    store = DictStore()
    store.secrets = {client_secret_name(each): Secret(SECRET) for each in (ORDERS, BILLING)}
    async with driving(make(tmp_path, store=store)) as wizard:
        await wizard.to_step(Step.TOKEN)
        await in_list(wizard, key, down=1)
        assert question(wizard)[:2] == [
            "For profile “billing” this removes:",
            "• the client secret (keyring)",
        ]
        assert question(wizard)[2] == "• the profile (state.json)"
        await confirm(wizard)
        assert "Profile “billing” is forgotten. Removed: the profile (state.json)" in wizard.notes()
        assert "Read back: nothing left." in wizard.notes()
        assert saved(tmp_path) == ["orders"]
        assert client_secret_name(BILLING) not in store.secrets
        assert client_secret_name(ORDERS) in store.secrets
        assert (wizard.step, wizard.app.state.token is not None) == (Step.TOKEN, True)
        await wizard.press("f6")
        assert "billing" not in wizard.screen()


async def test_after_the_open_profile_the_next_one_is_opened(tmp_path: Path) -> None:
    async with driving(make(tmp_path, secret=SECRET)) as wizard:
        await wizard.to_step(Step.TOKEN)
        await in_list(wizard, "d")
        await confirm(wizard)
        state = wizard.app.state
        assert (wizard.step, state.profile.name, state.token) == (Step.CONFIGURE, "billing", None)
        assert wizard.input("client_id").value == "billing"
        assert wizard.wizard.history.page(0, 1)[0].result == "profile forgotten"
        await wizard.app.run_action("app.forget_profile")
        await wizard.rest()
        await confirm(wizard)
        assert wizard.app.state.profile == Profile(name="default")
        assert saved(tmp_path) == []
    assert UserState(tmp_path / "state.json").load().last_profile == ""


async def test_a_locked_keyring_asks_once_more_before_the_profile_goes(tmp_path: Path) -> None:
    store = DictStore()
    store.secrets[client_secret_name(ORDERS)] = Secret(SECRET)
    async with driving(make(tmp_path, store=store)) as wizard:
        for answer, left in (("escape", ["orders", "billing"]), ("confirm", ["billing"])):
            store.problem = LOCKED
            await in_list(wizard, "d")
            assert f"⚠ The secret store could not be asked: {LOCKED}" in question(wizard)
            await wizard.press("right", "enter")
            assert question(wizard) == [
                f"Still there: anything in the secret store, which could not be asked: {LOCKED}",
                "Without the profile, only “ccflow forget orders” finds it.",
            ]
            await (wizard.press("escape") if answer == "escape" else confirm(wizard))
            await wizard.done()
            assert saved(tmp_path) == left
            assert "Forgetting is not complete" in wizard.notes()
            filed = noted(UserState(tmp_path / "state.json").load(), "orders", StoreChoice.KEYRING)
            assert filed == ((filing(ORDERS),) if answer == "confirm" else ())
        assert "Profile “orders” is kept, so that you can try again." in wizard.notes()
        assert "signed out" not in wizard.history()


async def test_with_secrets_in_memory_by_choice_it_is_said_what_was_not_looked_at(tmp_path: Path) -> None:
    told = "The system keyring and the encrypted file were not looked at, because CCFLOW_SECRET_STORE=memory"
    parts = make_wizard(
        tmp_path, profiles=(ORDERS,), secret=None, environment={"CCFLOW_SECRET_STORE": "memory"}
    )
    async with driving(parts) as wizard:
        await wizard.press("f12")
        await wizard.done()
        assert f"Nothing secret of profile “orders” is in memory. {told}" in wizard.notes()
        await wizard.type("client_secret", SECRET)
        await wizard.press("ctrl+s")
        await wizard.done()
        await wizard.press("f12")
        assert question(wizard)[1] == "• the client secret (memory)"
        assert question(wizard)[2].startswith(told)
        await confirm(wizard)
        assert "Read back: nothing left in memory." in wizard.notes()
        await in_list(wizard, "d")
        assert question(wizard)[2].startswith(told)
        await confirm(wizard)
        assert "Read back: nothing left." not in wizard.notes()
        filed = noted(UserState(tmp_path / "state.json").load(), "orders")
        assert filed == (filing(ORDERS),), "“ccflow forget orders” has to find what it holds elsewhere"
    assert found_lines(Holdings(only_memory=True)) == ["• nothing: none was found in memory"]


async def test_a_demo_profile_cannot_be_forgotten(tmp_path: Path) -> None:
    parts = make_wizard(tmp_path)
    parts.app.parts.book.use_demo((ORDERS, BILLING), requested=None)
    async with driving(parts) as wizard:
        await in_list(wizard, "d")
        await wizard.done()
        assert "it is made anew at each start and ends with this run" in wizard.notes()
        assert not (tmp_path / "state.json").exists()


async def test_a_state_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    async with driving(make(tmp_path)) as wizard:
        (tmp_path / "state.json").write_text("broken", "utf-8")
        await in_list(wizard, "d")
        await confirm(wizard)
        assert "The profile's secrets are gone, the profile itself is not." in wizard.notes()
        assert "Profile not forgotten: " in wizard.notes()
        assert wizard.app.state.profile == ORDERS


@pytest.mark.parametrize("size", [(80, 24), (60, 18)], ids=["80x24", "60x18"])
async def test_a_long_question_scrolls_above_its_answers(tmp_path: Path, size: tuple[int, int]) -> None:
    wordy = replace(
        ORDERS, key_reference="/very/long/path/of/a/key/that/is/encrypted.pem", secret_reference="env:ORDERS"
    )
    parts = make(tmp_path, wordy, BILLING, secret=SECRET)
    parts.engine.remember_passphrase(wordy.key_reference, Secret("CANARY passphrase"))
    async with driving(parts, size) as wizard:
        await in_list(wizard, "d")
        assert "Cancel    Forget" in wizard.screen()
        assert "For profile “orders”" in wizard.screen()
        await wizard.press("pagedown", "pagedown")
        await wizard.done() if wizard.dialog is None else await wizard.rest()
        assert "The history stays." in wizard.screen()
        assert wizard.focused == "cancel"


def test_who_else_names_a_profile_is_told(tmp_path: Path) -> None:
    file = write_settings(
        tmp_path / "settings.json",
        {"clientId": "block"},
        profiles={"orders": {"clientId": "o"}},
        defaultProfile="orders",
    )
    book = make_wizard(tmp_path).app.parts.book
    book.settings_file = file
    book.layers = Layers(
        settings=load_settings(file),
        saved=SavedState(profiles={"orders": ORDERS, "billing": BILLING}),
        environment={"CCFLOW_PROFILE": "billing", "CCFLOW_SCOPE": "a"},
    )
    assert why_kept(book, "orders") == (
        f"{file} names the profile, too, and keeps it in the list.",
        f"defaultProfile in {file} asks for the profile by name; change that, too.",
    )
    assert why_kept(book, "billing") == (
        "CCFLOW_PROFILE in the environment asks for the profile by name; change that, too.",
    )
    assert why_kept(book, "default") == (
        f"“default” is always there: it stays in the list with what {file} and the environment set.",
    )
    book.layers = Layers(saved=SavedState(profiles={"orders": ORDERS}))
    assert why_kept(book, "orders") == ()
    assert "begins empty" in why_kept(book, "default")[0]
