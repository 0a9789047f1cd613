"""A stranger's JSON made safe to show, text by text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ccflow_tui.oauth.sanitize import scrub

_NAME_LIMIT = 100


def clean_members(members: Mapping[str, Any], clean: Callable[[str], str] = scrub) -> dict[str, Any]:
    """Return the members of a JSON object with every text in them cleaned; the parser bounds its depth."""
    return {scrub(clean(name), limit=_NAME_LIMIT): _cleaned(value, clean) for name, value in members.items()}


def _cleaned(value: Any, clean: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_cleaned(item, clean) for item in value]
    return clean_members(value, clean) if isinstance(value, dict) else value
