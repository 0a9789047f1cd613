"""What comes back: the masked token and the error card."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual import events
from textual.screen import Screen
from textual.widgets import Button

from ccflow_tui.keys_in_force import KeysInForce
from ccflow_tui.models.outcome import Advice
from ccflow_tui.models.secret import MASK, Secret
from ccflow_tui.widgets.error_card import ErrorCard, ErrorChoice, advice_text
from ccflow_tui.widgets.masked_token import MaskedToken
from tests.ui.conftest import WidgetApp, screen_text
from tests.ui.samples import ADVICE, TOKEN, TOKEN_TEXT
from tests.ui.scenes import until


def readable(app: WidgetApp) -> bool:
    """Whether the middle of the token can be read, whatever the line breaks."""
    shown = "".join(char for char in screen_text(app) if char not in " │\n")
    return TOKEN_TEXT in shown


async def test_token_is_masked_to_its_ends_at_first() -> None:
    widget = MaskedToken(empty="Nothing yet.")
    app = WidgetApp(widget)
    async with app.run_test(size=(60, 12)) as pilot:
        assert "Nothing yet." in screen_text(app)
        assert not widget.has_class("-held")
        widget.reveal_for(5)
        assert not widget.is_revealed
        widget.show(TOKEN)
        await pilot.pause()
        assert f"{TOKEN_TEXT[:10]}…{TOKEN_TEXT[-10:]}" in screen_text(app)
        assert not readable(app)
        widget.show(replace(TOKEN, value=Secret("short-token")))
        await pilot.pause()
        assert MASK in screen_text(app)
        widget.show(None)
        await pilot.pause()
        assert "Nothing yet." in screen_text(app)


async def test_revealed_token_wraps_counts_down_and_hides() -> None:
    widget = MaskedToken()
    app = WidgetApp(widget)
    async with app.run_test(size=(60, 12)) as pilot:
        widget.show(TOKEN)
        widget.reveal_for(3)
        await pilot.pause()
        assert widget.is_revealed
        assert readable(app)
        assert "hides in 3 s" in screen_text(app)
        widget.tick()
        await pilot.pause()
        assert "hides in 2 s" in screen_text(app)
        widget.tick()
        widget.tick()
        await pilot.pause()
        assert not widget.is_revealed
        assert not readable(app)
        assert "hides" not in screen_text(app)


async def test_revealing_again_starts_the_time_anew() -> None:
    widget = MaskedToken()
    async with WidgetApp(widget).run_test():
        widget.show(TOKEN)
        widget.reveal_for(2)
        widget.tick()
        widget.reveal_for(2)
        widget.tick()
        assert widget.is_revealed


@pytest.mark.parametrize("cause", ["other token", "terminal blur", "covered", "suspend", "mask"])
async def test_a_revealed_token_is_masked_by(cause: str) -> None:
    widget = MaskedToken()
    app = WidgetApp(widget)
    async with app.run_test(size=(60, 12)) as pilot:
        widget.show(TOKEN)
        widget.reveal_for(10)
        await pilot.pause()
        assert readable(app)
        if cause == "other token":
            widget.show(replace(TOKEN, value=Secret("x" * 60)))
        elif cause == "terminal blur":
            app.post_message(events.AppBlur())
        elif cause == "covered":
            app.push_screen(Screen())
        elif cause == "suspend":
            app.app_suspend_signal.publish(app)
        else:
            widget.mask()
        await pilot.pause()
        assert not widget.is_revealed
        assert not readable(app)


async def test_the_same_token_shown_again_stays_revealed_and_focus_does_not_mask() -> None:
    widget = MaskedToken()
    app = WidgetApp(widget)
    async with app.run_test() as pilot:
        widget.show(TOKEN)
        widget.reveal_for(10)
        widget.show(TOKEN)
        assert widget.is_revealed
        app.screen_change_signal.publish(app.screen)
        assert widget.is_revealed
        app.app_focus = False
        widget.reveal_for(10)
        app.app_focus = True
        await pilot.pause()
        assert widget.is_revealed


async def test_a_removed_widget_holds_no_readable_token() -> None:
    widget = MaskedToken()
    app = WidgetApp(widget)
    async with app.run_test():
        widget.show(TOKEN)
        widget.reveal_for(10)
        await widget.remove()
        assert not widget.is_revealed
        assert TOKEN_TEXT not in repr(widget._text.content)


async def test_token_cannot_be_selected() -> None:
    widget = MaskedToken()
    async with WidgetApp(widget).run_test():
        assert not widget.allow_select
        assert not widget._text.allow_select


async def test_error_card_tells_what_why_and_what_to_do_verbatim() -> None:
    card = ErrorCard(KeysInForce())
    app = WidgetApp(card)
    async with app.run_test(size=(80, 24)) as pilot:
        assert not card.display
        card.show(ADVICE)
        await pilot.pause()
        text = screen_text(app)
        for part in (
            "⛔ The client was refused",
            "HTTP 401, invalid_client.",
            "The server said: Denied [/oauth2/token] [@click=app.quit]now[/]",
            "│ 1. Check the method.",
            "│ 2. Enter the secret again.",
            "Retry (r)",
            "Edit configuration (e)",
            "Details (d)",
            "Dismiss (x)",
        ):
            assert part in text
        assert "Correlation id" not in text
        assert card.advice is ADVICE
        card.show(None)
        assert not card.display
        assert card.advice is None


async def test_error_card_fits_all_four_buttons_into_60_columns() -> None:
    card = ErrorCard(KeysInForce())
    app = WidgetApp(card)
    async with app.run_test(size=(60, 18)) as pilot:
        card.show(ADVICE)
        await pilot.pause()
        buttons = next(line for line in screen_text(app).splitlines() if "Retry" in line)
        assert all(word in buttons for word in ("Retry", "Edit configuration", "Details", "Dismiss"))


def _buttons(app: WidgetApp) -> str:
    return next(line for line in screen_text(app).splitlines() if "Retry" in line).strip("│ ")


async def test_error_card_names_its_keys_again_when_the_terminal_grows_and_not_when_it_shrinks() -> None:
    card = ErrorCard(KeysInForce())
    app = WidgetApp(card)
    async with app.run_test(size=(60, 18)) as pilot:
        card.show(ADVICE)
        for width, last in ((80, "Dismiss (x)"), (60, "Dismiss"), (80, "Dismiss (x)")):
            await pilot.resize_terminal(width, 18)
            await until(pilot, lambda last=last: _buttons(app).endswith(last))  # type: ignore[misc]


async def test_error_card_details_go_on_under_their_values() -> None:
    card = ErrorCard(KeysInForce())
    app = WidgetApp(card)
    async with app.run_test(size=(60, 30)) as pilot:
        card.show(
            replace(ADVICE, details=(("Reason", "word " * 20), ("Token endpoint", "https://as/" + "x" * 60)))
        )
        card.action_choose("details")
        await pilot.pause()
        lines = [line.strip("│ ") for line in screen_text(app).splitlines()]
        column = len("Token endpoint  ")
        assert f"{'Reason':<{column}}word word" in "\n".join(lines)
        assert any(line.startswith("Token endpoint  https://as/xxx") for line in lines)
        raw = [line[2:] for line in screen_text(app).splitlines()]
        assert any(line.startswith(" " * column + "word") for line in raw)
        assert any(line.startswith(" " * column + "xxx") for line in raw)


async def test_error_card_in_a_small_terminal_begins_at_its_title_and_scrolls() -> None:
    card = ErrorCard(KeysInForce())
    app = WidgetApp(card)
    async with app.run_test(size=(60, 7)) as pilot:
        card.show(ADVICE)
        await pilot.pause()
        card.focus()
        await pilot.pause()
        assert "⛔ The client was refused" in screen_text(app)
        app.animation_level = "none"
        await pilot.press(*["down"] * 9)
        await pilot.pause()
        assert "Dismiss" in screen_text(app)
        await pilot.press(*["up"] * 9)
        await pilot.pause()
        assert "⛔ The client was refused" in screen_text(app)


async def test_error_card_keys_and_arrows_choose() -> None:
    card = ErrorCard(KeysInForce())
    app = WidgetApp(card, keep=(ErrorCard.Chosen, Button.Pressed))
    async with app.run_test(size=(80, 24)) as pilot:
        card.show(ADVICE)
        await pilot.pause()
        card.focus()
        await pilot.press("d")
        assert "Correlation id  1a2b" in screen_text(app)
        await pilot.press("d", "r", "e", "x", "right", "enter", "left", "enter")
        choices = [message.choice for message in app.kept]  # type: ignore[attr-defined]
        assert choices == [
            ErrorChoice.DETAILS,
            ErrorChoice.DETAILS,
            ErrorChoice.RETRY,
            ErrorChoice.EDIT,
            ErrorChoice.DISMISS,
            ErrorChoice.EDIT,
            ErrorChoice.RETRY,
        ]
        assert app.kept[0].control is card  # type: ignore[attr-defined]
        assert "Correlation id" not in screen_text(app)


async def test_error_card_without_retry_or_details() -> None:
    card = ErrorCard(KeysInForce())
    app = WidgetApp(card, keep=(ErrorCard.Chosen,))
    async with app.run_test(size=(80, 24)) as pilot:
        card.show(Advice("It failed", "For a reason.", can_retry=False))
        await pilot.pause()
        card.focus()
        await pilot.press("r", "d")
        assert [message.choice for message in app.kept] == [ErrorChoice.DETAILS]  # type: ignore[attr-defined]
        assert "no further details" in screen_text(app)
        assert "The server said" not in screen_text(app)
        assert "What to do" not in screen_text(app)
        assert isinstance(app.focused, Button)
        assert app.focused.name == ErrorChoice.EDIT


async def test_error_card_wraps_a_remedy_beside_its_number_at_any_width() -> None:
    card = ErrorCard(KeysInForce())
    app = WidgetApp(card)
    async with app.run_test(size=(60, 16)) as pilot:
        card.show(
            replace(ADVICE, what_to_do=("Check that the application is registered for this method. " * 2,))
        )
        await pilot.pause()
        for width in (60, 44):
            await pilot.resize_terminal(width, 16)
            await pilot.pause()
            lines = screen_text(app).splitlines()
            first = next(index for index, line in enumerate(lines) if "1. Check" in line)
            assert lines[first].startswith("│ 1. Check")
            assert lines[first + 1].startswith("│    ")
            assert lines[first + 1][5] != " "
    assert card.advice is not None
    assert (
        "1. Check that the application is registered for this method. Check" in advice_text(card.advice).plain
    )
