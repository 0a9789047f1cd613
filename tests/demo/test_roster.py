"""Every prepared client does what its note says, through the engine and without another step before."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest

from ccflow_tui.demo.announcement import DemoInfo
from ccflow_tui.models.discovery import with_metadata
from ccflow_tui.models.outcome import Granted
from ccflow_tui.models.problems import Severity
from ccflow_tui.models.profile import AuthMethod, EndpointMode, EndpointSource, Profile
from ccflow_tui.services.clock import SystemClock
from ccflow_tui.services.credential_names import private_key_name
from ccflow_tui.services.credentials import CredentialSource, Variables
from ccflow_tui.services.engine import Engine, EngineParts
from ccflow_tui.services.flow_log import FlowLog
from ccflow_tui.services.logger import FlowLogger
from ccflow_tui.services.redaction import Redactor
from ccflow_tui.services.transport import HttpTransport
from tests.support.demo_server import profile_named, running_demo
from tests.support.fakes import DictStore

WORKING = [
    "demo",
    "demo-jwt-es256",
    "demo-secret-jwt",
    "demo-basic",
    "demo-post",
    "demo-short-lived",
    "demo-opaque",
    "demo-dpop",
]
REFUSED = ["wrong-secret", "auth-method", "grant", "scope", "resource", "api", "grant-type", "invalid-grant"]
TROUBLED = ["flaky-503", "fail-503", "slow", "fail-html", "fail-redirect", "fail-unreachable"]
NAMES = [*WORKING, *(f"fail-{name}" for name in REFUSED), *TROUBLED]


class QuickClock(SystemClock):
    """Real time without the waits between attempts."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoInfo]:
    with running_demo() as info:
        yield info


async def engine_with(info: DemoInfo) -> Engine:
    clock, store, redactor = QuickClock(), DictStore(), Redactor()
    log = FlowLog(FlowLogger(redactor, clock))
    for name, key in info.keys.items():
        await store.put(private_key_name(name), key)
    parts = EngineParts(
        clock=clock,
        transports=lambda mtls: HttpTransport(clock=clock, mtls=mtls),
        store=store,
        credentials=CredentialSource(store, Variables({}, {}), log.warning),
        redactor=redactor,
        log=log,
    )
    engine = Engine(parts)
    for profile in info.profiles:
        if profile.name in info.secrets:
            engine.remember_secret(profile, info.secrets[profile.name])
    return engine


def test_the_names_of_the_prepared_clients(demo: DemoInfo) -> None:
    assert [profile.name for profile in demo.profiles] == NAMES


@pytest.mark.parametrize("name", NAMES)
async def test_a_prepared_client_does_at_once_what_its_note_says(demo: DemoInfo, name: str) -> None:
    profile = profile_named(demo, name)
    engine = await engine_with(demo)
    assert engine.derive(profile) == profile
    assert [f for f in engine.check(profile, secret_present=True) if f.severity is Severity.ERROR] == []
    request = await engine.prepare(profile)
    if profile.auth_method is AuthMethod.PRIVATE_KEY_JWT:
        assert request.assertion is not None
        assert request.assertion.claims["aud"] == profile.token_endpoint
    if name != "slow":
        outcome = await engine.fetch_token(profile, request, lambda _: None)
        assert isinstance(outcome, Granted) is not profile.note.startswith("Fails"), outcome
    await engine.close()


@pytest.mark.parametrize("name", NAMES)
def test_the_endpoint_says_where_it_is_from(demo: DemoInfo, name: str) -> None:
    profile = profile_named(demo, name)
    typed = profile.endpoint_mode is EndpointMode.MANUAL
    assert profile.endpoint_source is (EndpointSource.TYPED if typed else EndpointSource.DERIVED)


async def test_discovery_confirms_the_derived_endpoint_and_then_the_issuer_is_addressed(
    demo: DemoInfo,
) -> None:
    profile = profile_named(demo, "demo")
    engine = await engine_with(demo)
    for issuer in (profile.issuer, f"{profile.issuer}/.well-known/openid-configuration"):
        result = await engine.discover(replace(profile, issuer=issuer))
        assert result.metadata is not None
        found: Profile = with_metadata(replace(profile, issuer=issuer), result.metadata)
        assert found == replace(profile, endpoint_source=EndpointSource.DISCOVERED, server=found.server)
        request = await engine.prepare(found)
        assert request.assertion is not None
        assert request.assertion.claims["aud"] == profile.issuer
        assert isinstance(await engine.fetch_token(found, request, lambda _: None), Granted)
    await engine.close()
