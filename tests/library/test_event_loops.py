"""One client and its event loop: another one later or beside it, the end of it, closing, cancelling."""

from __future__ import annotations

import asyncio
import gc
import warnings

import pytest

from ccflow_tui import AccessToken, ClientSecret, InputProblem, TokenCancelled, TokenClient
from tests.library.test_client import GRANTED, Counting, client
from tests.support.demo_server import profile_named, running_demo
from tests.support.fakes import FakeClock, ScriptedTransport, json_response
from tests.support.manual_clock import ManualClock, settle
from tests.support.measures import other_tasks


class Closing(Counting):
    """Counts how often it is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.closed = 0

    async def close(self) -> None:
        await asyncio.sleep(0)  # as closing a connection takes a turn of its loop
        self.closed += 1


def test_in_a_new_event_loop_a_client_begins_anew() -> None:
    transport = ScriptedTransport(*(json_response(GRANTED % f"token-{number}") for number in (1, 2)))
    tokens = client(transport, FakeClock())
    assert asyncio.run(tokens.get_token()).value.reveal() == "token-1"
    assert asyncio.run(tokens.get_token()).value.reveal() == "token-1"  # needs no loop
    assert asyncio.run(tokens.fetch_token()).value.reveal() == "token-2"
    assert asyncio.run(tokens.get_token()).value.reveal() == "token-2"


def test_two_event_loops_at_once_are_refused() -> None:
    tokens = client(ScriptedTransport(json_response(GRANTED % "token-1")), FakeClock())
    first = asyncio.new_event_loop()
    try:
        first.run_until_complete(tokens.get_token())
        with pytest.raises(InputProblem, match="Make one for each event loop"):
            asyncio.run(tokens.fetch_token())
    finally:
        first.close()


def test_it_can_be_closed_in_a_later_event_loop_and_used_again() -> None:
    transport = Closing()
    tokens = client(transport, FakeClock())
    first = asyncio.run(tokens.get_token())
    asyncio.run(tokens.aclose())
    assert asyncio.run(tokens.get_token()).value != first.value


def test_it_is_not_closed_in_an_event_loop_beside_the_one_at_work() -> None:
    transport = Closing()
    tokens = client(transport, FakeClock())
    with asyncio.Runner() as first:
        token = first.run(tokens.get_token())
        with pytest.raises(InputProblem, match="at work in another event loop"):
            asyncio.run(tokens.aclose())
        assert transport.closed == 0
        assert first.run(tokens.get_token()) is token
        first.run(tokens.aclose())
        assert asyncio.run(tokens.get_token()).value != token.value, "once closed it may move"


def test_the_end_of_an_event_loop_closes_what_the_program_left_open() -> None:
    transport = Closing()
    tokens = client(transport, FakeClock())
    for ended in (1, 2):
        asyncio.run(tokens.fetch_token())
        assert transport.closed == ended


def test_programs_that_close_nothing_leave_no_connection_open() -> None:
    with running_demo() as info, warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always", ResourceWarning)
        demo = profile_named(info, "demo-basic")
        tokens = TokenClient(
            token_endpoint=demo.token_endpoint,
            client_id=demo.client_id,
            credential=ClientSecret(info.secrets["demo-basic"]),
        )
        for _ in range(2):
            asyncio.run(tokens.fetch_token())
        del tokens
        gc.collect()
        port = demo.token_endpoint.rpartition(":")[2].partition("/")[0]
    assert not [each for each in warned if port in str(each.message)]


async def test_a_client_that_is_let_go_of_closes_its_connections() -> None:
    transport = Closing()
    tokens = client(transport, FakeClock())
    await tokens.get_token()
    del tokens
    gc.collect()
    await settle()
    assert transport.closed == 1


async def test_closing_twice_or_nested_does_no_harm() -> None:
    transport = Closing()
    async with client(transport, FakeClock()) as tokens:
        async with tokens as same:
            first = await same.get_token()
        assert (await tokens.get_token()).value != first.value, "closing forgets every token"
        await asyncio.gather(tokens.aclose(), tokens.aclose())
    assert transport.closed == 2, "before it was used again, and after"


async def test_what_is_asked_for_while_it_is_being_closed_begins_anew() -> None:
    transport = Closing()
    async with client(transport, ManualClock()) as tokens:
        transport.gate.clear()
        before = asyncio.create_task(tokens.get_token())
        await settle()
        closing = asyncio.create_task(tokens.aclose())
        await asyncio.sleep(0)
        after = asyncio.create_task(tokens.get_token())
        transport.gate.set()
        await closing
        assert isinstance(await after, AccessToken)
        with pytest.raises(TokenCancelled):
            await before


async def test_closing_that_is_cancelled_still_closes_the_connections() -> None:
    transport = Closing()
    tokens = client(transport, ManualClock())
    transport.gate.clear()
    asking = asyncio.create_task(tokens.get_token())
    await settle()
    closing = asyncio.create_task(tokens.aclose())
    await asyncio.sleep(0)
    closing.cancel()
    ended = await asyncio.gather(asking, closing, return_exceptions=True)
    assert [type(end) for end in ended] == [TokenCancelled, asyncio.CancelledError]
    assert transport.closed == 1


async def test_a_request_that_each_of_its_callers_leaves_is_ended_and_leaves_nothing_behind() -> None:
    before, transport = other_tasks(), Counting()
    async with client(transport, ManualClock()) as tokens:
        transport.gate.clear()
        for _ in range(3):
            callers = [asyncio.create_task(tokens.get_token()) for _ in range(3)]
            await settle()
            for caller in callers:
                caller.cancel()
            await asyncio.gather(*callers, return_exceptions=True)
            assert other_tasks() <= before
        transport.gate.set()
        assert (await tokens.get_token()).value.reveal() == "token-4"
