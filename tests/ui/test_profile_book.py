"""The profiles of a run: opened, remembered, saved, exported."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ccflow_tui.config.layers import Layers
from ccflow_tui.config.state import SavedState, UserState
from ccflow_tui.models.problems import InputProblem, SettingsProblem
from ccflow_tui.models.profile import AuthMethod
from ccflow_tui.profile_book import ProfileBook
from ccflow_tui.saving import saved_credential
from tests.support.wizard import PROFILE

OTHER = replace(PROFILE, name="other", scope="x")


def book(folder: Path, **environment: str) -> ProfileBook:
    saved = SavedState(profiles={"default": PROFILE, "other": OTHER}, last_profile="other")
    return ProfileBook(Layers(environment=environment, saved=saved), UserState(folder / "state.json"))


def test_values_come_with_their_source(tmp_path: Path) -> None:
    profile, sources = book(tmp_path, CCFLOW_SCOPE="from-env").open("default")
    assert profile.scope == "from-env"
    assert sources["scope"] == "environment"
    assert sources["client_id"]
    assert book(tmp_path).open()[0].name == "other"
    with pytest.raises(InputProblem, match="no profile"):
        book(tmp_path).open("nobody")


def test_a_misspelt_variable_is_noted(tmp_path: Path) -> None:
    assert any("CCFLOW_CLIENTID" in note for note in book(tmp_path, CCFLOW_CLIENTID="x").notes("default"))


def test_edits_of_this_run_come_first(tmp_path: Path) -> None:
    profiles = book(tmp_path)
    profiles.remember(replace(OTHER, scope="edited"), {"scope": "typed"})
    assert profiles.open("other") == (replace(OTHER, scope="edited"), {"scope": "typed"})
    assert [profile.scope for profile in profiles.profiles()] == ["read write", "edited"]


def test_save_and_theme_reach_the_file(tmp_path: Path) -> None:
    profiles = book(tmp_path)
    profiles.save(replace(PROFILE, scope="kept"))
    profiles.remember_theme("ccflow-light")
    saved = UserState(tmp_path / "state.json").load()
    assert saved.profiles["default"].scope == "kept"
    assert (saved.last_profile, saved.theme) == ("default", "ccflow-light")
    assert profiles.theme == "ccflow-light"


def test_two_runs_do_not_undo_each_other(tmp_path: Path) -> None:
    one, two = book(tmp_path), book(tmp_path)
    one.save(replace(PROFILE, name="mine"))
    two.remember_theme("ccflow-light")
    two.save(replace(OTHER, scope="kept"))
    saved = UserState(tmp_path / "state.json").load()
    assert set(saved.profiles) == {"mine", "other"}
    assert (saved.last_profile, saved.theme) == ("other", "ccflow-light")
    assert two.open("mine")[0].name == "mine"
    assert two.open("default")[0].name == "default"


def test_a_theme_that_cannot_be_kept_lasts_for_this_run(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    profiles = book(tmp_path / "file")
    profiles.remember_theme("ccflow-light")
    assert profiles.theme == "ccflow-light"
    with pytest.raises(SettingsProblem):
        profiles.save(PROFILE)
    with pytest.raises(SettingsProblem, match="CCFLOW_HOME"):
        profiles.export("text")


def test_a_demo_profile_is_not_saved(tmp_path: Path) -> None:
    profiles = book(tmp_path)
    profiles.use_demo((PROFILE,), requested=None)
    with pytest.raises(InputProblem, match="without --demo"):
        profiles.save(PROFILE)
    assert [profile.name for profile in profiles.profiles()] == ["default"]


def test_a_broken_file_is_kept_aside(tmp_path: Path) -> None:
    profiles = book(tmp_path)
    profiles.broken_state = True
    (tmp_path / "state.json").write_text("{")
    with pytest.raises(SettingsProblem):
        profiles.save(PROFILE)
    aside = profiles.move_broken_state_aside()
    assert aside.read_text() == "{"
    assert not profiles.broken_state
    profiles.save(PROFILE)


def test_export_is_for_the_user_only(tmp_path: Path) -> None:
    path = book(tmp_path).export("line\n")
    assert path.read_text() == "line\n"
    assert path.stat().st_mode & 0o077 == 0 or path.drive  # Windows has no such modes


@pytest.mark.parametrize(
    ("method", "source", "words"),
    [
        (AuthMethod.CLIENT_SECRET_BASIC, "keyring", "its client secret is in the system keyring"),
        (AuthMethod.CLIENT_SECRET_POST, "environment", "its client secret stays in the environment"),
        (AuthMethod.PRIVATE_KEY_JWT, "file", "its private key stays in its file"),
        (AuthMethod.PRIVATE_KEY_JWT, "", "there is no private key yet"),
    ],
)
def test_where_the_credential_is(method: AuthMethod, source: str, words: str) -> None:
    assert saved_credential(replace(PROFILE, auth_method=method), source) == words
