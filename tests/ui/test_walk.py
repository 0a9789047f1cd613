"""The four steps by keyboard."""

from __future__ import annotations

from pathlib import Path

from ccflow_tui.models.flow import Step
from tests.support.wizard import SECRET, TOKEN, make_wizard


async def test_the_whole_road_by_keyboard(tmp_path: Path) -> None:
    wizard = make_wizard(tmp_path)
    async with wizard.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("ctrl+j")
        await wizard.app.workers.wait_for_complete()
        await pilot.pause()
        assert wizard.app.state.step is Step.BUILD
        await pilot.press("ctrl+j")
        await pilot.pause()
        assert wizard.app.state.step is Step.SEND
        await pilot.press("ctrl+j")
        await wizard.app.workers.wait_for_complete()
        await pilot.pause()
        assert wizard.app.state.step is Step.TOKEN
        await pilot.press("c")
        await pilot.pause()
        assert wizard.clipboard.copied == [("the access token", TOKEN)]
        assert SECRET not in wizard.logger.export()
