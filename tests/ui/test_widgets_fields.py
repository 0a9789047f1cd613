"""Form rows: field, secret input, choice, method picker."""

from __future__ import annotations

import pytest
from textual import events
from textual.screen import Screen
from textual.selection import Selection
from textual.widgets import Button, Input

from ccflow_tui.keys_in_force import KeysInForce
from ccflow_tui.models.problems import FieldProblem, Severity
from ccflow_tui.models.profile import AuthMethod
from ccflow_tui.models.secret import Secret
from ccflow_tui.widgets.choice import ChoiceField, ChoiceLine
from ccflow_tui.widgets.field import Field
from ccflow_tui.widgets.field_frame import FieldFrame
from ccflow_tui.widgets.method_picker import METHOD_CARDS, MethodPicker
from ccflow_tui.widgets.secret_input import SecretInput
from tests.ui.conftest import WidgetApp, screen_text

MISSING = FieldProblem("client_id", "Client ID is required.", "Copy it from the application's page.")
SHORT = FieldProblem("client_id", "Client ID is short.", "Check it.", Severity.WARNING)
REGIONS = (("us", "United States"), ("eu", "Europe"), ("ca", "Canada"), ("ap", "Asia Pacific"))
CANARY = "CaNaRy7"


def news(app: WidgetApp) -> list[tuple[str, str]]:
    return [
        (message.field.field_name, message.value)
        for message in app.kept
        if isinstance(message, FieldFrame.Edited)
    ]


async def test_field_tells_typing_but_not_setting() -> None:
    field = Field("client_id", "Client ID", required=True)
    app = WidgetApp(field, keep=(Field.Edited,))
    async with app.run_test() as pilot:
        field.set_value("abc", "env")
        await pilot.pause()
        assert news(app) == []
        assert "env" in screen_text(app)
        field.focus()
        await pilot.press("end", "d")
        assert news(app) == [("client_id", "abcd")]
        assert field.value == "abcd"
        assert app.kept[0].control is field  # type: ignore[attr-defined]
        assert "env" in screen_text(app)  # who hears of the edit knows the new source
        field.set_source("")
        await pilot.pause()
        assert "env" not in screen_text(app)


async def test_the_beginning_of_a_long_text_is_in_sight_when_its_field_is_entered() -> None:
    field = Field("issuer", "Issuer")
    app = WidgetApp(Button("before"), field)
    async with app.run_test(size=(60, 8)) as pilot:
        field.set_value("https://as.example/" + "long/" * 20)
        await pilot.press("tab")
        assert field.is_focused and "https://as.example/" in screen_text(app)
        await pilot.press("end")
        assert "https://as.example/" not in screen_text(app)
        await pilot.press("shift+tab", "tab", "x")
        assert field.value == "x"  # the whole text was selected


async def test_field_draws_label_mark_source_and_hint_while_focused() -> None:
    field = Field(
        "client_id", "Client ID", required=True, placeholder="your client", hint="From the overview page"
    )
    app = WidgetApp(field, Button("x"))
    async with app.run_test(size=(80, 8)) as pilot:
        field.set_value("", "settings.json")
        app.set_focus(None)
        await pilot.pause()
        top = screen_text(app).splitlines()[0]
        assert top.startswith("Client ID *")
        assert "your client" in top
        assert top.rstrip().endswith("settings.json")
        assert "overview" not in screen_text(app)
        field.focus()
        await pilot.pause()
        assert "From the overview page" in screen_text(app).splitlines()[1]


async def test_field_shows_problems_with_glyphs_and_takes_them_away() -> None:
    field = Field("client_id", "Client ID", hint="a hint")
    app = WidgetApp(field)
    async with app.run_test(size=(80, 8)) as pilot:
        field.show_problems((MISSING, SHORT))
        await pilot.pause()
        assert "✗ Client ID is required. Copy it" in screen_text(app)
        assert "▲ Client ID is short. Check it." in screen_text(app)
        assert field.has_class("-error")
        assert field.problems == (MISSING, SHORT)
        field.show_problems((SHORT,))
        field.show_problems((SHORT,))
        assert not field.has_class("-error")
        field.show_problems(())
        await pilot.pause()
        assert "✗" not in screen_text(app)
        assert field.label == "Client ID"


