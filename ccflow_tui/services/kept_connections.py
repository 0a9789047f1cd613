"""Connections kept open between exchanges: each serves one at a time, and a free one is found at once.

httpcore's own pool looks at every connection and every request there is whenever one comes or goes, and finds
out anew which kind of event loop it runs in: a third of a lone exchange, and nearly all of a hundred at once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    import httpcore
    import httpx

MOST = 100
"""Connections at once; whoever wants another one waits for its turn."""
MOST_IDLE = 20
KEPT_SECONDS = 5.0
"""How long a connection is kept that nobody uses; many servers close theirs soon after."""


def keep_connections(client: httpx.AsyncClient, now: Callable[[], float]) -> None:
    """Have every transport of ``client``, those to proxies among them, keep its connections in this way.

    ``now`` tells monotonic seconds.

    The attributes of httpx that this needs are not public: it is pinned to a minor version, and a test tells
    when they change.
    """
    import httpx

    for transport in (client._transport, *client._mounts.values()):
        if isinstance(transport, httpx.AsyncHTTPTransport):
            connect = transport._pool.create_connection
            transport._pool = KeptConnections(connect, now)  # type: ignore[assignment]  # what is used of it


class KeptConnections:
    """Stands in for the pool of an ``httpx.AsyncHTTPTransport``, over HTTP/1.1.

    ``connect`` makes a connection, which opens with its first request.
    """

    def __init__(
        self,
        connect: Callable[[httpcore.Origin], httpcore.AsyncConnectionInterface],
        now: Callable[[], float],
    ) -> None:
        self._connect, self._now = connect, now
        self._turns = asyncio.Semaphore(MOST)
        self._open: set[httpcore.AsyncConnectionInterface] = set()
        self._idle: deque[tuple[float, httpcore.AsyncConnectionInterface]] = deque()
        """Those that nobody uses, and the moment since when; the longest unused first."""
        self._closed = False

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        """Send a request; closing the response leaves its connection to the next one."""
        await self._turns.acquire()
        try:
            connection = await self._take(request.url.origin)
        except BaseException:
            self._turns.release()
            raise
        try:
            response = await connection.handle_async_request(request)
        except BaseException as error:
            await self._give_back(connection)
            if isinstance(error, Exception):
                # What ended this one, such as a restart, has likely ended the others of its origin.
                await self._close_idle(request.url.origin)
            raise
        response.stream = _Body(cast(_Stream, response.stream), connection, self._give_back)
        return response

    async def aclose(self) -> None:
        """Close every connection, those in use as well; raises the first problem, after the last of them."""
        self._closed = True
        self._idle.clear()
        faults: list[BaseException] = []
        while self._open:
            try:
                await self._open.pop().aclose()
            except BaseException as problem:
                faults.append(problem)
        if faults:
            raise faults[0]

    async def _take(self, origin: httpcore.Origin) -> httpcore.AsyncConnectionInterface:
        """Return the connection that was in use last, which is the likeliest to be alive; else a new one."""
        oldest = self._now() - KEPT_SECONDS
        while self._idle and self._idle[0][0] < oldest:
            await self._close_oldest()
        while (connection := self._last_used(origin)) is not None:
            if not connection.has_expired():
                return connection
            await self._close(connection)
        while self._idle and len(self._open) >= MOST:
            await self._close_oldest()
        connection = self._connect(origin)
        self._open.add(connection)
        return connection

    def _last_used(self, origin: httpcore.Origin) -> httpcore.AsyncConnectionInterface | None:
        for entry in reversed(self._idle):
            if entry[1].can_handle_request(origin):
                self._idle.remove(entry)
                return entry[1]
        return None

    async def _give_back(self, connection: httpcore.AsyncConnectionInterface) -> None:
        """Keep a connection that can serve another request, close any other."""
        try:
            if self._closed or not connection.is_available():
                await self._close(connection)
                return
            self._idle.append((self._now(), connection))
            if len(self._idle) > MOST_IDLE:
                await self._close_oldest()
        finally:
            self._turns.release()

    async def _close_idle(self, origin: httpcore.Origin) -> None:
        while (connection := self._last_used(origin)) is not None:
            await self._close(connection)

    async def _close_oldest(self) -> None:
        await self._close(self._idle.popleft()[1])

    async def _close(self, connection: httpcore.AsyncConnectionInterface) -> None:
        self._open.discard(connection)
        if not connection.is_closed():
            await connection.aclose()


class _Stream(Protocol):
    """The body of a response as httpcore reads it."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    async def aclose(self) -> None: ...


@dataclass(slots=True, eq=False)
class _Body:
    """A response's body, which gives back its connection when it is closed."""

    stream: _Stream
    connection: httpcore.AsyncConnectionInterface
    give_back: Callable[[httpcore.AsyncConnectionInterface], Awaitable[None]]
    closed: bool = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self.stream.__aiter__()

    async def aclose(self) -> None:
        """Let go of the connection; again, for nothing."""
        if self.closed:
            return
        self.closed = True
        try:
            await self.stream.aclose()
        finally:
            await self.give_back(self.connection)
