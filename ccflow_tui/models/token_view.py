"""An access token decoded for reading; nothing in it was verified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class TokenView:
    """What the text of a token tells on its own (RFC 9068, section 6: clients must not depend on it)."""

    kind: Literal["jwt", "jwe", "opaque"]
    note: str
    header: Mapping[str, Any] = field(default_factory=dict)
    claims: Mapping[str, Any] = field(default_factory=dict)
