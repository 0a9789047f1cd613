"""The DPoP key of a profile, removed while it is being made."""

from __future__ import annotations

import asyncio

from ccflow_tui.models.profile import EndpointMode, Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.dpop_keys import DpopKeys
from tests.support.fakes import DictStore

PROFILE = Profile(
    name="orders",
    endpoint_mode=EndpointMode.MANUAL,
    token_endpoint="https://as.example/token",
    client_id="orders",
    dpop=True,
)


class SlowStore(DictStore):
    """Takes a key in as soon as its gate is open."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.gate = asyncio.Event(), asyncio.Event()

    async def put(self, name: str, secret: Secret) -> None:
        self.asked.set()
        await self.gate.wait()
        await super().put(name, secret)


async def test_a_key_that_is_removed_while_it_is_made_does_not_come_back() -> None:
    store = SlowStore()
    keys = DpopKeys(store, lambda _: None)
    making = asyncio.create_task(keys.key(PROFILE))
    await store.asked.wait()
    removing = asyncio.create_task(keys.purge(PROFILE))
    await asyncio.sleep(0)
    store.gate.set()
    await making
    assert await removing
    assert store.secrets == {}
    assert not keys.holds(PROFILE)
