"""One transport for each test, warm before anything is measured."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from ccflow_tui.services.clock import SystemClock
from ccflow_tui.services.transport import HttpTransport
from tests.hostile import fuzzing
from tests.hostile.replies import GOOD
from tests.hostile.road import get_token
from tests.support.fault_server import FaultServer, answers

fuzzing.register()


@pytest.fixture
async def transport() -> AsyncIterator[HttpTransport]:
    it = HttpTransport(clock=SystemClock())
    async with FaultServer(answers(GOOD)) as server:
        await get_token(it, server.url)
    yield it
    await it.close()
