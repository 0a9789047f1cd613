"""A server of raw sockets on loopback: it keeps the very bytes it received and answers as badly as told.

It runs in the test's own event loop; each connection plays the next script, and the last script repeats.
"""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from tests.support.patience import PATIENCE

OK_BODY = b'{"access_token":"t","token_type":"Bearer","expires_in":60}'


def http_answer(
    status: str = "200 OK",
    body: bytes = OK_BODY,
    *headers: str,
    content_type: str = "application/json",
    length: int | None = None,
) -> bytes:
    """Return an answer with the headers every server sends; ``length`` may lie."""
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body) if length is None else length}",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass
class Connection:
    """One connection as a script sees it."""

    server: FaultServer
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def request(self) -> bytes:
        """Read one whole request and keep its bytes."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = next(
            (
                int(line.split(b":")[1])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length:")
            ),
            0,
        )
        received = head + await self.reader.readexactly(length)
        self.server.requests.append(received)
        self.server.asked.set()
        return received

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def wait_for_eof(self) -> None:
        """Read until the client closes."""
        try:
            while await self.reader.read(65536):
                pass
        except (ConnectionError, ssl.SSLError):
            pass
        self.server.eof.set()

    def reset(self) -> None:
        """Close with a TCP reset instead of an orderly end."""
        raw: socket.socket = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Script = Callable[[Connection], Awaitable[None]]


class FaultServer:
    """Use as ``async with FaultServer(script, ...) as server``."""

    def __init__(
        self,
        *scripts: Script,
        tls: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
        bind: str = "127.0.0.1",
    ) -> None:
        self.scripts, self.tls, self.host, self.bind = scripts, tls, host, bind
        self.requests: list[bytes] = []
        self.connections = self.port = 0
        self.greeted, self.asked, self.eof = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.port}/token"

    async def until_eof(self) -> None:
        """Wait until a client has closed its connection."""
        await asyncio.wait_for(self.eof.wait(), PATIENCE)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self.bind, 0, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        script = self.scripts[min(self.connections, len(self.scripts) - 1)]
        self.connections += 1
        try:
            await script(Connection(self, reader, writer))
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort() if writer.transport.is_closing() else writer.close()
            self._tasks.discard(task)


def answers(*replies: bytes) -> Script:
    """Answer each request of a kept-alive connection with the next reply, then wait for the end."""

    async def play(connection: Connection) -> None:
        for reply in replies:
            await connection.request()
            await connection.send(reply)
        await connection.wait_for_eof()

    return play


def closes(*replies: bytes) -> Script:
    """Answer, then close."""

    async def play(connection: Connection) -> None:
        await connection.request()
        for reply in replies:
            await connection.send(reply)

    return play


async def hang(connection: Connection) -> None:
    """Read the request and say nothing."""
    await connection.request()
    await connection.wait_for_eof()


async def hang_at_once(connection: Connection) -> None:
    """Take the first byte and say nothing, as a server stuck in its TLS handshake."""
    await connection.reader.readexactly(1)
    connection.server.greeted.set()
    await connection.wait_for_eof()


async def hang_after_headers(connection: Connection) -> None:
    """Promise a body and do not send it."""
    await connection.request()
    await connection.send(http_answer(body=b"", length=100))
    await connection.wait_for_eof()


async def drip(connection: Connection) -> None:
    """Send a body one byte at a time, each in time for a read timeout."""
    await connection.request()
    await connection.send(http_answer(body=b"", length=100_000))
    for _ in range(100_000):
        await connection.send(b" ")
        await asyncio.sleep(0.02)


async def reset_at_once(connection: Connection) -> None:
    await connection.request()
    connection.reset()


async def reset_mid_body(connection: Connection) -> None:
    await connection.request()
    await connection.send(http_answer(body=b'{"access_token"', length=500))
    await asyncio.sleep(0.02)
    connection.reset()


async def stream_forever(connection: Connection) -> None:
    """Send a body of 2 MiB in chunks, without saying its length beforehand."""
    await connection.request()
    await connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(32):
        await connection.send(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
    await connection.wait_for_eof()


def gzip_bomb() -> bytes:
    """Return an answer of some 50 KB that unpacks to 50 MB."""
    body = gzip.compress(b"0" * 50_000_000)
    return http_answer("200 OK", body, "Content-Encoding: gzip")


def tunnel(target: FaultServer) -> Script:
    """Play an HTTP proxy that connects every CONNECT request to one server of this machine."""

    async def play(connection: Connection) -> None:
        await connection.request()
        reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
        await connection.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        try:
            await asyncio.gather(
                _pipe(connection.reader, writer), _pipe(reader, connection.writer), return_exceptions=True
            )
        finally:
            writer.close()

    return play


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()  # a reset is no reason to leave the other side waiting
