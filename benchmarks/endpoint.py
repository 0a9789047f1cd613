"""A token endpoint in a process of its own that answers as fast as Python can, after a chosen delay."""

from __future__ import annotations

import asyncio
import json
import sys


class Endpoint(asyncio.Protocol):
    """Answers every POST with a new token; the path says how: ``/DELAY_MS/LIFETIME``."""

    count = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection."""
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.received = transport, b""

    def data_received(self, data: bytes) -> None:
        """Answer each request that is complete."""
        self.received += data
        while (end := self.received.find(b"\r\n\r\n")) >= 0:
            head = self.received[:end]
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            if len(self.received) < end + 4 + length:
                return
            self.received = self.received[end + 4 + length :]
            _, delay, lifetime = head.split(b" ", 2)[1].decode().split("/")
            asyncio.get_running_loop().call_later(int(delay) / 1000, self.answer, int(lifetime))

    def answer(self, lifetime: int) -> None:
        """Grant a token."""
        Endpoint.count += 1
        token = {"access_token": f"t{Endpoint.count}", "token_type": "Bearer", "expires_in": lifetime}
        body = json.dumps(token).encode()
        self.transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nCache-Control: no-store\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
        )


async def serve() -> None:
    """Print the port, and serve until standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Endpoint, "127.0.0.1", 0, backlog=2048)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve())
