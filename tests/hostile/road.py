"""The whole road of a token request over real sockets, with the clock's waits left out."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace

from ccflow_tui.models.outcome import Outcome
from ccflow_tui.models.profile import AuthMethod, Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.models.token_request import Pair, TokenRequest
from ccflow_tui.services.clock import SystemClock
from ccflow_tui.services.token_client import TokenJob, request_client_credentials_token
from ccflow_tui.services.transport import HttpTransport

SECRET = "hostile-canary-7Qx"


class HastyClock(SystemClock):
    """The real time, but waits between attempts pass at once."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


def request_to(url: str) -> TokenRequest:
    form = (Pair("grant_type", "client_credentials"), Pair("client_secret", Secret(SECRET)))
    bare = TokenRequest(url, (), form)
    headers = (Pair("Host", url.split("/")[2]), Pair("Content-Length", str(len(bare.body()))))
    return replace(bare, headers=headers)


def profile_for(url: str) -> Profile:
    return Profile(token_endpoint=url, client_id="client", auth_method=AuthMethod.CLIENT_SECRET_POST)


@dataclass(frozen=True)
class Run:
    """How a request ended, and how many seconds it took."""

    outcome: Outcome
    elapsed: float


async def get_token(transport: HttpTransport, url: str, *, deadline: float = 5.0) -> Run:
    async def build() -> TokenRequest:
        return request_to(url)

    begun = time.monotonic()
    job = TokenJob(build, transport, HastyClock(), lambda progress: None, deadline=deadline)
    outcome = await request_client_credentials_token(job)
    return Run(outcome, time.monotonic() - begun)
