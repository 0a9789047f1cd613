"""The table of keys: every row leads somewhere, and what works around every step."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from textual.command import CommandPalette
from textual.events import Key

from ccflow_tui.actions import ACTIONS, Action, bindings, in_place, keys_text
from ccflow_tui.app import CcflowApp
from ccflow_tui.models.flow import Step
from ccflow_tui.models.history import HistoryEntry, HistoryKind
from ccflow_tui.models.profile import BasicEncoding
from ccflow_tui.palette import ActionCommands
from ccflow_tui.screens.build import BuildScreen
from ccflow_tui.screens.configure import ConfigureScreen
from ccflow_tui.screens.help import HelpDialog
from ccflow_tui.screens.send import SendScreen
from ccflow_tui.screens.step import StepScreen
from ccflow_tui.screens.token import TokenScreen
from ccflow_tui.theming import available_themes
from ccflow_tui.widgets.history_pane import HistoryPane
from tests.support.fakes import EPOCH, ScriptedTransport, json_response
from tests.support.wizard import GRANT, SECRET, TOKEN, make_wizard
from tests.ui.drive import driving, files
from tests.ui.scenes import until

SCREENS: dict[Step, type[StepScreen]] = {
    Step.CONFIGURE: ConfigureScreen,
    Step.BUILD: BuildScreen,
    Step.SEND: SendScreen,
    Step.TOKEN: TokenScreen,
}


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_every_action_has_something_to_run(action: Action) -> None:
    target, _, call = action.run.partition(".")
    name = f"action_{call.partition('(')[0]}"
    owners = [CcflowApp] if target == "app" else [SCREENS[s] for s in Step if action.place in {s, None}]
    assert all(hasattr(owner, name) for owner in owners)
    assert action.title


def test_ids_are_unique_and_keys_do_not_collide() -> None:
    assert max(Counter(action.id for action in ACTIONS).values()) == 1
    for step in Step:
        keys = [key for action in (*in_place(step), *in_place(None)) for key in action.keys.split(",") if key]
        assert max(Counter(keys).values()) == 1


def test_a_row_without_keys_has_no_binding() -> None:
    assert {action.id for action in ACTIONS if not action.keys} == {
        "history.clear",
        "log.clear",
        "log.export",
        "messages.close",
        "profiles.forget",
        "profiles.new",
        "store.passphrase",
    }
    assert {binding.id for binding in bindings()} == {action.id for action in ACTIONS if action.keys}


@pytest.mark.parametrize("key", ["f1", "question_mark"])
async def test_help_names_every_key_of_the_step(tmp_path: Path, key: str) -> None:
    async with driving(make_wizard(tmp_path)) as wizard:
        await wizard.press(key)
        dialog = wizard.dialog
        assert isinstance(dialog, HelpDialog)
        text = dialog._text().plain
        for action in (*in_place(Step.CONFIGURE), *in_place(None)):
            if action.keys:
                assert action.title in text
                assert keys_text(action) in text
        assert all(keys in text for keys in ("Ctrl+J, F5", "F1, ?", "Esc", "F6, Ctrl+O", "Alt+1, 1"))
        assert ConfigureScreen.INTRODUCTION in text
        await wizard.press(key)  # the same key closes it
        assert wizard.dialog is None
        assert wizard.focused == "next"


async def test_what_is_typed_right_after_tab_goes_into_the_next_field(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path, secret=None)) as wizard:
        wizard.field("basic_encoding").focus()
        await wizard.rest()
        for key in ("right", "tab", "a", "tab", "b", "tab", "c", "shift+tab", "d"):
            # In one go, as a password manager or a script types: nobody waits for the focus to arrive.
            wizard.app.post_message(Key(key, key if len(key) == 1 else None))
        await wizard.done()
        assert wizard.app.state.profile.basic_encoding is BasicEncoding.RAW
        typed = [wizard.input(name).value for name in ("scope", "audience", "resources")]
        assert typed == ["a", "d", "c"]  # what stood in a field is selected on coming back


async def test_tab_waits_until_the_method_picked_shows_its_fields(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path, secret=None)) as wizard:
        wizard.configure.picker.focus()
        await wizard.press("up")
        for key in ("down", "tab", *"s3cret", "tab", "right", "tab", "x"):
            wizard.app.post_message(Key(key, key if len(key) == 1 else None))
        await wizard.done()
        assert wizard.input("client_secret").value == "s3cret"
        assert wizard.app.state.profile.basic_encoding is BasicEncoding.RAW
        assert "s3cret" not in wizard.screen()


async def test_a_key_whose_receiver_went_away_does_not_hold_up_the_next(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path)) as wizard:
        await wizard.type("scope", "a")
        for key in ("f1", "escape", "tab", "b"):
            wizard.app.post_message(Key(key, key if len(key) == 1 else None))
        await wizard.done()
        assert wizard.dialog is None
        assert wizard.input("audience").value == "b"


async def test_home_and_end_scroll_to_the_ends_of_a_step(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path), size=(60, 18)) as wizard:
        content = wizard.configure.scroller
        wizard.configure.query_one("#next").focus()
        await wizard.press("end")
        assert content.scroll_offset.y == content.max_scroll_y > 0
        await wizard.press("home")
        assert content.scroll_offset.y == 0


async def test_escape_closes_goes_back_and_never_quits(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path)) as wizard:
        await wizard.to_step(Step.TOKEN)
        await wizard.press("f1", "escape")
        assert (wizard.dialog, wizard.step) == (None, Step.TOKEN)
        for step in (Step.SEND, Step.BUILD, Step.CONFIGURE, Step.CONFIGURE):
            await wizard.press("escape")
            assert wizard.step is step
        wizard.field("scope").focus()
        await wizard.press("escape", "escape")
        assert wizard.app.is_running


async def test_steps_by_number(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path)) as wizard:
        await wizard.press("4")
        assert wizard.step is Step.CONFIGURE
        assert "There is no token yet." in wizard.notes()
        await wizard.to_step(Step.TOKEN)
        for key, step in (("2", Step.BUILD), ("alt+4", Step.TOKEN), ("3", Step.SEND), ("1", Step.CONFIGURE)):
            await wizard.press(key)
            assert wizard.step is step
            assert wizard.app.state.step is step
        await wizard.type("scope", "")
        await wizard.press("4")  # in a field a digit is a digit
        assert wizard.input("scope").value == "4"
        await wizard.press("alt+4")
        assert wizard.step is Step.TOKEN


async def test_a_click_on_the_stepper_opens_a_step(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path)) as wizard:
        await wizard.to_step(Step.BUILD)
        await wizard.pilot.click("Stepper", offset=(5, 0))
        await wizard.rest()
        assert wizard.step is Step.CONFIGURE


async def test_panes_show_what_happened(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path), size=(80, 30)) as wizard:
        assert "History (" not in wizard.screen()
        await wizard.press("f3")
        assert "History (0)" in wizard.screen()
        assert "Nothing has happened yet." in wizard.screen()
        await wizard.press("f4")
        assert "Log (" in wizard.screen()
        await wizard.to_step(Step.TOKEN)
        await wizard.press("f4")
        screen = wizard.screen()
        assert "History (1)" in screen
        assert "✓ granted" in screen
        assert "Log (" not in screen
        await wizard.press("f3", "f4")
        screen = wizard.screen()
        assert "History (" not in screen
        assert "token acquired" in screen
        assert TOKEN not in wizard.wizard.logger.export()


async def test_both_panes_stand_beside_the_step_where_there_is_room(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path), size=(140, 40)) as wizard:
        await wizard.to_step(Step.BUILD)
        screen = wizard.screen()
        assert "History (0)" in screen
        assert "Log (" in screen
        assert "[🏗" in wizard.wizard.logger.entries()[0].tag


async def test_the_panes_come_and_go_with_the_room_until_somebody_decides(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path), size=(80, 30)) as wizard:
        for width, shown in ((120, True), (80, False), (120, True)):
            await wizard.pilot.resize_terminal(width, 30)
            await wizard.rest()
            assert ("History (0)" in wizard.screen()) is shown, width
        await wizard.press("f3", "f4")
        await wizard.pilot.resize_terminal(140, 30)
        await wizard.rest()
        assert "History (" not in wizard.screen()


async def test_status_bar_and_stepper_follow(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path), size=(140, 40)) as wizard:
        screen = wizard.screen()
        for text in ("no token", "client_secret_basic", "memory", "default", "v1.2.3", "0 of 4 completed"):
            assert text in screen, text
        await wizard.to_step(Step.TOKEN)
        screen = wizard.screen()
        assert "valid 1:00:00" in screen
        assert "4 of 4 completed" in screen


async def test_themes_go_round_and_are_remembered(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path)) as wizard:
        names = list(available_themes(None))
        seen = []
        for _ in names:
            await wizard.press("f2")
            seen.append(wizard.app.theme)
        assert sorted(seen) == sorted(names)
        book = wizard.app.parts.book
        assert book.theme == wizard.app.theme == book.state.load().theme


async def test_a_broken_theme_of_ones_own_is_told_and_passed_over(tmp_path: Path) -> None:
    themes = tmp_path / "themes"
    themes.mkdir()
    (themes / "aaa-broken.toml").write_text("no toml at all [")
    parts = make_wizard(tmp_path)
    app = CcflowApp(replace(parts.app.parts, theme_dir=themes, theme="aaa-broken"))
    async with driving(replace(parts, app=app)) as wizard:
        first = app.theme
        seen = set()
        for _ in range(len(available_themes(None))):
            await wizard.press("f2")
            seen.add(app.theme)
        assert first in seen
        assert seen == set(available_themes(None))
        assert "aaa-broken.toml" in wizard.notes()


async def test_reset_lets_go_and_keeps_the_credentials(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path)) as wizard:
        await wizard.to_step(Step.TOKEN)
        await wizard.press("ctrl+r")
        await wizard.done()
        assert wizard.step is Step.CONFIGURE
        assert wizard.app.state.token is None
        assert wizard.app.state.done_count == 0
        assert "Flow reset. The configuration is kept" in wizard.notes()
        assert await wizard.wizard.engine.credential_source(wizard.app.state.profile) == "typed"
        await wizard.to_step(Step.TOKEN)
        assert wizard.history() == ["granted", "granted"]


async def test_the_palette_runs_commands_of_the_step(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path)) as wizard:
        provider = ActionCommands(wizard.app.screen)
        names = {str(hit.display) async for hit in provider.discover()}
        assert any(name.startswith("Import key") for name in names)
        assert not any(name.startswith(("Sign out", "Command palette")) for name in names)
        await wizard.to_step(Step.TOKEN)
        provider = ActionCommands(wizard.app.screen)
        names = {str(hit.display) async for hit in provider.discover()}
        assert any(name.startswith("Sign out") for name in names)
        assert not any(name.startswith("Import key") for name in names)
        await wizard.press("ctrl+p")
        assert isinstance(wizard.app.screen, CommandPalette)
        await wizard.pilot.press(*"reveal")
        await wizard.done()
        await wizard.press("enter")
        await wizard.press("enter")
        await wizard.rest()
        assert wizard.token.token_view.is_revealed


async def test_help_tells_what_came_of_each_step(tmp_path: Path) -> None:
    transport = ScriptedTransport(json_response('{"error":"invalid_scope"}', status=400), GRANT)
    async with driving(make_wizard(tmp_path, transport=transport)) as wizard:
        await wizard.to_step(Step.SEND)
        await wizard.press("ctrl+j")
        await wizard.done()
        await wizard.press("f1")
        assert isinstance(wizard.dialog, HelpDialog)
        text = wizard.dialog._text().plain
        assert "2 Build          done, built in 0 ms" in text
        assert "3 Send           error, after 0.00 s, 1 attempt, HTTP 400" in text
        await wizard.press("escape", "ctrl+j")
        await wizard.done()
        await wizard.press("f1")
        text = cast(HelpDialog, wizard.dialog)._text().plain
        assert "3 Send           done, after" in text
        assert "4 Token          done" in text
        assert TOKEN not in text and SECRET not in text


async def test_clear_history_asks_first(tmp_path: Path) -> None:
    parts = make_wizard(tmp_path)
    parts.history.add(HistoryEntry(EPOCH, HistoryKind.GRANTED, "p", "c", "s"))
    async with driving(parts) as wizard:
        wizard.app.action_clear_history()
        await wizard.rest()
        assert "This removes 1 entry for good." in wizard.screen()
        await wizard.press("escape")
        await wizard.done()
        assert parts.history.count() == 1
        wizard.app.action_clear_history()
        await wizard.rest()
        await wizard.press("right", "enter")
        await wizard.done()
        assert parts.history.count() == 0
        assert "History (0)" in wizard.screen()


async def test_one_history_entry_is_removed_after_a_question(tmp_path: Path) -> None:
    parts = make_wizard(tmp_path)
    for number, server in enumerate(("first", "second", "third")):
        parts.history.add(HistoryEntry(EPOCH + number, HistoryKind.GRANTED, "p", "c", server, result=server))
    async with driving(parts) as wizard:
        await wizard.press("delete")
        assert wizard.dialog is None, "the cursor of the history is not in sight elsewhere"
        assert "Remove entry" not in wizard.screen()
        wizard.app.screen.query_one(HistoryPane).focus()
        await wizard.press("down")
        await until(wizard.pilot, lambda: "Del Remove entry" in wizard.screen())
        await wizard.press("delete")
        await until(wizard.pilot, lambda: wizard.dialog is not None)
        assert "second" in wizard.question and "granted" in wizard.question
        await wizard.press("escape")
        await wizard.done()
        assert parts.history.count() == 3
        await wizard.press("delete")
        await until(wizard.pilot, lambda: wizard.dialog is not None)
        await wizard.press("right", "enter")
        await wizard.done()
        assert [each.server for each in parts.history.page(0, 9)] == ["third", "first"]
        assert "History (2)" in wizard.screen()


async def test_clear_log_empties_pane_and_export(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path)) as wizard:
        await wizard.to_step(Step.BUILD)
        assert "body built" in wizard.screen()
        wizard.app.action_clear_log()
        await wizard.rest()
        assert "body built" not in wizard.screen()
        assert "Log (0/500)" in wizard.screen()
        assert wizard.app.parts.logger.export() == ""


async def test_export_log_writes_a_redacted_file(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path)) as wizard:
        await wizard.to_step(Step.TOKEN)
        wizard.app.action_export_log()
        (path,) = files(tmp_path, "*.jsonl")
        assert f"Log written to {path}" in wizard.notes()
        assert "token acquired" in path.read_text()
        assert TOKEN not in path.read_text()


async def test_export_log_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where a folder should be")
    async with driving(make_wizard(tmp_path / "home")) as wizard:
        wizard.app.action_export_log()
        assert "Log not exported: " in wizard.notes()


async def test_ctrl_q_quits_even_from_a_dialog(tmp_path: Path) -> None:
    parts = make_wizard(tmp_path)
    async with driving(parts) as wizard:
        await wizard.press("f1")
        await wizard.pilot.press("ctrl+q")
    assert parts.app.return_code == 0


async def test_a_terminal_too_small_says_what_is_needed(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path), size=(50, 15)) as wizard:
        assert "ccflow needs 60×18 or more." in wizard.screen()
        await wizard.pilot.resize_terminal(100, 30)
        await wizard.rest()
        assert "Configure" in wizard.screen()
