"""The log of the flow: redacted before it is kept, capped, and told to whoever listens."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime

from ccflow_tui.models.log_entry import LogEntry, LogLevel
from ccflow_tui.oauth.sanitize import scrub
from ccflow_tui.services.ports import Clock
from ccflow_tui.services.redaction import Redactor

LogListener = Callable[[LogEntry], None]

_LONGEST_MESSAGE = 1000


def iso_time(epoch: float, *, timespec: str = "seconds") -> str:
    """Return epoch seconds as ISO 8601 in UTC, or ``out of range`` where the calendar ends."""
    try:
        moment = datetime.fromtimestamp(epoch, UTC)
    except (OverflowError, OSError, ValueError):
        return "out of range"
    return moment.isoformat(timespec=timespec).replace("+00:00", "Z")


def entry_as_json(entry: LogEntry) -> str:
    """Return an entry as one line of JSON."""
    fields = {
        "time": iso_time(entry.at, timespec="milliseconds"),
        "level": entry.level.value,
        "emoji": entry.emoji,
        "module": entry.module,
        "message": entry.message,
    }
    return json.dumps(fields, ensure_ascii=False)


def safe_message(redactor: Redactor, message: str) -> str:
    """Return a message redacted, as one safe line of at most 1,000 characters.

    Redacted before it is cut, since half a secret is not recognised; and again after, if hidden characters
    are gone that may have stood inside one.
    """
    redacted = redactor.redact(message)
    line = scrub(redacted, limit=_LONGEST_MESSAGE)
    return line if line == redacted else redactor.redact(line)


class FlowLogger:
    """Keeps the last ``capacity`` entries; writing never waits and works from any thread.

    A listener is called on the writer's thread. One that fails is dropped, and the log says so: a log
    line must not be able to end a token request.
    """

    def __init__(self, redactor: Redactor, clock: Clock, capacity: int = 500) -> None:
        self._redactor, self._clock = redactor, clock
        self._entries: deque[LogEntry] = deque(maxlen=capacity)
        self._listeners: list[LogListener] = []
        self._lock = threading.Lock()

    def write(self, level: LogLevel, emoji: str, message: str, module: str = "CC") -> None:
        """Add an entry; ``message`` is redacted, made one safe line, and capped at 1,000 characters."""
        entry = LogEntry(self._clock.wall(), level, emoji, module, safe_message(self._redactor, message))
        with self._lock:
            self._entries.append(entry)
            listeners = tuple(self._listeners)
        for listener in listeners:
            self._tell(listener, entry)

    def entries(self) -> tuple[LogEntry, ...]:
        """Return what is kept, oldest first."""
        with self._lock:
            return tuple(self._entries)

    def subscribe(self, listener: LogListener) -> Callable[[], None]:
        """Call ``listener`` with every new entry; return what ends that."""
        with self._lock:
            self._listeners.append(listener)
        return lambda: self._drop(listener)

    def clear(self) -> None:
        """Forget every entry."""
        with self._lock:
            self._entries.clear()

    def export(self) -> str:
        """Return every entry as JSON lines, oldest first."""
        return "".join(f"{entry_as_json(entry)}\n" for entry in self.entries())

    def _tell(self, listener: LogListener, entry: LogEntry) -> None:
        try:
            listener(entry)
        except Exception as error:  # a listener is foreign code
            self._drop(listener)
            self.write(
                LogLevel.ERROR, "⛔", f"A log listener failed and was removed: {type(error).__name__}."
            )

    def _drop(self, listener: LogListener) -> None:
        with self._lock:
            if listener in self._listeners:
                self._listeners.remove(listener)
