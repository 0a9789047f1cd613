"""What kept keys may be called, and what successors are called."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import count
from pathlib import PurePath

from ccflow_tui.models.secret_shapes import is_secret_value

LONGEST_NAME = 60
"""Characters."""
_NUMBERED = re.compile(r"(.+)-(\d{1,4})", re.DOTALL)
_JWK = re.compile(r"\{\s*\"")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{40,}")
"""As long as the smallest key, and a little shorter than a line of PEM."""


def why_not_named(name: str, taken: Collection[str]) -> str:
    """Return why a new key cannot have this name, and what to do; an empty text when it can."""
    if not name.strip():
        return "A key needs a name. Type one."
    if _looks_like_key(name):
        return "This looks like a key itself, and a name is shown everywhere. Type a name."
    if len(name) > LONGEST_NAME or not name.isprintable():
        return f"A name has {LONGEST_NAME} printable characters at the most. Type a shorter or plainer one."
    if name != name.strip():
        return "A name neither begins nor ends with a space. Take the space out."
    if name.startswith("keyring:"):
        return "Profiles write keyring: before the name. Type the name alone."
    known = next((each for each in taken if each.casefold() == name.casefold()), "")
    return f"There is a key “{known}” already. Type another name." if known else ""


def _looks_like_key(name: str) -> bool:
    """Whether a name has the shape of a key; a long word of one case has not."""
    kinds = (str.islower, str.isupper, str.isdigit)
    runs = (match[0] for match in _BASE64.finditer(name))
    is_mixed = any(all(any(map(kind, run)) for kind in kinds) for run in runs)
    return is_mixed or is_secret_value(name) or _JWK.search(name) is not None


def successor_name(name: str, taken: Collection[str]) -> str:
    """Return the name of the key that takes over from another: ``NAME-2``, and after it ``NAME-3``.

    It is free, but may be none that a new key can have: a name that a file gave is under no rule.
    """
    numbered = _NUMBERED.fullmatch(name)
    base, first = (numbered[1], int(numbered[2]) + 1) if numbered else (name, 2)
    candidates = (f"{base[: LONGEST_NAME - len(f'-{number}')]}-{number}" for number in count(first))
    known = {each.casefold() for each in taken}
    return next(each for each in candidates if each.casefold() not in known)


def proposed_name(reference: str) -> str:
    """Return a name for the key of a reference: that of its variable, entry or file, without the folder."""
    scheme, _, target = reference.partition(":")
    text = target if scheme in {"env", "keyring"} else PurePath(reference).stem
    plain = "".join(char for char in text if char.isprintable())[:LONGEST_NAME].strip()
    return "" if why_not_named(plain, ()) else plain


def file_stem(name: str) -> str:
    """Return a key's name as the beginning of a file's name that every system takes."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-").lower() or "key"
