"""Hundreds of exchanges at once, cancelled and cut off at random: no socket and no turn is lost."""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections import Counter
from collections.abc import AsyncIterator

import httpx
import pytest
import trustme

from ccflow_tui.services import kept_connections
from ccflow_tui.services.clock import SystemClock
from ccflow_tui.services.kept_connections import MOST_IDLE, KeptConnections
from ccflow_tui.services.transport import HttpTransport
from ccflow_tui.services.transport_faults import TransportFault
from ccflow_tui.services.wire import get_request
from tests.support import fault_server as faults
from tests.support.certificates import server_context
from tests.support.fault_server import FaultServer, answers, http_answer
from tests.support.patience import PATIENCE, patiently

pytestmark = pytest.mark.usefixtures("trust")

CALLERS = 300
TURNS = 20
"""Connections at once, so that most callers have to wait for one."""


async def turns_of_the_loop(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


class Fickle:
    """Serves each connection as the dice fall."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.open = self.most = 0
        self.idle = asyncio.Event()
        """Set while no connection is open."""

    async def __call__(self, connection: faults.Connection) -> None:
        self.open += 1
        self.idle.clear()
        self.most = max(self.open, self.most)
        try:
            while await self.serve(connection):
                pass
        finally:
            self.open -= 1
            if not self.open:
                self.idle.set()

    async def serve(self, connection: faults.Connection) -> bool:
        """Treat one request well or badly; return whether the connection lives."""
        treatment = self.dice.choices(
            ("answer", "close", "silent", "reset", "half", "late", "before"), (60, 8, 8, 8, 8, 8, 4)
        )[0]
        if treatment == "before":  # closes what is idle, maybe just as it is used again
            return False
        await connection.request()
        await turns_of_the_loop(self.dice.randrange(6))
        if treatment in {"answer", "late"}:
            await connection.send(http_answer())
            return treatment == "answer"
        if treatment == "close":
            await connection.send(http_answer("200 OK", b"{}", "Connection: close"))
        elif treatment == "half":
            await connection.send(http_answer(length=500))
        elif treatment == "reset":
            connection.reset()
        return False


async def call(transport: HttpTransport, url: str) -> str:
    try:
        response = await transport.exchange(get_request(url), deadline=PATIENCE)
    except TransportFault as fault:
        return fault.kind
    assert response.status == 200
    return "answered"


def pool_of(transport: HttpTransport, url: str) -> KeptConnections:
    clients = transport._clients
    assert clients is not None
    client = clients.loopback if "127.0.0.1" in url else clients.remote
    pool = client._transport_for_url(httpx.URL(url))._pool  # type: ignore[attr-defined]
    assert isinstance(pool, KeptConnections)
    return pool


def sockets() -> int:
    """Return how many this process has open; 0 where that cannot be told."""
    if not sys.platform.startswith("linux"):
        return 0
    links = []
    for number in os.listdir("/proc/self/fd"):
        try:
            links.append(os.readlink(f"/proc/self/fd/{number}"))
        except FileNotFoundError:  # the listing's own
            continue
    return sum(link.startswith("socket:") for link in links)


async def until_closed(before: int) -> None:
    """Wait for the sockets that were let go of, which close when the other end has heard of it."""
    for _ in patiently():
        if sockets() <= before:
            return
        await asyncio.sleep(0.001)
    raise AssertionError(f"{sockets() - before} sockets are open still")


@pytest.fixture
async def transport(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HttpTransport]:
    monkeypatch.setattr(kept_connections, "MOST", TURNS)
    it = HttpTransport(clock=SystemClock())
    yield it
    await it.close()


@pytest.mark.parametrize("way", ["plain", "tls", "proxy"])
@pytest.mark.parametrize("seed", [1, 2])
async def test_L6_nothing_is_lost_under_fire(
    transport: HttpTransport, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, seed: int, way: str
) -> None:
    tls = server_context(authority.issue_cert("127.0.0.1", "as.example")) if way != "plain" else None
    dice, fickle = random.Random(seed), Fickle(seed)
    server = FaultServer(fickle, tls=tls)
    async with server, FaultServer(faults.tunnel(server)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        url = "https://as.example/token" if way == "proxy" else server.url
        await transport.warm()
        before = sockets()
        callers = [asyncio.create_task(call(transport, url)) for _ in range(CALLERS)]
        doomed = dice.sample(callers, CALLERS // 3)
        for caller in doomed:
            await turns_of_the_loop(dice.randrange(8))
            caller.cancel()
            if dice.random() < 0.3:
                await turns_of_the_loop(1)
                caller.cancel()  # again, while it cleans up
        done, stuck = await asyncio.wait(callers, timeout=PATIENCE)
        assert not stuck, "nobody waits for ever"
        kinds = Counter(caller.result() for caller in done if not caller.cancelled())
        assert kinds["answered"] > CALLERS / 4, kinds
        assert set(kinds) <= {"answered", "closed-early", "reset", "protocol"}, kinds

        pool = pool_of(transport, url)
        assert pool._turns._value == TURNS, "every turn was given back"
        assert len(pool._open) == len(pool._idle) <= MOST_IDLE, "what is open can be used"
        assert fickle.most <= TURNS + len(doomed), "those that are closing aside"
        again = [asyncio.create_task(call(transport, url)) for _ in range(TURNS)]
        await asyncio.wait_for(asyncio.gather(*again), PATIENCE)

        await transport.close()
        await asyncio.wait_for(fickle.idle.wait(), PATIENCE)
        await until_closed(before)


async def test_L6_a_transport_closed_in_the_midst_of_exchanges_leaves_none_open(
    transport: HttpTransport,
) -> None:
    fickle = Fickle(3)
    async with FaultServer(fickle) as server:
        await transport.warm()
        pool = pool_of(transport, server.url)
        callers = [asyncio.create_task(call(transport, server.url)) for _ in range(CALLERS)]
        await turns_of_the_loop(30)
        await transport.close()
        _, stuck = await asyncio.wait(callers, timeout=PATIENCE)
        assert not stuck
        assert (pool._turns._value, pool._open, len(pool._idle)) == (TURNS, set(), 0)
        await transport.close()
        await asyncio.wait_for(fickle.idle.wait(), PATIENCE)


async def test_L6_the_next_event_loop_gets_its_answer_from_a_transport_that_was_closed() -> None:
    transport = HttpTransport(clock=SystemClock())

    async def use() -> str:
        async with FaultServer(answers(http_answer())) as server:
            try:
                return await call(transport, server.url)
            finally:
                await transport.close()

    for _ in range(2):
        assert await asyncio.to_thread(asyncio.run, use()) == "answered"
