"""Read a small text file a person wrote, with a clear message for everything it may be instead."""

from __future__ import annotations

import codecs
import os
import stat
from pathlib import Path

from ccflow_tui.models.problems import SettingsProblem

_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_READ_NOW = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOCTTY", "O_BINARY"))
"""A pipe that took the file's place is not waited for."""


def reason(error: Exception) -> str:
    """Return what an operating system error says, without path or number."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def read_text(path: Path, *, limit: int) -> str:
    """Return the UTF-8 text of a regular file of at most ``limit`` bytes; a UTF-8 BOM is dropped.

    Raises ``SettingsProblem`` for a missing, unreadable, oversized or otherwise unusable file.
    """
    return _decode(path, read_bytes(path, limit))


def read_bytes(path: Path, limit: int) -> bytes:
    """Return the content of a regular file of at most ``limit`` bytes; raises as ``read_text``."""
    try:
        _refuse_others(path, os.stat(path).st_mode)  # first, since opening a device may do something
        descriptor = os.open(path, _READ_NOW)
        try:
            _refuse_others(path, os.fstat(descriptor).st_mode)
            with open(descriptor, "rb", closefd=False) as file:
                data = file.read(limit + 1)
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        raise SettingsProblem(path, "", "There is no such file.", "Check the path.") from None
    except (OSError, ValueError) as error:
        raise SettingsProblem(
            path, "", f"The file cannot be read: {reason(error)}.", "Check the path and its permissions."
        ) from None
    if len(data) > limit:
        raise SettingsProblem(
            path, "", f"The file is larger than {limit // 1024} KiB.", "Check that it is the right file."
        )
    return data


def _refuse_others(path: Path, mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise SettingsProblem(path, "", "This is a directory.", "Name a file.")
    if not stat.S_ISREG(mode):
        raise SettingsProblem(path, "", "This is no regular file.", "Name an ordinary file.")


def _decode(path: Path, data: bytes) -> str:
    save_as = "Save it as UTF-8."
    if data.startswith(_UTF16_MARKS) or b"\0" in data:
        raise SettingsProblem(path, "", "The file is UTF-16 or binary, not UTF-8 text.", save_as)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        # The codec's own error carries the whole file, which may hold a secret.
        raise SettingsProblem(path, f"line {line}", "The text is not UTF-8.", save_as) from None
