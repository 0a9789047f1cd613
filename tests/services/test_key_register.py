"""The list of kept keys: public facts in a file of its own, also between two programs."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ccflow_tui.config.atomic import write_private
from ccflow_tui.config.state import UserState
from ccflow_tui.models.kept_key import KeptKey, KeyCertificate
from ccflow_tui.models.problems import SecretStoreProblem
from ccflow_tui.services.key_register import LayeredKeyRegister, MemoryKeyRegister
from ccflow_tui.services.key_register_file import FileKeyRegister, key_register
from ccflow_tui.services.ports import StoreKind

ROOT = Path(__file__).parents[2]
KEY = KeptKey(
    name="orders",
    label="EC P-256",
    algs=("ES256",),
    kid="k",
    thumbprint="t",
    certificate=KeyCertificate(subject="CN=c", not_after=2e9, thumbprint="x"),
    created=1.8e9,
    replaces="older",
    store="keyring",
)
PASSING = replace(KEY, name="passing", store=StoreKind.MEMORY)
BARE = KeptKey(name="é漢 bare", label="Ed25519", algs=("Ed25519", "EdDSA"), kid="", thumbprint="t")


@pytest.fixture
def register(tmp_path: Path) -> FileKeyRegister:
    return FileKeyRegister(tmp_path / "home" / "keys.json", write_private)


def add(*keys: KeptKey) -> object:
    return lambda known: {**known, **{key.name: key for key in keys}}


def test_what_is_listed_is_found_by_the_next_run(register: FileKeyRegister) -> None:
    assert register.load() == {}
    shown = replace(KEY, used_by=("p",), missing="for now")
    register.update(lambda known: {**known, "orders": shown, BARE.name: BARE})
    assert FileKeyRegister(register.path, write_private).load() == {"orders": KEY, BARE.name: BARE}
    register.update(lambda known: {name: key for name, key in known.items() if name != "orders"})
    assert register.load() == {BARE.name: BARE}


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_L5_the_file_is_private(register: FileKeyRegister) -> None:
    register.update(lambda _: {"orders": KEY})
    assert stat.S_IMODE(register.path.stat().st_mode) == 0o600


def test_an_older_ccflow_reads_its_state_beside_it(register: FileKeyRegister) -> None:
    state = UserState(register.path.with_name("state.json"))
    state.update(lambda saved: replace(saved, theme="t"))
    register.update(lambda _: {"orders": KEY})
    assert state.load().theme == "t" and "orders" not in state.path.read_text()


def test_what_a_newer_ccflow_adds_to_a_key_is_no_reason_to_lose_it(register: FileKeyRegister) -> None:
    register.update(lambda _: {"orders": KEY})
    data = json.loads(register.path.read_text())
    data["keys"]["orders"]["usage"] = data["more"] = "new"
    register.path.write_text(json.dumps(data))
    assert register.load() == {"orders": KEY}


def entry(member: str, value: object) -> str:
    """Return a list of one key with a member that does not fit."""
    key = {"label": "", "algs": [], "kid": "", "thumbprint": "", member: value}
    return json.dumps({"version": 1, "keys": {"a": key}})


@pytest.mark.parametrize(
    "data",
    [
        "{",
        "[]",
        "{}",
        '{"version": 2, "keys": {}}',
        '{"version": 1}',
        '{"version": 1, "keys": []}',
        '{"version": 1, "keys": {"a": 1}}',
        '{"version": 1, "keys": {"a": {}}}',
        entry("label", 1),
        entry("label", "\x1b[2J"),
        entry("algs", 1),
        entry("created", True),
        entry("certificate", {}),
        '{"version": 1, "keys": {"a\\n": {"label": "", "algs": [], "kid": "", "thumbprint": ""}}}',
    ],
)
def test_L5_a_damaged_list_is_told_and_left_alone(register: FileKeyRegister, data: str) -> None:
    register.path.parent.mkdir()
    register.path.write_text(data)
    for use in (register.load, lambda: register.update(lambda _: {})):
        with pytest.raises(SecretStoreProblem, match=r"keys\.json, cannot be understood\. Move it aside"):
            use()
    assert register.path.read_text() == data


def test_a_list_that_cannot_be_read_or_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    below = FileKeyRegister(tmp_path / "file" / "keys.json", write_private)
    with pytest.raises(SecretStoreProblem, match="cannot be"):
        below.update(lambda _: {"orders": KEY})
    folder = FileKeyRegister(tmp_path, write_private)
    with pytest.raises(SecretStoreProblem, match="cannot be read"):
        folder.load()


def test_keys_of_this_run_are_listed_for_this_run_only(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    register = key_register(path, write_private)
    register.update(lambda known: {**known, "passing": PASSING})
    assert register.load() == {"passing": PASSING} and not path.exists()
    register.update(lambda known: {**known, "orders": KEY})
    assert register.load() == {"passing": PASSING, "orders": KEY}
    assert key_register(path, write_private).load() == {"orders": KEY}
    register.update(lambda known: {**known, "passing": replace(PASSING, store="keyring")})
    assert set(key_register(path, write_private).load()) == {"orders", "passing"}
    register.update(lambda known: {**known, "orders": replace(KEY, store=StoreKind.MEMORY)})
    assert set(key_register(path, write_private).load()) == {"passing"}
    assert set(register.load()) == {"orders", "passing"}
    register.update(lambda known: {})
    assert register.load() == {}


def test_the_demo_lists_its_keys_in_memory(tmp_path: Path) -> None:
    register = key_register(None, write_private)
    register.update(lambda _: {"orders": KEY})
    assert register.load() == {"orders": KEY} and list(tmp_path.iterdir()) == []


def test_what_another_program_listed_meanwhile_is_kept(register: FileKeyRegister) -> None:
    layered = LayeredKeyRegister(register)
    layered.load()
    FileKeyRegister(register.path, write_private).update(lambda known: {**known, "orders": KEY})
    layered.update(lambda known: {**known, BARE.name: BARE})
    assert set(register.load()) == {"orders", BARE.name}


def test_two_programs_that_list_at_once_lose_nothing(register: FileKeyRegister) -> None:
    code = """
import sys
from dataclasses import replace
from pathlib import Path
from ccflow_tui.config.atomic import write_private
from ccflow_tui.services.key_register_file import FileKeyRegister
from tests.services.test_key_register import KEY

register = FileKeyRegister(Path(sys.argv[1]), write_private)
for number in range(20):
    name = f"{sys.argv[2]}{number}"
    register.update(lambda known: {**known, name: replace(KEY, name=name)})
"""
    programs = [
        subprocess.Popen([sys.executable, "-c", code, str(register.path), name], cwd=ROOT) for name in "ab"
    ]
    assert [program.wait(60) for program in programs] == [0, 0]
    assert set(register.load()) == {f"{name}{number}" for name in "ab" for number in range(20)}


def test_a_register_in_memory_is_not_changed_from_outside() -> None:
    register = MemoryKeyRegister()
    changed = {"orders": KEY}
    register.update(lambda _: changed)
    changed.clear()
    assert register.load() == {"orders": KEY}