async def test_problem_text_is_never_markup() -> None:
    field = Field("scope", "Scope")
    app = WidgetApp(field)
    async with app.run_test(size=(80, 8)) as pilot:
        field.show_problems((FieldProblem("scope", "[/oauth2] [bold]x[/bold]", "[@click=app.quit]q[/]"),))
        await pilot.pause()
        assert "✗ [/oauth2] [bold]x[/bold] [@click=app.quit]q[/]" in screen_text(app)


async def test_field_posts_left_on_blur_and_enter_walks_on() -> None:
    first, second = Field("issuer", "Issuer"), Field("scope", "Scope")
    app = WidgetApp(first, second, keep=(Field.Left,))
    async with app.run_test() as pilot:
        first.focus()
        await pilot.press("enter")
        assert app.focused is second.control
        assert [message.control for message in app.kept] == [first]  # type: ignore[attr-defined]


async def test_clicking_a_label_focuses_its_input() -> None:
    first, second = Field("issuer", "Issuer"), Field("scope", "Scope")
    app = WidgetApp(first, second)
    async with app.run_test() as pilot:
        await pilot.click(second, offset=(2, 0))
        assert app.focused is second.control


async def test_placeholder_can_be_changed() -> None:
    field = Field("client_secret", "Client secret", secret=True)
    app = WidgetApp(field)
    async with app.run_test() as pilot:
        field.set_placeholder("kept in the keyring")
        await pilot.pause()
        assert "kept in the keyring" in screen_text(app)


async def test_secret_never_shows_and_leaves_only_as_secret() -> None:
    field = Field("client_secret", "Client secret", secret=True)
    app = WidgetApp(field, Button("x"), keep=(Field.Edited, Input.Changed, Input.Submitted, Input.Blurred))
    async with app.run_test() as pilot:
        field.focus()
        await pilot.press(*CANARY)
        assert field.value == ""
        assert field.has_text
        assert CANARY not in screen_text(app)
        assert "•" * len(CANARY) in screen_text(app)
        assert CANARY not in repr(field.control) + repr(field) + repr(app.kept)
        assert news(app) == [("client_secret", "")] * len(CANARY)
        await pilot.press("enter")
        assert not any(
            isinstance(message, Input.Changed | Input.Submitted | Input.Blurred) for message in app.kept
        )
        count = len(app.kept)
        assert field.take_secret() == Secret(CANARY)
        await pilot.pause()
        assert len(app.kept) == count
        assert not field.has_text
        assert field.take_secret() is None


@pytest.mark.parametrize("key", ["ctrl+c", "ctrl+x"])
async def test_secret_is_not_copied_and_not_cut(key: str) -> None:
    secret_input = SecretInput()
    app = WidgetApp(secret_input)
    async with app.run_test() as pilot:
        await pilot.press(*CANARY)
        secret_input.select_all()
        await pilot.press(key)
        assert app.copied == []
        assert secret_input.has_text
        assert secret_input.selected_text == ""
        assert not secret_input.allow_select
        assert secret_input.get_selection(Selection(None, None)) is None
        assert secret_input.is_revealed is False


async def test_secret_is_readable_on_demand_until_the_focus_leaves() -> None:
    field = Field("client_secret", "Client secret", secret=True)
    app = WidgetApp(field, Button("x"))
    async with app.run_test() as pilot:
        field.focus()
        await pilot.press(*CANARY)
        assert field.toggle_reveal()
        await pilot.pause()
        assert CANARY in screen_text(app)
        await pilot.press("tab")
        await pilot.pause()
        assert CANARY not in screen_text(app)


