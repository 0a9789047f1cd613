"""Replace a file in one step, private to its owner."""

from __future__ import annotations

import os
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Write ``text`` as ``files.replacing.replace_whole`` does, raising ``OSError`` as that.

    The file has mode 0600 and new folders have 0700 where the system knows modes.
    """
    from ccflow_tui.files.replacing import replace_whole  # nothing is written before the first paint

    Path(os.path.realpath(path)).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    replace_whole(path, text, mode=0o600)
