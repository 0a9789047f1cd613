"""Read a JSON object from a file strictly, with a message that says where the file goes wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ccflow_tui.config.text_file import read_text
from ccflow_tui.models.problems import SettingsProblem
from ccflow_tui.models.strict_json import StrictJsonError, parse_object_text

_FORM = "JSON has no comments and no trailing commas; settings.example.json shows the form."
_CHECK = "Correct the file, or check that it is the right one; settings.example.json shows the form."
_EMPTY = "Write at least {} into it."


def read_json_object(path: Path, *, limit: int, way_out: str = "") -> dict[str, Any]:
    """Return the JSON object in a file of at most ``limit`` bytes.

    Raises ``SettingsProblem`` with line and column, or with the key, where there is one to name; its remedy
    is ``way_out``, or what helps with a settings file.
    """
    text = read_text(path, limit=limit)
    if not text.strip():
        raise SettingsProblem(path, "", "The file is empty.", way_out or _EMPTY)
    try:
        return parse_object_text(text, finite=True)
    except StrictJsonError as error:
        raise _problem(path, error, way_out) from None


def printable(text: str, *, limit: int = 60) -> str:
    """Return text from a file fit for a message: hidden characters become ``?``, long ones are cut."""
    shown = "".join(char if char.isprintable() else "?" for char in text[:limit])
    return shown + "…" if len(text) > limit else shown


def _problem(path: Path, error: StrictJsonError, way_out: str) -> SettingsProblem:
    if error.line:
        where = f"line {error.line}, column {error.column}"
        return SettingsProblem(path, where, f"This is not valid JSON: {error.detail}.", way_out or _FORM)
    return SettingsProblem(path, "", f"The file cannot be used: {error.reason}.", way_out or _CHECK)
