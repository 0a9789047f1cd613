"""The key workbench: the list and its facts, using, rotating and deleting a key, and its keys."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.command import CommandPalette
from textual.widgets import OptionList

from ccflow_tui.keys_in_force import KeysInForce
from ccflow_tui.models.flow import Step
from ccflow_tui.models.kept_key import KeyKind
from ccflow_tui.models.places import Place
from ccflow_tui.models.problems import SecretStoreProblem, StoreFault
from ccflow_tui.models.profile import AuthMethod
from ccflow_tui.screens.help import HelpDialog
from ccflow_tui.screens.key_delete import DeleteDialog, question
from ccflow_tui.screens.key_export import ExportDialog
from ccflow_tui.screens.key_generate import GenerateDialog
from ccflow_tui.screens.key_rotate import RotateDialog
from ccflow_tui.screens.keys import EMPTY, INTRODUCTION, STANDING, KeysScreen
from ccflow_tui.widgets.key_bar import KeyBar
from tests.support.wizard import PROFILE, make_wizard
from tests.support.workbench import MemoryWorkbench, certificate, made_key
from tests.ui.drive import Driver, driving
from tests.ui.keys_drive import SIGNING, answer, at_the_workbench, back_at_the_list, on_top, opened, until

OLD, NEW = made_key("orders"), made_key("orders-2", replaces="orders")
BILLING = made_key("billing", KeyKind.RSA_2048, certificate=certificate(12.5))
LOCKED = SecretStoreProblem(StoreFault.LOCKED, "The keyring is locked.", "Unlock it and try again.")


def bar(driver: Driver) -> dict[str, bool]:
    """Return the keys of the bar and whether they do something now."""
    return {key.display: key.enabled for key in driver.app.screen.query_one(KeyBar).shown}


async def test_the_list_tells_of_every_key_and_the_facts_of_one(tmp_path: Path) -> None:
    async with at_the_workbench(tmp_path, OLD, NEW, BILLING) as (wizard, _):
        screen = wizard.screen()
        assert "● orders" in screen
        assert "succeeds orders" in screen
        assert "▲ expires in 12 days" in screen
        assert "used by orders" in screen
        assert OLD.thumbprint in screen and NEW.thumbprint not in screen
        await wizard.press("end")
        assert BILLING.thumbprint in wizard.screen() and OLD.thumbprint not in wizard.screen()
        assert "CN=orders,O=Example" in wizard.screen()
        await wizard.press("escape")
        assert wizard.dialog is None
        assert wizard.focused == "next"


async def test_a_public_half_s_place_is_that_of_the_profile_s_provider(tmp_path: Path) -> None:
    async with at_the_workbench(tmp_path, OLD) as (wizard, _):
        assert "Public half   Register it at the client." in wizard.screen()


async def test_without_a_key_it_says_what_for_and_how_to_begin(tmp_path: Path) -> None:
    async with at_the_workbench(tmp_path) as (wizard, _):
        assert EMPTY.split(".")[0] in wizard.screen()
        assert "Press n to generate" in wizard.screen()
        off = {key for key, enabled in bar(wizard).items() if not enabled}
        assert off == {"r", "u", "e", "d"}
        await wizard.press("r", "u", "e", "c", "d", "delete")
        assert isinstance(wizard.dialog, KeysScreen)
        assert wizard.notes() == ""


async def test_a_store_that_fails_is_told_in_place_of_the_list(tmp_path: Path) -> None:
    async with at_the_workbench(tmp_path, OLD, bench=MemoryWorkbench(problems=[LOCKED])) as (wizard, _):
        assert "✗ The keyring is locked. Unlock it and try again." in wizard.screen()
        assert "open it again" in wizard.screen()
        await wizard.press("escape")
        await opened(wizard, "f8", KeysScreen)
        await until(wizard, lambda: OLD.thumbprint in wizard.screen())


async def test_each_key_of_the_bar_is_explained_by_the_help(tmp_path: Path) -> None:
    async with at_the_workbench(tmp_path, OLD) as (wizard, _):
        assert list(bar(wizard)) == ["Esc", "n", "i", "r", "u", "e", "d", "F1"]
        await wizard.press("f1")
        dialog = wizard.dialog
        assert isinstance(dialog, HelpDialog)
        text = dialog._text().plain
        assert INTRODUCTION in text and "On this step" not in text and "Everywhere" not in text
        rows = (*KeysInForce().told(Place.KEYS), *STANDING)
        assert [keys for keys, _ in rows] == ["n", "i", "r", "u", "e, c", "d, Del", "Tab", "Esc"]
        for keys, words in rows:
            assert f"  {keys}" in text and words in text
        await wizard.press("escape")
        assert isinstance(wizard.dialog, KeysScreen)


async def test_the_mouse_chooses_a_key_and_presses_those_of_the_bar(tmp_path: Path) -> None:
    async with at_the_workbench(tmp_path, OLD, NEW) as (wizard, _):
        await wizard.pilot.click("#keys-list", offset=(5, 1))
        await until(wizard, lambda: NEW.thumbprint in wizard.screen())
        await wizard.pilot.click(KeyBar, offset=(11, 0))
        await until(wizard, on_top(wizard, GenerateDialog))


async def test_in_the_smallest_terminal_the_facts_scroll(tmp_path: Path) -> None:
    async with at_the_workbench(tmp_path, OLD, NEW, BILLING, size=(60, 18)) as (wizard, _):
        assert "Public half" not in wizard.screen()
        await wizard.press("tab")
        assert wizard.focused == "key-detail"
        await wizard.press("end")
        assert "Register it at the client." in wizard.screen()
        await wizard.press("tab")
        assert wizard.focused == "keys-list"


async def test_the_workbench_opens_from_every_step_and_the_palette_names_it(tmp_path: Path) -> None:
    wizard = make_wizard(tmp_path, workbench=MemoryWorkbench())
    async with driving(wizard) as driver:
        await driver.to_step(Step.SEND)
        await opened(driver, "f8", KeysScreen)
        await driver.press("escape")
        assert (driver.dialog, driver.step) == (None, Step.SEND)
        assert driver.app.state.request is not None
        await driver.pilot.press("ctrl+p")
        await until(driver, on_top(driver, CommandPalette))
        await driver.pilot.press(*"keys")
        await until(driver, lambda: "Make, import, export, rotate" in driver.screen())


async def test_a_hint_at_the_private_key_names_the_key_to_press(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path, profiles=(SIGNING,), secret=None)) as wizard:
        wizard.field("key_reference").focus()
        await wizard.rest()
        assert "F8 makes, imports and rotates keys." in wizard.screen()


# Use


async def test_using_a_key_lets_the_profile_sign_with_it(tmp_path: Path) -> None:
    profile = replace(PROFILE, assertion_kid="old-kid", assertion_certificate="~/old.pem")
    async with at_the_workbench(tmp_path, NEW, profiles=(profile,)) as (wizard, _):
        await wizard.press("u")
        await until(wizard, lambda: "● orders-2" in wizard.screen())
        assert "used by default" in wizard.screen()
        assert "“default” signs with “orders-2” by ES256. Ctrl+S on Configure keeps that." in wizard.notes()
        await wizard.press("escape")
        assert wizard.app.state.profile == replace(
            PROFILE,
            auth_method=AuthMethod.PRIVATE_KEY_JWT,
            key_reference="keyring:orders-2",
            assertion_alg="ES256",
        )
        assert wizard.input("key_reference").value == "keyring:orders-2"
        assert wizard.app.sources["key_reference"] == wizard.app.sources["assertion_alg"] == "chosen"
        assert wizard.configure.picker.value is AuthMethod.PRIVATE_KEY_JWT
        assert not (tmp_path / "state.json").exists(), "nothing is saved unasked"


async def test_used_from_a_later_step_it_leads_back_to_the_form(tmp_path: Path) -> None:
    wizard = make_wizard(tmp_path, workbench=MemoryWorkbench(kept={"orders": OLD}))
    async with driving(wizard) as driver:
        await driver.to_step(Step.BUILD)
        await opened(driver, "f8", KeysScreen)
        await driver.press("u", "escape")
        await until(driver, lambda: driver.step is Step.CONFIGURE)
        assert driver.input("key_reference").value == "keyring:orders"
        assert driver.app.state.request is None


async def test_a_missing_key_is_not_used(tmp_path: Path) -> None:
    gone = made_key("gone", missing="It is not in the keyring.")
    async with at_the_workbench(tmp_path, gone, profiles=(PROFILE,)) as (wizard, _):
        assert "✗ It is not in the keyring." in wizard.screen()
        await wizard.press("u")
        assert "Not used: “gone”: It is not in the keyring." in wizard.notes()
        assert wizard.app.state.profile == PROFILE


# Rotate


async def test_rotating_shows_both_and_goes_on_to_the_export_of_both(tmp_path: Path) -> None:
    async with at_the_workbench(tmp_path, OLD) as (wizard, bench):
        await opened(wizard, "r", RotateDialog)
        assert "A successor of “orders” is made; the old key stays" in wizard.screen()
        await wizard.press("enter")
        made = bench.kept["orders-2"]
        assert (made.replaces, made.label) == ("orders", OLD.label)
        await until(wizard, lambda: "Both are kept." in wizard.screen())
        assert "old key" in wizard.screen() and made.kid[:20] in wizard.screen()
        await answer(wizard)
        await until(wizard, on_top(wizard, ExportDialog))
        await until(wizard, lambda: OLD.kid in wizard.screen() and made.kid in wizard.screen())
        await wizard.press("escape")
        screen = await back_at_the_list(wizard)
        assert screen.highlighted is not None and screen.highlighted.name == "orders-2"
        assert wizard.app.state.profile.key_reference == "keyring:orders", "nobody uses it unasked"


async def test_a_successor_may_be_of_another_kind(tmp_path: Path) -> None:
    async with at_the_workbench(tmp_path, OLD) as (wizard, bench):
        await opened(wizard, "r", RotateDialog)
        await wizard.press("shift+tab", "left", "tab", "enter")
        await until(wizard, lambda: "orders-2" in bench.kept)
        assert bench.kept["orders-2"].label == KeyKind.ED25519
        await wizard.press("escape")
        screen = await back_at_the_list(wizard)
        assert screen.highlighted is not None and screen.highlighted.name == "orders-2"


async def test_what_hinders_a_rotation_is_told_in_its_dialog(tmp_path: Path) -> None:
    async with at_the_workbench(tmp_path, OLD, NEW) as (wizard, bench):
        await opened(wizard, "r", RotateDialog)
        await wizard.press("enter")
        await until(wizard, lambda: "✗ “orders-2” takes over from “orders” already." in wizard.screen())
        await wizard.press("escape")
        await back_at_the_list(wizard)
        assert set(bench.kept) == {"orders", "orders-2"}


# Delete


@pytest.mark.parametrize("key", ["d", "delete"])
async def test_deleting_asks_names_who_uses_the_key_and_is_read_back(tmp_path: Path, key: str) -> None:
    production = replace(SIGNING, name="live", production=True)
    profiles = (SIGNING, production)
    async with at_the_workbench(tmp_path, OLD, NEW, profiles=profiles) as (wizard, bench):
        await opened(wizard, key, DeleteDialog)
        assert "Used by: live (PRODUCTION), orders, which get no token" in wizard.screen()
        assert "Its successor “orders-2” is there" in wizard.screen()
        assert wizard.focused == "cancel"
        await wizard.press("enter")
        await back_at_the_list(wizard)
        assert "orders" in bench.kept
        await opened(wizard, key, DeleteDialog)
        await wizard.press("right", "enter")
        await until(wizard, lambda: "orders" not in bench.kept and wizard.notes())
        assert "The private key “orders” is gone from the secret store." in wizard.notes()
        screen = await back_at_the_list(wizard)
        assert screen.highlighted is not None and screen.highlighted.name == "orders-2"
        assert "succeeds" not in wizard.screen()


def test_the_question_names_so_many_profiles_as_leave_room_those_of_production_first() -> None:
    key = replace(OLD, used_by=("a", "b", "c", "d", "e", "f", "live", "z"))
    assert "Used by: live (PRODUCTION), a, b, c, d, e and 2 more, which" in question(
        key, (), frozenset({"live"}), "u"
    )


async def test_a_deletion_that_fails_is_told_in_its_dialog(tmp_path: Path) -> None:
    async with at_the_workbench(tmp_path, BILLING) as (wizard, bench):
        await opened(wizard, "d", DeleteDialog)
        assert "No profile uses it." in wizard.screen()
        bench.problems.append(LOCKED)
        await wizard.press("right", "enter")
        await until(wizard, lambda: "✗ The keyring is locked. Unlock it and try again." in wizard.screen())
        assert isinstance(wizard.dialog, DeleteDialog)
        await answer(wizard)
        screen = await back_at_the_list(wizard)
        await until(wizard, lambda: not bench.kept)
        await until(wizard, lambda: not screen.query_one("#keys-list", OptionList).display)


async def test_a_bug_in_the_services_is_told_and_leaves_the_workbench_open(tmp_path: Path) -> None:
    async with at_the_workbench(tmp_path, BILLING) as (wizard, bench):
        bench.kept["billing"] = None  # type: ignore[assignment]
        await opened(wizard, "d", DeleteDialog)
        await wizard.press("escape")
        await until(wizard, lambda: "A bug in ccflow" in wizard.notes())
        assert isinstance(wizard.dialog, KeysScreen)
