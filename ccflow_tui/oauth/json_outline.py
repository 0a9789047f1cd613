"""The shape of a JSON text without its content: member names and types, for documents that hold secrets."""

from __future__ import annotations

import json
import re

_DEPTH = 3
"""Levels that are shown; deeper ones are an ellipsis."""
_MEMBERS = 20
"""Members of an object that are named."""
_LONGEST = 64 * 1024
"""Characters; a longer document is not outlined, since building it takes many times its size."""
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,40}")
"""Any other name may be no name at all, but what was meant to be a value."""


def outline_of(text: str) -> str | None:
    """Return the outline of a JSON object or array, such as ``{access_token: [text], expires_in: number}``.

    ``None`` when the text is neither, or too long to be a token response. No value is ever shown, and no
    name that does not look like one.
    """
    if len(text) > _LONGEST:
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return _outline(value, _DEPTH) if isinstance(value, dict | list) else None


def _outline(value: object, depth: int) -> str:
    if isinstance(value, dict):
        return f"{{{_members(value, depth) if depth else '…'}}}"
    if isinstance(value, list):
        kinds = dict.fromkeys(_outline(item, depth - 1) for item in value[:_MEMBERS]) if depth else ("…",)
        return f"[{', '.join(kinds)}]"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "number"
    return "null" if value is None else "text"


def _members(value: dict[str, object], depth: int) -> str:
    shown = [f"{_name(name)}: {_outline(value[name], depth - 1)}" for name in list(value)[:_MEMBERS]]
    rest = ["…"] if len(value) > _MEMBERS else []
    return ", ".join(shown + rest)


def _name(name: str) -> str:
    return name if _PLAIN_NAME.fullmatch(name) else "(odd name)"
