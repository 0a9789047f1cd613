"""Connections between exchanges: which one serves, which are kept, and that none is lost from the count."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpcore
import httpx
import pytest

from ccflow_tui.services import kept_connections
from ccflow_tui.services.kept_connections import KEPT_SECONDS, MOST, MOST_IDLE, KeptConnections
from ccflow_tui.services.transport import HttpTransport
from ccflow_tui.services.transport_faults import TransportFault
from ccflow_tui.services.wire import get_request
from tests.support import fault_server as faults
from tests.support.fakes import FakeClock
from tests.support.fault_server import FaultServer, answers, http_answer

HERE = httpcore.URL("http://127.0.0.1:1/")
ELSEWHERE = httpcore.URL("http://127.0.0.1:2/")


class Wire(httpcore.AsyncConnectionInterface):
    """A connection without a socket, which does as it is told."""

    def __init__(self, origin: httpcore.Origin) -> None:
        self.origin = origin
        self.state = "new"
        self.dropped = self.fails = False

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        self.state = "busy"
        if self.fails:
            raise httpcore.ReadError
        return httpcore.Response(200, content=Answer(self))

    def can_handle_request(self, origin: httpcore.Origin) -> bool:
        return origin == self.origin

    def has_expired(self) -> bool:
        return self.dropped

    def is_available(self) -> bool:
        return self.state == "idle"

    def is_closed(self) -> bool:
        return self.state == "closed"

    async def aclose(self) -> None:
        self.state = "closed"


class Answer:
    """Read whole, it leaves its connection free."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"{}"
        self.wire.state = "idle"

    async def aclose(self) -> None:
        if self.wire.state != "idle":
            await self.wire.aclose()


