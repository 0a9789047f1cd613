"""What the command line asks for, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """The options that the wizard and ``ccflow token`` share."""

    profile: str | None = None
    settings: Path | None = None
    log_file: Path | None = None
    demo: bool = False
    demo_lifetime: int = 3600
    """Seconds that the demo server's tokens live."""
    allow_endpoint: str | None = None
    """Origin on which the issuer may name a token endpoint; counts as ``CCFLOW_ALLOW_ENDPOINT``."""
    theme: str | None = None