@pytest.mark.parametrize("cause", ["covered", "terminal blur", "suspend"])
async def test_readable_secret_is_masked_when_nobody_may_be_looking(cause: str) -> None:
    secret_input = SecretInput()
    app = WidgetApp(secret_input)
    async with app.run_test() as pilot:
        await pilot.press("a", "b")
        secret_input.toggle()
        assert secret_input.is_revealed
        if cause == "covered":
            app.push_screen(Screen())
        elif cause == "suspend":
            app.app_suspend_signal.publish(app)
        else:
            app.post_message(events.AppBlur())
        await pilot.pause()
        assert not secret_input.is_revealed
        secret_input.toggle()
        secret_input.toggle()
        assert not secret_input.is_revealed


async def test_plain_field_has_no_secret_to_take_or_reveal() -> None:
    field = Field("scope", "Scope")
    async with WidgetApp(field).run_test():
        field.set_value("openid")
        assert field.take_secret() is None
        assert not field.toggle_reveal()


async def test_choice_shows_all_values_where_they_fit_and_steps_round() -> None:
    field = ChoiceField("region", "Region", REGIONS, value="eu", hint="where your environment lives")
    app = WidgetApp(field, keep=(ChoiceField.Edited, ChoiceField.Left))
    async with app.run_test(size=(100, 8)) as pilot:
        assert "○ United States   ● Europe   ○ Canada   ○ Asia Pacific" in screen_text(app)
        field.focus()
        await pilot.press("right", "right", "right", "left", "home", "end")
        assert [value for _, value in news(app)] == ["ca", "ap", "us", "ap", "us", "ap"]
        await pilot.press("c", "z")
        assert field.value == "ca"
        app.set_focus(None)
        await pilot.pause()
        assert isinstance(app.kept[-1], ChoiceField.Left)


async def test_choice_in_little_room_shows_one_value_and_its_place() -> None:
    field = ChoiceField("region", "Region", REGIONS)
    app = WidgetApp(field, keep=(ChoiceField.Edited,))
    async with app.run_test(size=(64, 8)) as pilot:
        assert "◂ United States ▸  1 of 4" in screen_text(app)
        field.set_value("ca", "env")
        await pilot.pause()
        assert "◂ Canada ▸  3 of 4" in screen_text(app)
        assert news(app) == []
        await pilot.click(ChoiceLine)
        assert field.value == "ap"


async def test_choice_shows_an_unknown_value_as_it_is() -> None:
    field = ChoiceField("region", "Region", REGIONS)
    app = WidgetApp(field)
    async with app.run_test(size=(80, 8)) as pilot:
        field.set_value("mars", "settings.json")
        await pilot.pause()
        assert "◂ mars (unknown) ▸  not in the list" in screen_text(app)
        field.focus()
        await pilot.press("right")
        assert field.value == "us"


async def test_choice_takes_a_click_on_a_value() -> None:
    field = ChoiceField("region", "Region", REGIONS)
    app = WidgetApp(field)
    async with app.run_test(size=(100, 8)) as pilot:
        x = screen_text(app).splitlines()[0].index("Canada") - 20
        await pilot.click(ChoiceLine, offset=(x, 0))
        assert field.value == "ca"


async def test_method_picker_tells_level_and_reason_and_prefers_private_key_jwt() -> None:
    picker = MethodPicker(AuthMethod.CLIENT_SECRET_POST)
    app = WidgetApp(picker, keep=(MethodPicker.Picked,))
    async with app.run_test(size=(110, 12)) as pilot:
        lines = screen_text(app).splitlines()
        assert "private_key_jwt" in lines[0]
        assert "Highest · preferred" in lines[0]
        assert [card.method for card in METHOD_CARDS] == list(AuthMethod), "the best first"
        assert "◉" in lines[5]
        assert all(card.reason in line for card, line in zip(METHOD_CARDS, lines, strict=False))
        picker.focus()
        await pilot.press(*["up"] * 7)
        assert picker.value is AuthMethod.PRIVATE_KEY_JWT
        picked = [message.method for message in app.kept]  # type: ignore[attr-defined]
        assert picked == [METHOD_CARDS[row].method for row in (4, 3, 2, 1, 0)]
        assert app.kept[0].control is picker  # type: ignore[attr-defined]
        picker.set_value(AuthMethod.CLIENT_SECRET_BASIC)
        await pilot.pause()
        assert "◉" in screen_text(app).splitlines()[4]
        assert len(app.kept) == 5


