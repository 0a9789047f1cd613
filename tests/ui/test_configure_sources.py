"""A field of step 1 tells, while it has the focus, which other values it stands before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.support.wizard import PROFILE, make_wizard
from tests.ui.drive import driving


async def test_a_focused_field_tells_what_it_stands_before(tmp_path: Path) -> None:
    profile = replace(PROFILE, scope="from-the-state-file")
    wizard = make_wizard(tmp_path, profiles=(profile,), environment={"CCFLOW_SCOPE": "from-outside"})
    async with driving(wizard) as driver:
        assert driver.input("scope").value == "from-outside"
        assert "from-the-state-file" not in driver.screen()
        driver.field("scope").focus()
        await driver.rest()
        assert "Stands before saved: from-the-state-file." in driver.screen()
        driver.field("client_id").focus()
        await driver.rest()
        assert "from-the-state-file" not in driver.screen()


async def test_the_line_stands_beneath_the_hint_of_a_field(tmp_path: Path) -> None:
    profile = replace(PROFILE, extra_parameters=(("tenant", "CANARY-1"),))
    wizard = make_wizard(tmp_path, profiles=(profile,), environment={"CCFLOW_EXTRA_PARAMETERS": "tenant=two"})
    async with driving(wizard) as driver:
        driver.configure.focus_field("extra_parameters")
        await driver.rest()
        assert "Never a secret" in driver.screen()
        assert "Stands before saved: tenant=(hidden)." in driver.screen()
        assert "CANARY-1" not in driver.screen()
