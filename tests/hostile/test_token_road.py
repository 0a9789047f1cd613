"""Every hostile answer ends in one typed outcome, explained, in time, and does not spoil the next one."""

from __future__ import annotations

import asyncio
import time

import pytest

from ccflow_tui.models.outcome import Granted, Malformed, Outcome, Refused, Unreachable
from ccflow_tui.oauth.diagnosis import advise
from ccflow_tui.services.transport import HttpTransport
from tests.hostile.replies import EVERY, GOOD, SLOW, Case
from tests.hostile.road import SECRET, Run, get_token, profile_for
from tests.support.fault_server import FaultServer, answers
from tests.support.measures import in_some_round, other_tasks, process_growth, python_growth

DEADLINE = 0.5
MEMORY = 20 * 1024 * 1024
"""Bytes; the fault server's own are among what is measured."""


def names(case: Case) -> str:
    return case.name


def kind_of(outcome: Outcome) -> str:
    match outcome:
        case Malformed() | Unreachable():
            return outcome.kind
        case Refused():
            return outcome.code
    return ""


def ended_as_told(case: Case, run: Run, server: FaultServer) -> None:
    outcome = run.outcome
    assert type(outcome) is case.outcome, outcome
    assert kind_of(outcome) == case.kind
    assert len(server.requests) == case.requests
    assert outcome.exchange.attempts == case.requests
    assert SECRET not in repr(outcome)
    if isinstance(outcome, Granted):
        assert outcome.token.value.reveal() == "good"
        return
    assert isinstance(outcome, Refused | Malformed | Unreachable)
    assert outcome.phase is case.phase
    explained(outcome, server.url)


def explained(outcome: Outcome, url: str) -> None:
    advice = advise(outcome, profile_for(url))
    assert advice is not None
    texts = (advice.title, advice.reason, *advice.what_to_do)
    assert advice.what_to_do
    assert all(text.strip() for text in texts)
    assert all(text.isprintable() and len(text) <= 600 for text in (*texts, advice.server_said))


async def serves_on(transport: HttpTransport, server: FaultServer) -> None:
    """Get a token over the same transport, which what came before must not have spoiled."""
    server.scripts = (answers(GOOD),)
    again = (await get_token(transport, server.url)).outcome
    assert isinstance(again, Granted)
    assert again.token.value.reveal() == "good"


@pytest.mark.parametrize("case", EVERY, ids=names)
async def test_every_hostile_answer_ends_typed_explained_and_bounded(
    case: Case, transport: HttpTransport
) -> None:
    before = other_tasks()
    async with FaultServer(case.script) as server:
        with python_growth() as grown:
            run = await get_token(transport, server.url)
        ended_as_told(case, run, server)
        await serves_on(transport, server)
    assert grown.peak < MEMORY
    assert run.elapsed < 5
    assert other_tasks() <= before


async def test_B20_whatever_lasts_is_left_at_the_deadline(transport: HttpTransport) -> None:
    async def wait() -> float:
        """Return how long the deadline takes on this machine just now, however busy it is."""
        begun = time.monotonic()
        await asyncio.sleep(DEADLINE)
        return time.monotonic() - begun

    async def run(case: Case) -> bool:
        async with FaultServer(case.script) as server:
            reference = asyncio.create_task(wait())
            run = await get_token(transport, server.url, deadline=DEADLINE)
            ended_as_told(case, run, server)
            in_time = run.elapsed == pytest.approx(await reference, rel=0.1)
            assert run.elapsed >= 0.99 * DEADLINE
            await serves_on(transport, server)
            return bool(in_time)

    async def run_all() -> bool:
        with process_growth() as grown:
            in_time = all(await asyncio.gather(*map(run, SLOW)))
        assert grown.peak < MEMORY
        return in_time

    assert await in_some_round(run_all)


async def test_B18_B19_the_process_stays_small_through_all_of_them(transport: HttpTransport) -> None:
    with process_growth() as grown:
        for case in EVERY:
            async with FaultServer(case.script) as server:
                await get_token(transport, server.url)
    assert grown.peak < MEMORY
