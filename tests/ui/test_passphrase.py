"""The encrypted file in the wizard: its passphrase is asked for when the store is first needed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from textual.widgets import Button

from ccflow_tui.config.atomic import write_private
from ccflow_tui.models.flow import Step
from ccflow_tui.models.secret import Secret
from ccflow_tui.passphrase_change import UNCHANGED, change_passphrase
from ccflow_tui.passphrase_desk import PassphraseDesk
from ccflow_tui.screens.passphrase import PassphraseDialog
from ccflow_tui.services.credential_manager import CredentialManager
from ccflow_tui.services.credential_names import client_secret_name
from ccflow_tui.services.encrypted_store import EncryptedStore
from ccflow_tui.services.ports import PassphraseQuestion, StoreKind
from ccflow_tui.services.store_passphrase import StorePassphrase
from ccflow_tui.widgets.secret_input import SecretInput
from tests.support.patience import patiently
from tests.support.wizard import PROFILE, SECRET, Wizard, make_wizard
from tests.ui.drive import Driver, driving

WORDS = "CANARY-passphrase-of-the-file"


def encrypted(folder: Path, passphrase: StorePassphrase) -> EncryptedStore:
    return EncryptedStore(folder / "secrets.encrypted", passphrase, write_private, cost=16)


async def with_stored_secret(folder: Path) -> None:
    await encrypted(folder, StorePassphrase(Secret(WORDS))).put(client_secret_name(PROFILE), Secret(SECRET))


def make(folder: Path) -> Wizard:
    passphrase = StorePassphrase()
    file = encrypted(folder, passphrase)
    manager = CredentialManager(file)

    async def change() -> str:
        return await change_passphrase(file, manager)

    wizard = make_wizard(folder, store=manager, secret=None, change_passphrase=change)
    passphrase.know = wizard.redactor.know
    passphrase.ask = PassphraseDesk(wizard.app)
    return wizard


async def until(wizard: Driver, condition: Callable[[], bool]) -> None:
    for _ in patiently():
        await wizard.rest()
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError(wizard.screen())


async def asked(wizard: Driver) -> None:
    await until(wizard, lambda: isinstance(wizard.dialog, PassphraseDialog))


async def test_in_the_smallest_terminal_the_answers_are_in_sight_beneath_a_problem(tmp_path: Path) -> None:
    async with driving(make(tmp_path), (60, 18)) as wizard:
        question = PassphraseQuestion("/a/long/name/of/a/folder/" * 4, new=True)
        asking = asyncio.create_task(PassphraseDesk(wizard.app)(question))
        await asked(wizard)
        await enter(wizard, "short", "short")
        assert wizard.dialog is not None and "✗ " in wizard.screen()
        for button in wizard.dialog.query(Button):
            assert wizard.dialog.region.contains_region(button.region) and button.region.height == 1
            assert str(button.label) in wizard.screen()
        await wizard.press("escape")
        await asking


async def enter(wizard: Driver, *texts: str) -> None:
    """Fill the inputs of the dialog, as a paste does, ending each with Enter."""
    for text in texts:
        assert isinstance(wizard.app.focused, SecretInput)
        wizard.app.focused.value = text
        await wizard.press("enter")


async def test_the_passphrase_is_asked_once_and_never_shown(tmp_path: Path) -> None:
    await with_stored_secret(tmp_path)
    async with driving(make(tmp_path), settled=False) as wizard:
        await asked(wizard)
        assert wizard.focused == "passphrase"
        assert str(tmp_path / "secrets.encrypted")[:40] in wizard.screen()
        await enter(wizard, "wrong")
        await until(wizard, lambda: "does not open the file" in wizard.screen())
        await enter(wizard, WORDS)
        await until(wizard, lambda: wizard.dialog is None)
        assert WORDS not in wizard.screen()
        assert wizard.wizard.redactor.redact(f"x {WORDS} y") != f"x {WORDS} y"
        await wizard.done()
        await wizard.to_step(Step.TOKEN)
        await wizard.app.refresh_store_status()
        assert "🔒 encrypted file" in wizard.screen()


async def test_not_now_leaves_secrets_in_memory_and_says_so(tmp_path: Path) -> None:
    await with_stored_secret(tmp_path)
    before = files(tmp_path)
    async with driving(make(tmp_path), settled=False) as wizard:
        await asked(wizard)
        await wizard.press("escape")
        await wizard.done()
        assert wizard.dialog is None
        status = await wizard.app.parts.engine.store_status()
        assert (status.kind, "encrypted file" in status.detail) == (StoreKind.MEMORY, True)
        await wizard.type("client_secret", SECRET)
        await wizard.to_step(Step.TOKEN)
        await wizard.press("x", "right", "enter")
        await until(wizard, lambda: "Sign-out is not complete" in wizard.notes())
        assert wizard.dialog is None
    assert files(tmp_path) == before


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name.startswith("secrets")}


async def test_a_new_file_wants_its_passphrase_twice_and_not_too_short(tmp_path: Path) -> None:
    async with driving(make(tmp_path)) as wizard:
        assert wizard.dialog is None  # nothing is stored yet, so there is nothing to open
        await wizard.type("client_secret", SECRET)
        await wizard.pilot.press("ctrl+s")
        await asked(wizard)
        await enter(wizard, "short", "short")
        assert "8 characters or more" in wizard.screen()
        await enter(wizard, WORDS, "another-one")
        assert "not the same" in wizard.screen()
        await wizard.press("enter", "enter")
        assert "Enter the passphrase" in wizard.screen()
        await enter(wizard, WORDS, WORDS)
        await until(wizard, lambda: "is in the encrypted file" in wizard.notes())
    found = await encrypted(tmp_path, StorePassphrase(Secret(WORDS))).get(client_secret_name(PROFILE))
    assert found == Secret(SECRET)


async def test_a_question_that_nobody_waits_for_any_more_closes(tmp_path: Path) -> None:
    async with driving(make(tmp_path)) as wizard:
        asking = asyncio.create_task(PassphraseDesk(wizard.app)(PassphraseQuestion("a file")))
        await asked(wizard)
        asking.cancel()
        await until(wizard, lambda: wizard.dialog is None)


async def test_the_passphrase_is_changed_from_the_palette(tmp_path: Path) -> None:
    await with_stored_secret(tmp_path)
    async with driving(make(tmp_path), settled=False) as wizard:
        await asked(wizard)
        await wizard.press("escape")  # not now: the file stays closed
        await wizard.done()
        await wizard.app.run_action("app.change_passphrase")
        await asked(wizard)
        await enter(wizard, "wrong")
        await until(wizard, lambda: "does not open the file" in wizard.screen())
        await enter(wizard, WORDS)
        await until(wizard, lambda: "The file of secrets is encrypted anew" in wizard.screen())
        await enter(wizard, "short", "short")
        assert "8 characters or more" in wizard.screen()
        await wizard.press("enter", "enter")
        assert "Not now: then the old one stays" in " ".join(wizard.screen().split())
        await enter(wizard, "CANARY-of-tomorrow", "CANARY-of-tomorrow")
        await until(wizard, lambda: "was changed; the old one opens it no more" in wizard.notes())
        await wizard.done()
        assert "CANARY" not in wizard.notes() and "CANARY" not in wizard.screen()
        assert "🔒 encrypted file" in wizard.screen()
    found = await encrypted(tmp_path, StorePassphrase(Secret("CANARY-of-tomorrow"))).get(
        client_secret_name(PROFILE)
    )
    assert found == Secret(SECRET)


async def test_who_does_not_choose_another_one_keeps_the_passphrase(tmp_path: Path) -> None:
    await with_stored_secret(tmp_path)
    before = files(tmp_path)
    async with driving(make(tmp_path), settled=False) as wizard:
        await asked(wizard)
        await enter(wizard, WORDS)
        await wizard.done()
        await wizard.app.run_action("app.change_passphrase")
        await asked(wizard)
        await wizard.press("escape")
        await until(wizard, lambda: UNCHANGED in wizard.notes())
    assert files(tmp_path) == before


async def test_where_there_is_no_file_the_palette_offers_no_passphrase(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path)) as wizard:
        assert not wizard.app.check_action("change_passphrase", ())
    async with driving(make(tmp_path)) as wizard:
        assert wizard.app.check_action("change_passphrase", ())
        await wizard.app.run_action("app.change_passphrase")
        await wizard.done()
        told = "Passphrase not changed: There is no encrypted file of secrets yet"
        assert told in wizard.notes()
