"""Read a JSON object from a file strictly: no duplicate keys, no NaN, no abyss of brackets."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any, NoReturn

from ccflow_tui.config.text_file import read_text
from ccflow_tui.models.problems import SettingsProblem

_MAX_DEPTH = 32
_FORM = "JSON has no comments and no trailing commas; settings.example.json shows the form."
# A string left open runs to the end, which keeps the search linear on any input.
_STRINGS_AND_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)


class _NotStrict(ValueError):
    """JSON that ``json`` takes and ccflow does not; the text is safe to show."""


def read_json_object(path: Path, *, limit: int) -> dict[str, Any]:
    """Return the JSON object in a file of at most ``limit`` bytes.

    Raises ``SettingsProblem`` with line and column, or with the key, where there is one to name.
    """
    text = read_text(path, limit=limit)
    if not text.strip():
        raise SettingsProblem(path, "", "The file is empty.", "Write at least {} into it.")
    if _depth(text) > _MAX_DEPTH:
        raise SettingsProblem(
            path,
            "",
            f"It is nested deeper than {_MAX_DEPTH} levels.",
            "Check that it is the right file.",
        )
    try:
        value = json.loads(
            text, object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_float=_finite
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise SettingsProblem(path, where, f"This is not valid JSON: {error.msg}.", _FORM) from None
    except _NotStrict as error:
        raise SettingsProblem(path, "", str(error), "Correct the file.") from None
    except ValueError:
        raise SettingsProblem(
            path, "", "A number in the file has too many digits.", "Correct the file."
        ) from None
    if not isinstance(value, dict):
        raise SettingsProblem(path, "", "The file must hold one JSON object.", "Put it in { and }.")
    return value


def printable(text: str, *, limit: int = 60) -> str:
    """Return text from a file fit for a message: hidden characters become ``?``, long ones are cut."""
    shown = "".join(char if char.isprintable() else "?" for char in text[:limit])
    return shown + "…" if len(text) > limit else shown


def _depth(text: str) -> int:
    depth = deepest = 0
    for match in _STRINGS_AND_BRACKETS.finditer(text):
        if match[0] in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif match[0] in "]}":
            depth -= 1
    return deepest


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            raise _NotStrict(f'The key "{printable(key)}" stands twice in one object.')
        result[key] = value
    return result


def _refuse_constant(name: str) -> NoReturn:
    raise _NotStrict(f"{name} is not JSON.")


def _finite(text: str) -> float:
    if math.isfinite(number := float(text)):
        return number
    raise _NotStrict("A number in the file is too large.")
