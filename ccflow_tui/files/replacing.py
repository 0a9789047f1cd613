"""Writes a file whole or not at all: a reader sees the old one or the new one, never half of it."""

from __future__ import annotations

import glob
import os
from contextlib import suppress
from pathlib import Path

STALE_SECONDS = 3600
"""Age from which an unfinished file counts as left behind, and not as one that another ccflow is writing."""
_UNFINISHED = ".unfinished"


def replace_whole(path: Path, text: str, *, mode: int) -> None:
    """Put a new file with ``text`` as UTF-8 into the place of ``path``; a symbolic link stays one.

    The file has ``mode``, less what the umask takes, also where the old one had another. Raises ``OSError``,
    with the old file untouched.
    """
    target = Path(os.path.realpath(path))
    beside = target.with_name(f".{target.name}.{os.urandom(4).hex()}{_UNFINISHED}")
    create_whole(beside, text, mode=mode)
    try:
        os.replace(beside, target)
    except BaseException:
        _unlink(beside)
        raise
    _sweep(target)


def create_whole(path: Path, text: str, *, mode: int) -> None:
    """Write ``text`` as UTF-8 into a new file with ``mode``, less what the umask takes.

    Raises ``FileExistsError``, and ``OSError`` where it cannot be written whole: then nothing of it stays.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with open(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        _unlink(path)
        raise


def _sweep(target: Path) -> None:
    """Remove what earlier writes left that were killed; what cannot be removed stays, and harms nobody."""
    with suppress(OSError):
        now = os.stat(target).st_mtime
        for unfinished in target.parent.glob(f".{glob.escape(target.name)}.*{_UNFINISHED}"):
            if now - os.lstat(unfinished).st_mtime > STALE_SECONDS:
                os.unlink(unfinished)


def _unlink(path: Path) -> None:
    with suppress(OSError):
        os.unlink(path)
