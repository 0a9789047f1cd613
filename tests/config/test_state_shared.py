"""The state file when several programs save at once: nothing is lost, and nobody waits for ever."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from ccflow_tui.config.state import SavedState, UserState
from ccflow_tui.files import lock
from ccflow_tui.files.lock import held_alone
from ccflow_tui.models.problems import SettingsProblem
from ccflow_tui.models.profile import Profile
from tests.support.busy_saver import save_at_once

SAVES = 100


def themed(saved: SavedState) -> SavedState:
    return replace(saved, theme="other")


def test_two_programs_that_save_a_hundred_times_each_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "state" / "state.json"
    expected = save_at_once("profiles", path, ("a", "b"), SAVES)
    assert set(UserState(path).load().profiles) == expected
    assert {each.name for each in path.parent.iterdir()} == {"state.json", "state.json.lock"}


def test_a_file_that_another_program_holds_is_told_and_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ccflow_tui.files.lock.PATIENCE", 0.02)
    state = UserState(tmp_path / "state.json")
    state.update(lambda _: SavedState(profiles={"kept": Profile(name="kept")}))
    before = state.path.read_bytes()
    with held_alone(state.path, patience=1.0), pytest.raises(SettingsProblem) as caught:
        state.update(themed)
    assert "Another ccflow is writing the file" in str(caught.value)
    assert "save once more" in str(caught.value)
    assert state.path.read_bytes() == before
    assert state.update(themed).theme == "other"


def test_a_failed_change_lets_go_of_the_file(tmp_path: Path) -> None:
    state = UserState(tmp_path / "state.json")
    state.path.write_text("broken", "utf-8")
    for _ in range(2):
        with pytest.raises(SettingsProblem) as caught:
            state.update(themed)
        assert "Another ccflow" not in str(caught.value)


@pytest.mark.skipif(os.name == "nt", reason="a link needs a right there")
def test_a_link_and_its_target_are_one_file(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    link, target = tmp_path / "state.json", tmp_path / "there" / "state.json"
    link.symlink_to(target)
    with held_alone(link, patience=1.0), pytest.raises(lock.HeldByAnother), held_alone(target, patience=0.01):
        raise AssertionError("both hold it")


@pytest.mark.skipif(os.name == "nt", reason="flock is of Unix")
def test_where_the_file_system_knows_no_locks_a_save_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(lock.errno.ENOLCK, "No locks available")

    monkeypatch.setattr(lock.fcntl, "flock", refuse)
    state = UserState(tmp_path / "state.json")
    state.update(themed)
    assert state.load().theme == "other"
