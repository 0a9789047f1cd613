"""Whatever a settings, state or ``.env`` file may turn out to be, it ends in one clear sentence."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ccflow_tui.config import text_file
from ccflow_tui.config.env_file import read_env_file
from ccflow_tui.config.json_file import printable, read_json_object
from ccflow_tui.config.nearest import did_you_mean, nearest
from ccflow_tui.config.settings import Settings, load_settings
from ccflow_tui.config.state import SavedState, UserState
from ccflow_tui.models.problems import SettingsProblem

Reader = Callable[[Path], object]
READERS: list[Reader] = [load_settings, lambda path: UserState(path).load(), read_env_file]
JSON_READERS = READERS[:2]


def problem_of(read: Reader, path: Path) -> SettingsProblem:
    with pytest.raises(SettingsProblem) as caught:
        read(path)
    assert str(path) in str(caught.value)
    assert caught.value.problem.endswith(".") and caught.value.remedy.endswith((".", "?"))
    return caught.value


@pytest.mark.parametrize("read", READERS)
class TestEveryFile:
    def test_directory(self, tmp_path: Path, read: Reader) -> None:
        assert "directory" in problem_of(read, tmp_path).problem

    def test_10_megabytes(self, tmp_path: Path, read: Reader) -> None:
        path = tmp_path / "file"
        path.write_bytes(b" " * 10_000_000)
        assert "larger than" in problem_of(read, path).problem

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
    def test_utf16(self, tmp_path: Path, read: Reader, encoding: str) -> None:
        path = tmp_path / "file"
        path.write_text('{"defaultProfile": "p"}', encoding=encoding)
        assert "UTF-8" in problem_of(read, path).problem

    def test_latin1(self, tmp_path: Path, read: Reader) -> None:
        path = tmp_path / "file"
        path.write_bytes(b'{\n"x": "\xfc"}')
        assert problem_of(read, path).where == "line 2"

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
    def test_pipe_is_refused_without_waiting_for_a_writer(self, tmp_path: Path, read: Reader) -> None:
        path = tmp_path / "pipe"
        os.mkfifo(path)
        assert "no regular file" in problem_of(read, path).problem

    @pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="this system has no such device")
    def test_device_is_refused_without_being_read(self, tmp_path: Path, read: Reader) -> None:
        path = tmp_path / "file"
        path.symlink_to("/dev/zero")
        assert "no regular file" in problem_of(read, path).problem

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
    @pytest.mark.timeout(10)
    def test_pipe_that_takes_the_file_s_place_is_not_waited_for(
        self, tmp_path: Path, read: Reader, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path, plain = tmp_path / "pipe", os.stat(__file__)
        os.mkfifo(path)
        monkeypatch.setattr(text_file.os, "stat", lambda *_, **__: plain)
        with pytest.raises(SettingsProblem, match="no regular file"):
            read(path)

    def test_nul(self, tmp_path: Path, read: Reader) -> None:
        path = tmp_path / "file"
        path.write_bytes(b'{"a": "\0"}')
        assert "binary" in problem_of(read, path).problem

    def test_links_that_lead_in_a_circle(self, tmp_path: Path, read: Reader) -> None:
        one, other = tmp_path / "one", tmp_path / "other"
        try:
            one.symlink_to(other)
            other.symlink_to(one)
        except OSError:
            pytest.skip("this system does not let us make links")
        assert "cannot be read" in problem_of(read, one).problem

    def test_descriptors_are_closed_whatever_the_file_is(self, tmp_path: Path, read: Reader) -> None:
        path = tmp_path / "file"
        path.write_bytes(b"\xff")
        if not os.path.isdir("/proc/self/fd"):
            pytest.skip("this system does not list open files")
        before = len(os.listdir("/proc/self/fd"))
        for bad in (path, tmp_path):
            problem_of(read, bad)
        assert len(os.listdir("/proc/self/fd")) == before

    def test_unreadable(self, tmp_path: Path, read: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
        path = tmp_path / "file"
        path.write_text("{}")

        def refuse(*_: object, **__: object) -> None:
            raise PermissionError(13, "Permission denied")

        # Permission bits do not stop root, who runs many a test suite.
        monkeypatch.setattr(text_file, "open", refuse, raising=False)
        assert "Permission denied" in problem_of(read, path).problem

    def test_link_to_nowhere(self, tmp_path: Path, read: Reader) -> None:
        path = tmp_path / "link"
        try:
            path.symlink_to(tmp_path / "nowhere")
        except OSError:
            pytest.skip("this system does not let us make links")
        assert "no such file" in problem_of(read, path).problem


def test_path_that_cannot_exist() -> None:
    assert "cannot be read" in problem_of(load_settings, Path("nul\0byte")).problem


@pytest.mark.parametrize("read", JSON_READERS)
@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        ("", "", "empty"),
        (" \n", "", "empty"),
        ('{\n  "a": 1,\n]', "line 3, column 1", "not valid JSON"),
        ("{'a': 1}", "line 1, column 2", "not valid JSON"),
        ('{"a": "open', "line 1, column 7", "not valid JSON"),
        ('{"a": 1} // why', "line 1, column 10", "not valid JSON"),
        ("[]", "", "not an object"),
        ("null", "", "not an object"),
        ('{"a": 1, "a": 2}', "", '"a" occurs twice'),
        ('{"ui": {"b\\u001b": 1, "b\\u001b": 2}}', "", '"b\\u001b" occurs twice'),
        ('{"a": NaN}', "", "NaN"),
        ('{"a": -Infinity}', "", "-Infinity"),
        ('{"a": 1e999}', "", "too large"),
        ('{"a": ' + "9" * 5000 + "}", "", "number is too long"),
        ("[" * 100_000, "", "nested deeper"),
        ('{"a":' * 33 + "1" + "}" * 33, "", "nested deeper"),
        ('{"a": "' + "[" * 50 + '", "a": 1}', "", "occurs twice"),
        ('"' + '\\"' * 50_000, "line 1, column 1", "not valid JSON"),
    ],
    ids=lambda value: value[:16] if isinstance(value, str) else None,
)
def test_broken_json(tmp_path: Path, read: Reader, text: str, where: str, said: str) -> None:
    path = tmp_path / "file.json"
    path.write_text(text, encoding="utf-8")
    problem = problem_of(read, path)
    assert problem.where == where
    assert said in problem.problem


KEYS = st.sampled_from(
    [
        "oauth",
        "clientCredentials",
        "profiles",
        "ui",
        "assertion",
        "mtls",
        "scopes",
        "resource",
        "kid",
        "version",
    ]
) | st.text(max_size=8)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=15,
)
SETTINGS_LIKE = st.fixed_dictionaries(
    {},
    optional={
        "oauth": st.fixed_dictionaries({}, optional={"clientCredentials": st.dictionaries(KEYS, ANY_JSON)}),
        "profiles": st.dictionaries(st.text(max_size=5), st.dictionaries(KEYS, ANY_JSON), max_size=3),
        "defaultProfile": ANY_JSON,
        "version": st.just(1),
        "last_profile": st.text(max_size=5),
    },
)
quickly = settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def settle(path: Path) -> None:
    """Read a file in both ways; anything but a result or a ``SettingsProblem`` fails the test."""
    for read, kind in ((load_settings, Settings), (lambda path: UserState(path).load(), SavedState)):
        try:
            result: Any = read(path)
        except SettingsProblem as problem:
            assert str(path) in str(problem)
        else:
            assert isinstance(result, kind)


@quickly
@given(data=SETTINGS_LIKE | ANY_JSON)
def test_any_json_is_read_or_explained(tmp_path: Path, data: object) -> None:
    path = tmp_path / "file.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    settle(path)


@quickly
@given(data=st.binary(max_size=200))
def test_any_bytes_are_read_or_explained(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(data)
    settle(path)
    try:
        found = read_env_file(path)
    except SettingsProblem:
        return
    assert all(name.startswith("CCFLOW_") for name in found)


@quickly
@given(data=SETTINGS_LIKE, cut=st.integers(0, 400))
def test_a_cut_file_is_read_or_explained(tmp_path: Path, data: object, cut: int) -> None:
    path = tmp_path / "file.json"
    path.write_text(json.dumps(data)[:cut], encoding="utf-8")
    settle(path)


@quickly
@given(data=st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=5))
def test_good_objects_are_read_as_they_stand(tmp_path: Path, data: dict[str, object]) -> None:
    path = tmp_path / "file.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    assert read_json_object(path, limit=100_000) == data


def test_nearest_name_ignores_case_and_separators() -> None:
    assert nearest("AUTH_METHOD", ("authMethod", "audience")) == "authMethod"
    assert nearest("zzz", ("authMethod",)) == ""
    assert did_you_mean("zzz", ("a", "b")) == "Use one of: a, b."


def test_printable_text_is_inert_and_short() -> None:
    assert printable("a\x1b[2J\u202eb") == "a?[2J?b"
    assert printable("x" * 100) == "x" * 60 + "…"


def test_a_byte_order_mark_of_utf8_is_passed_over(tmp_path: Path) -> None:
    settings, env_file = tmp_path / "settings.json", tmp_path / ".env"
    settings.write_text('{"defaultProfile": "p"}', encoding="utf-8-sig")
    env_file.write_text("CCFLOW_SCOPE=a\n", encoding="utf-8-sig")
    assert load_settings(settings).default_profile == "p"
    assert read_env_file(env_file) == {"CCFLOW_SCOPE": "a"}
