"""Read ccflow's variables from a ``.env`` file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from io import StringIO
from pathlib import Path

from ccflow_tui.config.text_file import read_text
from ccflow_tui.models.problems import SettingsProblem

PREFIX = "CCFLOW_"
_MAX_BYTES = 256 * 1024


def read_env_file(path: Path) -> Mapping[str, str]:
    """Return the ``CCFLOW_`` variables of a ``.env`` file, or nothing when there is no such file.

    ``$NAME`` is left as it stands: a secret may hold a dollar sign. Lines of other programs are passed
    over, right or wrong; the first broken line that names one of ours raises ``SettingsProblem``.
    """
    if not os.path.lexists(path):
        return {}
    # python-dotenv's own loader logs a broken line to the terminal, over the screen; its parser does not.
    from dotenv.parser import parse_stream

    found: dict[str, str] = {}
    for binding in parse_stream(StringIO(read_text(path, limit=_MAX_BYTES))):
        if binding.error and PREFIX in binding.original.string:
            # The parser counts the blank lines before a statement as part of it.
            blank = len(binding.original.string) - len(binding.original.string.lstrip("\r\n"))
            raise SettingsProblem(
                path,
                f"line {binding.original.line + blank}",
                "The line cannot be understood.",
                'Write NAME=value, or NAME="value" with both quotes.',
            )
        if binding.key and binding.key.startswith(PREFIX) and binding.value is not None:
            found[binding.key] = binding.value
    return found
