"""The four steps by keyboard."""

from __future__ import annotations

from pathlib import Path

from ccflow_tui.models.flow import Step
from tests.support.wizard import SECRET, TOKEN, make_wizard
from tests.ui.drive import driving


async def test_the_whole_road_by_keyboard(tmp_path: Path) -> None:
    wizard = make_wizard(tmp_path)
    async with driving(wizard, (80, 24)) as driver:
        for step in (Step.BUILD, Step.SEND, Step.TOKEN):
            await driver.press("ctrl+j")
            await driver.done()
            assert driver.step is step
        await driver.press("c")
        await driver.done()
        assert wizard.clipboard.copied == [("the access token", TOKEN)]
        assert SECRET not in wizard.logger.export()
