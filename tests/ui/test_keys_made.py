"""The key workbench: keys that come in (generated, imported) and public halves that go out."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input, Static

from ccflow_tui.models.kept_key import KeyExport, KeyKind
from ccflow_tui.models.problems import KeyProblem, SecretStoreProblem, StoreFault
from ccflow_tui.models.profile import EndpointMode, Provider
from ccflow_tui.screens.key_export import ExportDialog
from ccflow_tui.screens.key_file import WriteDialog
from ccflow_tui.screens.key_generate import KIND_NOTES, GenerateDialog
from ccflow_tui.screens.key_import import ImportDialog
from ccflow_tui.screens.keys import KeysScreen
from ccflow_tui.widgets.secret_input import SecretInput
from tests.support.workbench import MemoryWorkbench, certificate, made_key
from tests.ui.drive import Driver, surviving
from tests.ui.keys_drive import SIGNING, answer, at_the_workbench, back_at_the_list, click, opened, until

OLD, NEW = made_key("orders"), made_key("orders-2", replaces="orders")
FILE, SET, WORDS = "~/orders.p12", "~/keys.json", "CANARY-passphrase-of-the-key"
FOUND = made_key("", KeyKind.RSA_3072, certificate=certificate(200), store="")
FAILED = SecretStoreProblem(StoreFault.FAILED, "The keyring refused.", "Try again.")


def bench_with_a_file(passphrase: str = "") -> MemoryWorkbench:
    return MemoryWorkbench(files={FILE: FOUND}, passphrases={FILE: passphrase} if passphrase else {})


async def put(driver: Driver, selector: str, text: str) -> None:
    """Put a text into an input of the dialog, as a paste does."""
    field = driver.app.screen.query_one(selector, Input)
    field.focus()
    field.value = text
    await driver.rest()


def shown(driver: Driver, selector: str) -> str:
    return str(driver.app.screen.query_one(selector, Static).content)


# Generate


def test_every_kind_is_offered_once_the_plain_choice_first() -> None:
    assert set(KIND_NOTES) == set(KeyKind)
    assert next(iter(KIND_NOTES)) is KeyKind.P_256


@pytest.mark.parametrize(("downs", "kind"), list(enumerate(KIND_NOTES)), ids=str)
async def test_a_key_of_each_kind_is_made_by_enter(tmp_path: Path, downs: int, kind: KeyKind) -> None:
    async with at_the_workbench(tmp_path) as (wizard, bench):
        await opened(wizard, "n", GenerateDialog)
        assert KIND_NOTES[kind] in wizard.screen()
        await wizard.press(*["down"] * downs, "enter")
        screen = await back_at_the_list(wizard)
        assert bench.kept["orders"].label == kind
        await until(wizard, lambda: screen.highlighted is not None)
        assert "“orders” was made and is in the secret store." in wizard.notes()
        assert "● orders" in wizard.screen(), "the profile referred to this name already"


async def test_a_name_that_is_taken_is_told_and_mended(tmp_path: Path) -> None:
    async with at_the_workbench(tmp_path, OLD) as (wizard, bench):
        await opened(wizard, "n", GenerateDialog)
        assert wizard.app.screen.query_one("#key-name Input", Input).value == "orders-2"
        for name, words in (("Orders", "There is a key “Orders” already."), ("", "A key needs a name.")):
            await put(wizard, "#key-name Input", name)
            await click(wizard, "#confirm")
            await until(wizard, lambda words=words: f"✗ {words}" in wizard.screen())
        await wizard.pilot.press(*"second one", "enter", "enter")
        screen = await back_at_the_list(wizard)
        await until(wizard, lambda: "second one" in bench.kept)
        await until(wizard, lambda: screen.highlighted and screen.highlighted.name == "second one")


async def test_what_was_typed_stays_when_the_store_fails(tmp_path: Path) -> None:
    async with at_the_workbench(tmp_path) as (wizard, bench):
        await opened(wizard, "n", GenerateDialog)
        await put(wizard, "#key-name Input", "mine")
        problem = KeyProblem("The name is in the store.", "Type another.", field="key_name")
        bench.problems += [FAILED, problem]
        for words in ("✗ The keyring refused. Try again.", "✗ The name is in the store. Type another."):
            await click(wizard, "#confirm")
            await until(wizard, lambda words=words: words in wizard.screen())
        assert wizard.focused == "key_name"
        await wizard.press("enter", "enter")
        await back_at_the_list(wizard)
        await until(wizard, lambda: "mine" in bench.kept)


async def test_escape_cancels_what_takes_long_and_then_closes(tmp_path: Path) -> None:
    async with at_the_workbench(tmp_path) as (wizard, bench):
        bench.gate = asyncio.Event()
        await opened(wizard, "n", GenerateDialog)
        await wizard.press("down", "down", "down", "enter", "enter")
        assert "Making a key: RSA 4096. Esc cancels." in wizard.screen()
        await wizard.press("escape")
        await until(wizard, lambda: "Cancelled. No key was kept." in wizard.screen())
        bench.gate.set()
        await wizard.rest()
        assert not bench.kept
        await wizard.press("escape")
        await back_at_the_list(wizard)
        assert "was made" not in wizard.notes()


async def test_a_bug_while_a_key_is_made_is_told_without_its_text(tmp_path: Path) -> None:
    async with at_the_workbench(tmp_path) as (wizard, bench):
        await opened(wizard, "n", GenerateDialog)
        with surviving(RuntimeError(WORDS), bench, "generate"):
            await wizard.press("enter")
            await until(wizard, lambda: "A bug in ccflow" in wizard.notes())
        assert "Making a key" not in wizard.screen()
        assert WORDS not in wizard.screen() + wizard.notes()
        await wizard.press("enter")
        await back_at_the_list(wizard)
        await until(wizard, lambda: "orders" in bench.kept)


# Import


async def test_an_import_is_looked_at_before_it_is_kept(tmp_path: Path) -> None:
    async with at_the_workbench(tmp_path, bench=bench_with_a_file()) as (wizard, bench):
        await opened(wizard, "i", ImportDialog)
        await wizard.pilot.press(*FILE, "enter", "enter", "enter")
        await until(wizard, lambda: FOUND.thumbprint in wizard.screen())
        for fact in ("RSA 3072", "RS256, PS256", "CN=orders,O=Example", "Keep it"):
            assert fact in wizard.screen()
        assert not bench.kept
        await answer(wizard)
        await back_at_the_list(wizard)
        await until(wizard, lambda: "orders" in bench.kept)
        assert "“orders” was imported" in wizard.notes()


async def test_what_was_found_is_not_kept_after_another_path_was_typed(tmp_path: Path) -> None:
    async with at_the_workbench(tmp_path, bench=bench_with_a_file()) as (wizard, bench):
        await opened(wizard, "i", ImportDialog)
        await wizard.press("enter", "enter", "enter")
        assert "✗ Say where the key is. Type a path, or env:NAME." in wizard.screen()
        await put(wizard, "#key-reference Input", FILE)
        assert "Say where" not in wizard.screen()
        await click(wizard, "#confirm")
        await until(wizard, lambda: "Keep it" in wizard.screen())
        await put(wizard, "#key-reference Input", "~/other.pem")
        assert FOUND.thumbprint not in wizard.screen()
        await click(wizard, "#confirm")
        await until(wizard, lambda: "✗ The private key file ~/other.pem cannot be read." in wizard.screen())
        assert wizard.focused == "reference"
        assert not bench.kept


async def test_a_key_id_is_asked_for_where_a_set_holds_several_keys(tmp_path: Path) -> None:
    first, second = made_key("", kid="first"), made_key("", KeyKind.P_384, kid="second")
    bench = MemoryWorkbench(sets={SET: {"first": first, "second": second}})
    async with at_the_workbench(tmp_path, bench=bench) as (wizard, _):
        await opened(wizard, "i", ImportDialog)
        assert "Key ID" not in wizard.screen()
        await wizard.pilot.press(*SET, "enter", "enter", "enter")
        await until(wizard, lambda: "✗ Enter the key ID of the one to sign with." in wizard.screen())
        assert wizard.focused == "kid"
        await wizard.press(*"third")
        assert "✗" not in wizard.screen()
        assert "The JWK Set holds 2 private keys: first, second." in wizard.screen()
        await wizard.press("enter", "enter")
        await until(wizard, lambda: "✗ Enter the key ID" in wizard.screen())
        for kid, found in (("first", first), ("second", second)):
            await put(wizard, "#key-kid Input", kid)
            assert "Keep it" not in wizard.screen()
            await click(wizard, "#confirm")
            await until(wizard, lambda found=found: f"Kind          {found.label}" in wizard.screen())
        await answer(wizard)
        await back_at_the_list(wizard)
        await until(wizard, lambda: "orders" in bench.kept)
        assert bench.kept["orders"].kid == "second"


async def test_the_answers_are_in_sight_however_much_there_is_to_tell_of_a_key(tmp_path: Path) -> None:
    told = made_key(
        "", KeyKind.RSA_2048, kid="first", certificate=certificate(200, "CN=orders,O=" + "x" * 90)
    )
    bench = MemoryWorkbench(sets={SET: {"first": told, "second": told}})
    async with at_the_workbench(tmp_path, bench=bench, size=(80, 24)) as (wizard, _):
        await opened(wizard, "i", ImportDialog)
        await put(wizard, "#key-reference Input", SET)
        await click(wizard, "#confirm")
        await until(wizard, lambda: wizard.focused == "kid")
        await put(wizard, "#key-kid Input", "first")
        await wizard.press("enter")
        await answer(wizard)
        await until(wizard, lambda: "Keep it" in wizard.screen())


async def test_a_key_id_is_for_the_set_that_it_was_typed_for(tmp_path: Path) -> None:
    sets = {SET: {"first": made_key("", kid="first"), "second": made_key("", kid="second")}}
    bench = MemoryWorkbench(files={FILE: FOUND}, sets=sets)
    async with at_the_workbench(tmp_path, bench=bench) as (wizard, _):
        await opened(wizard, "i", ImportDialog)
        await put(wizard, "#key-reference Input", SET)
        await click(wizard, "#confirm")
        await until(wizard, lambda: wizard.focused == "kid")
        await put(wizard, "#key-kid Input", "first")
        await put(wizard, "#key-reference Input", FILE)
        assert "Key ID" not in wizard.screen() and "2 private keys" not in wizard.screen()
        await click(wizard, "#confirm")
        await until(wizard, lambda: "Keep it" in wizard.screen())
        await put(wizard, "#key-reference Input", SET)
        await click(wizard, "#confirm")
        await until(wizard, lambda: "✗ Enter the key ID" in wizard.screen())


async def test_a_passphrase_is_asked_for_until_it_opens_the_key(tmp_path: Path) -> None:
    async with at_the_workbench(tmp_path, bench=bench_with_a_file(WORDS)) as (wizard, bench):
        await opened(wizard, "i", ImportDialog)
        assert "Passphrase" not in wizard.screen()
        await wizard.pilot.press(*FILE, "enter", "enter", "enter")
        await until(wizard, lambda: "✗ The key is encrypted. Enter its passphrase." in wizard.screen())
        assert isinstance(wizard.app.focused, SecretInput)
        await wizard.pilot.press(*"wrong", "enter", "enter")
        await until(wizard, lambda: "does not open the key" in wizard.screen())
        assert "wrong" not in wizard.screen()
        assert isinstance(wizard.app.focused, SecretInput)
        await wizard.pilot.press(*WORDS, "enter", "enter")
        await until(wizard, lambda: FOUND.thumbprint in wizard.screen())
        assert "Passphrase" not in wizard.screen() and WORDS not in wizard.screen()
        await answer(wizard)
        await back_at_the_list(wizard)
        await until(wizard, lambda: "orders" in bench.kept)
        assert not bench.typed
    assert WORDS not in wizard.notes()


async def test_a_passphrase_is_let_go_of_when_nothing_is_imported(tmp_path: Path) -> None:
    async with at_the_workbench(tmp_path, bench=bench_with_a_file(WORDS)) as (wizard, bench):
        await opened(wizard, "i", ImportDialog)
        await wizard.pilot.press(*FILE, "enter", "enter", "enter")
        await until(wizard, lambda: isinstance(wizard.app.focused, SecretInput))
        await wizard.pilot.press(*WORDS, "enter", "enter")
        await until(wizard, lambda: bench.typed)
        await until(wizard, lambda: "Keep it" in wizard.screen())
        await wizard.press("escape")
        await back_at_the_list(wizard)
        await until(wizard, lambda: not bench.typed)
        assert not bench.kept


# Export


async def test_each_form_is_shown_in_full_and_copied(tmp_path: Path) -> None:
    async with at_the_workbench(tmp_path, OLD, NEW) as (wizard, bench):
        await opened(wizard, "e", ExportDialog)
        await until(wizard, lambda: OLD.kid in shown(wizard, "#public-text"))
        await wizard.press("c")
        for form in (KeyExport.PEM, KeyExport.CERTIFICATE):
            await wizard.press("right")
            await until(wizard, lambda form=form: f"BEGIN {form.name}" in shown(wizard, "#public-text"))
            await wizard.press("c")
        await click(wizard, "#confirm")
        await wizard.rest()
        copied = wizard.wizard.clipboard.copied
        assert [label for label, _ in copied[:3]] == [f"the {form.value}" for form in KeyExport]
        assert copied[3:] == copied[2:3], "by the button as by its key"
        assert '"keys"' in copied[0][1] and OLD.thumbprint in copied[2][1]
        assert bench.exported[0] == ("orders", KeyExport.JWKS, "ES256", "")
        await wizard.press("escape")
        await back_at_the_list(wizard)


async def test_an_export_carries_the_key_id_that_the_profile_s_assertions_have(tmp_path: Path) -> None:
    profile = replace(SIGNING, assertion_kid="orders-2027")
    async with at_the_workbench(tmp_path, OLD, made_key("other"), profiles=(profile,)) as (wizard, bench):
        await opened(wizard, "c", ExportDialog)
        await until(wizard, lambda: "orders-2027" in shown(wizard, "#public-text"))
        await wizard.press("escape")
        await back_at_the_list(wizard)
        await wizard.press("down")
        await opened(wizard, "e", ExportDialog)
        await until(wizard, lambda: len(bench.exported) > 1)
        assert bench.exported[-1] == ("other", KeyExport.JWKS, "", "")


@pytest.mark.parametrize(("provider", "form"), [("pingone", "JWKS"), ("entra", "CERTIFICATE")])
async def test_an_export_begins_with_the_form_that_the_provider_takes(
    tmp_path: Path, provider: str, form: str
) -> None:
    profile = replace(SIGNING, endpoint_mode=EndpointMode.PRESET, provider=Provider(provider))
    async with at_the_workbench(tmp_path, OLD, profiles=(profile,)) as (wizard, bench):
        await opened(wizard, "e", ExportDialog)
        await until(wizard, lambda: bench.exported)
        assert bench.exported[0][1] is KeyExport[form]


async def test_an_export_that_fails_is_told_and_there_is_nothing_to_copy(tmp_path: Path) -> None:
    async with at_the_workbench(tmp_path, OLD) as (wizard, bench):
        bench.problems.append(FAILED)
        await opened(wizard, "e", ExportDialog)
        await until(wizard, lambda: "✗ The keyring refused. Try again." in wizard.screen())
        await wizard.press("c", "w")
        assert isinstance(wizard.dialog, ExportDialog)
        assert not wizard.wizard.clipboard.copied


async def test_an_export_is_written_and_replaces_a_file_only_when_told_twice(tmp_path: Path) -> None:
    folder, taken = tmp_path / "out", tmp_path / "out" / "orders.jwks.json"
    async with at_the_workbench(tmp_path, OLD) as (wizard, _):
        await opened(wizard, "e", ExportDialog)
        await until(wizard, lambda: OLD.kid in shown(wizard, "#public-text"))
        await opened(wizard, "w", WriteDialog)
        assert "orders.jwks.json holds the public half only" in wizard.screen()
        await put(wizard, "#folder Input", str(folder))
        await wizard.press("enter", "enter")
        await until(wizard, lambda: "✗ There is no folder" in wizard.screen())
        folder.mkdir()
        taken.write_text("old")
        await wizard.press("enter", "enter")
        await until(wizard, lambda: "orders.jwks.json is there already." in wizard.screen())
        assert wizard.focused == "cancel" and "Replace the file" in wizard.screen()
        assert taken.read_text() == "old"
        await put(wizard, "#folder Input", f"{folder}/")
        assert "Replace the file" not in wizard.screen(), "another folder, another question"
        await wizard.press("enter", "enter")
        await until(wizard, lambda: "Replace the file" in wizard.screen())
        await click(wizard, "#confirm")
        await until(wizard, lambda: isinstance(wizard.dialog, ExportDialog))
        await until(wizard, lambda: "Written to" in wizard.notes())
        assert OLD.kid in taken.read_text()
        await wizard.press("escape")
        assert isinstance(wizard.dialog, KeysScreen)
