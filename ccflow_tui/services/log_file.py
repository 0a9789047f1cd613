"""An optional copy of the log in a file, written in the background."""

from __future__ import annotations

import contextlib
import os
import queue
import stat
import threading
from pathlib import Path
from typing import IO

from ccflow_tui.models.log_entry import LogEntry
from ccflow_tui.models.problems import InputProblem
from ccflow_tui.services.logger import entry_as_json

_CAPACITY = 10_000


class LogFileSink:
    """Appends entries as JSON lines to a file that only its owner can read.

    ``write`` is a listener for ``FlowLogger.subscribe``: it puts the entry into a queue and returns. When
    the disk cannot keep up or is full, lines are dropped and counted, and the flow goes on.
    """

    def __init__(self, path: Path, *, capacity: int = _CAPACITY) -> None:
        """Open ``path`` for appending; raises ``InputProblem`` when that cannot be done."""
        self.path = path
        self.dropped = 0
        """Lines that were not written."""
        self.problem = ""
        """Why writing stopped, in one sentence; empty while it works."""
        self._queue: queue.Queue[LogEntry | None] = queue.Queue(capacity)
        self._file = _open_private(path)
        self._closed = False
        self._thread = threading.Thread(target=self._drain, name="log-file", daemon=True)
        self._thread.start()

    def write(self, entry: LogEntry) -> None:
        """Queue an entry; never waits."""
        if self._closed:
            return
        try:
            self._queue.put_nowait(entry)
        except queue.Full:
            self.dropped += 1

    def close(self, timeout: float = 2.0) -> None:
        """Write what is queued and close the file, waiting ``timeout`` seconds at the most."""
        if self._closed:
            return
        self._closed = True
        with contextlib.suppress(queue.Full):
            self._queue.put(None, timeout=timeout)
        self._thread.join(timeout)

    def _drain(self) -> None:
        with contextlib.suppress(OSError), self._file as file:
            while (entry := self._queue.get()) is not None:
                self._write_line(file, entry)

    def _write_line(self, file: IO[str], entry: LogEntry) -> None:
        if self.problem:
            self.dropped += 1
            return
        try:
            file.write(f"{entry_as_json(entry)}\n")
            file.flush()
        except OSError as error:
            self.dropped += 1
            self.problem = f"The log file {self.path} cannot be written: {error.strerror}."


def _open_private(path: Path) -> IO[str]:
    remedy = "Name a file in a folder that you may write to."
    # Without O_NONBLOCK, opening a pipe would wait for its reader.
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags, 0o600)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise InputProblem("log_file", f"{path} cannot be opened for writing: {why}.", remedy) from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise InputProblem("log_file", f"{path} is no regular file.", remedy)
    if hasattr(os, "fchmod"):
        # Somebody else's file keeps its mode.
        with contextlib.suppress(OSError):
            os.fchmod(descriptor, 0o600)
    return open(descriptor, "a", encoding="utf-8", errors="backslashreplace", newline="\n")
