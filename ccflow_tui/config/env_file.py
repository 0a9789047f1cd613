"""Read ccflow's variables, and any one that is asked for by name, from a ``.env`` file."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from ccflow_tui.config.text_file import read_text
from ccflow_tui.models.problems import SettingsProblem

if TYPE_CHECKING:
    from dotenv.parser import Binding

PREFIX = "CCFLOW_"
_MAX_BYTES = 256 * 1024


def read_env_file(path: Path) -> Mapping[str, str]:
    """Return the ``CCFLOW_`` variables of a ``.env`` file, or nothing when there is no such file.

    ``$NAME`` is left as it stands: a secret may hold a dollar sign. Lines of other programs are passed
    over, right or wrong; the first broken line that names one of ours raises ``SettingsProblem``.
    """
    found: dict[str, str] = {}
    for binding in _bindings(path):
        if binding.error and PREFIX in binding.original.string:
            raise _broken(path, binding)
        if binding.key and binding.key.startswith(PREFIX) and binding.value is not None:
            found[binding.key] = binding.value
    return found


def read_env_variable(path: Path, name: str) -> str:
    """Return the one variable ``name`` of a ``.env`` file, or an empty text.

    A key reference may name any variable (``env:NAME``), and is known only once a profile is: so the
    others are not kept at hand, but this one is fetched. Raises ``SettingsProblem`` when the line that
    holds it, or the file, cannot be understood.
    """
    bindings = list(_bindings(path))
    value = next((each.value for each in reversed(bindings) if each.key == name and each.value), "")
    broken = [each for each in bindings if each.error and name in each.original.string]
    if broken and not value:
        raise _broken(path, broken[0])
    return value or ""


def _bindings(path: Path) -> Iterator[Binding]:
    if not os.path.lexists(path):
        return iter(())
    # python-dotenv's own loader logs a broken line to the terminal, over the screen; its parser does not.
    from dotenv.parser import parse_stream

    return parse_stream(StringIO(read_text(path, limit=_MAX_BYTES)))


def _broken(path: Path, binding: Binding) -> SettingsProblem:
    # The parser counts the blank lines before a statement as part of it.
    blank = len(binding.original.string) - len(binding.original.string.lstrip("\r\n"))
    return SettingsProblem(
        path,
        f"line {binding.original.line + blank}",
        "The line cannot be understood.",
        'Write NAME=value, or NAME="value" with both quotes.',
    )
