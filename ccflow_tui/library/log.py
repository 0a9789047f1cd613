"""The flow's log lines as records of the standard ``logging`` package."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from ccflow_tui.models.log_entry import LogLevel
from ccflow_tui.services.logger import safe_message
from ccflow_tui.services.redaction import Redactor

LOGGER = "ccflow"

logging.getLogger(LOGGER).addHandler(logging.NullHandler())  # silent unless the program wants to listen


@dataclass(frozen=True, slots=True)
class StandardLog:
    """Implements ``flow_log.LogWriter``; a line that nobody listens to costs next to nothing."""

    redactor: Redactor
    logger: logging.Logger = field(default_factory=lambda: logging.getLogger(LOGGER))

    def write(self, level: LogLevel, emoji: str, message: str, module: str = "CC") -> None:
        """Hand on one redacted line; the program's own ``logging`` set-up decides where it goes."""
        number = _number(level)
        if self.logger.isEnabledFor(number):
            self.logger.log(number, "%s [%s] %s", emoji, module, safe_message(self.redactor, message))


def _number(level: LogLevel) -> int:
    if level is LogLevel.ERROR:
        return logging.ERROR
    return logging.WARNING if level is LogLevel.WARNING else logging.INFO