class Stage:
    """The pool over wires, which it counts."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.wires: list[Wire] = []
        self.fail = False
        self.pool = KeptConnections(self.connect, self.clock.monotonic)

    def connect(self, origin: httpcore.Origin) -> Wire:
        wire = Wire(origin)
        wire.fails = self.fail
        self.wires.append(wire)
        return wire

    async def begin(self, url: httpcore.URL = HERE) -> httpcore.Response:
        return await self.pool.handle_async_request(httpcore.Request("GET", url))

    async def ask(self, url: httpcore.URL = HERE) -> None:
        response = await self.begin(url)
        await response.aread()
        await response.aclose()

    def open(self) -> int:
        return sum(wire.state != "closed" for wire in self.wires)


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def test_one_connection_serves_an_origin_again_and_no_other(stage: Stage) -> None:
    for url in (HERE, ELSEWHERE, HERE, ELSEWHERE):
        await stage.ask(url)
    assert [wire.origin for wire in stage.wires] == [HERE.origin, ELSEWHERE.origin]


async def test_the_connection_used_last_serves_first(stage: Stage) -> None:
    first, second = await stage.begin(), await stage.begin()
    for response in (second, first):
        await response.aread()
        await response.aclose()
    await stage.begin()
    assert [wire.state for wire in stage.wires] == ["busy", "idle"]


async def test_one_that_the_server_closed_is_passed_over(stage: Stage) -> None:
    await stage.ask()
    stage.wires[0].dropped = True
    await stage.ask()
    assert [wire.state for wire in stage.wires] == ["closed", "idle"]


async def test_those_of_any_origin_are_closed_when_nobody_used_them_for_a_while(stage: Stage) -> None:
    await stage.ask(ELSEWHERE)
    stage.clock.advance(KEPT_SECONDS + 0.1)
    await stage.ask(HERE)
    assert [wire.state for wire in stage.wires] == ["closed", "idle"]


async def test_an_answer_that_is_not_read_to_its_end_takes_the_connection_along(stage: Stage) -> None:
    response = await stage.begin()
    await response.aclose()
    assert stage.open() == 0


async def test_only_so_many_are_kept(stage: Stage) -> None:
    responses = [await stage.begin() for _ in range(MOST_IDLE + 5)]
    for response in responses:
        await response.aread()
        await response.aclose()
    assert stage.open() == MOST_IDLE


async def test_only_so_many_are_open_and_the_others_get_their_turn(stage: Stage) -> None:
    await stage.ask(ELSEWHERE)
    responses = [await stage.begin() for _ in range(MOST)]
    assert stage.open() == MOST, "the one to another origin makes room"
    waiting = asyncio.create_task(stage.begin())
    await asyncio.sleep(0)
    assert not waiting.done()
    await responses[0].aread()
    await responses[0].aclose()
    await waiting
    assert stage.open() == MOST


async def test_a_free_connection_serves_without_room_being_made(stage: Stage) -> None:
    for _ in range(MOST - 2):
        await stage.begin()
    for url in (ELSEWHERE, HERE):
        await stage.ask(url)
    await stage.begin()
    assert stage.open() == len(stage.wires) == MOST


async def test_whoever_fails_is_cancelled_or_closes_twice_takes_nobodys_turn(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_connections, "MOST", 1)
    stage = Stage()
    stage.fail = True
    for _ in range(3):
        with pytest.raises(httpcore.ReadError):
            await stage.ask()
    stage.fail = False
    response = await stage.begin()
    waiting = asyncio.create_task(stage.begin())
    await asyncio.sleep(0)
    waiting.cancel()
    await response.aclose()
    await response.aclose()
    held = await stage.begin()
    late = asyncio.create_task(stage.begin())
    await asyncio.sleep(0)
    assert not late.done(), "closed twice, a response gave its turn back once"
    await held.aclose()
    await late
    assert stage.open() == 1


async def test_one_that_fails_takes_the_idle_ones_of_its_origin_along(stage: Stage) -> None:
    responses = [await stage.begin(url) for url in (HERE, HERE, ELSEWHERE)]
    for response in responses:
        await response.aread()
        await response.aclose()
    stage.wires[1].fails = True
    with pytest.raises(httpcore.ReadError):
        await stage.begin()
    assert [wire.state for wire in stage.wires] == ["closed", "closed", "idle"]


async def test_closing_closes_those_in_use_and_keeps_none_that_comes_back(stage: Stage) -> None:
    await stage.ask()
    response, other = await stage.begin(), await stage.begin(ELSEWHERE)
    await stage.pool.aclose()
    assert stage.open() == 0
    stage.wires[1].state = "idle"
    await other.aclose()
    await response.aclose()
    assert stage.open() == 0


async def test_closing_goes_on_to_the_last_when_one_cannot_be_closed_or_it_is_cancelled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for problem in (OSError("stuck"), asyncio.CancelledError()):
        stage = Stage()
        for _ in range(3):
            await stage.begin()

        async def fail(wire: Wire, problem: BaseException = problem) -> None:
            wire.state = "closed"
            raise problem

        monkeypatch.setattr(Wire, "aclose", fail)
        with pytest.raises(type(problem)):
            await stage.pool.aclose()
        assert stage.open() == 0


async def test_every_transport_of_httpx_keeps_its_connections_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Through attributes that a new version may name otherwise."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:8080")
    transport = HttpTransport(clock=FakeClock())
    await transport.warm()
    clients = transport._clients
    assert clients is not None
    for client, url in ((clients.remote, "https://as.example/"), (clients.loopback, "http://127.0.0.1/")):
        used = client._transport_for_url(httpx.URL(url))
        assert isinstance(used._pool, KeptConnections)  # type: ignore[attr-defined]
    await transport.close()


async def test_a_hundred_failed_exchanges_leave_the_transport_usable() -> None:
    transport = HttpTransport(clock=FakeClock())
    async with FaultServer(*[faults.reset_at_once] * (MOST + 1), answers(http_answer())) as server:
        for _ in range(MOST + 1):
            with pytest.raises(TransportFault):
                await transport.exchange(get_request(server.url), deadline=5)
        assert (await transport.exchange(get_request(server.url), deadline=5)).status == 200
    await transport.close()


async def test_a_connection_unused_for_long_is_not_used_again() -> None:
    clock = FakeClock()
    transport = HttpTransport(clock=clock)
    async with FaultServer(answers(http_answer())) as server:
        await transport.exchange(get_request(server.url), deadline=5)
        clock.advance(KEPT_SECONDS + 0.1)
        await transport.exchange(get_request(server.url), deadline=5)
        assert server.connections == 2
        await server.until_eof()
    await transport.close()
