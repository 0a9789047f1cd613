"""Words for yes and no in variables."""

from __future__ import annotations

YES = ("1", "true", "yes", "on")
NO = ("0", "false", "no", "off")
REMEDY = f"Use one of: {', '.join((*YES, *NO))}."


def yes_or_no(text: str) -> bool | None:
    """Return what a word means, in any case, or ``None`` when it is neither."""
    word = text.strip().lower()
    return True if word in YES else False if word in NO else None
