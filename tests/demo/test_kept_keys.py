"""Keys of the workbench before the demo server: what is exported there is what signs here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from joserfc.jwk import KeySet

from ccflow_tui.demo.announcement import DemoInfo
from ccflow_tui.demo.roster import Prepared, Roster
from ccflow_tui.models.kept_key import KeyExport, KeyKind
from ccflow_tui.models.profile import Profile
from ccflow_tui.services.clock import SystemClock
from tests.support.demo_server import Reply, assertion_fields, post_form, profile_named, running_demo
from tests.support.key_bench import KeyBench

KINDS = (KeyKind.RSA_2048, KeyKind.P_256, KeyKind.P_384, KeyKind.P_521, KeyKind.ED25519)
GRANT = ("grant_type", "client_credentials")


class Registration:
    """The demo server whose client "demo" has the keys that were uploaded last."""

    def __init__(self, info: DemoInfo, keys: KeySet) -> None:
        self.info, self._keys = info, keys

    def upload(self, jwks: str) -> None:
        self._keys.keys[:] = KeySet.import_key_set(json.loads(jwks)).keys

    def profile(self, name: str, alg: str) -> Profile:
        prepared = profile_named(self.info, "demo")
        return replace(prepared, key_reference=f"keyring:{name}", assertion_alg=alg)

    async def ask(self, bench: KeyBench, name: str, alg: str) -> Reply:
        request = await bench.engine.prepare(self.profile(name, alg))
        assert request.assertion is not None
        return post_form(self.info.token_endpoint, [GRANT, *assertion_fields(request.assertion.jwt.reveal())])


@pytest.fixture(scope="module")
def registration() -> Iterator[Registration]:
    registered = KeySet([])
    prepare = Roster.prepare

    def with_uploads(roster: Roster) -> tuple[Prepared, ...]:
        return tuple(
            replace(each, client=replace(each.client, public_keys=registered))
            if each.offer.profile.name == "demo"
            else each
            for each in prepare(roster)
        )

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Roster, "prepare", with_uploads)
        with running_demo() as info:
            yield Registration(info, registered)


def bench() -> KeyBench:
    clock: Any = SystemClock()
    return KeyBench(clock=clock)


@pytest.mark.parametrize("kind", KINDS, ids=str)
async def test_B1_the_server_takes_assertions_of_a_key_whose_export_is_registered(
    registration: Registration, kind: KeyKind
) -> None:
    mine = bench()
    key = await mine.workbench.generate("orders", kind)
    stranger = bench()
    await stranger.workbench.generate("orders", kind)
    for alg in key.algs[:1]:
        registration.upload((await mine.workbench.export("orders", KeyExport.JWKS, alg=alg)).text)
        assert (await registration.ask(mine, "orders", alg)).status == 200
        assert (await registration.ask(stranger, "orders", alg)).status == 401


async def test_B1_old_and_new_key_count_until_the_old_one_is_taken_out(registration: Registration) -> None:
    mine = bench()
    await mine.workbench.generate("orders", KeyKind.P_256)
    registration.upload((await mine.workbench.export("orders", KeyExport.JWKS)).text)
    await mine.workbench.rotate("orders")
    assert (await registration.ask(mine, "orders-2", "ES256")).status == 401, "it is not registered yet"
    registration.upload((await mine.workbench.export("orders-2", KeyExport.JWKS)).text)
    assert [(await registration.ask(mine, name, "ES256")).status for name in ("orders", "orders-2")] == [
        200,
        200,
    ]
    last = await mine.engine.prepare(registration.profile("orders", "ES256"))
    await mine.workbench.delete("orders")
    registration.upload((await mine.workbench.export("orders-2", KeyExport.JWKS)).text)
    assert (await registration.ask(mine, "orders-2", "ES256")).status == 200
    assert last.assertion is not None
    refused = post_form(
        registration.info.token_endpoint, [GRANT, *assertion_fields(last.assertion.jwt.reveal())]
    )
    assert refused.status == 401
