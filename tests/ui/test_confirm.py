"""Questions: their lines hang under their labels, and the answers stay in sight."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Button

from ccflow_tui.screens.confirm import ConfirmDialog, hung
from tests.support.wizard import make_wizard
from tests.ui.drive import driving

QUESTION = f"""For this profile:
• what is long enough to need a second line of the dialog
  server  https://as.example/{"t" * 60}"""


@pytest.mark.parametrize(
    ("line", "wrapped"),
    [
        ("plain words that need two lines", ["plain words that need", "two lines"]),
        ("• a mark before words of two lines", ["• a mark before words of", "  two lines"]),
        ("  key   a.pem and b.pem and c.pem", ["  key   a.pem and b.pem", "        and c.pem"]),
        ("  url   https://as.example/token", ["  url   https://as.examp", "        le/token"]),
        ("  a label that is long  a value of words", ["  a label that is long", "a value of words"]),
        ("", [""]),
    ],
    ids=["plain", "mark", "label", "one long word", "no room beside the label", "empty"],
)
def test_a_line_goes_on_under_its_text(line: str, wrapped: list[str]) -> None:
    assert hung(line, 24) == "\n".join(wrapped)


@pytest.mark.parametrize("size", [(60, 18), (80, 24), (120, 40)], ids=["60", "80", "120"])
async def test_a_long_question_hangs_and_leaves_the_answers_in_sight(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with driving(make_wizard(tmp_path), size=size) as driver:
        dialog = ConfirmDialog("Really?", "\n".join([QUESTION] * 9), "Do it", "Do more")
        driver.app.push_screen(dialog)
        await driver.rest()
        screen = driver.screen()
        assert "  • what is long" in screen and "server  https://as.example/" in screen
        if size[0] < 80:
            assert "    the dialog" in screen or "    of the dialog" in screen
        assert all(dialog.region.contains_region(button.region) for button in dialog.query(Button))
        assert all(button.region.height == 1 for button in dialog.query(Button))
