"""A kept connection that its server closed just as it was used: asked once more at once, over a new one."""

from __future__ import annotations

import pytest

from ccflow_tui.models.outcome import Granted, Phase, Unreachable
from ccflow_tui.models.progress import RetryScheduled
from ccflow_tui.services.transport import HttpTransport
from ccflow_tui.services.transport_faults import TransportFault
from ccflow_tui.services.wire import get_request
from tests.services.test_token_client import GRANTED, Bench
from tests.support import fault_server as faults
from tests.support.fakes import FakeClock
from tests.support.fault_server import FaultServer, answers, http_answer

CLOSED = TransportFault(Phase.RECEIVE, "closed-early", "as.example closed it.", transient=True, on_kept=True)


async def test_B25_a_kept_connection_that_ends_costs_no_wait_and_no_attempt() -> None:
    """RFC 9112, section 9.3.1: its server may have closed it just as it was used."""
    bench = Bench(CLOSED, GRANTED)
    assert isinstance(await bench.run(limit=1), Granted)
    assert [body.rpartition(b"=")[2] for body in bench.bodies] == [b"jti-1", b"jti-2"], "signed anew"
    assert bench.clock.slept == [0.0]
    told = bench.events[1]
    assert isinstance(told, RetryScheduled)
    assert told.reason == "as.example closed it. It had served before; now over a new one."


async def test_B25_an_automatic_repetition_is_not_repeated_at_once() -> None:
    """RFC 9110, section 9.2.2."""
    bench = Bench(CLOSED)
    assert isinstance(await bench.run(), Unreachable)
    assert len(bench.bodies) == 5
    assert bench.clock.slept[0] == 0.0
    assert all(wait >= 1 for wait in bench.clock.slept[1:])


async def hang_up_on_the_second(connection: faults.Connection) -> None:
    await connection.request()
    await connection.send(http_answer())
    await connection.request()


async def reset_the_second(connection: faults.Connection) -> None:
    await hang_up_on_the_second(connection)
    connection.reset()


@pytest.mark.parametrize("script", [hang_up_on_the_second, reset_the_second])
async def test_B25_the_second_request_of_a_connection_is_repeated_over_another(script: faults.Script) -> None:
    async with FaultServer(script, answers(http_answer(), http_answer())) as server:
        transport = HttpTransport(clock=FakeClock())
        bench = Bench(transport=transport, url=server.url)
        assert isinstance(await bench.run(limit=1), Granted)
        assert isinstance(await bench.run(limit=1), Granted)
        assert (len(server.requests), server.connections) == (3, 2)
        assert bench.clock.slept == [0.0]
        await transport.close()


async def test_B25_a_new_connection_that_ends_is_not_repeated_at_once() -> None:
    async with FaultServer(faults.closes()) as server:
        transport = HttpTransport(clock=FakeClock())
        bench = Bench(transport=transport, url=server.url)
        outcome = await bench.run(limit=2)
        assert isinstance(outcome, Unreachable)
        assert outcome.kind == "closed-early"
        assert len(server.requests) == 2
        assert bench.clock.slept[0] >= 1
        await transport.close()


@pytest.mark.parametrize("script", [hang_up_on_the_second, reset_the_second])
async def test_what_only_reads_is_repeated_by_the_transport_itself(script: faults.Script) -> None:
    """Discovery would go on to another document otherwise, and not find the one that is there."""
    async with FaultServer(script, answers(http_answer())) as server:
        transport = HttpTransport(clock=FakeClock())
        for _ in range(2):
            assert (await transport.exchange(get_request(server.url), deadline=5)).status == 200
        assert (len(server.requests), server.connections) == (3, 2)
        await transport.close()


async def test_what_only_reads_is_repeated_once_and_in_the_same_time() -> None:
    async with FaultServer(hang_up_on_the_second, faults.closes()) as server:
        transport = HttpTransport(clock=FakeClock())
        await transport.exchange(get_request(server.url), deadline=5)
        with pytest.raises(TransportFault) as caught:
            await transport.exchange(get_request(server.url), deadline=5)
        assert (caught.value.kind, caught.value.on_kept) == ("closed-early", False)
        assert len(server.requests) == 3
        await transport.close()
    async with FaultServer(hang_up_on_the_second, faults.hang) as server:
        await transport.exchange(get_request(server.url), deadline=5)
        with pytest.raises(TransportFault) as caught:
            await transport.exchange(get_request(server.url), deadline=0.2)
        assert caught.value.kind == "timed-out"
        await server.until_eof()
        await transport.close()
