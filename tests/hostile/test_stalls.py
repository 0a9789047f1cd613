"""Nothing that a token takes holds up the event loop, which draws a screen or answers others meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from ccflow_tui.models.outcome import Granted
from ccflow_tui.models.profile import AuthMethod, Profile
from ccflow_tui.services.transport import HttpTransport
from tests.hostile.replies import EVERY, GOOD, Case
from tests.hostile.road import HastyClock, get_token
from tests.oauth.key_material import pem
from tests.services.test_request_builder import JWT, Bench
from tests.support.fault_server import FaultServer, answers

pytestmark = pytest.mark.quiet
ROUNDS = 8
"""The best of them counts: what the machine does beside is not ours, what the code does is in every one."""
STALL = 0.005
HOSTILE_STALL = 0.030
"""Seconds. A body of a megabyte is read in a thread, but Python runs one thread at a time."""
TICK = 0.0005
BULKY = [case for case in EVERY if case.name.split()[0] in {"300,000", "250,000", "2000", "100,000"}]
MEGABYTES = [case for case in EVERY if "megabyte" in case.name or "never ends" in case.name]


class Watch:
    longest = 0.0


@asynccontextmanager
async def watching() -> AsyncIterator[Watch]:
    """Measure how late a task wakes that sleeps for half a millisecond again and again."""
    watch = Watch()

    async def look() -> None:
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(TICK)
            watch.longest = max(watch.longest, time.perf_counter() - begun - TICK)

    looking = asyncio.create_task(look())
    await asyncio.sleep(0)
    try:
        yield watch
        await asyncio.sleep(2 * TICK)  # the last stall is seen when it is over
    finally:
        looking.cancel()


async def best_of_rounds(run: Callable[[], Awaitable[None]]) -> float:
    found = []
    for _ in range(ROUNDS):
        async with watching() as watch:
            await run()
        found.append(watch.longest)
    return min(found)


async def test_a_token_by_a_signed_assertion_stalls_nobody(transport: HttpTransport) -> None:
    async with FaultServer(answers(*[GOOD] * ROUNDS * 2)) as server:
        profile: Profile = replace(JWT, token_endpoint=server.url, auth_method=AuthMethod.PRIVATE_KEY_JWT)

        bench = Bench(KEY=pem("RSA"), CCFLOW_TOKEN_ENDPOINT=server.url)

        async def run() -> None:
            bench.builder.keys.forget()
            await bench.builder.build(replace(profile, assertion_alg="RS256"))
            assert isinstance((await get_token(transport, server.url)).outcome, Granted)

        assert await best_of_rounds(run) < STALL


async def test_a_transport_gets_ready_off_the_loop() -> None:
    async def run() -> None:
        transport = HttpTransport(clock=HastyClock())
        await transport.warm()
        await transport.close()

    assert await best_of_rounds(run) < STALL


@pytest.mark.parametrize("case", [*BULKY, *MEGABYTES], ids=lambda case: case.name)
async def test_a_hostile_megabyte_stalls_others_for_a_moment_only(
    case: Case, transport: HttpTransport
) -> None:
    async def run() -> None:
        async with FaultServer(case.script) as server:
            await get_token(transport, server.url)

    assert await best_of_rounds(run) < HOSTILE_STALL
