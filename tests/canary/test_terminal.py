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

from ccflow_tui.crash import APOLOGY
from ccflow_tui.exit_codes import CRASHED, DONE
from tests.canary.answers import granting
from tests.canary.canaries import Searcher, secret, token
from tests.canary.places import has_proc, search_files, search_processes
from tests.canary.program import ROOT, serving, surroundings
from tests.support.patience import patiently

pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")

SECRET, TYPED, TOKEN = secret("secret in the environment"), secret("typed secret"), token("access token")
PASSPHRASE = secret("passphrase of the encrypted file")
_ESCAPES = re.compile(rb"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[\[?][0-9;:?<>=]*[ -/]*[@-~]|\x1b.")


@dataclass
class Terminal:
    """A running wizard and everything it ever wrote."""

    process: subprocess.Popen[bytes]
    master: int
    written: bytearray = field(default_factory=bytearray)
    modes_before: list[object] = field(default_factory=list)

    @property
    def text(self) -> str:
        return _ESCAPES.sub(b"", bytes(self.written)).decode("utf-8", "replace")

    def until(self, wanted: str, *, since: int = 0) -> None:
        """Read until ``wanted`` was written."""
        for _ in patiently():
            if wanted in _ESCAPES.sub(b"", bytes(self.written[since:])).decode("utf-8", "replace"):
                return
            self.read(0.05)
        raise AssertionError(f"{wanted!r} never came:\n{self.text[-3000:]}")

    def read(self, seconds: float) -> bool:
        """Read what is written within some seconds; tell whether anything was."""
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            self.written += os.read(self.master, 65536)
        except OSError:
            return False
        return True

    def press(self, keys: str, wanted: str) -> None:
        """Type and wait for what follows."""
        since = len(self.written)
        os.write(self.master, keys.encode())
        self.until(wanted, since=since)

    def enter_secret(self, text: str) -> None:
        """Type into the secret's field as soon as it has the focus; until then a letter does nothing."""
        self.until("is required")
        for _ in patiently():
            if "•" in self.text:
                break
            os.write(self.master, text[:1].encode())
            again = time.monotonic() + 1.0
            while "•" not in self.text and time.monotonic() < again:
                self.read(0.05)
        self.press(text[1:], "•" * 8)

    @property
    def modes(self) -> list[object]:
        import termios

        return termios.tcgetattr(self.master)

    def leave(self, keys: str = "\x11") -> int:
        """Quit, or press other keys that end the program; read to the end and return the exit code."""
        os.write(self.master, keys.encode())
        for _ in patiently():
            code = self.process.poll()
            if not self.read(0.02) and code is not None:
                return code
        raise AssertionError(f"it does not end:\n{self.text[-3000:]}")


@contextmanager
def started(scene: Path, *arguments: str, **variables: str) -> Iterator[Terminal]:
    import fcntl
    import struct
    import termios

    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    modes = termios.tcgetattr(master)
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
        yield Terminal(process, master, modes_before=modes)
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


def walk_to_the_token(terminal: Terminal) -> None:
    terminal.press("\n", "Exactly what will be sent")
    terminal.press("\n", "One POST to the token endpoint")
    terminal.press("\n", "Kept alive in the background")


def look(searcher: Searcher, terminal: Terminal, scene: Path) -> None:
    """Search all that was drawn and printed, and every file."""
    searcher.look("the terminal", bytes(terminal.written))
    searcher.look("the terminal's text", terminal.text)
    search_files(searcher, scene)
    searcher.check()


def test_S7_a_typed_secret_is_neither_drawn_nor_recorded(scene: Path) -> None:
    """``TEXTUAL_LOG`` alone records nothing, since every key would be in it."""
    record, searcher = scene / "keys.log", Searcher(TYPED, TOKEN)
    variables = {"TEXTUAL_LOG": str(record), "TEXTUAL_DEBUG": "1", "TEXTUAL": "devtools"}
    with (
        serving(granting(TOKEN.text)) as base,
        started(scene, "--log-file", str(scene / "log"), **_endpoint(base), **variables) as terminal,
    ):
        terminal.until("TEXTUAL_LOG and TEXTUAL_DEBUG and")
        terminal.enter_secret(TYPED.text)
        walk_to_the_token(terminal)
        if has_proc():
            search_processes(searcher, terminal.process.pid)
        assert terminal.leave() == DONE
    assert "KEYS ARE RECORDED" not in terminal.text
    assert "token acquired" in (scene / "log").read_text(encoding="utf-8")
    assert not record.exists() and not (scene / "work" / "keys.log").exists()
    look(searcher, terminal, scene)


