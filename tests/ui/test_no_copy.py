"""S4: no password field gives anything to a clipboard, masked or readable, by whichever key."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from ccflow_tui.screens.dialog import Dialog
from ccflow_tui.screens.passphrase import PassphraseDialog
from ccflow_tui.services.ports import PassphraseQuestion
from ccflow_tui.widgets.secret_input import SecretInput
from tests.support.wizard import make_wizard
from tests.ui.drive import Driver, driving

CANARY = "CANARY-in-a-password-field"
KEYS = ("ctrl+c", "super+c", "ctrl+x", "ctrl+insert", "shift+delete", "ctrl+shift+c")
DESTRUCTIVE = frozenset({"shift+delete"})
"""May take text away, as delete does, but not to a clipboard."""


async def try_to_copy(driver: Driver, field: SecretInput) -> None:
    screen = driver.app.screen
    for _ in ("masked", "readable"):
        for key in KEYS:
            field.value = CANARY
            field.focus()
            await driver.pilot.pause()
            field.select_all()
            await driver.press(key)
            assert driver.app.clipboard == "", key
            assert driver.wizard.clipboard.copied == [], key
            assert not screen.get_selected_text(), key
            assert field.value == CANARY or key in DESTRUCTIVE, key
        field.toggle()


async def test_S4_the_keys_do_copy_from_a_plain_field(tmp_path: Path) -> None:
    """Without this the test below could not fail."""
    async with driving(make_wizard(tmp_path, secret=None)) as driver:
        await driver.type("client_id", "plain")
        driver.input("client_id").select_all()
        await driver.press("ctrl+c")
        assert driver.app.clipboard == "plain"


@pytest.mark.parametrize("name", ["client_secret", "key_passphrase"])
async def test_S4_nothing_leaves_a_password_field_of_the_form(tmp_path: Path, name: str) -> None:
    async with driving(make_wizard(tmp_path, secret=None)) as driver:
        field = driver.input(name)
        driver.field(name).display = True
        assert isinstance(field, SecretInput)
        await try_to_copy(driver, field)


@pytest.mark.parametrize("new", [False, True], ids=["known", "new"])
async def test_S4_nothing_leaves_the_dialog_for_the_passphrase(tmp_path: Path, new: bool) -> None:
    async with driving(make_wizard(tmp_path, secret=None)) as driver:
        await driver.app.push_screen(PassphraseDialog(PassphraseQuestion("/place", new=new)))
        fields = list(driver.app.screen.query(SecretInput))
        assert len(fields) == 1 + new
        for field in fields:
            await try_to_copy(driver, field)


async def test_S4_every_masked_input_there_is_is_one_of_these(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path, secret=None)) as driver:
        await driver.app.push_screen(PassphraseDialog(PassphraseQuestion("/place", new=True)))
        screens = [driver.configure, driver.app.screen]
        assert isinstance(screens[1], Dialog)
        masked = [field for screen in screens for field in screen.query(Input) if field.password]
        assert len(masked) == 4 and all(isinstance(field, SecretInput) for field in masked)
    root = Path(__file__).parents[2] / "ccflow_tui"
    makers = {path.name for path in root.rglob("*.py") if "password=True" in path.read_text(encoding="utf-8")}
    assert makers == {"secret_input.py"}
