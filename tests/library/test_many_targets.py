"""One client, many targets: what they have in common is done once for all of them."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from ccflow_tui import ClientSecret, InputProblem, Target, TokenCancelled, TokenClient
from ccflow_tui.library import client as library_client
from ccflow_tui.models.problems import FieldProblem
from ccflow_tui.models.profile import Profile
from ccflow_tui.oauth.profile_check import check_profile
from ccflow_tui.services import token_fetcher
from ccflow_tui.services.ports import WireRequest, WireResponse
from tests.support.fakes import FakeClock, json_response
from tests.support.manual_clock import ManualClock, settle
from tests.support.measures import other_tasks

ISSUER = "https://as.example"
DOCUMENT = f'{{"issuer": "{ISSUER}", "token_endpoint": "{ISSUER}/token"}}'
GRANTED = '{"access_token": "t", "token_type": "Bearer", "expires_in": 3600}'


class Server:
    """Publishes its metadata and grants tokens, as soon as its gate is open."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def exchange(self, request: WireRequest, *, deadline: float) -> WireResponse:
        self.asked.append(request.method)
        await self.gate.wait()
        return json_response(DOCUMENT if request.method == "GET" else GRANTED)

    async def warm(self) -> None: ...

    async def close(self) -> None: ...


def client(server: Server, clock: FakeClock | ManualClock) -> TokenClient:
    return TokenClient(
        issuer=ISSUER, client_id="orders", credential=ClientSecret("s3cr3t"), transport=server, clock=clock
    )


async def test_L2_first_requests_share_one_discovery() -> None:
    server = Server()
    async with client(server, FakeClock()) as tokens:
        await asyncio.gather(*(tokens.get_token(scope) for scope in ("read", "write", "read")))
    assert server.asked == ["GET", "POST", "POST"]


async def test_closing_ends_a_discovery_under_way() -> None:
    before, server = other_tasks(), Server()
    server.gate.clear()
    tokens = client(server, ManualClock())
    asking = [asyncio.create_task(tokens.get_token(scope)) for scope in ("read", "write")]
    await settle()
    await tokens.aclose()
    ended = await asyncio.gather(*asking, return_exceptions=True)
    assert [type(end) for end in ended] == [TokenCancelled, TokenCancelled]
    assert server.asked == ["GET"]
    assert other_tasks() <= before


async def test_each_target_is_checked_once_and_a_bad_one_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    checked = []

    def check(profile: Profile, *, secret_present: bool) -> tuple[FieldProblem, ...]:
        checked.append(profile.scope)
        return check_profile(profile, secret_present=secret_present)

    monkeypatch.setattr(token_fetcher, "check_profile", check)
    async with client(Server(), FakeClock()) as tokens:
        for scope in ("read", "write", "read", "write"):
            await tokens.fetch_token(scope)
        for _ in range(2):
            with pytest.raises(InputProblem):
                await tokens.fetch_token(Target(scope="bad", resources=("no address",)))
    assert checked == ["read", "write", "bad", "bad"]


async def test_targets_without_a_living_token_are_forgotten_and_the_others_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As when each payment has its own authorization details (RFC 9396)."""
    monkeypatch.setattr(library_client, "_ROOM", 20)
    clock, server = FakeClock(), Server()
    async with replace(client(server, clock), refresh_ahead=0) as tokens:
        lasting = await tokens.get_token("lasting")
        for number in range(300):
            await tokens.get_token(f"payment-{number}")
            if number % 10 == 9:
                clock.advance(3600.0)
                lasting = await tokens.get_token("lasting")
        assert len(tokens._sources) <= 40
        assert len(tokens._slots) <= 40
        assert len(tokens._cache._slots) <= 40
        asked = len(server.asked)
        assert await tokens.get_token("lasting") is lasting
        assert len(server.asked) == asked


async def test_however_many_living_tokens_there_are_none_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(library_client, "_ROOM", 20)
    server = Server()
    async with client(server, ManualClock()) as tokens:
        server.gate.clear()
        first = [asyncio.create_task(tokens.get_token(f"t-{number}")) for number in range(50)]
        await settle()
        server.gate.set()
        await asyncio.gather(*first)
        for number in range(200):
            await tokens.get_token(f"t-{number}")
        assert server.asked.count("POST") == 200
