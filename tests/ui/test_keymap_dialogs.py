"""A person's own keys inside dialogs and on the card of a failure: bound, shown, and clashes told."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from textual.screen import Screen

from ccflow_tui.actions import Action
from ccflow_tui.inner_actions import ALL_ACTIONS, INNER_ACTIONS
from ccflow_tui.keymap import remapped
from ccflow_tui.models.flow import Step
from ccflow_tui.models.history import HistoryEntry, HistoryKind
from ccflow_tui.models.places import Place
from ccflow_tui.models.problems import SettingsProblem
from ccflow_tui.palette import ActionCommands
from ccflow_tui.screens.confirm import ConfirmDialog
from ccflow_tui.screens.help import HelpDialog
from ccflow_tui.screens.key_delete import DeleteDialog
from ccflow_tui.screens.key_export import ExportDialog
from ccflow_tui.screens.key_generate import GenerateDialog
from ccflow_tui.screens.key_rotate import RotateDialog
from ccflow_tui.screens.keys import KeysScreen
from ccflow_tui.screens.profiles import ProfilesDialog
from ccflow_tui.widgets.error_card import ErrorCard
from ccflow_tui.widgets.history_pane import HistoryPane
from ccflow_tui.widgets.key_bar import KeyBar
from ccflow_tui.widgets.log_pane import LogPane
from ccflow_tui.widgets.method_picker import MethodPicker
from tests.support.fakes import EPOCH, ScriptedTransport, json_response
from tests.support.wizard import GRANT, make_wizard
from tests.support.workbench import made_key
from tests.ui.drive import driving
from tests.ui.keys_drive import at_the_workbench, back_at_the_list, opened, until

FILE = Path("settings.json")
ORDERS, NEXT = made_key("orders"), made_key("orders-2", replaces="orders")
OWNERS: dict[Place, type[Any]] = {
    Place.KEYS: KeysScreen,
    Place.EXPORT: ExportDialog,
    Place.PROFILES: ProfilesDialog,
    Place.FAILURE: ErrorCard,
}
LISTS: tuple[type[Any], ...] = (HistoryPane, LogPane, MethodPicker)
REFUSED = json_response('{"error": "invalid_client"}', 401)


def own(**keys: str) -> tuple[Action, ...]:
    """Return the table with other keys; ``keys_use`` stands for ``keys.use``."""
    return remapped({name.replace("__", "-").replace("_", "."): key for name, key in keys.items()}, FILE)


@pytest.mark.parametrize("action", INNER_ACTIONS, ids=lambda action: action.id)
def test_every_action_inside_has_something_to_run(action: Action) -> None:
    assert isinstance(action.place, Place)
    if action.place is Place.LISTS:
        runs = [(owner, owner.MOVES[action.id]) for owner in LISTS if action.id in owner.MOVES]
    else:
        runs = [(OWNERS[action.place], action.run.removeprefix("screen."))]
    assert runs and all(hasattr(owner, f"action_{run.partition('(')[0]}") for owner, run in runs)
    assert action.title and action.help and action.keys


def test_ids_are_unique_and_no_place_has_a_key_twice() -> None:
    assert max(Counter(action.id for action in ALL_ACTIONS).values()) == 1
    for place in Place:
        keys = [key for action in INNER_ACTIONS if action.place is place for key in action.keys.split(",")]
        assert max(Counter(keys).values()) == 1


def test_the_usual_table_has_no_clash_that_would_be_refused_to_a_person() -> None:
    for action in ALL_ACTIONS:
        try:
            remapped({action.id: action.keys}, FILE)
        except SettingsProblem as problem:
            # Some usual keys are no person's choice, such as those of a field; none is another action's.
            assert "belongs to" not in problem.problem, action.id


@pytest.mark.parametrize(
    ("keys", "where", "said"),
    [
        ({"keys.use": "n"}, "keys.use", 'The key "n" belongs to "keys.generate" (Generate)'),
        ({"keys.use": "f1"}, "keys.use", 'belongs to "help"'),
        ({"keys.use": "ctrl+q"}, "keys.use", 'belongs to "quit"'),
        ({"export.copy": "w"}, "export.copy", 'belongs to "export.write"'),
        ({"export.copy": "f9", "back": "f9"}, "back", 'belongs to "export.copy"'),
        ({"profile-list.new": "d"}, "profile-list.new", 'belongs to "profile-list.forget"'),
        ({"help": "f9,e"}, "help", 'belongs to "keys.export"'),
        ({"suspend": "f9,w"}, "suspend", 'belongs to "export.write"'),
        ({"failure.retry": "c"}, "failure.retry", 'belongs to "send.report"'),
        ({"send.report": "r"}, "send.report", 'belongs to "failure.retry"'),
        ({"failure.edit": "f3"}, "failure.edit", 'belongs to "history"'),
        ({"keys.delete": "escape"}, "keys.delete", "fixed meaning"),
        ({"keys.delete": "enter"}, "keys.delete", "fixed meaning"),
        ({"list.up": "j"}, "list.up", 'belongs to "list.down"'),
        ({"list.up": "f3"}, "list.up", 'belongs to "history"'),
        ({"keys.delte": "x"}, "keys.delte", 'Did you mean "keys.delete"?'),
        ({"token.copy": "delete"}, "token.copy", "fixed meaning"),
    ],
    ids=str,
)
def test_a_clash_within_a_place_and_with_what_works_there_is_told(
    keys: dict[str, str], where: str, said: str
) -> None:
    with pytest.raises(SettingsProblem) as caught:
        remapped(keys, FILE)
    assert caught.value.where == f"ui.keys.{where}"
    assert said in f"{caught.value.problem} {caught.value.remedy}"


@pytest.mark.parametrize(
    "keys",
    [
        {"keys.use": "w"},
        {"keys.use": "f3"},
        {"keys.delete": "x,delete,backspace"},
        {"keys.generate": "i", "keys.import": "n"},
        {"failure.retry": "v"},
        {"export.copy": "f8"},
        {"list.up": "a", "token.copy": "j"},
    ],
    ids=str,
)
def test_a_key_of_another_place_is_free(keys: dict[str, str]) -> None:
    table = {action.id: action.keys for action in remapped(keys, FILE)}
    assert {name: table[name] for name in keys} == keys


async def test_the_workbench_listens_to_its_new_keys_and_shows_them(tmp_path: Path) -> None:
    table = own(keys_generate="i", keys_import="n", keys_use="f9", keys_export="ctrl+e", help="f10")
    async with at_the_workbench(tmp_path, ORDERS, NEXT, actions=table) as (wizard, _):
        shown = [key.display for key in wizard.app.screen.query_one(KeyBar).shown]
        assert shown == ["Esc", "i", "n", "r", "F9", "^E", "d", "F10"]
        await opened(wizard, "i", GenerateDialog)
        await wizard.press("escape")
        await back_at_the_list(wizard)
        await wizard.press("e", "c", "u", "f1")
        assert isinstance(wizard.dialog, KeysScreen) and not wizard.notes(), "the usual keys are free"
        await opened(wizard, "f10", HelpDialog)
        dialog = wizard.dialog
        assert isinstance(dialog, HelpDialog)
        assert "  i      " in dialog._text().plain and "  Ctrl+E " in dialog._text().plain
        await wizard.press("f10")
        await opened(wizard, "r", RotateDialog)
        assert "press F9 on the successor" in wizard.screen()
        await wizard.press("escape")
        await back_at_the_list(wizard)
        await opened(wizard, "d", DeleteDialog)
        assert "press F9 on that one first" in wizard.screen()
        await wizard.press("escape")
        await back_at_the_list(wizard)
        await wizard.press("down", "f9")
        await until(wizard, lambda: "signs with “orders-2”" in wizard.notes())


async def test_what_the_workbench_advises_without_a_key_names_the_new_keys(tmp_path: Path) -> None:
    table = own(keys_generate="f9", keys_import="f11", keys_export="x", keys_use="y")
    async with at_the_workbench(tmp_path, actions=table) as (wizard, _):
        text = " ".join(wizard.screen().replace("▌", " ").split())
        assert "Press F9 to generate one, or F11 to import one" in text
        assert "Then x exports its public half for the server, and y lets" in text


async def test_the_export_listens_to_its_new_keys_and_names_them_on_its_buttons(tmp_path: Path) -> None:
    table = own(export_copy="f9", export_write="x")
    async with at_the_workbench(tmp_path, ORDERS, actions=table) as (wizard, _):
        await opened(wizard, "e", ExportDialog)
        assert "Copy (F9)" in wizard.screen() and "Write to a file (x)" in wizard.screen()
        dialog = wizard.dialog
        assert isinstance(dialog, ExportDialog)
        await until(wizard, lambda: dialog._public)
        await wizard.press("c", "w")
        assert wizard.dialog is dialog and not wizard.wizard.clipboard.copied
        await wizard.press("f9")
        await until(wizard, lambda: len(wizard.wizard.clipboard.copied) == 1)


async def test_the_list_of_profiles_listens_to_its_new_keys_and_names_them(tmp_path: Path) -> None:
    table = own(profile__list_new="f9", profile__list_forget="x")
    async with driving(make_wizard(tmp_path, actions=table)) as wizard:
        await wizard.press("f6")
        assert "Profiles · Enter opens, F9 copies, x forgets" in wizard.screen()
        await wizard.press("n", "d", "delete")
        assert isinstance(wizard.dialog, ProfilesDialog)
        await opened(wizard, "x", ConfirmDialog)
        assert "“default”" in wizard.screen()


async def test_the_card_of_a_failure_listens_to_its_new_keys_and_names_them(tmp_path: Path) -> None:
    table = own(failure_retry="f9", failure_details="m", failure_dismiss="ctrl+n")
    transport = ScriptedTransport(REFUSED, GRANT)
    parts = make_wizard(tmp_path, transport=transport, actions=table)
    async with driving(parts, size=(80, 30)) as wizard:
        await wizard.to_step(Step.SEND)
        await wizard.press("ctrl+j")
        await wizard.done()
        assert all(label in wizard.screen() for label in ("Retry (F9)", "Details (m)", "Dismiss (Ctrl+N)"))
        await opened(wizard, "f1", HelpDialog)
        dialog = wizard.dialog
        assert isinstance(dialog, HelpDialog)
        help_text = dialog._text().plain
        assert "On the card of a failure" in help_text and "Ctrl+N" in help_text
        await wizard.press("escape", "r", "x", "d")
        assert len(transport.requests) == 1 and "Dismiss" in wizard.screen(), "the usual keys are free"
        await wizard.press("f9")
        await wizard.done()
        assert len(transport.requests) == 2 and wizard.step is Step.TOKEN


async def test_a_key_that_goes_back_closes_dialogs_and_escape_does_so_whatever_the_keymap(
    tmp_path: Path,
) -> None:
    async with driving(make_wizard(tmp_path, actions=own(back="f10"))) as wizard:
        for key in ("f10", "escape"):
            await wizard.press("f6")
            assert isinstance(wizard.dialog, ProfilesDialog)
            await wizard.press(key)
            assert wizard.dialog is None and wizard.step is Step.CONFIGURE
        await opened(wizard, "f12", ConfirmDialog)
        await wizard.press("f10")
        await until(wizard, lambda: wizard.dialog is None)


async def test_lists_move_by_their_new_letters(tmp_path: Path) -> None:
    wizard = make_wizard(tmp_path, actions=own(list_up="w", list_down="s", list_last="E"))
    for number in range(30):
        wizard.history.add(HistoryEntry(EPOCH + number, HistoryKind.GRANTED, "default", f"{number}", "s"))
    async with driving(wizard, size=(100, 40)) as driver:
        picker = driver.configure.picker
        picker.focus()
        before = picker.value
        await driver.press("s")
        assert picker.value is not before
        await driver.press("w", "k", "j")
        assert picker.value is before, "the usual letters are free"
        pane = driver.configure.query_one(HistoryPane)
        pane.focus()
        newest = pane.selected
        await driver.press("E")
        assert newest is not None and pane.selected is not None and pane.selected.at < newest.at
        await driver.press("g")
        assert pane.selected == newest, "what was not changed stays"


async def test_the_palette_offers_nothing_of_what_works_inside_dialogs(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path, actions=own(keys_use="f9"))) as wizard:
        screen: Screen[Any] = wizard.app.screen
        names = {str(hit.display) async for hit in ActionCommands(screen).discover()}
        inner = {action.title for action in INNER_ACTIONS}
        assert "Theme  (F2)" in names
        assert not {name for name in names if name.split("  ")[0] in inner - {"Copy", "Import key"}}
