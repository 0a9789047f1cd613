"""One line of the log, already redacted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class LogLevel(StrEnum):
    """How loud a log line is."""

    DEBUG = "debug"
    INFO = "info"
    SUCCESS = "success"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A line such as ``09:26:53 [📤 CC] POST /token method=client_secret_basic``."""

    at: float
    """Epoch seconds."""
    level: LogLevel
    emoji: str
    module: str
    message: str

    @property
    def tag(self) -> str:
        """The module tag with its emoji: ``[📤 CC]``."""
        return f"[{self.emoji} {self.module}]" if self.emoji else f"[{self.module}]"

    def line(self) -> str:
        """Return the line with the local time of day in front."""
        clock = datetime.fromtimestamp(self.at).strftime("%H:%M:%S")
        return f"{clock} {self.tag} {self.message}"
