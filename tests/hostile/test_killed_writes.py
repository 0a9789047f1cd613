"""Killed with SIGKILL in the middle of a write: never half a file, never a lost profile."""

from __future__ import annotations

import json
import os
import random
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from ccflow_tui.config.atomic import write_private
from ccflow_tui.config.state import UserState
from ccflow_tui.files.replacing import STALE_SECONDS
from ccflow_tui.services.token_history import SqliteHistory
from tests.hostile.fuzzing import THOROUGH
from tests.hostile.writing import NAMES, POINTS

pytestmark = pytest.mark.skipif(os.name == "nt", reason="SIGKILL is of Unix")
ROOT = Path(__file__).parents[2]
KILLS = 200 if settings.default is not None and settings.default.max_examples >= THOROUGH else 50


def start(what: str, folder: Path, count: int = 0, point: str = "") -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.hostile.writing", what, str(folder), str(count), point]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def killed(process: subprocess.Popen[str]) -> int:
    """Return the last number that the process told, after its violent end."""
    assert process.stdout is not None
    with process.stdout:
        out = process.stdout.read()
    assert process.wait(60) == -signal.SIGKILL
    whole = out[: out.rfind("\n") + 1].split()
    return int(whole[-1]) if whole else 0


def killed_at_some_moment(process: subprocess.Popen[str], moments: random.Random) -> int:
    """Kill a process somewhere between two writes or in one; return the last number it told."""
    assert process.stdout is not None
    told = [int(process.stdout.readline()) for _ in range(moments.randrange(1, 6))]
    for _ in range(moments.randrange(100_000)):
        pass  # by now it is somewhere in its next write
    process.kill()
    return max(killed(process), *told)


def check_state(folder: Path, told: int) -> int:
    """Read the state file; return the highest number it holds, which is the last one told or one more."""
    path = folder / "state.json"
    if not path.exists():
        assert told == 0
        return 0
    profiles = UserState(path).load().profiles
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    kept = {name: int(profile.note) for name, profile in profiles.items()}
    newest = max(kept.values())
    assert told <= newest <= told + 1
    assert kept == {f"p{number % NAMES}": number for number in range(max(1, newest - NAMES + 1), newest + 1)}
    return newest


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("there", [False, True], ids=["first write", "later write"])
def test_killed_at_each_point_of_a_write(tmp_path: Path, point: str, there: bool) -> None:
    path = tmp_path / "state.json"
    if there:
        path.write_text('{"version": 1, "profiles": {"p0": {"note": "0"}}}')
        path.chmod(0o600)
    before = path.read_bytes() if there else None
    assert killed(start("state", tmp_path, 0, point)) == 0
    if point == "after it took the place":
        assert UserState(path).load().profiles["p1"].note == "1"
        assert not there or UserState(path).load().profiles["p0"].note == "0"
    else:
        assert (path.read_bytes() if path.exists() else None) == before


@pytest.mark.fuzz
@pytest.mark.timeout(600)
def test_killed_at_any_moment_no_profile_is_lost(tmp_path: Path) -> None:
    moments, told = random.Random(20), 0
    for _ in range(KILLS):
        last = killed_at_some_moment(start("state", tmp_path, told), moments)
        told = check_state(tmp_path, last)
    assert told > KILLS


@pytest.mark.fuzz
@pytest.mark.timeout(600)
def test_killed_at_any_moment_the_history_opens_again_with_every_entry(tmp_path: Path) -> None:
    moments, told = random.Random(21), 0
    for _ in range(KILLS // 5):
        last = killed_at_some_moment(start("history", tmp_path, told), moments)
        history = SqliteHistory(tmp_path / "history.sqlite3")
        told = history.count()
        newest = history.page(0, 1)[0].at
        history.close()
        assert last <= told <= last + 1 and newest == told


def test_what_a_killed_write_left_is_swept_up_after_an_hour(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    names = (
        ".state.json.abc.unfinished",
        ".state.json.def.unfinished",
        ".other.abc.unfinished",
        ".state.json.swp",
    )
    left, fresh, other, foreign = (tmp_path / name for name in names)
    for each in (left, fresh, other, foreign):
        each.write_text("half")
    old = fresh.stat().st_mtime - STALE_SECONDS - 60
    for each in (left, other, foreign):
        os.utime(each, (old, old))
    write_private(path, "{}")
    assert {each.name for each in tmp_path.iterdir()} == {"state.json", *names[1:]}


def test_the_order_of_profiles_stays_as_it_is_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    names = ["zeta", "alpha", "ü", "mid"]
    path.write_text(json.dumps({"version": 1, "profiles": {name: {"note": name} for name in names}}))
    state = UserState(path)
    state.update(lambda saved: saved)
    assert list(json.loads(path.read_text())["profiles"]) == names
