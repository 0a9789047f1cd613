"""Servers that repeat secrets: nothing of them is in an outcome, an explanation, the log or the history."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ccflow_tui import records
from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.outcome import Granted
from ccflow_tui.models.profile import Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.ports import WireResponse
from ccflow_tui.services.resource_client import ResourceCall, call_resource
from ccflow_tui.services.transport import HttpTransport
from tests.canary.answers import ECHOES, ISSUED, everything, response, told
from tests.canary.canaries import Canary, private_key, secret, token
from tests.canary.stage import BASIC, JWT, POST, Stage, make_stage
from tests.support.fakes import EPOCH, FakeClock, ScriptedTransport

pytestmark = pytest.mark.usefixtures("memory_keyring")

SECRET = secret("client secret")
TOKEN = token("access token")
KEY = private_key("private key")
PROFILES = {profile.name: profile for profile in (BASIC, POST, JWT)}


async def ask(stage: Stage, profile: Profile) -> None:
    """Send one request and look at all that comes of it."""
    searcher, engine = stage.searcher, stage.machine.engine
    progress: list[object] = []
    request = await engine.prepare(profile)
    outcome = await engine.fetch_token(profile, request, progress.append)
    searcher.look("the request", repr(request))
    searcher.look("the outcome", repr(outcome))
    if isinstance(outcome, Granted):
        searcher.look("scope and notes", f"{outcome.token.scope} {outcome.token.token_type} {outcome.notes}")
    searcher.look("the advice", repr(engine.advise(outcome, profile)))
    searcher.look("the progress", repr(progress))
    searcher.look("the history", repr(records.outcome_entry(outcome, profile, at=EPOCH)))
    searcher.look("the log", stage.machine.logger.export())
    searcher.look("the curl command", engine.as_curl(request))
    searcher.check()


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("place", ECHOES)
async def test_an_echoed_credential_is_masked(scene: Path, place: str, name: str) -> None:
    profile, build = PROFILES[name], ECHOES[place]
    stage = make_stage(
        scene,
        lambda request: build(told(request)),
        SECRET,
        KEY,
        environment={"SIGNING_KEY": KEY.text},
    )
    stage.machine.engine.remember_secret(profile, Secret(SECRET.text))
    await ask(stage, profile)
    assert stage.searcher.names_in(told(stage.transport.requests[0])), "the server was told no secret"


@pytest.mark.parametrize("name", PROFILES)
async def test_an_echo_of_the_whole_request_is_masked(scene: Path, name: str) -> None:
    stage = make_stage(
        scene,
        lambda request: response(500, everything(request), "text/plain"),
        SECRET,
        KEY,
        environment={"SIGNING_KEY": KEY.text},
    )
    stage.machine.engine.remember_secret(PROFILES[name], Secret(SECRET.text))
    await ask(stage, PROFILES[name])


@pytest.mark.parametrize("place", ISSUED)
async def test_a_token_that_nobody_knows_yet_is_masked(scene: Path, place: str) -> None:
    stage = make_stage(scene, lambda request: ISSUED[place](TOKEN.text), TOKEN)
    stage.machine.engine.remember_secret(BASIC, Secret(SECRET.text))
    await ask(stage, BASIC)


BROKEN = {
    "a status line": "HTTP/1.1 {0}\r\n\r\n",
    "a header without a colon": "HTTP/1.1 200 OK\r\nYou sent {0}\r\n\r\n",
    "a length": "HTTP/1.1 200 OK\r\nContent-Length: {0}\r\n\r\n",
    "a chunk": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{0}\r\n",
}


@pytest.mark.parametrize("place", BROKEN)
async def test_an_echo_in_what_is_no_valid_http_is_masked(
    scene: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """The HTTP library quotes the bytes that it could not read."""
    seen: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        sent = next(line for line in head.splitlines() if line.lower().startswith("authorization"))
        seen.append(sent)
        writer.write(BROKEN[place].format(sent.partition(": ")[2]).encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    stage = make_stage(scene, lambda request: response(200, "{}"), SECRET)
    transport = HttpTransport(clock=FakeClock(), mtls=None)
    monkeypatch.setattr(stage.transport, "exchange", transport.exchange)
    profile = replace(BASIC, token_endpoint=f"http://127.0.0.1:{port}/token")
    stage.machine.engine.remember_secret(profile, Secret(SECRET.text))
    async with server:
        await ask(stage, profile)
    await transport.close()
    assert stage.searcher.names_in(seen[0]), "the server was told no secret"


def challenge(said: str) -> WireResponse:
    text = f'Bearer error="invalid_token", error_description="{said} is bad", scope="{said}"'
    return response(403, "", "text/plain", ("www-authenticate", text))


API_ECHOES: dict[str, Callable[[str], WireResponse]] = {
    "body": lambda said: response(200, json.dumps({"authorization": f"Bearer {said}", "token": said})),
    "plain body": lambda said: response(500, f"cannot read {said} at all", "text/plain"),
    "body, at the cut": lambda said: response(200, "x" * 3900 + said, "text/plain"),
    "PingOne error": lambda said: response(
        400, json.dumps({"code": said, "message": said, "id": said, "details": [{"message": said}]})
    ),
    "halves of it in a body": lambda said: response(
        200,
        json.dumps(
            {"a": said[: len(said) // 2], "x": 1, "b": f"got {said[: len(said) // 3]}", "c": said[70:]}
        ),
    ),
    "pieces in a list": lambda said: response(
        200, json.dumps({"you sent": [said[at : at + 10] for at in range(0, len(said), 10)]})
    ),
    "twice in a message": lambda said: response(400, json.dumps({"message": (said + " ") * 20})),
    "challenge": challenge,
    "content type": lambda said: response(200, "{}", said),
    "redirect": lambda said: response(302, "", "text/plain", ("location", f"https://x/{said}")),
    "redirect to a host": lambda said: response(302, "", "", ("location", f"https://{said}.example/")),
}


@pytest.mark.parametrize("place", API_ECHOES)
async def test_a_token_echoed_by_the_api_is_masked(scene: Path, place: str) -> None:
    stage = make_stage(scene, lambda request: response(200, "{}"), TOKEN)
    redactor = stage.machine.redactor
    redactor.know(Secret(TOKEN.text))
    granted = _token_of(TOKEN)
    result = await call_resource(
        ResourceCall(
            transport=ScriptedTransport(lambda request: API_ECHOES[place](told(request))),
            clock=FakeClock(),
            url="https://api.example/v1",
            token=granted,
            fresh_token=_none,
            redact=redactor.redact,
        )
    )
    stage.searcher.look("the result", repr(result))
    stage.searcher.look("the history", repr(records.resource_entry(result, BASIC, at=EPOCH)))
    stage.searcher.check()


async def _none() -> None:
    return None


def _token_of(canary: Canary) -> AccessToken:
    return AccessToken(Secret(canary.text), "Bearer", EPOCH, 1_000.0, 3600, "read")