def test_S7_a_pasted_secret_and_a_typed_passphrase_are_not_recorded_either(scene: Path) -> None:
    record, searcher = scene / "keys.log", Searcher(TYPED, PASSPHRASE, TOKEN)
    variables = {"TEXTUAL_LOG": str(record), "TEXTUAL": "devtools", "CCFLOW_SECRET_STORE": "file"}
    with (
        serving(granting(TOKEN.text)) as base,
        started(scene, **_endpoint(base), **variables) as terminal,
    ):
        terminal.until("TEXTUAL_LOG and TEXTUAL were ignored: they record")
        terminal.enter_secret(TYPED.text[:9])
        terminal.press(f"\x1b[200~{TYPED.text[9:]}\x1b[201~", "•" * 12)
        terminal.press("\x13", "Choose the passphrase")  # Ctrl+S
        terminal.press(f"{PASSPHRASE.text}\r{PASSPHRASE.text}\r", "saved;")
        walk_to_the_token(terminal)
        assert terminal.leave() == DONE
    assert not record.exists() and not (scene / "work" / "keys.log").exists()
    look(searcher, terminal, scene)


def test_S7_keys_are_recorded_when_that_is_confirmed_and_said(scene: Path) -> None:
    """The secret is not typed here, so not even the file that records every key may hold it."""
    record, searcher = scene / "keys.log", Searcher(SECRET, TOKEN)
    variables = {
        "CCFLOW_CLIENT_SECRET": SECRET.text,
        "TEXTUAL_LOG": str(record),
        "CCFLOW_RECORD_KEYS": "1",
    }
    with (
        serving(granting(TOKEN.text)) as base,
        started(scene, **_endpoint(base), **variables) as terminal,
    ):
        terminal.until("KEYS ARE RECORDED")
        walk_to_the_token(terminal)
        if has_proc():
            search_processes(searcher, terminal.process.pid, allowed_at_root=("secret in the environment",))
        assert terminal.leave() == DONE
    assert "Key(" in record.read_text(encoding="utf-8"), "Textual recorded nothing"
    look(searcher, terminal, scene)


CRASHING = """
import threading
from ccflow_tui.screens.token import TokenScreen
def action_decode(self):
    held = self._state.token.value.reveal()
    raise RuntimeError(f"cannot decode {held}")
class Leftover:
    def __del__(self):
        raise OSError(self.held)
def fail(held):
    raise OSError(held)
def action_introspect(self):
    held = self._state.token.value.reveal()
    thread = threading.Thread(target=fail, args=(held,))
    thread.start()
    thread.join()
    Leftover().held = held
TokenScreen.action_decode, TokenScreen.action_introspect = action_decode, action_introspect
"""
DEAF = """
from textual._xterm_parser import XTermParser
feed = XTermParser.feed
def fail(self, data):
    if len(data) > 20:
        raise ValueError(f"cannot read {data}")
    return feed(self, data)
XTermParser.feed = fail
"""


def test_L1_a_crash_in_a_terminal_says_little_and_loses_nothing(scene: Path) -> None:
    """A module on the path breaks the program the way a bug would, with secrets in the exceptions' text.

    First a thread and a finalizer fail, which the log tells, then a handler. After the restart, which finds
    everything, it is the thread that reads the keys.
    """
    (scene / "tmp" / "sitecustomize.py").write_text(CRASHING, encoding="utf-8")
    broken = {"PYTHONPATH": f"{scene / 'tmp'}{os.pathsep}{ROOT}"}
    searcher = Searcher(TYPED, TOKEN)
    with serving(granting(TOKEN.text)) as base:
        with started(scene, "--log-file", str(scene / "log"), **_endpoint(base), **broken) as terminal:
            terminal.enter_secret(TYPED.text)
            walk_to_the_token(terminal)
            terminal.press("i", "unexpected error in")
            assert terminal.leave("d") == CRASHED
            assert terminal.modes == terminal.modes_before
        last_words = bytes(terminal.written).rpartition(b"\x1b[?1049l")[2].decode()
        assert "had to stop: RuntimeError" in last_words and "in action_decode" in last_words
        assert APOLOGY.splitlines()[0] in last_words
        look(searcher, terminal, scene)
        log = (scene / "log").read_text(encoding="utf-8")
        assert "token acquired" in log and log.count("OSError at sitecustomize, line") == 2
        (scene / "tmp" / "sitecustomize.py").write_text(DEAF, encoding="utf-8")
        with started(scene, **_endpoint(base), **broken) as again:
            again.until("granted")
            assert again.leave(TYPED.text) == CRASHED, "the thread that reads the keys did not fail"
            assert again.modes == again.modes_before
        assert "had to stop: ValueError" in again.text and "in fail" in again.text
        look(searcher, again, scene)


@pytest.mark.skipif(not has_proc(), reason="this system shows no processes as files")
def test_the_demo_server_gets_no_secret_of_the_environment(scene: Path) -> None:
    passphrase = secret("passphrase in the environment")
    searcher, given = Searcher(SECRET, passphrase), ("secret in the environment", passphrase.name)
    variables = {"CCFLOW_CLIENT_SECRET": SECRET.text, "CCFLOW_KEY_PASSPHRASE": passphrase.text}
    with started(scene, "--demo", **variables) as terminal:
        terminal.until("demo-")
        count = search_processes(searcher, terminal.process.pid, allowed_at_root=given)
        assert count >= 2, "there is no demo server to look at"
        terminal.leave()
        searcher.look("the terminal", bytes(terminal.written))
    search_files(searcher, scene)
    searcher.check()
