"""What tells the state: stepper, countdown, status bar, hint line, and repainting no more than changed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.content import Content
from textual.geometry import Region

from ccflow_tui.models.flow import FlowState, Step
from ccflow_tui.models.lifetime import Lifetime, Urgency
from ccflow_tui.models.outcome import Granted, Refused
from ccflow_tui.widgets.line_widget import LineWidget, changed_cells
from ccflow_tui.widgets.status_bar import StatusBar, StatusView
from ccflow_tui.widgets.stepper import Stepper
from ccflow_tui.widgets.time_text import URGENCY_LOOKS, countdown_text, full_date_and_time, time_of_day
from ccflow_tui.widgets.ttl_countdown import TtlCountdown
from tests.support.fakes import EPOCH
from tests.ui.conftest import WidgetApp, screen_text
from tests.ui.samples import BASIC_REQUEST, TOKEN

BUILT = FlowState().with_request(BASIC_REQUEST)
FAILED = BUILT.at(Step.SEND).finished(Refused("invalid_client"))
GRANTED = BUILT.at(Step.SEND).finished(Granted(TOKEN)).at(Step.TOKEN)
VIEW = StatusView(
    Lifetime(Urgency.FRESH, 3552, 3600),
    environment="12345678-aaaa",
    region="us",
    method="private_key_jwt",
    version="0.1.0",
    store="keyring",
    profile="demo",
)


@pytest.fixture
def repainted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Region]]:
    """Every region a line widget asked to repaint; a whole repaint counts as an empty region."""
    regions: list[Region] = []
    plain = LineWidget.refresh

    def refresh(self: LineWidget, *wanted: Region, **options: bool) -> LineWidget:
        regions.extend(wanted or [Region()])
        return plain(self, *wanted, **options)

    monkeypatch.setattr(LineWidget, "refresh", refresh)
    yield regions


async def test_stepper_shows_numbers_labels_glyphs_and_the_count() -> None:
    stepper = Stepper()
    app = WidgetApp(stepper)
    async with app.run_test(size=(80, 6)) as pilot:
        first, second = screen_text(app).splitlines()[:2]
        for text in ("● 1 ⚙ Configure", "○ 2 ⚒ Build request", "○ 3 ➤ Send", "○ 4 ◈ Token"):
            assert text in first
        assert "0 of 4 completed" in second
        stepper.show(FAILED)
        await pilot.pause()
        first, second = screen_text(app).splitlines()[:2]
        assert "✓ 1" in first
        assert "✓ 2" in first
        assert "✗ 3 ➤ Send" in first
        assert "2 of 4 completed" in second
        stepper.show(GRANTED)
        await pilot.pause()
        assert "✓ 4 ◈ Token" in screen_text(app)
        assert "4 of 4 completed" in screen_text(app)
        assert "─" not in screen_text(app).splitlines()[1]


async def test_stepper_below_80_columns_is_one_line() -> None:
    stepper = Stepper()
    app = WidgetApp(stepper)
    async with app.run_test(size=(60, 6)) as pilot:
        stepper.show(BUILT.at(Step.BUILD))
        await pilot.pause()
        assert " ".join(screen_text(app).split()) == "Step 2/4 ● Build request 1 of 4 completed"
        assert stepper.size.height == 1
        await pilot.resize_terminal(100, 6)
        await pilot.pause()
        assert stepper.size.height == 2


async def test_clicking_a_step_asks_for_it() -> None:
    stepper = Stepper()
    app = WidgetApp(stepper, keep=(Stepper.StepChosen,))
    async with app.run_test(size=(100, 6)) as pilot:
        x = screen_text(app).splitlines()[0].index("Send")
        await pilot.click(stepper, offset=(x, 0))
        await pilot.click(stepper, offset=(3, 0))
        await pilot.click(stepper, offset=(3, 1))
        assert [message.step for message in app.kept] == [Step.SEND, Step.CONFIGURE]  # type: ignore[attr-defined]
        assert app.kept[0].control is stepper  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "00:00"),
        (-5, "00:00"),
        (0.2, "00:01"),
        (59.0, "00:59"),
        (60, "01:00"),
        (3599.1, "1:00:00"),
        (86400, "24:00:00"),
    ],
)
def test_countdown_text(seconds: float, text: str) -> None:
    assert countdown_text(seconds) == text


def test_every_urgency_has_glyph_word_and_colour_of_its_own_shape() -> None:
    assert set(URGENCY_LOOKS) == set(Urgency)
    shapes = {(look.glyph, look.word) for look in URGENCY_LOOKS.values()}
    assert len(shapes) == len(Urgency)


async def test_countdown_shows_time_refresh_and_expiry() -> None:
    countdown = TtlCountdown()
    app = WidgetApp(countdown)
    async with app.run_test(size=(80, 6)) as pilot:
        assert "○ no token" in screen_text(app)
        countdown.show(Lifetime(Urgency.FRESH, 1800, 3600, 900, EPOCH))
        await pilot.pause()
        state, bar = screen_text(app).splitlines()[:2]
        assert "● valid  30:00  ┆ refresh in 15:00" in state
        assert f"expires at {time_of_day(EPOCH)}" in state
        assert bar.strip() == "━" * 20 + "┆" + "━" * 19 + "─" * 40
        countdown.show(Lifetime(Urgency.SOON, 240, 3600))
        await pilot.pause()
        assert "▲ expiring soon  04:00" in screen_text(app)
        assert "refresh" not in screen_text(app)


async def test_countdown_says_when_it_expired_and_when_nothing_is_stated() -> None:
    countdown = TtlCountdown()
    app = WidgetApp(countdown)
    async with app.run_test(size=(80, 6)) as pilot:
        countdown.show(Lifetime(Urgency.EXPIRED, -3, 60, None, EPOCH))
        await pilot.pause()
        assert f"✕ EXPIRED at {time_of_day(EPOCH)}" in screen_text(app)
        assert "━" not in screen_text(app)
        countdown.show(Lifetime(Urgency.EXPIRED, 0, 0))
        await pilot.pause()
        assert screen_text(app).strip() == "✕ EXPIRED"


async def test_countdown_says_what_to_do_once_it_expired() -> None:
    countdown = TtlCountdown(when_expired="Press Ctrl+J for a fresh token.")
    app = WidgetApp(countdown)
    async with app.run_test(size=(80, 6)) as pilot:
        countdown.show(Lifetime(Urgency.EXPIRED, 0, 0))
        await pilot.pause()
        assert screen_text(app).strip() == "✕ EXPIRED. Press Ctrl+J for a fresh token."


async def test_countdown_says_that_the_refresh_is_under_way_once_it_is_due() -> None:
    countdown = TtlCountdown()
    app = WidgetApp(countdown)
    async with app.run_test(size=(80, 6)) as pilot:
        countdown.show(Lifetime(Urgency.SOON, 90, 3600, 0.0, EPOCH + 90))
        await pilot.pause()
        assert "┆ refreshing …" in screen_text(app)
        assert "refresh in" not in screen_text(app)
        countdown.show(Lifetime(Urgency.UNSTATED))
        await pilot.pause()
        assert screen_text(app).strip() == "● valid, no expiry given"
        countdown.show(Lifetime(Urgency.URGENT, 0.4, 3600))
        await pilot.pause()
        assert "◆ about to expire  00:01" in screen_text(app)
        assert screen_text(app).splitlines()[1].count("━") == 1


async def test_a_long_lifetime_shows_the_date_and_an_absurd_one_does_no_harm() -> None:
    countdown = TtlCountdown()
    app = WidgetApp(countdown)
    async with app.run_test(size=(80, 6)) as pilot:
        countdown.show(Lifetime(Urgency.FRESH, 200_000, 259_200, None, EPOCH))
        await pilot.pause()
        assert f"55:33:20  expires at {full_date_and_time(EPOCH)}" in screen_text(app)
        countdown.show(Lifetime(Urgency.FRESH, 1e18, 10**18, None, 1e18))
        await pilot.pause()
        assert "expires at a date beyond the calendar" in screen_text(app)


async def test_a_tick_repaints_only_the_digits_that_changed(repainted: list[Region]) -> None:
    countdown = TtlCountdown()
    app = WidgetApp(countdown)
    async with app.run_test(size=(80, 6)) as pilot:
        countdown.show(Lifetime(Urgency.FRESH, 3000, 3600, 2900))
        await pilot.pause()
        repainted.clear()
        countdown.show(Lifetime(Urgency.FRESH, 2999, 3600, 2899))
        assert [(region.y, region.height) for region in repainted] == [(0, 1)]
        assert repainted[0].width < 30
        repainted.clear()
        countdown.show(Lifetime(Urgency.FRESH, 2999, 3600, 2899))
        assert repainted == []
        await pilot.pause()
        assert "49:59" in screen_text(app)
        assert "48:19" in screen_text(app)


async def test_status_bar_shows_everything_at_100_columns() -> None:
    bar = StatusBar()
    app = WidgetApp(bar)
    async with app.run_test(size=(100, 4)) as pilot:
        bar.show(VIEW)
        await pilot.pause()
        expected = "● valid 59:12 │ env 12345678… │ US │ private_key_jwt │ 🔑 keyring │ demo │ v0.1.0"
        assert screen_text(app).strip() == expected


async def test_status_bar_leaves_out_the_method_before_the_profile() -> None:
    bar = StatusBar()
    app = WidgetApp(bar)
    async with app.run_test(size=(82, 4)) as pilot:
        bar.show(VIEW)
        await pilot.pause()
        assert screen_text(app).strip() == "● valid 59:12 │ env 12345678… │ US │ 🔑 keyring │ demo │ v0.1.0"


async def test_status_bar_below_80_columns_drops_method_store_and_version() -> None:
    bar = StatusBar()
    app = WidgetApp(bar)
    async with app.run_test(size=(79, 4)) as pilot:
        bar.show(VIEW)
        await pilot.pause()
        assert screen_text(app).strip() == "● valid 59:12 │ env 12345678… │ US │ demo"
        await pilot.resize_terminal(34, 4)
        await pilot.pause()
        assert screen_text(app).strip() == "● valid 59:12 │ env 12345678…"
        await pilot.resize_terminal(10, 4)
        await pilot.pause()
        assert screen_text(app).strip() == "● valid…"


async def test_status_bar_always_keeps_warning_and_production() -> None:
    bar = StatusBar()
    app = WidgetApp(bar)
    async with app.run_test(size=(60, 4)) as pilot:
        view = StatusView(environment="prod", store="memory", warning="keys are recorded", production=True)
        bar.show(view)
        await pilot.pause()
        assert screen_text(app).strip() == "▲ keys are recorded │ ○ no token │ PRODUCTION │ prod"
        await pilot.resize_terminal(120, 4)
        await pilot.pause()
        assert "▲ memory" in screen_text(app)


async def test_status_bar_repaints_nothing_for_the_same_view(repainted: list[Region]) -> None:
    bar = StatusBar()
    app = WidgetApp(bar)
    async with app.run_test(size=(100, 4)) as pilot:
        bar.show(VIEW)
        await pilot.pause()
        repainted.clear()
        bar.show(VIEW)
        assert repainted == []


LINES = st.text(st.sampled_from("ab─🔑 "), max_size=12)


@given(LINES, LINES)
def test_cells_outside_the_changed_stretch_are_alike(old: str, new: str) -> None:
    span = changed_cells(Content(old), Content(new))
    if old == new:
        assert span is None
        return
    assert span is not None
    start, width = span

    def cells(text: str) -> list[str]:
        return [part for char in text for part in ([char] if cell_len(char) == 1 else [char, ""])]

    length = max(cell_len(old), cell_len(new))
    before, after = ((cells(text) + [" "] * length)[:length] for text in (old, new))
    assert before[:start] == after[:start]
    assert before[start + width :] == after[start + width :]
    assert 0 <= start <= start + width <= length or old.rstrip() == new.rstrip()


def test_a_change_of_style_alone_is_a_change() -> None:
    assert changed_cells(Content("abc"), Content.assemble("a", ("b", "bold"), "c")) == (1, 1)


def test_a_line_widget_must_say_what_to_draw() -> None:
    with pytest.raises(NotImplementedError):
        LineWidget().draw(10)
