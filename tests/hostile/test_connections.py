"""Connections between requests: no answer but its own, nothing left open, nothing left running."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import trustme

from ccflow_tui.models.outcome import Granted, Outcome, Phase
from ccflow_tui.services.clock import SystemClock
from ccflow_tui.services.transport import HttpTransport
from ccflow_tui.services.transport_faults import TransportFault
from ccflow_tui.services.wire import get_request
from tests.hostile.replies import CHUNKED, GOOD
from tests.hostile.road import get_token
from tests.support import fault_server as faults
from tests.support.certificates import server_context
from tests.support.fault_server import Connection, FaultServer, Script, answers, http_answer
from tests.support.measures import open_sockets, other_tasks

OTHER = http_answer(body=b'{"access_token":"not yours","token_type":"Bearer"}')
TURNS = 40
"""Of the loop; a request waits for its answer long before."""
AT_REST = 0.05
"""Seconds in which the loop closes what was let go of."""


def value(outcome: Outcome) -> str:
    assert isinstance(outcome, Granted)
    return outcome.token.value.reveal()


@pytest.fixture(params=["plain", "tls"])
async def tls(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> object:
    if request.param == "plain":
        return None
    authority = trustme.CA()
    path = f"{tmp_path}/authority.pem"
    authority.cert_pem.write_to_path(path)
    monkeypatch.setenv("SSL_CERT_FILE", path)
    return server_context(authority.issue_cert("127.0.0.1"))


async def test_an_answer_that_came_before_its_request_is_not_taken(tls: object) -> None:
    """It would be the token of whoever asks next over this connection."""
    transport = HttpTransport(clock=SystemClock())
    async with FaultServer(answers(GOOD + OTHER, GOOD), answers(GOOD), tls=tls) as server:  # type: ignore[arg-type]
        first = await get_token(transport, server.url)
        second = await get_token(transport, server.url)
        assert (value(first.outcome), value(second.outcome)) == ("good", "good")
        assert second.outcome.exchange.attempts == 2
        assert server.connections == 2
    await transport.close()


async def test_the_transport_names_an_answer_that_nobody_asked_for(transport: HttpTransport) -> None:
    async with FaultServer(answers(GOOD + OTHER, GOOD)) as server:
        await transport.exchange(get_request(server.url), deadline=5)
        with pytest.raises(TransportFault) as caught:
            await transport.exchange(get_request(server.url), deadline=5)
    assert (caught.value.phase, caught.value.kind, caught.value.transient) == (
        Phase.RECEIVE,
        "protocol",
        True,
    )
    assert "before it was asked" in caught.value.detail


@pytest.mark.parametrize(
    "left", [b"HTTP/1.1 204 No Content\r\n\r\nbody", GOOD + b"\r\n\r\n", GOOD[:-9] + GOOD]
)
async def test_what_is_left_of_an_answer_costs_the_next_one_an_attempt_at_most(
    transport: HttpTransport, left: bytes
) -> None:
    async with FaultServer(answers(left, GOOD), answers(GOOD)) as server:
        await get_token(transport, server.url)
        assert value((await get_token(transport, server.url)).outcome) == "good"
        assert server.connections == 2


async def test_broken_http_on_a_new_connection_is_no_leftover(transport: HttpTransport) -> None:
    async with FaultServer(faults.closes(b"no http\r\n\r\n")) as server:
        await get_token(transport, server.url)
        assert len(server.requests) == 1


async def test_a_body_in_tiny_pieces_leaves_the_others_their_turn(transport: HttpTransport) -> None:
    """One read of the socket can hold ten thousand chunks; the loop must turn between them."""
    size = 10_000

    async def play(connection: Connection) -> None:
        await connection.request()
        await connection.send(CHUNKED + b"1\r\n \r\n" * size + b"0\r\n\r\n")
        await connection.wait_for_eof()

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    turns = 0
    async with FaultServer(play) as server:
        counting = asyncio.create_task(count())
        response = await transport.exchange(get_request(server.url), deadline=5)
        counting.cancel()
    assert len(response.body) == size
    assert turns > size / 100


async def test_many_requests_at_once_each_get_their_own_answer(transport: HttpTransport) -> None:
    async def echo(connection: Connection) -> None:
        while True:
            path = (await connection.request()).split()[1]
            await asyncio.sleep(0)
            await connection.send(http_answer(body=path))

    async def ask(url: str) -> bool:
        response = await transport.exchange(get_request(url), deadline=20)
        return url.endswith(response.body.decode())

    async with FaultServer(echo) as server:
        urls = [f"{server.url}/{number}" for number in range(150)]
        assert all(await asyncio.gather(*map(ask, urls)))


@pytest.mark.parametrize(
    "script",
    [faults.hang, faults.hang_after_headers, faults.drip, faults.hang_at_once],
    ids=lambda script: script.__name__,
)
async def test_cancelled_anywhere_a_request_leaves_nothing_behind(script: Script, tls: object) -> None:
    """Cancelled after each turn of the loop in its life, so at each of its awaits."""
    transport = HttpTransport(clock=SystemClock())
    await transport.warm()
    before = other_tasks()
    async with FaultServer(script, tls=tls) as server:  # type: ignore[arg-type]
        sockets = open_sockets()
        await cancel_at_every_turn(lambda: get_token(transport, server.url))
        await settled(sockets)
        server.scripts = (answers(GOOD),)
        assert value((await get_token(transport, server.url)).outcome) == "good"
    await transport.close()
    assert other_tasks() <= before


async def cancel_at_every_turn(start: Callable[[], Awaitable[object]]) -> None:
    """Cancel one run after 0 turns of the loop, the next after 1, and so on."""
    for turns in range(TURNS):
        task: asyncio.Future[object] = asyncio.ensure_future(start())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def settled(sockets: int) -> None:
    """Wait until no more sockets are open than before; the server's ends close when they see ours closed."""
    for _ in range(100):
        if open_sockets() <= sockets:
            return
        await asyncio.sleep(AT_REST)
    assert open_sockets() <= sockets


@pytest.mark.parametrize("failing", [faults.reset_at_once, faults.closes(), faults.closes(GOOD[:40])])
async def test_failed_requests_leave_no_socket_open(transport: HttpTransport, failing: Script) -> None:
    async with FaultServer(failing) as server:
        sockets = open_sockets()
        for _ in range(20):
            await get_token(transport, server.url)
        await settled(sockets)


async def test_closing_the_transport_closes_every_socket() -> None:
    before = open_sockets()
    transport = HttpTransport(clock=SystemClock())
    async with FaultServer(answers(GOOD)) as server:
        await asyncio.gather(*(get_token(transport, server.url) for _ in range(10)))
        await transport.close()
    await settled(before)


async def test_an_ipv6_address_is_reached_and_named_in_brackets(transport: HttpTransport) -> None:
    server = FaultServer(answers(GOOD), host="[::1]", bind="::1")
    try:
        await server.__aenter__()
    except OSError:
        pytest.skip("no IPv6 on this machine")
    try:
        assert value((await get_token(transport, server.url)).outcome) == "good"
        assert f"\r\nHost: [::1]:{server.port}\r\n".encode() in server.requests[0]
    finally:
        await server.__aexit__(None, None, None)
