"""The demo server as a whole: a socket, keys, prepared clients and the application over them."""

from __future__ import annotations

import socket
import threading
import uuid
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from ccflow_tui.demo.addresses import HOST, Addresses
from ccflow_tui.demo.announcement import DemoInfo
from ccflow_tui.demo.keys import DemoKeys

DEFAULT_LIFETIME = 3600


class DemoService:
    """Serves from entering the ``with`` block until leaving it; ``info`` says where."""

    info: DemoInfo

    def __init__(self, *, port: int = 0, lifetime: int = DEFAULT_LIFETIME) -> None:
        self._port, self._lifetime = port, lifetime
        self._running = ExitStack()

    def __enter__(self) -> Self:
        """Start; raises ``OSError`` when the port is taken."""
        keys = DemoKeys()  # first, so that they are made while the libraries below are loaded
        from ccflow_tui.demo.access_tokens import OpaqueTokens, RevokedTokens
        from ccflow_tui.demo.authorization_server import ServerParts
        from ccflow_tui.demo.http_server import DemoHttpServer, hold_closed_port, listen
        from ccflow_tui.demo.roster import Roster
        from ccflow_tui.demo.web import DemoApplication

        with ExitStack() as starting:
            listening = starting.enter_context(listen(HOST, self._port))
            closed = starting.enter_context(hold_closed_port(HOST))
            addresses = Addresses(_origin(listening), str(uuid.uuid4()), closed_origin=_origin(closed))
            prepared = Roster(addresses, keys, self._lifetime).prepare()
            stopping = threading.Event()
            clients = [each.client for each in prepared]
            parts = ServerParts(addresses, keys, clients, OpaqueTokens(), RevokedTokens(), stopping)
            server = DemoHttpServer(listening, DemoApplication(parts))
            server.start()
            starting.callback(server.stop)
            starting.callback(stopping.set)  # called first: slow answers end unfinished
            self._running = starting.pop_all()
        self.info = DemoInfo.of(
            issuer=addresses.issuer,
            token_endpoint=addresses.token_endpoint,
            api_base=addresses.api_base,
            environment_id=addresses.environment_id,
            offers=[each.offer for each in prepared],
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop at once, whatever is under way."""
        self._running.close()


def _origin(bound: socket.socket) -> str:
    host, port = bound.getsockname()
    return f"http://{host}:{port}"
