"""Copying is confirmed on the button, where people look."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ccflow_tui.app import CcflowApp
from ccflow_tui.models.flow import Step
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.ports import CopyReport, CopyRoute
from ccflow_tui.widgets import copy_button
from ccflow_tui.widgets.copy_button import CopyButton
from tests.support.wizard import make_wizard
from tests.ui.conftest import WidgetApp
from tests.ui.drive import driving
from tests.ui.scenes import until


class Clipboard:
    def __init__(self, route: CopyRoute) -> None:
        self.route = route

    async def copy(self, text: Secret, *, label: str) -> CopyReport:
        return CopyReport(self.route, "told")


@pytest.mark.parametrize(
    ("route", "words"),
    [(CopyRoute.NATIVE, "✓ Copied"), (CopyRoute.TERMINAL, "✓ Sent"), (CopyRoute.NONE, "Copy as curl")],
)
async def test_the_button_says_what_became_of_the_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, route: CopyRoute, words: str
) -> None:
    monkeypatch.setattr(copy_button, "CONFIRMED_SECONDS", 3600)
    parts = make_wizard(tmp_path)
    app = CcflowApp(replace(parts.app.parts, clipboard=lambda osc52: Clipboard(route)))
    async with driving(replace(parts, app=app)) as wizard:
        await wizard.to_step(Step.BUILD)
        await wizard.press("c")
        await wizard.done()
        assert app.step_screen is not None
        assert str(app.step_screen.query_one(CopyButton).label) == words


async def test_the_button_offers_to_copy_again_and_is_as_wide_as_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(copy_button, "CONFIRMED_SECONDS", 3600)
    button = CopyButton("Copy", compact=True)
    async with WidgetApp(button).run_test() as pilot:
        width = button.size.width
        button.confirm("Copied")
        button.confirm("Sent")
        await pilot.pause()
        assert button.size.width == width
        assert str(button.label) == "✓ Sent"
        monkeypatch.setattr(copy_button, "CONFIRMED_SECONDS", 0.001)
        button.confirm("Copied")
        await until(pilot, lambda: str(button.label) == "Copy")
        await pilot.pause()
        assert button.size.width == width
