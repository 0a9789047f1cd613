"""The wizard as a person starts it, in a terminal of its own, against a real server over HTTP."""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.canary.answers import granting
from tests.canary.canaries import Searcher, secret, token
from tests.canary.places import has_proc, search_files, search_processes
from tests.canary.program import serving, surroundings

pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")

SECRET, TYPED, TOKEN = secret("secret in the environment"), secret("typed secret"), token("access token")
PATIENCE = 30.0
"""Seconds until a screen has to have shown what is waited for, on a busy machine."""
_ESCAPES = re.compile(rb"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[\[?][0-9;:?<>=]*[ -/]*[@-~]|\x1b.")


@dataclass
class Terminal:
    """A running wizard and everything it ever wrote."""

    process: subprocess.Popen[bytes]
    master: int
    written: bytearray = field(default_factory=bytearray)

    @property
    def text(self) -> str:
        return _ESCAPES.sub(b"", bytes(self.written)).decode("utf-8", "replace")

    def until(self, wanted: str, *, since: int = 0) -> None:
        """Read until ``wanted`` was written."""
        end = time.monotonic() + PATIENCE
        while wanted not in _ESCAPES.sub(b"", bytes(self.written[since:])).decode("utf-8", "replace"):
            assert time.monotonic() < end, f"{wanted!r} never came:\n{self.text[-3000:]}"
            self.read(0.05)

    def read(self, seconds: float) -> None:
        ready, _, _ = select.select([self.master], [], [], seconds)
        if ready:
            try:
                self.written += os.read(self.master, 65536)
            except OSError:
                return

    def press(self, keys: str, wanted: str) -> None:
        """Type and wait for what follows."""
        since = len(self.written)
        os.write(self.master, keys.encode())
        self.until(wanted, since=since)

    def leave(self) -> int:
        """Quit, reading to the end, and return the exit code."""
        os.write(self.master, b"\x11")
        end = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < end:
            self.read(0.02)
        self.read(0.05)
        return self.process.wait(timeout=1)


@contextmanager
def started(scene: Path, *arguments: str, **variables: str) -> Iterator[Terminal]:
    import fcntl
    import struct
    import termios

    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "ccflow_tui", *arguments],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=surroundings(scene, **variables),
        cwd=scene / "work",
        start_new_session=True,
    )
    os.close(slave)
    try:
        yield Terminal(process, master)
    finally:
        process.kill()
        process.wait()
        os.close(master)


def _endpoint(base: str) -> dict[str, str]:
    return {
        "CCFLOW_TOKEN_ENDPOINT": f"{base}/token",
        "CCFLOW_CLIENT_ID": "client-one",
        "CCFLOW_AUTH_METHOD": "client_secret_basic",
    }


def test_the_whole_road_in_a_terminal_while_textual_records_the_keys(scene: Path) -> None:
    """The secret is not typed here, so not even the file that records every key may hold it."""
    record = scene / "keys.log"
    variables = {"CCFLOW_CLIENT_SECRET": SECRET.text, "TEXTUAL_LOG": str(record)}
    searcher = Searcher(SECRET, TOKEN)
    with (
        serving(granting(TOKEN.text)) as base,
        started(scene, "--log-file", str(scene / "log"), **_endpoint(base), **variables) as terminal,
    ):
        terminal.until("Next: build request")
        terminal.until("KEYS ARE RECORDED")
        terminal.press("\n", "Exactly what will be sent")
        terminal.press("\n", "One POST to the token endpoint")
        terminal.press("\n", "Kept alive in the background")
        if has_proc():
            search_processes(searcher, terminal.process.pid, allowed_at_root=("secret in the environment",))
        assert terminal.leave() == 0
        searcher.look("the terminal", bytes(terminal.written))
        searcher.look("the terminal's text", terminal.text)
    assert "Key(" in record.read_text(encoding="utf-8"), "Textual recorded nothing"
    search_files(searcher, scene)
    searcher.check()


def test_a_typed_secret_is_never_drawn(scene: Path) -> None:
    searcher = Searcher(TYPED, TOKEN)
    with serving(granting(TOKEN.text)) as base, started(scene, **_endpoint(base)) as terminal:
        terminal.until("Next: build request")
        terminal.press(TYPED.text, "•" * 8)
        terminal.press("\n", "Exactly what will be sent")
        terminal.press("\n", "One POST to the token endpoint")
        terminal.press("\n", "Kept alive in the background")
        assert "KEYS ARE RECORDED" not in terminal.text
        assert terminal.leave() == 0
        searcher.look("the terminal", bytes(terminal.written))
        searcher.look("the terminal's text", terminal.text)
    search_files(searcher, scene)
    searcher.check()


@pytest.mark.skipif(not has_proc(), reason="this system shows no processes as files")
def test_the_demo_server_gets_no_secret_of_the_environment(scene: Path) -> None:
    searcher = Searcher(SECRET)
    with started(scene, "--demo", CCFLOW_CLIENT_SECRET=SECRET.text) as terminal:
        terminal.until("demo-")
        count = search_processes(
            searcher, terminal.process.pid, allowed_at_root=("secret in the environment",)
        )
        assert count >= 2, "there is no demo server to look at"
        terminal.leave()
        searcher.look("the terminal", bytes(terminal.written))
    search_files(searcher, scene)
    searcher.check()
