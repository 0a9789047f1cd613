"""Any bytes at all from a server, over the real transport: one outcome, and nothing left behind."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import strategies as st

from ccflow_tui.models.outcome import Granted, Malformed, Refused, Unreachable
from ccflow_tui.oauth.diagnosis import advise
from ccflow_tui.services.clock import SystemClock
from ccflow_tui.services.transport import HttpTransport
from tests.hostile.fuzzing import fuzzed, inert
from tests.hostile.replies import GOOD, GOOD_BODY
from tests.hostile.road import SECRET, Run, get_token, profile_for
from tests.support.fault_server import Connection, FaultServer, closes
from tests.support.measures import other_tasks

PIECES = st.sampled_from(
    [
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.0 401 No\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://evil.example\r\n",
        b"HTTP/1.1 503 Busy\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n",
        b"Content-Type: application/json\r\n",
        b"Content-Type: text/html\r\n",
        b"Content-Length: 61\r\n",
        b"Content-Length: 0\r\n",
        b"Content-Length: -5\r\n",
        b"Content-Encoding: gzip\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Connection: close\r\n",
        b"Connection: upgrade\r\nUpgrade: x\r\n",
        b"Retry-After: 1\r\n",
        b'WWW-Authenticate: Bearer error="x"\r\n',
        b"\r\n",
        b"\n",
        b" folded\r\n",
        b"3d\r\n",
        b"0\r\n\r\n",
        b"ffffffffffffffff\r\n",
        b"\xef\xbb\xbf",
        b"<html>",
        b'{"error":"invalid_client","error_description":"\\u001b[2J"}',
        GOOD_BODY,
        GOOD,
    ]
)
STREAMS = st.lists(PIECES | st.binary(max_size=30), max_size=9)
"""Each piece is written by itself; some arrive together."""


class Bench:
    """One loop, transport and server for all examples, since to open them takes longer than to use them."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.server = FaultServer(closes(GOOD))
        self.transport = HttpTransport(clock=SystemClock())
        self.loop.run_until_complete(self.server.__aenter__())
        self.loop.run_until_complete(self.transport.warm())

    def close(self) -> None:
        self.loop.run_until_complete(self.transport.close())
        self.loop.run_until_complete(self.server.__aexit__(None, None, None))
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()

    def ask(self, pieces: list[bytes], *, reset: bool) -> tuple[Run, Run, int]:
        return self.loop.run_until_complete(self._ask(pieces, reset=reset))

    async def _ask(self, pieces: list[bytes], *, reset: bool) -> tuple[Run, Run, int]:
        """Let the server say its pieces; then that it behaves, to see what the first answer left behind."""

        async def play(connection: Connection) -> None:
            await connection.request()
            for piece in pieces:
                await connection.send(piece)
                await asyncio.sleep(0)
            if reset:
                connection.reset()

        before = other_tasks()
        self.server.scripts = (play,)
        first = await get_token(self.transport, self.server.url)
        left = len({task for task in other_tasks() - before if "exchange" in repr(task)})
        self.server.scripts = (closes(GOOD),)  # and leaves no connection for the next example
        return first, await get_token(self.transport, self.server.url), left


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    it = Bench()
    yield it
    it.close()


@fuzzed(STREAMS, st.booleans())
def test_B21_any_stream_of_bytes_is_one_outcome(bench: Bench, pieces: list[bytes], reset: bool) -> None:
    first, second, left = bench.ask(pieces, reset=reset)
    outcome = first.outcome
    assert isinstance(outcome, Granted | Refused | Malformed | Unreachable)
    assert SECRET not in repr(outcome)
    assert first.elapsed < 5
    assert left == 0
    if not isinstance(outcome, Granted):
        advice = advise(outcome, profile_for(bench.server.url))
        assert advice is not None
        assert advice.what_to_do
        assert all(map(inert, (advice.title, advice.reason, advice.server_said, *advice.what_to_do)))
    assert isinstance(second.outcome, Granted)
    assert second.outcome.token.value.reveal() == "good"
