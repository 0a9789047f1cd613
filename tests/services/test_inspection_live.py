"""Questions about a token, and the one fresh token, against the demo server over real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from ccflow_tui.demo.announcement import DemoInfo
from ccflow_tui.models.finding import Verdict
from ccflow_tui.models.outcome import Granted
from ccflow_tui.models.profile import Profile
from ccflow_tui.services.credential_names import private_key_name
from ccflow_tui.services.engine import Engine
from tests.judge.client import make_engine
from tests.support.demo_server import profile_named, running_demo
from tests.support.verdicts import worst

SIGNED = ["demo", "demo-jwt-es256", "demo-basic", "demo-post"]


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoInfo]:
    with running_demo() as info:
        yield info


@pytest.fixture
async def engine(demo: DemoInfo) -> AsyncIterator[Engine]:
    engine = make_engine()
    for profile in demo.profiles:
        if (secret := demo.secrets.get(profile.name)) is not None:
            engine.remember_secret(profile, secret)
    for name, key in demo.keys.items():
        await engine.parts.store.put(private_key_name(name), key)
    yield engine
    await engine.close()


async def granted(engine: Engine, profile: Profile) -> Granted:
    outcome = await engine.request_token(profile, None, lambda _: None)
    assert isinstance(outcome, Granted), outcome
    return outcome


@pytest.mark.parametrize("name", SIGNED)
async def test_G9_a_signed_token_is_green_in_verification_and_report(
    demo: DemoInfo, engine: Engine, name: str
) -> None:
    profile = profile_named(demo, name)
    token = (await granted(engine, profile)).token
    found = await engine.inspector.verify(profile, token)
    assert worst(found.findings) is Verdict.GOOD, found
    assert worst(engine.inspector.compare(profile, token)) is Verdict.GOOD


@pytest.mark.parametrize("name", [*SIGNED, "demo-opaque"])
async def test_G7_G8_a_token_is_active_until_it_is_revoked(demo: DemoInfo, engine: Engine, name: str) -> None:
    profile = profile_named(demo, name)
    token = (await granted(engine, profile)).token
    found = await engine.inspector.introspect(profile, token)
    assert (found.active, found.claims["client_id"]) == (True, profile.client_id), found
    assert engine.inspector.can_revoke(profile)
    assert (await engine.inspector.revoke(profile, token)).revoked
    assert (await engine.inspector.introspect(profile, token)).active is False
    assert await engine.stored_token(profile) is None


@pytest.mark.parametrize("name", ["demo", "demo-opaque"])
async def test_G5_a_token_that_was_revoked_elsewhere_is_replaced_once(
    demo: DemoInfo, engine: Engine, name: str
) -> None:
    profile = profile_named(demo, name)
    token = (await granted(engine, profile)).token
    elsewhere = make_engine()
    try:
        if (secret := demo.secrets.get(name)) is not None:
            elsewhere.remember_secret(profile, secret)
        for key_name, key in demo.keys.items():
            await elsewhere.parts.store.put(private_key_name(key_name), key)
        assert (await elsewhere.inspector.revoke(profile, token)).revoked
    finally:
        await elsewhere.close()
    result = await engine.call_resource(profile)
    assert (result.status, result.fresh_token_used, result.problem) == (200, True, "")
    assert not (await engine.call_resource(profile)).fresh_token_used


async def test_G4_G5_a_missing_scope_is_told_and_no_fresh_token_fetched(
    demo: DemoInfo, engine: Engine
) -> None:
    profile = profile_named(demo, "fail-api")
    await granted(engine, profile)
    result = await engine.call_resource(profile)
    assert (result.status, result.fresh_token_used) == (403, False)
    assert "needs the scope environment:read; the token has: users:read." in result.remedy


async def test_G7_a_wrong_secret_is_told(demo: DemoInfo, engine: Engine) -> None:
    token = (await granted(engine, profile_named(demo, "demo-post"))).token
    found = await engine.inspector.introspect(profile_named(demo, "fail-wrong-secret"), token)
    assert found.active is None
    assert "invalid_client" in found.problem


async def test_without_an_issuer_nothing_is_asked(demo: DemoInfo, engine: Engine) -> None:
    profile = profile_named(demo, "demo-post")
    token = (await granted(engine, profile)).token
    found = await engine.inspector.introspect(replace(profile, issuer=""), token)
    assert "names no issuer" in found.problem
