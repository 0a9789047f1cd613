"""The panes that draw rows on demand: history and log."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ccflow_tui.keys_in_force import KeysInForce
from ccflow_tui.models.history import HistoryKind
from ccflow_tui.models.log_entry import LogEntry, LogLevel
from ccflow_tui.widgets.history_pane import HistoryPane
from ccflow_tui.widgets.log_pane import CAPACITY, LogPane, log_line
from ccflow_tui.widgets.time_text import date_and_time, time_of_day
from tests.support.fakes import EPOCH
from tests.ui.conftest import WidgetApp, screen_text
from tests.ui.samples import CountingRows
from tests.ui.scenes import until


def entry(number: int, level: LogLevel = LogLevel.INFO) -> LogEntry:
    return LogEntry(EPOCH + number, level, "📤", "CC", f"line {number}")


def inside(app: WidgetApp) -> list[str]:
    """Return the lines within the pane's frame."""
    return [line[2:-2] for line in screen_text(app).splitlines()[1:-1]]


async def test_history_shows_newest_first_with_glyph_result_scope_and_short_fingerprint() -> None:
    rows = CountingRows(3)
    app = WidgetApp(HistoryPane(rows))
    async with app.run_test(size=(104, 12)):
        lines = inside(app)
        assert "Date  Time" in lines[0]
        assert lines[1].startswith(f"▸ {date_and_time(EPOCH)}")
        assert "✓ granted" in lines[1]
        assert "200 r3" in lines[1]
        assert "p1:read:users" in lines[1]
        assert lines[1].rstrip().endswith("a1b2c3d4")
        assert "✗ refused" in lines[2]
        assert lines[0].index("Event") == lines[1].index("✓")
        assert lines[0].index("Result") == lines[1].index("200")
        assert lines[0].index("Scope") == lines[1].index("p1:read")


async def test_history_in_a_narrow_place_leaves_the_scope_out() -> None:
    app = WidgetApp(HistoryPane(CountingRows(3)))
    async with app.run_test(size=(64, 12)):
        line = inside(app)[1]
        assert "p1:read" not in line
        assert "200 r3" in line
        assert line.rstrip().endswith("a1b2c3d4")


async def test_history_beside_a_step_gives_the_room_of_date_and_fingerprint_to_the_result() -> None:
    app = WidgetApp(HistoryPane(CountingRows(3)))
    async with app.run_test(size=(46, 12)):
        header, line = inside(app)[:2]
        assert line.startswith(f"▸ {time_of_day(EPOCH)}  ✓ granted")
        assert header.index("Event") == line.index("✓")
        assert header.index("Result") == line.index("r3")  # a token was granted: no need to say 200
        assert "401 r2" in inside(app)[2]
        assert "a1b2" not in line


@pytest.mark.parametrize(("status", "mark"), [(200, "✓"), (204, "✓"), (403, "✗"), (302, "✗"), (None, "✗")])
async def test_history_marks_a_call_to_an_api_by_what_the_api_answered(status: int | None, mark: str) -> None:
    rows = CountingRows(1)
    call = replace(rows.entry(0), kind=HistoryKind.RESOURCE, http_status=status, result="answered")
    rows.entry = lambda index: call  # type: ignore[method-assign]
    app = WidgetApp(HistoryPane(rows))
    async with app.run_test(size=(84, 12)):
        assert f"{mark} resource" in inside(app)[1]


async def test_history_says_when_it_is_empty() -> None:
    pane = HistoryPane(CountingRows(0), empty="No tokens yet. Press ctrl+j to request one.")
    app = WidgetApp(pane)
    async with app.run_test(size=(64, 12)) as pilot:
        assert "No tokens yet. Press ctrl+j" in screen_text(app)
        pane.focus()
        await pilot.press("down", "end", "pageup")
        assert pane.selected is None
        assert pane.border_title == "History (0)"


