"""Long lines that go on indented."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.content import Content

from ccflow_tui.widgets.hanging_text import HangingText, hanging_rows
from tests.ui.conftest import WidgetApp, screen_text
from tests.ui.scenes import until


def _rows(text: str, width: int, indent: int = 2) -> list[str]:
    return [row.plain.rstrip() for row in hanging_rows(Content(text), width, indent)]


@pytest.mark.parametrize(
    ("text", "indent", "rows"),
    [
        ("short", 2, ["short"]),
        ("", 2, [""]),
        ("one two three four five six seven", 2, ["one two three four five", "  six seven"]),
        ("  kid: a member of JSON goes on", 2, ["  kid: a member of JSON", "    goes on"]),
        ("&name=" + "x" * 30, 2, ["&name=" + "x" * 18, "  " + "x" * 12]),
        ("Where  " + "x" * 30, 4, ["Where  " + "x" * 17, "    " + "x" * 13]),
        ("Endpoint  https://as.example/token", 10, ["Endpoint  https://as.exa", "    mple/token"]),
    ],
)  # fmt: skip
def test_a_long_line_goes_on_indented(text: str, indent: int, rows: list[str]) -> None:
    assert _rows(text, 24, indent) == rows


def test_the_indent_gives_way_where_there_is_little_room() -> None:
    assert _rows("Reason  one two three four", 20, 8) == ["Reason  one two", "three four"]
    assert _rows("Reason  one two three four", 22, 8) == ["Reason  one two three", "  four"]


@given(st.text("ab c{}&漢", max_size=120), st.integers(2, 50), st.integers(0, 30))
def test_rows_fit_and_lose_nothing_but_spaces(text: str, width: int, indent: int) -> None:
    rows = hanging_rows(Content(text), width, indent)
    assert all(row.cell_length <= width for row in rows)
    assert "".join(row.plain for row in rows).replace(" ", "") == text.replace(" ", "")


async def test_the_widget_is_as_high_as_its_rows_at_every_width() -> None:
    widget = HangingText("one two three four five six seven\nlast")
    app = WidgetApp(widget)
    async with app.run_test(size=(24, 12)) as pilot:
        assert widget.size.height == 3
        assert [line.rstrip() for line in screen_text(app).splitlines()[:3]] == [
            "one two three four five",
            "  six seven",
            "last",
        ]
        await pilot.resize_terminal(80, 12)
        await until(pilot, lambda: widget.size.height == 2)
        widget.update("")
        await until(pilot, lambda: not screen_text(app).strip())
