"""ccflow as a process of its own, beside a server on loopback that repeats what it is told."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from ccflow_tui.services.ports import WireRequest
from tests.canary.stage import Answer

ROOT = Path(__file__).resolve().parents[2]
_KEPT = ("PATH", "SYSTEMROOT", "LANG", "LD_LIBRARY_PATH", "VIRTUAL_ENV")


def surroundings(scene: Path, **more: str) -> dict[str, str]:
    """Return an environment whose home, temporary folder and keyring belong to the test."""
    return {
        **{name: os.environ[name] for name in _KEPT if name in os.environ},
        "HOME": str(scene / "home"),
        "TMPDIR": str(scene / "tmp"),
        "CCFLOW_HOME": str(scene / "home" / "ccflow"),
        "PYTHONPATH": str(ROOT),
        "PYTHONPYCACHEPREFIX": str(scene.parent / "compiled"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "TERM": "xterm-256color",
        **more,
    }


def command(*arguments: str) -> list[str]:
    """Return the command line of ``ccflow``, with asyncio's debug mode and every warning on."""
    return [sys.executable, "-X", "dev", "-m", "ccflow_tui", *arguments]


def run(scene: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run ``ccflow`` to its end."""
    return subprocess.run(
        command(*arguments),
        env=surroundings(scene, **variables),
        cwd=scene / "work",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@contextmanager
def serving(answer: Answer, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Answer requests on loopback as the scripted transport does; yield the base URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            reply = answer(WireRequest("POST", self.path, tuple(self.headers.items()), body))
            self.send_response(reply.status)
            for name, value in reply.headers:
                self.send_header(
                    name, value.replace("\n", " ").encode("latin-1", "replace").decode("latin-1")
                )
            self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, format: str, *arguments: Any) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