@pytest.mark.parametrize("length", [1_000, 1_000_000])
async def test_history_reads_only_what_is_in_sight(length: int) -> None:
    rows = CountingRows(length)
    pane = HistoryPane(rows)
    app = WidgetApp(pane)
    async with app.run_test(size=(84, 22)) as pilot:
        assert rows.asked == [(0, 64)]
        pane.focus()
        await pilot.press("end")
        await pilot.pause()
        assert len(rows.asked) <= 3
        assert pane.selected is not None
        assert pane.selected.id == 1
        assert "▸" in inside(app)[19]
        await pilot.press("home")
        await pilot.pause()
        assert pane.selected.id == length
        assert "▸" in inside(app)[1]


async def test_history_cursor_moves_by_keys_and_click() -> None:
    pane = HistoryPane(CountingRows(300))
    pane.listen_to(KeysInForce())
    app = WidgetApp(pane)
    async with app.run_test(size=(84, 14)) as pilot:
        pane.focus()

        async def after(*keys: str) -> int:
            await pilot.press(*keys)
            assert pane.selected is not None
            return 300 - pane.selected.id

        assert await after("down", "j", "up", "k", "k") == 0
        assert await after("pagedown") == 10
        assert await after("pagedown") == 20
        assert await after("pageup", "pageup") == 0
        assert await after("G") == 299
        assert await after("g") == 0
        await pilot.click(pane, offset=(7, 5))
        assert await after() == 3
        await pilot.click(pane, offset=(7, 1))
        assert await after() == 3


async def test_history_keeps_few_pages() -> None:
    rows = CountingRows(10_000)
    pane = HistoryPane(rows)
    app = WidgetApp(pane)
    async with app.run_test(size=(84, 14)) as pilot:
        pane.focus()
        for _ in range(12):
            pane.action_move(500)
            await pilot.pause()
        assert len(pane._pages) <= 8
        assert len(rows.asked) < 30


async def test_history_refresh_keeps_the_cursor_on_its_entry() -> None:
    rows = CountingRows(10)
    pane = HistoryPane(rows)
    app = WidgetApp(pane)
    async with app.run_test(size=(84, 14)) as pilot:
        rows.length = 11
        pane.refresh_rows()
        assert pane.selected is not None
        assert pane.selected.id == 11
        pane.focus()
        await pilot.press("down", "down")
        assert pane.selected.id == 9
        rows.length = 13
        pane.refresh_rows()
        assert pane.selected.id == 9
        rows.length = 1
        pane.refresh_rows()
        assert pane.selected.id == 1
        assert pane.border_title == "History (1)"


async def test_log_shows_time_tag_and_message_and_follows_the_end() -> None:
    pane = LogPane()
    app = WidgetApp(pane)
    async with app.run_test(size=(64, 7)) as pilot:
        for number in range(20):
            pane.append(entry(number))
        await pilot.pause()
        lines = inside(app)
        assert lines[4].strip() == entry(19).line()
        assert lines[0].strip() == entry(15).line()
        assert pane.border_title == "Log (20/500)"


async def test_log_stays_where_the_user_scrolled_to() -> None:
    pane = LogPane()
    app = WidgetApp(pane)
    async with app.run_test(size=(64, 7)) as pilot:
        pane.load(entry(number) for number in range(CAPACITY))
        await pilot.pause()
        pane.focus()
        pane.scroll_to(y=100, animate=False, immediate=True)
        await pilot.pause()
        top = inside(app)[0]
        pane.append(entry(CAPACITY))
        await pilot.pause()
        assert inside(app)[0] == top
        assert pane.border_title == "Log (500/500, full) ▼ 1 new"
        pane.scroll_end(animate=False, immediate=True)
        await pilot.pause()
        pane.append(entry(CAPACITY + 1))
        await pilot.pause()
        assert f"line {CAPACITY + 1}" in inside(app)[4]


