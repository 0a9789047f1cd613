"""One thing that was checked about a token, and how it came out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a check came out: green, amber or red."""

    GOOD = "good"
    DOUBT = "doubt"
    """Odd, or not to be told from here."""
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check; its text is scrubbed and holds no token."""

    verdict: Verdict
    topic: str
    """What was checked, in one or two words."""
    text: str
