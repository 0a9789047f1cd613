"""Where an HTTP exchange stands: its phase, the proxy on its way, the socket it opened."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol

from ccflow_tui.models.outcome import Phase


class Closable(Protocol):
    """A connection that can be closed."""

    async def aclose(self) -> None:
        """Close it."""
        ...


class Trail:
    """How far one exchange came; httpcore calls it with its trace events.

    It also remembers the socket, because httpcore forgets one that is cancelled during the TLS handshake.
    ``unasked`` says that the head of the answer was there before anybody waited for it.
    """

    def __init__(self, host: str) -> None:
        self.host = host
        self.phase = Phase.PREPARE
        self.answered = False
        self.proxy = ""
        self.tunnelled = self.fresh_tls = self.connected = False
        self.unasked = False
        self._stream: Closable | None = None

    async def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        """Take note of an event such as ``connection.connect_tcp.started``."""
        _, _, name = event.partition(".")
        if name == "connect_tcp.started":
            self.phase, self.connected = Phase.CONNECT, True
            if info["host"].lower() != self.host:
                self.proxy = f"{info['host']}:{info['port']}"
        elif name == "connect_tcp.complete":
            self._stream = info["return_value"]
        elif name == "start_tls.started":
            self.phase, self.fresh_tls = Phase.TLS, True
            self.tunnelled = event.startswith("proxy.")
        elif name == "send_request_headers.started":
            self.phase, self.answered = Phase.SEND, False
        elif name == "receive_response_headers.started":
            # To wait for a socket takes a turn of the loop; a head that is there without one came before.
            self.phase, self.unasked = Phase.RECEIVE, True
            asyncio.get_running_loop().call_soon(self._loop_turned)
        elif name == "receive_response_headers.complete":
            self.answered = True

    def _loop_turned(self) -> None:
        if not self.answered:
            self.unasked = False

    @property
    def reused(self) -> bool:
        """Whether the exchange goes over a connection that served another one before."""
        return not self.connected and self.phase in {Phase.SEND, Phase.RECEIVE}

    @property
    def at_proxy(self) -> bool:
        """Whether the exchange has not come past a proxy."""
        return bool(self.proxy) and not self.tunnelled

    @property
    def wants_certificate(self) -> bool:
        """Whether a lost connection may mean that the server missed a client certificate.

        In TLS 1.3 the server looks at it when the client has finished its handshake and sends already.
        """
        return self.fresh_tls and not self.answered and self.phase in {Phase.SEND, Phase.RECEIVE}

    async def close(self) -> None:
        """Close the connection that this exchange opened, whatever state it is in."""
        if self._stream is not None:
            await self._stream.aclose()
