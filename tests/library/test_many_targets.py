"""One client, many targets: what they have in common is done once for all of them."""

from __future__ import annotations

import asyncio

import pytest

from ccflow_tui import ClientSecret, InputProblem, Target, TokenCancelled, TokenClient
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
