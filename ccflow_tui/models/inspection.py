"""What was learnt about a token after it was granted: from its server, from its signature."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ccflow_tui.models.finding import Finding


@dataclass(frozen=True, slots=True)
class Introspection:
    """What the server says about a token (RFC 7662, section 2.2)."""

    active: bool | None
    """``None`` when the server gave no answer that can be used; ``problem`` says why."""
    claims: Mapping[str, Any] = field(default_factory=dict)
    """Every other member of the answer, scrubbed and redacted."""
    problem: str = ""
    """What went wrong, in one sentence; empty when the server answered."""
    remedy: str = ""
    findings: tuple[Finding, ...] = ()
    """What was checked about an answer besides what it says: its signature, how the client authenticated."""


@dataclass(frozen=True, slots=True)
class Verification:
    """Every finding about a token that was verified as its API would do it."""

    findings: tuple[Finding, ...]
    """The one about the signature first."""
    remedy: str = ""
    """What to do where the signature could not be checked."""


@dataclass(frozen=True, slots=True)
class Revocation:
    """Whether the server took a token back (RFC 7009)."""

    revoked: bool
    problem: str = ""
    """Why it was not, or that the token is still in the secret store although it was."""
    remedy: str = ""
    retry_after: float | None = None
    """Seconds after which to ask again, where the server said so."""
