"""The same hostile answers to discovery and to the call of an API."""

from __future__ import annotations

import asyncio
import time

import pytest

from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.outcome import ResourceResult
from ccflow_tui.models.secret import Secret
from ccflow_tui.services import discovery as discovery_module
from ccflow_tui.services.clock import SystemClock
from ccflow_tui.services.discovery import Discovery
from ccflow_tui.services.resource_answer import BODY_LIMIT
from ccflow_tui.services.resource_client import ResourceCall, call_resource
from ccflow_tui.services.transport import HttpTransport
from tests.hostile.fuzzing import inert
from tests.hostile.replies import EVERY, SLOW, USABLE, Case
from tests.hostile.test_token_road import MEMORY, names
from tests.support.fault_server import FaultServer
from tests.support.measures import python_growth

DEADLINE = 0.4
GRACE = 20.0
"""Seconds more that a busy machine may take; the token's road measures the deadline closely."""
TOKEN = "hostile-canary-access-token-7Qx"
DOCUMENTS = 2


async def discover(transport: HttpTransport, server: FaultServer) -> None:
    issuer = server.url.removesuffix("/token")
    result = await Discovery(transport, SystemClock()).discover(issuer)
    assert result.metadata is None
    assert result.problem is not None
    assert result.problem.problem and result.problem.remedy
    assert 1 <= len(result.attempts) <= DOCUMENTS
    texts = (result.problem.problem, result.problem.remedy, *(attempt.result for attempt in result.attempts))
    assert all(text.isprintable() and len(text) <= 600 for text in texts)


async def call(transport: HttpTransport, server: FaultServer, deadline: float = 5.0) -> ResourceResult:
    async def no_other() -> AccessToken | None:
        return None

    token = AccessToken(Secret(TOKEN), "Bearer", requested_at=0.0, requested_at_monotonic=0.0)
    request = ResourceCall(
        transport,
        SystemClock(),
        server.url,
        token,
        no_other,
        redact=lambda text: text.replace(TOKEN, "••••"),
        deadline=deadline,
    )
    result = await call_resource(request)
    assert result.status is not None or (result.problem and result.remedy)
    assert len(result.body) <= BODY_LIMIT
    assert all(map(inert, result.body.splitlines())) and inert(result.problem) and inert(result.remedy)
    assert TOKEN not in repr(result)
    return result


@pytest.mark.parametrize("case", EVERY, ids=names)
async def test_E5_no_hostile_answer_is_metadata(case: Case, transport: HttpTransport) -> None:
    begun = time.monotonic()
    async with FaultServer(case.script) as server:
        with python_growth() as grown:
            await discover(transport, server)
    assert grown.peak < MEMORY
    assert time.monotonic() - begun < DOCUMENTS * 5


@pytest.mark.parametrize("case", EVERY, ids=names)
async def test_G6_no_hostile_answer_of_an_api_breaks_the_call(case: Case, transport: HttpTransport) -> None:
    begun = time.monotonic()
    async with FaultServer(case.script) as server:
        with python_growth() as grown:
            result = await call(transport, server)
        assert len(server.requests) == 1
    assert grown.peak < MEMORY
    assert time.monotonic() - begun < 5
    if case in USABLE:
        assert (result.status, result.problem) == (200, "")


async def test_B20_discovery_and_api_are_left_at_their_deadlines(
    transport: HttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery_module, "DEADLINE", DEADLINE)

    async def run(case: Case) -> None:
        async with FaultServer(case.script) as server:
            begun = time.monotonic()
            await discover(transport, server)
            assert time.monotonic() - begun < DOCUMENTS * DEADLINE + GRACE
        async with FaultServer(case.script) as server:
            begun = time.monotonic()
            result = await call(transport, server, DEADLINE)
            assert DEADLINE * 0.9 < time.monotonic() - begun < DEADLINE + GRACE
            assert result.status is None

    await asyncio.gather(*map(run, SLOW))
