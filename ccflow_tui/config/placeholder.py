"""Tell text that was never filled in from text that was."""

from __future__ import annotations

import re

# YOUR_KID, <your client id>: as in settings.example.json.
_PLACEHOLDER = re.compile(r"YOUR[_-][A-Z0-9_-]+|<[^<>]*>")


def filled_in(text: str | None) -> str:
    """Return ``text`` without blanks at its ends, or an empty text when it is only a placeholder."""
    text = (text or "").strip()
    return "" if _PLACEHOLDER.fullmatch(text) else text
