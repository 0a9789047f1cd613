"""A home of its own for every test of the program, without anything of the person who runs the suite."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import keyring.core
import pytest

from ccflow_tui.config.atomic import write_private
from ccflow_tui.demo.announcement import DemoInfo
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.encrypted_store import EncryptedStore
from ccflow_tui.services.store_passphrase import StorePassphrase
from tests.cli.program import KEEPS
from tests.support.demo_server import running_demo

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working folder, empty; ccflow's home is beside it, and there is no keyring."""
    for name in [*PROXIES, *(name for name in os.environ if name.startswith(("CCFLOW_", "TEXTUAL")))]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CCFLOW_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    monkeypatch.setattr(
        keyring.core, "_keyring_backend", None
    )  # one that an earlier test chose is kept there
    working = tmp_path / "working"
    working.mkdir()
    monkeypatch.chdir(working)
    return working


@pytest.fixture
def encrypted_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep secrets in an encrypted file that opens quickly, which scripts do by a variable."""
    path = folder.parent / "home" / "secrets.encrypted"
    store = EncryptedStore(path, StorePassphrase(Secret(KEEPS)), write_private, cost=16)
    asyncio.run(store.put("of another kind", Secret("so that there is a file")))
    monkeypatch.setenv("CCFLOW_SECRET_STORE", "file")
    monkeypatch.setenv("CCFLOW_STORE_PASSPHRASE", KEEPS)


@pytest.fixture(autouse=True)
def own_hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the hooks of pytest back, which the program replaces by its own until the process ends."""
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)


@pytest.fixture(autouse=True, scope="session")
def signals() -> None:
    """Have the programs under test begin with what a terminal gives them.

    What ignores a signal hands that on: ``nohup`` the end of the session, a shell's ``&`` in a script Ctrl+C.
    """
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoInfo]:
    with running_demo() as info:
        yield info
