"""Werkzeug's threaded server, quiet, on a socket of our own, with connections that stay open."""

from __future__ import annotations

import io
import os
import socket
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

MAX_BODY = 64 * 1024
"""Bytes of a request body; a token request is far smaller."""
IDLE_SECONDS = 60
POLL_SECONDS = 0.05


class KeepAliveHandler(WSGIRequestHandler):
    """Serves request after request on one connection and writes no log.

    Werkzeug's own handler closes after each answer, because an application may leave a part of the
    body unread; this one reads the body whole first.
    """

    protocol_version = "HTTP/1.1"
    server_version = "ccflow-demo"
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    wbufsize = -1

    def run_wsgi(self) -> None:
        """Answer one request."""
        self.environ = environ = self.make_environ()
        status, headers, body = "400 Bad Request", [("Content-Length", "0")], b""
        if buffer_body(environ):
            status, headers, body = run_app(self.server.app, environ)
        else:
            self.close_connection = True
        self._send(status, headers, body)

    def _send(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def version_string(self) -> str:
        """Return the Server header."""
        return self.server_version

    def log(self, type: str, message: str, *args: Any) -> None:
        """Write nothing: the terminal belongs to the wizard."""


def run_app(app: Any, environ: dict[str, Any]) -> tuple[str, list[tuple[str, str]], bytes]:
    """Call a WSGI application and return status line, headers and body (PEP 3333)."""
    started: list[tuple[str, list[tuple[str, str]]]] = []
    chunks: Iterable[bytes] = app(environ, lambda status, headers: started.append((status, headers)))
    body = b"".join(chunks)
    return *started[0], body


def buffer_body(environ: dict[str, Any]) -> bool:
    """Read the request body into memory; return whether it arrived whole and was not too long."""
    stream = environ["wsgi.input"]
    try:
        if environ.get("wsgi.input_terminated"):
            wanted, body = None, stream.read(MAX_BODY + 1)
        else:
            wanted = int(environ.get("CONTENT_LENGTH") or 0)
            body = stream.read(wanted) if 0 <= wanted <= MAX_BODY else b""
    except (OSError, ValueError):
        return False
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    return len(body) <= MAX_BODY and wanted in {None, len(body)}


class DemoHttpServer(ThreadedWSGIServer):
    """A server in a thread of its own, and each connection in another; stopping waits for none."""

    def __init__(self, listening: socket.socket, app: Any) -> None:
        # A socket of ours: Werkzeug's own binding looks the host's name up and exits on failure.
        host, port = listening.getsockname()
        super().__init__(host, port, app, handler=KeepAliveHandler, fd=listening.fileno())
        listening.close()
        self._open: set[socket.socket] = set()
        self._thread = threading.Thread(
            target=self.serve_forever, args=(POLL_SECONDS,), name="demo-http", daemon=True
        )

    def start(self) -> None:
        """Begin to accept connections."""
        self._thread.start()

    def stop(self) -> None:
        """Stop accepting and close every connection, also those whose answer is under way."""
        self.shutdown()
        self._thread.join()
        for connection in tuple(self._open):
            with suppress(OSError):  # its own thread may have closed it first
                connection.shutdown(socket.SHUT_RDWR)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Keep count of the connection and serve it."""
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection that is done."""
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Name the kind of a failure and go on."""
        kind = sys.exception()
        sys.stderr.write(f"ccflow demo server: {type(kind).__name__}\n")


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; ``port`` 0 takes a free one. Raises ``OSError``."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere the option would let a second server share the port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen()
    except OSError:
        listening.close()
        raise
    return listening


def hold_closed_port(host: str) -> socket.socket:
    """Return a socket that holds a port at which nothing listens, so every connection is refused."""
    held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        held.bind((host, 0))
    except OSError:
        held.close()
        raise
    return held
