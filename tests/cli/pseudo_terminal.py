"""The program in a terminal of its own, as a person's terminal emulator would run it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from tests.cli.program import start
from tests.support.patience import patiently

ALT_SCREEN_ON, ALT_SCREEN_OFF = b"\x1b[?1049h", b"\x1b[?1049l"
CURSOR_ON = b"\x1b[?25h"
MOUSE_OFF = (b"\x1b[?1000l", b"\x1b[?1003l", b"\x1b[?1006l")


class PseudoTerminal:
    """Use as ``with PseudoTerminal([...]) as terminal``; what is still running at the end is killed."""

    def __init__(
        self, arguments: Sequence[str] = (), *, code: str = "", script: str = "", **streams: Any
    ) -> None:
        self.shown = b""
        self._arguments, self._code, self._script, self._streams = arguments, code, script, streams

    def __enter__(self) -> Self:
        self._own, self._theirs = pty.openpty()
        fcntl.ioctl(self._theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.modes_before = termios.tcgetattr(self._theirs)
        end = self._theirs
        streams = {"stdin": end, "stdout": end, "stderr": end, **self._streams}
        self.process = start(
            *self._arguments,
            code=self._code,
            script=self._script,
            env={"TERM": "xterm-256color"} | streams.pop("env", {}),
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(end, termios.TIOCSCTTY, 0),
            **streams,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()
        self.hang_up()
        os.close(self._theirs)

    @property
    def modes(self) -> list[Any]:
        return termios.tcgetattr(self._theirs)

    def hang_up(self) -> None:
        """Close the terminal's window."""
        if self._own >= 0:
            os.close(self._own)
            self._own = -1

    def press(self, keys: bytes) -> None:
        os.write(self._own, keys)

    def read_until(self, text: bytes, *, after: int = 0) -> None:
        """Read what the program draws until ``text`` is among it, ``after`` so many bytes."""
        for _ in patiently():
            over = self.process.poll() is not None  # asked first: its last words come before its end
            more = self._read()
            if text in self.shown[after:]:
                return
            assert more or not over, f"ended without {text!r}: {self.shown[-2000:]!r}"
        raise AssertionError(f"{text!r} did not appear in {self.shown[-2000:]!r}")

    def end(self) -> int:
        """Read on until the program has ended, and return its exit code."""
        for _ in patiently():
            code = self.process.poll()
            if not self._read() and code is not None:
                return code
        raise AssertionError(f"still runs: {self.shown[-2000:]!r}")

    def _read(self) -> bool:
        if not select.select([self._own], [], [], 0.05)[0]:
            return False
        self.shown += os.read(self._own, 65536)
        return True


def children_of(process: subprocess.Popen[bytes]) -> list[int]:
    """Return the ids of a process's children, where the system tells (Linux)."""
    with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as file:
        return [int(word) for word in file.read().split()]


def is_alive(process_id: int) -> bool:
    """Return whether a process runs; one that has ended and that nobody has asked about does not (Linux)."""
    try:
        with open(f"/proc/{process_id}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except (FileNotFoundError, ProcessLookupError):
        return False
