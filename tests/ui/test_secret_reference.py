"""Client secrets by reference in the wizard: the source is shown, the value never, a problem at the field."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from ccflow_tui.models.flow import Step
from tests.support.wizard import PROFILE, SECRET, make_wizard
from tests.ui.drive import driving

REFERRING = replace(PROFILE, secret_reference="env:ORDERS")
ENVIRONMENT = {"ORDERS": SECRET}


async def test_the_source_is_shown_and_the_flow_needs_nothing_typed(tmp_path: Path) -> None:
    wizard = make_wizard(tmp_path, profiles=(REFERRING,), secret=None, environment=ENVIRONMENT)
    async with driving(wizard) as driver:
        assert "env:ORDERS" in driver.screen()
        await driver.to_step(Step.TOKEN)
        log = driver.wizard.logger.export()
        assert "Using credential source=env:ORDERS" in log
        assert SECRET not in log and SECRET not in driver.screen()


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
async def test_a_file_that_others_can_read_is_told_at_the_field(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text(SECRET, "utf-8")
    path.chmod(0o644)
    open_to_all = replace(PROFILE, secret_reference=f"file:{path}")
    async with driving(make_wizard(tmp_path, profiles=(open_to_all,), secret=None)) as driver:
        await driver.pilot.press("ctrl+j")
        await driver.done()
        assert driver.step is Step.CONFIGURE
        assert driver.focused == "secret_reference"
        assert "Other users of this machine can read" in driver.screen()
        path.chmod(0o600)
        await driver.to_step(Step.BUILD)


async def test_L3_another_server_gets_the_secret_only_after_the_profile_was_saved_with_it(
    tmp_path: Path,
) -> None:
    wizard = make_wizard(tmp_path, profiles=(REFERRING,), secret=None, environment=ENVIRONMENT)
    async with driving(wizard, (110, 60)) as driver:
        await driver.to_step(Step.BUILD)
        await driver.press("escape")
        await driver.type("token_endpoint", "https://other.example/token")
        await driver.pilot.press("ctrl+j")
        await driver.done()
        assert driver.step is Step.CONFIGURE
        assert "https://other.example" in " ".join(driver.screen().split())
        assert "is not sent" in " ".join(driver.screen().split())
        await driver.pilot.press("ctrl+s")
        await driver.done()
        assert "saved; its client secret is read from env:ORDERS" in driver.notes()
        await driver.to_step(Step.BUILD)