async def test_method_picker_keeps_what_the_arrows_picked_and_drops_its_mark_when_left() -> None:
    picker, after = MethodPicker(), Field("scope", "Scope")
    app = WidgetApp(picker, after)
    async with app.run_test(size=(110, 12)) as pilot:
        picker.focus()
        await pilot.press("down")
        assert "▸◉" in screen_text(app)
        await pilot.press("enter")
        assert app.focused is after.control
        assert picker.value is METHOD_CARDS[1].method
        assert "▸" not in screen_text(app)


async def test_method_picker_in_a_narrow_place_puts_the_reason_beneath() -> None:
    picker = MethodPicker()
    picker.listen_to(KeysInForce())
    app = WidgetApp(picker)
    async with app.run_test(size=(60, 12)) as pilot:
        picker.focus()
        await pilot.press("j")
        assert METHOD_CARDS[1].reason in screen_text(app).splitlines()[7]
        await pilot.click(MethodPicker, offset=(6, 5))
        assert picker.value is AuthMethod.CLIENT_SECRET_POST
        assert METHOD_CARDS[5].reason in screen_text(app).splitlines()[7]


async def test_method_picker_in_a_low_place_stands_in_columns_and_always_tells_level_and_reason() -> None:
    picker, after = MethodPicker(low=True), Field("scope", "Scope")
    app = WidgetApp(picker, after, keep=(MethodPicker.Picked,))
    async with app.run_test(size=(80, 12)) as pilot:
        for index, card in enumerate(METHOD_CARDS):
            picker.set_value(card.method)
            await pilot.pause()
            lines = screen_text(app).splitlines()
            assert f"◉ {card.method.value}" in lines[index % 3]
            assert f"{card.level}: {card.reason}" in lines[3]
            assert lines[4].startswith("Scope"), "no line more or less, whatever is picked"
        assert "private_key_jwt · preferred" in screen_text(app)
        picker.set_value(METHOD_CARDS[1].method)
        picker.focus()
        await pilot.press("right", "right", "down", "right", "left", "left", "left", "up")
        picked = [message.method for message in app.kept]  # type: ignore[attr-defined]
        assert picked == [METHOD_CARDS[index].method for index in (4, 5, 2, 1)], "no further than there is"
        assert screen_text(app).splitlines()[4].startswith("Scope"), "the focus moves nothing"


async def test_method_picker_in_a_low_place_takes_a_click_on_a_name_and_none_beside_it() -> None:
    picker = MethodPicker(low=True)
    app = WidgetApp(picker)
    async with app.run_test(size=(80, 12)) as pilot:
        for index, card in enumerate(METHOD_CARDS):
            line = screen_text(app).splitlines()[index % 3]
            await pilot.click(MethodPicker, offset=(line.index(card.method.value), index % 3))
            assert picker.value is card.method
        await pilot.click(MethodPicker, offset=(66, 2))  # under the last column, which is shorter
        await pilot.click(MethodPicker, offset=(4, 3))  # the reason
        assert picker.value is METHOD_CARDS[6].method


@pytest.mark.parametrize(("width", "lines"), [(80, 4), (60, 5), (50, 8)])
async def test_method_picker_takes_as_many_lines_as_the_width_asks_for(width: int, lines: int) -> None:
    picker = MethodPicker(low=True)
    app = WidgetApp(picker)
    async with app.run_test(size=(width, 24)) as pilot:
        assert picker.size.height == lines
        assert all(card.method.value in screen_text(app) for card in METHOD_CARDS)
        picker.set_low(False)
        await pilot.pause()
        assert picker.size.height == len(METHOD_CARDS) + 1
