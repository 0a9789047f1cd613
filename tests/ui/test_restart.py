"""What a second run finds again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ccflow_tui.app import CcflowApp
from ccflow_tui.config.layers import Layers
from ccflow_tui.config.state import UserState
from ccflow_tui.models.flow import Step
from ccflow_tui.profile_book import ProfileBook
from ccflow_tui.services.ports import HistoryStore
from ccflow_tui.services.token_history import SqliteHistory
from tests.support.fakes import DictStore, ScriptedTransport
from tests.support.wizard import GRANT, SECRET, TOKEN, Wizard, make_wizard
from tests.ui.drive import driving, files


def run(folder: Path, store: DictStore, history: HistoryStore) -> Wizard:
    """Make a wizard that reads its state file as a new process does."""
    parts = make_wizard(folder, store=store, secret=None, transport=ScriptedTransport(GRANT))
    state = UserState(folder / "state.json")
    book = ProfileBook(Layers(saved=state.load()), state)
    app = CcflowApp(replace(parts.app.parts, book=book, history=history))
    parts.engine.on_refresh = app.refresh_ended
    return replace(parts, app=app)


async def test_profile_theme_history_and_token_come_back(tmp_path: Path) -> None:
    store = DictStore()
    first = SqliteHistory(tmp_path / "history.sqlite")
    parts = make_wizard(tmp_path, store=store, secret=None)
    book = parts.app.parts.book
    book.state.update(lambda _: book.layers.saved)  # type: ignore[arg-type,return-value]  # it has one
    async with driving(run(tmp_path, store, first)) as wizard:
        await wizard.type("client_secret", SECRET)
        await wizard.type("scope", "read")
        await wizard.press("ctrl+s", "f2")
        await wizard.done()
        theme = wizard.app.theme
        await wizard.to_step(Step.TOKEN)
        await wizard.rest()
    first.close()

    second = SqliteHistory(tmp_path / "history.sqlite")
    async with driving(run(tmp_path, store, second)) as wizard:
        assert wizard.app.theme == theme
        assert wizard.input("scope").value == "read"
        token = wizard.app.state.token
        assert token is not None and token.value.reveal() == TOKEN
        assert "✓ granted" in wizard.screen()
        assert str(wizard.configure.reason.content) == ""  # the secret is in the store
        await wizard.press("4")
        assert wizard.step is Step.TOKEN
        await wizard.advance(3600 - 80)  # and it is kept alive
        assert [entry.kind.value for entry in second.page(0, 9)] == ["refreshed", "granted"]
    second.close()
    for file in files(tmp_path):
        assert SECRET.encode() not in file.read_bytes()
        assert TOKEN.encode() not in file.read_bytes()


async def test_a_token_of_an_earlier_run_does_not_replace_a_newer_one(tmp_path: Path) -> None:
    parts = make_wizard(tmp_path)
    async with driving(parts) as wizard:
        await wizard.to_step(Step.TOKEN)
        now = wizard.app.state.token
        await wizard.app.restore_token()
        assert wizard.app.state.token is now


def test_a_field_that_mounts_before_its_screen_is_open_clears_no_selection(tmp_path: Path) -> None:
    """Python 3.12 and newer run a new task at once, so that the first screen's fields mount that early."""
    app = make_wizard(tmp_path).app
    assert not app.screen_stack
    app.clear_selection()
