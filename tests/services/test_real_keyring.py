"""The store against a real gnome-keyring, in a session bus of its own without a screen."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.keyring_session import LONG

ROOT = Path(__file__).parents[2]
NEEDED = ("dbus-run-session", "gnome-keyring-daemon")
MISSING = [name for name in NEEDED if not shutil.which(name)]
pytestmark = [
    pytest.mark.skipif(
        bool(MISSING) and not os.environ.get("CCFLOW_REQUIRE_KEYRING"),
        reason=f"needs {', '.join(NEEDED)} (Debian: gnome-keyring, dbus)",
    ),
    pytest.mark.xdist_group("keyring"),
]
UNLOCK = "printf password | gnome-keyring-daemon --unlock --components=secrets"
BUS = ("dbus-run-session", "--")
START = "gnome-keyring-daemon --start --components=secrets"

BUS_WITHOUT_SERVICES = """
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


class Session:
    """Runs programs in a new session bus each time; keyring files last from one to the next."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        runtime = folder / "run"
        self.home.mkdir()
        runtime.mkdir(mode=0o700)
        unset = ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "PYTHON_KEYRING_BACKEND")
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in unset and not name.startswith(("XDG_", "CCFLOW_", "COV_CORE", "COVERAGE_"))
        }
        self.environment = {
            **kept,
            "HOME": str(self.home),
            "XDG_RUNTIME_DIR": str(runtime),
            "PYTHONPATH": str(ROOT),
        }

    def run(
        self, *steps: str, before: str = "true", bus: tuple[str, ...] = BUS, **variables: str
    ) -> list[Any]:
        program = shlex.join([sys.executable, "-m", "tests.support.keyring_session", *steps])
        shell = ["sh", "-c", f"({before}) >/dev/null && {program}"]
        done = subprocess.run(
            [*bus, *shell],
            env={**self.environment, **variables},
            cwd=self.home,
            capture_output=True,
            timeout=100,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(tmp_path)


def test_L6_what_is_written_to_an_unlocked_keyring_is_found_by_the_next_run(session: Session) -> None:
    assert session.run("put_long", "get", "entries", before=UNLOCK) == ["kept", LONG, 1]
    again = session.run("get", "put_short", "get", "entries", "delete", "get", "entries", before=UNLOCK)
    assert again == [LONG, "kept", "short", 1, True, None, 0]
    files = [path.read_bytes() for path in session.home.rglob("*") if path.is_file()]
    assert files and not any(b"kkkkk" in content for content in files)


def test_L6_the_key_workbench_keeps_the_largest_key_and_proves_that_it_is_gone(session: Session) -> None:
    found, left = session.run("workbench", "entries", before=UNLOCK)
    assert found["length"] > 3000
    assert found["keys"] == [
        ["orders", "RSA 4096 bit", "keyring", ""],
        ["orders-2", "EC P-256", "keyring", ""],
    ]
    assert found["exported"]
    assert all("Read back from the system keyring: it is gone." in said for said in found["said"])
    assert left == 0
    files = [path.read_bytes() for path in session.home.rglob("*") if path.is_file()]
    assert files and not any(b"PRIVATE KEY" in content for content in files)


def test_L6_what_was_removed_is_read_back_and_a_locked_keyring_does_not_count_as_empty(
    session: Session,
) -> None:
    kept, before, removed, after = session.run("put_long", "places", "delete", "places", before=UNLOCK)
    assert (kept, before, removed, after) == ("kept", ["keyring"], True, [])
    assert session.run("put_short", "lock", "places", before=UNLOCK)[2]["fault"] == "locked"


def test_L6_a_locked_keyring_is_told_and_the_secret_stays_in_memory(session: Session) -> None:
    kept, locked, read, managed = session.run("put_long", "lock", "get", "manage", before=UNLOCK)
    assert (kept, locked, read["fault"]) == ("kept", True, "locked")
    assert "locked" in read["text"] and "Unlock it" in read["text"]
    assert managed == [
        "memory",
        "The system keyring is locked, so secrets stay in memory for this run.",
        True,
    ]
    # A session that was entered without the password of the keyring, over ssh for example.
    assert session.run("get", before=START)[0]["fault"] == "locked"
    assert session.run("get", before=UNLOCK) == [LONG]


def test_L6_a_session_without_a_keyring_is_told_apart_from_a_locked_one(
    session: Session, tmp_path: Path
) -> None:
    bus = ("dbus-run-session", f"--config-file={tmp_path / 'bus.conf'}", "--")
    (tmp_path / "bus.conf").write_text(BUS_WITHOUT_SERVICES, encoding="utf-8")
    read, managed = session.run("get", "manage", bus=bus)
    assert read["fault"] == "missing", read
    assert managed == ["memory", "No system keyring was found, so secrets stay in memory for this run.", True]


def test_L6_a_machine_without_a_session_bus_has_no_keyring(session: Session) -> None:
    (read,) = session.run("get", bus=())
    assert (read["fault"], "No system keyring was found." in read["text"]) == ("missing", True)


def test_L6_a_keyring_that_is_switched_off_is_told_apart(session: Session) -> None:
    (read,) = session.run("get", before=UNLOCK, PYTHON_KEYRING_BACKEND="keyring.backends.null.Keyring")
    assert (read["fault"], "switched off" in read["text"]) == ("missing", True)


def test_L6_a_writer_killed_at_any_moment_leaves_a_whole_secret(session: Session) -> None:
    _, found, *rest = session.run("put_long", "kill", "put_short", "entries", before=UNLOCK)
    assert found == ["whole"] * 5
    assert rest == ["kept", 1], "parts of a killed write are still in the keyring"
