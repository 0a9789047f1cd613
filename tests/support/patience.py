"""Waiting for what another task, thread or process does, however busy the machine is."""

from __future__ import annotations

import time
from collections.abc import Iterator

PATIENCE = 60.0
"""Seconds until what does not happen counts as a failure; on an idle machine none of it takes one."""


def patiently() -> Iterator[None]:
    """Yield again and again, to look once more, until patience is at its end."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        yield


LONGER_AND_LONGER = (0.5, 2.0, 8.0, 32.0)
"""Seconds for a program that has to begin before its time is up, tried one after the other."""
