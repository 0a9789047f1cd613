"""Ways to run ccflow: its settings, a server that misbehaves, the program as a process."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ccflow_tui.cli import main
from ccflow_tui.demo.announcement import DemoInfo
from ccflow_tui.models.profile import AuthMethod
from tests.support.demo_server import profile_named
from tests.support.fault_server import FaultServer, Script
from tests.support.patience import PATIENCE

CCFLOW = (sys.executable, "-m", "ccflow_tui")
SECRET = "CANARY-client-secret-0815"
KEEPS = "correct horse that keeps the store"
"""Opens the encrypted file of the fixture of that name."""
ROOT = Path(__file__).parents[2]


def variables(endpoint: str, **more: str) -> dict[str, str]:
    """Return an environment that is enough for a token from ``endpoint``."""
    return {
        "CCFLOW_TOKEN_ENDPOINT": endpoint,
        "CCFLOW_CLIENT_ID": "client-one",
        "CCFLOW_AUTH_METHOD": "client_secret_basic",
        "CCFLOW_CLIENT_SECRET": SECRET,
        **{f"CCFLOW_{name}": value for name, value in more.items()},
    }


def demo_variables(info: DemoInfo, name: str, folder: Path) -> dict[str, str]:
    """Return an environment for one of the demo's clients; a private key is put into ``folder``."""
    profile = profile_named(info, name)
    found = {
        "CCFLOW_TOKEN_ENDPOINT": profile.token_endpoint,
        "CCFLOW_CLIENT_ID": profile.client_id,
        "CCFLOW_AUTH_METHOD": profile.auth_method.value,
        "CCFLOW_SCOPE": profile.scope,
    }
    if profile.auth_method is not AuthMethod.PRIVATE_KEY_JWT:
        return {**found, "CCFLOW_CLIENT_SECRET": info.secrets[name].reveal()}
    key = folder / "key.pem"
    key.write_text(info.keys[profile.key_reference.removeprefix("keyring:")].reveal(), encoding="utf-8")
    key.chmod(0o600)
    return {**found, "CCFLOW_PRIVATE_KEY": str(key), "CCFLOW_ALG": profile.assertion_alg}


def write_settings(path: Path, block: Mapping[str, Any], **top: Any) -> Path:
    path.write_text(json.dumps({"oauth": {"clientCredentials": block}, **top}), encoding="utf-8")
    return path


def trust(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust whatever lies in the working folder, as a pipeline would."""
    monkeypatch.setenv("CCFLOW_TRUST_FOLDER", str(folder))


@contextmanager
def misbehaving(*scripts: Script, tls: ssl.SSLContext | None = None) -> Iterator[FaultServer]:
    """Run a ``FaultServer`` in a thread, for programs that have their own event loop."""
    server = FaultServer(*scripts, tls=tls)
    ready, loop, over = threading.Event(), asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        async with server:
            ready.set()
            await over.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        assert ready.wait(PATIENCE)
        yield server
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(PATIENCE)
        loop.close()


def start(*arguments: str, code: str = "", script: str = "", **kwargs: Any) -> subprocess.Popen[bytes]:
    """Start ccflow with pipes; ``code`` runs first in its process, to break something on purpose.

    ``script`` is what a shell is to run in its place, in which ``{ccflow}`` stands for the command.
    """
    command = [*CCFLOW, *arguments]
    if script:
        command = ["/bin/sh", "-c", script.replace("{ccflow}", shlex.join(CCFLOW))]
    if code:
        main = "import sys; from ccflow_tui.cli import main; sys.exit(main(sys.argv[1:]))"
        command = [sys.executable, "-c", f"{code}\n{main}", *arguments]
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    environment = {**os.environ, **kwargs.pop("env", {})}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), environment.get("PYTHONPATH"))))
    return subprocess.Popen(command, env=environment, **{**pipes, **kwargs})


def set_all(monkeypatch: pytest.MonkeyPatch, values: Mapping[str, str]) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def said_by_keys(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> tuple[str, str]:
    """Run ``ccflow keys``; return what it said, which is nothing secret."""
    assert main(["keys", *arguments]) == code
    out, err = capsys.readouterr()
    assert "PRIVATE" not in out + err and KEEPS not in out + err
    return out, err
