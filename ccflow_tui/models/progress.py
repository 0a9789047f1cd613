"""What happens while a token request is under way, told step by step."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AttemptStarted:
    """A request leaves now."""

    number: int
    limit: int
    """How many attempts there can be at the most."""


@dataclass(frozen=True, slots=True)
class RetryScheduled:
    """An attempt failed in a way that may pass; the next one follows after a wait."""

    number: int
    """The attempt that failed."""
    limit: int
    wait: float
    """Seconds until the next attempt."""
    reason: str


Progress = AttemptStarted | RetryScheduled
