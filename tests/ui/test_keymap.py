"""A person's own keys: checked with the place in the file, bound, shown and named everywhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ccflow_tui.actions import bindings, keys_text, main_key, shown_key
from ccflow_tui.inner_actions import ALL_ACTIONS
from ccflow_tui.keymap import remapped
from ccflow_tui.models.flow import FlowState, Step
from ccflow_tui.models.problems import SettingsProblem
from ccflow_tui.options import Options
from ccflow_tui.palette import ActionCommands
from ccflow_tui.screens.help import HelpDialog
from ccflow_tui.wizard import run_wizard
from tests.support.fakes import ScriptedTransport
from tests.support.wizard import GRANT, make_wizard
from tests.ui.drive import GatedTransport, driving

FILE = Path("settings.json")


@pytest.mark.parametrize(
    ("keys", "where", "said"),
    [
        ({"token.coppy": "y"}, "ui.keys.token.coppy", 'Did you mean "token.copy"?'),
        ({"zzz": "y"}, "ui.keys.zzz", "Use one of: configure.next"),
        ({"a\x1bb": "y"}, "ui.keys.a?b", "There is no action"),
        ({"token.copy": ""}, "ui.keys.token.copy", "It names no key."),
        ({"token.copy": "y,"}, "ui.keys.token.copy", "It names no key."),
        ({"token.copy": "v"}, "ui.keys.token.copy", 'The key "v" belongs to "token.reveal" (Reveal)'),
        ({"token.copy": "f1"}, "ui.keys.token.copy", 'belongs to "help"'),
        ({"token.copy": "?"}, "ui.keys.token.copy", 'The key "question_mark" belongs to "help"'),
        ({"help": "v,f9"}, "ui.keys.help", 'belongs to "token.reveal"'),
        ({"token.copy": "y", "token.reveal": "y"}, "ui.keys.token.copy", 'belongs to "token.reveal"'),
        ({"token.copy": "crtl+y"}, "ui.keys.token.copy", 'Did you mean "ctrl"?'),
        ({"token.copy": "pageupp"}, "ui.keys.token.copy", 'Did you mean "pageup"?'),
        ({"token.copy": "no such key"}, "ui.keys.token.copy", "Write it as in"),
        ({"token.copy": "ctrl+Y"}, "ui.keys.token.copy", 'Write "ctrl+shift+y".'),
        ({"token.copy": "tab"}, "ui.keys.token.copy", "fixed meaning"),
        ({"token.copy": "ctrl+m"}, "ui.keys.token.copy", "fixed meaning"),
        ({"token.copy": "escape"}, "ui.keys.token.copy", "fixed meaning"),
        ({"configure.save": "y"}, "ui.keys.configure.save", "a field would take this key"),
        ({"log": "ctrl+a"}, "ui.keys.log", "a field would take this key"),
        ({"history.remove": "x"}, "ui.keys.history.remove", 'belongs to "token.sign-out"'),
        ({"log": "f4,delete"}, "ui.keys.log", "fixed meaning"),
    ],
    ids=str,
)
def test_what_cannot_be_is_named_with_its_place(keys: dict[str, str], where: str, said: str) -> None:
    with pytest.raises(SettingsProblem) as caught:
        remapped(keys, FILE)
    assert caught.value.where == where and caught.value.path == FILE
    assert said in f"{caught.value.problem} {caught.value.remedy}"
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("keys", "bound"),
    [
        ({"token.copy": "y"}, {"y"}),
        ({"token.copy": " y , ctrl+y,y"}, {"y", "ctrl+y"}),
        ({"token.copy": "alt+ctrl+f9"}, {"ctrl+alt+f9"}),
        ({"token.copy": "-"}, {"minus"}),
        ({"token.copy": "ü,left_square_bracket"}, {"ü", "left_square_bracket"}),
        ({"token.copy": "v", "token.reveal": "c"}, {"v"}),
        ({"token.copy": "r"}, {"r"}),
        ({"history.clear": "f9", "token.copy": "Y"}, {"Y"}),
    ],
)
def test_keys_are_bound_as_textual_names_them(keys: dict[str, str], bound: set[str]) -> None:
    table = remapped(keys, FILE)
    copy = next(binding for binding in bindings(table) if binding.id == "token.copy")
    assert set(copy.key.split(",")) == bound
    assert [action.id for action in table] == [action.id for action in ALL_ACTIONS]


@pytest.mark.parametrize("keys", ["delete", "delete,f9", "X"])
def test_what_needs_no_reaching_from_a_field_may_have_a_letter_and_its_usual_key(keys: str) -> None:
    table = remapped({"history.remove": keys}, FILE)
    assert next(action.keys for action in table if action.id == "history.remove") == keys


def test_a_key_that_another_step_uses_is_free() -> None:
    table = remapped({"build.copy": "v", "configure.save": "ctrl+n"}, FILE)
    assert next(action for action in table if action.id == "build.copy").keys == "v"


def test_new_keys_are_written_as_people_say_them() -> None:
    table = {action.id: action for action in remapped({"log": "ctrl+shift+f8", "token.copy": "y"}, FILE)}
    assert (shown_key(table["log"]), keys_text(table["log"])) == ("^Shift+F8", "Ctrl+Shift+F8")
    assert main_key("token.copy", tuple(table.values())) == shown_key(table["token.copy"]) == "y"
    assert (main_key("step.4"), main_key("send.send")) == ("4", "Ctrl+J")


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("-", "-"),
        ("left_square_bracket", "["),
        ("ctrl+backslash", "Ctrl+\\"),
        ("alt+/", "Alt+/"),
        ("insert", "Insert"),
        ("f20", "F20"),
        ("Y", "Y"),
        ("ctrl+shift+y", "Ctrl+Shift+Y"),
    ],
)
def test_a_key_is_written_as_on_the_keyboard_whatever_its_name(key: str, said: str) -> None:
    assert main_key("token.copy", remapped({"token.copy": key}, FILE)) == said


async def test_the_new_key_acts_and_the_old_one_does_not(tmp_path: Path) -> None:
    table = remapped({"token.copy": "y", "build.next": "f9", "send.send": "f12", "help": "f10"}, FILE)
    wizard = make_wizard(tmp_path, transport=ScriptedTransport(GRANT), actions=table)
    async with driving(wizard) as driver:
        await driver.press("f1")
        assert driver.dialog is None
        await driver.press("ctrl+j")
        assert driver.step is Step.BUILD
        await driver.press("ctrl+j")
        assert driver.step is Step.BUILD
        await driver.press("f9")
        assert driver.step is Step.SEND and "Press Enter or F12 to send." in driver.screen()
        await driver.press("f12")
        await driver.done()
        assert driver.step is Step.TOKEN and " y Copy" in driver.screen()
        await driver.press("c")
        assert not wizard.clipboard.copied
        await driver.press("y")
        assert len(wizard.clipboard.copied) == 1
        await driver.press("f10")
        assert isinstance(driver.dialog, HelpDialog)
        assert "  y    " in driver.dialog._text().plain
        await driver.press("escape")
        commands = ActionCommands(driver.app.screen)
        assert "Copy  (y)" in [hit.text or "" async for hit in commands.search("Copy")]


async def test_a_step_that_cannot_be_opened_names_the_keys_in_use(tmp_path: Path) -> None:
    table = remapped({"configure.next": "f9", "back": "f10", "step.3": "f11"}, FILE)
    wizard = make_wizard(tmp_path, actions=table)
    async with driving(wizard) as driver:
        await driver.press("f11")
        assert "press F9 on the Configure screen" in driver.notes()
    state = FlowState().started()
    assert "Press F10 to cancel" in state.why_not(Step.TOKEN, lambda name: main_key(name, table))


async def test_the_step_that_sends_names_the_key_that_cancels(tmp_path: Path) -> None:
    transport = GatedTransport(GRANT)
    wizard = make_wizard(tmp_path, transport=transport, actions=remapped({"back": "f10"}, FILE))
    async with driving(wizard) as driver:
        await driver.to_step(Step.SEND)
        assert "F10 cancels and closes the connection." in driver.text("#introduction")
        await driver.press("ctrl+j")
        assert driver.text("#status").endswith("· F10 cancels")
        await driver.press("f10")
        await driver.done()
        assert driver.text("#status").startswith("○ Cancelled.")


async def test_keys_that_were_not_changed_stay(tmp_path: Path) -> None:
    wizard = make_wizard(tmp_path, actions=remapped({"token.copy": "y"}, FILE))
    async with driving(wizard) as driver:
        await driver.press("f4")
        assert driver.app.step_screen is not None and not driver.app.step_screen.has_class("-show-log")
        await driver.press("f6")
        assert driver.dialog is not None


def test_the_wizard_does_not_open_over_keys_that_clash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CCFLOW_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "settings.json").write_text(json.dumps({"ui": {"keys": {"token.copy": "v"}}}))
    with pytest.raises(SettingsProblem, match=r"settings\.json: ui\.keys\.token\.copy: .*token\.reveal"):
        run_wizard(Options())


def test_every_action_stands_in_the_readme() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert [action.id for action in ALL_ACTIONS if f"`{action.id}`" not in readme] == []
