"""Find the name a person meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known name closest to ``word``, letter case and separators aside, or an empty text."""
    by_form = {_form(name): name for name in known}
    matches = difflib.get_close_matches(_form(word[:60]), by_form, n=1, cutoff=0.7)
    return by_form[matches[0]] if matches else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a question that offers the closest known name, or else the list of all."""
    names = tuple(known)
    if match := nearest(word, names):
        return f'Did you mean "{match}"?'
    return f"Use one of: {', '.join(names)}."


def _form(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")