async def test_log_scrolls_by_letters() -> None:
    pane = LogPane()
    pane.listen_to(KeysInForce())
    app = WidgetApp(pane)
    app.animation_level = "none"
    async with app.run_test(size=(64, 7)) as pilot:
        pane.load(entry(number) for number in range(20))
        await pilot.pause()
        pane.focus()
        for key, top in (("g", 0), ("j", 1), ("j", 2), ("k", 1), ("G", 15)):
            await pilot.press(key)
            await pilot.pause()
            assert f" line {top} " in inside(app)[0], key


async def test_log_filled_while_hidden_opens_at_its_end() -> None:
    pane = LogPane()
    app = WidgetApp(pane)
    async with app.run_test(size=(64, 7)) as pilot:
        pane.display = False
        await pilot.pause()
        for number in range(30):
            pane.append(entry(number))
        pane.display = True
        await pilot.pause()
        assert "line 29" in inside(app)[4]


async def test_log_title_tells_of_errors_until_cleared() -> None:
    pane = LogPane()
    app = WidgetApp(pane)
    async with app.run_test(size=(64, 7)) as pilot:
        pane.append(entry(1, LogLevel.ERROR))
        assert pane.has_errors
        assert str(pane.border_title).endswith("▲ errors")
        pane.clear()
        await pilot.pause()
        assert not pane.has_errors
        assert pane.border_title == "Log (0/500)"
        assert "".join(inside(app)).strip() == "Nothing is logged yet."


@pytest.mark.parametrize("level", LogLevel)
def test_log_line_is_the_entrys_line_whatever_its_level(level: LogLevel) -> None:
    made = LogEntry(EPOCH, level, "", "APP", "[/b] done")
    assert log_line(made).plain == made.line()


LONG = LogEntry(EPOCH, LogLevel.INFO, "📤", "CC", "a line that is longer than its pane is wide END")


async def test_log_wraps_long_lines_to_its_width_and_anew_when_that_changes() -> None:
    pane = LogPane()
    app = WidgetApp(pane)
    async with app.run_test(size=(44, 9)) as pilot:
        pane.append(LONG)
        pane.append(entry(1))
        await pilot.pause()
        first, second, third, *_ = inside(app)
        assert first.split() + second.split() == LONG.line().split()
        assert second.startswith("  ")
        assert "line 1" in third
        await pilot.resize_terminal(90, 9)
        await pilot.pause()
        assert LONG.line() in inside(app)[0]


async def test_log_of_long_lines_stays_where_the_user_scrolled_to() -> None:
    pane = LogPane()
    app = WidgetApp(pane)
    async with app.run_test(size=(44, 7)) as pilot:
        pane.load([LONG] * CAPACITY)
        await pilot.pause()
        pane.scroll_to(y=100, animate=False, immediate=True)
        await pilot.pause()
        rows = inside(app)
        pane.append(entry(1))
        await pilot.pause()
        assert pane.scroll_offset.y == 98
        assert inside(app) == rows


async def test_log_draws_emoji_in_a_way_that_every_terminal_counts_alike() -> None:
    pane = LogPane()
    app = WidgetApp(pane)
    made = LogEntry(EPOCH, LogLevel.INFO, "🏗\ufe0f", "CC", "body built")
    async with app.run_test(size=(44, 7)) as pilot:
        pane.append(made)
        await pilot.pause()
        assert "[🏗 CC] body built" in screen_text(app)
        assert log_line(made).spans[1].end == len("00:00:00 [🏗 CC]")


async def test_log_counts_what_came_while_its_end_was_out_of_sight() -> None:
    pane = LogPane()
    app = WidgetApp(pane)
    async with app.run_test(size=(60, 8)) as pilot:
        for number in range(20):
            pane.append(entry(number))
        await pilot.pause()
        assert pane.border_title == "Log (20/500)"
        pane.scroll_to(y=0, animate=False, immediate=True)
        await pilot.pause()
        pane.append(entry(20))
        pane.append(entry(21, LogLevel.ERROR))
        assert pane.border_title == "Log (22/500) ▼ 2 new ▲ errors"
        pane.scroll_end(animate=False, immediate=True)
        await until(pilot, lambda: pane.border_title == "Log (22/500) ▲ errors")
