"""A home and a working folder of its own for each test, and a keyring that lives in memory."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from textual.widgets import Input

from tests.canary.keyrings import MemoryKeyring
from tests.support.idle import app_numbers, quick_pilot  # noqa: F401 - fixtures


@pytest.fixture(autouse=True)
def own_hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the hooks of pytest back, which the program replaces by its own until the process ends."""
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder that holds everything a test writes; the working folder is ``work`` in it."""
    for name in ("home", "work", "tmp"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


@pytest.fixture
def memory_keyring() -> Iterator[MemoryKeyring]:
    """Put a keyring in place of the system's."""
    before, backend = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


@pytest.fixture
def still_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep input cursors from blinking, which would make pictures differ from run to run."""
    monkeypatch.setattr(Input, "cursor_blink", False)
