"""The httpx auth: a live token in each request, one fresh one after a 401, and nowhere it must not go."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from ccflow_tui import ClientSecret, InputProblem, TokenClient
from tests.library.test_client import Counting
from tests.support.fakes import ScriptedTransport, json_response
from tests.support.manual_clock import ManualClock


def tokens(transport: Counting) -> TokenClient:
    return TokenClient(
        token_endpoint="https://as.example/token",
        client_id="orders",
        credential=ClientSecret("s3cr3t-value"),
        transport=transport,
        clock=ManualClock(),
    )


class Api:
    """Accepts the tokens it is told, and keeps what it was shown."""

    def __init__(self, *accepted: str, challenge: str = "Bearer") -> None:
        self.accepted, self.challenge = accepted, challenge
        self.shown: list[str] = []
        self.bodies: list[bytes] = []

    async def answer(self, request: httpx.Request) -> httpx.Response:
        self.shown.append(request.headers.get("Authorization", ""))
        self.bodies.append(await request.aread())
        good = self.shown[-1].removeprefix("Bearer ") in self.accepted
        return (
            httpx.Response(200) if good else httpx.Response(401, headers={"WWW-Authenticate": self.challenge})
        )


def http(api: Api, client: TokenClient) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.MockTransport(api.answer), auth=client.auth())


async def test_every_request_carries_the_live_token() -> None:
    api, server = Api("token-1"), Counting()
    async with tokens(server) as client, http(api, client) as session:
        for _ in range(3):
            assert (await session.get("https://api.example/v1")).status_code == 200
    assert api.shown == ["Bearer token-1"] * 3
    assert len(server.requests) == 1


async def test_G5_a_401_brings_one_fresh_token_and_one_more_try() -> None:
    api, server = Api("token-2"), Counting()
    async with tokens(server) as client, http(api, client) as session:
        response = await session.post("https://api.example/v1", json={"a": 1})
    assert response.status_code == 200
    assert api.shown == ["Bearer token-1", "Bearer token-2"]
    assert api.bodies == [b'{"a":1}'] * 2


async def test_G5_an_api_that_refuses_every_token_is_asked_twice_and_no_more() -> None:
    api, server = Api(), Counting()
    async with tokens(server) as client, http(api, client) as session:
        assert (await session.get("https://api.example/v1")).status_code == 401
    assert len(api.shown) == len(server.requests) == 2


@pytest.mark.parametrize(
    ("challenge", "asked"),
    [
        ('Basic realm="x", Bearer error="invalid_token"', 2),
        ('Bearer error="invalid_request"', 1),
        ('DPoP error="use_dpop_nonce"', 1),
        ('Basic realm="x"', 1),
    ],
)
async def test_G5_a_challenge_that_blames_something_else_brings_no_fresh_token(
    challenge: str, asked: int
) -> None:
    api, server = Api(challenge=challenge), Counting()
    async with tokens(server) as client, http(api, client) as session:
        assert (await session.get("https://api.example/v1")).status_code == 401
    assert len(api.shown) == len(server.requests) == asked


async def test_a_body_that_streams_is_not_sent_twice() -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b"part"

    api, server = Api("token-2"), Counting()
    async with tokens(server) as client, http(api, client) as session:
        assert (await session.post("https://api.example/v1", content=body())).status_code == 401
    assert api.bodies == [b"part"]


async def test_G6_the_token_does_not_go_over_plain_http() -> None:
    api, server = Api("token-1"), Counting()
    async with tokens(server) as client, http(api, client) as session:
        with pytest.raises(InputProblem):
            await session.get("http://api.example/v1")
    assert not api.shown


async def test_G6_the_token_goes_to_the_one_origin_that_is_named() -> None:
    api, server = Api("token-1"), Counting()
    async with tokens(server) as client:
        auth = client.auth(origin="https://API.example:443")
        async with httpx.AsyncClient(transport=httpx.MockTransport(api.answer), auth=auth) as session:
            await session.get("https://api.example/v1?page=2")
            for elsewhere in ("https://evil.example/v1", "https://api.example:8443/v1"):
                with pytest.raises(InputProblem, match=r"is for https://api\.example, not for"):
                    await session.get(elsewhere)
        with pytest.raises(InputProblem, match="no origin"):
            client.auth(origin="https://api.example/v1")
    assert api.shown == ["Bearer token-1"]


async def test_G6_a_redirect_to_another_origin_does_not_carry_the_token() -> None:
    shown: dict[str, str | None] = {}

    def answer(request: httpx.Request) -> httpx.Response:
        shown[request.url.host] = request.headers.get("Authorization")
        if request.url.host == "api.example":
            return httpx.Response(307, headers={"Location": "https://evil.example/"})
        return httpx.Response(200)

    async with (
        tokens(Counting()) as client,
        httpx.AsyncClient(transport=httpx.MockTransport(answer), auth=client.auth()) as session,
    ):
        await session.get("https://api.example/v1", follow_redirects=True)
    assert shown == {"api.example": "Bearer token-1", "evil.example": None}


async def test_G5_where_a_redirect_led_to_has_no_say_about_the_token() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "api.example":
            return httpx.Response(307, headers={"Location": "https://evil.example/"})
        return httpx.Response(401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})

    server = Counting()
    async with (
        tokens(server) as client,
        httpx.AsyncClient(transport=httpx.MockTransport(answer), auth=client.auth()) as session,
    ):
        response = await session.get("https://api.example/v1", follow_redirects=True)
    assert (response.status_code, len(server.requests)) == (401, 1)


async def test_G3_a_token_that_no_header_can_carry_is_not_sent_and_not_told() -> None:
    api, granted = Api(), '{"access_token": "two words", "token_type": "Bearer", "expires_in": 60}'
    transport = ScriptedTransport(json_response(granted))
    client = replace(tokens(Counting()), transport=transport)
    async with client, http(api, client) as session:
        with pytest.raises(InputProblem, match="no header can carry") as caught:
            await session.get("https://api.example/v1")
    assert "two words" not in str(caught.value)
    assert not api.shown


def test_a_synchronous_client_is_told_what_to_use() -> None:
    with (
        httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200))) as session,
        pytest.raises(InputProblem, match="AsyncClient"),
    ):
        session.get("https://api.example/v1", auth=tokens(Counting()).auth())


@pytest.mark.parametrize(
    "tail",
    ["?filter[id]=a|b", "?" + "x" * 5000, "#part", "?password=1#a", "/a^b/%zz", "?q=ä b"],
    ids=["brackets", "long", "fragment", "name", "path", "umlaut"],
)
async def test_path_and_query_of_an_api_are_its_own_affair(tail: str) -> None:
    api = Api("token-1")
    async with tokens(Counting()) as client, http(api, client) as session:
        assert (await session.get(f"https://api.example/v1{tail}")).status_code == 200
        with pytest.raises(InputProblem, match="Plain http"):
            await session.get(f"http://api.example/v1{tail}")
    assert api.shown == ["Bearer token-1"]


@pytest.mark.parametrize("path", ["/v1", "/a^b"])
async def test_C1_a_user_in_the_url_is_refused_and_not_repeated(path: str) -> None:
    api = Api("token-1")
    async with tokens(Counting()) as client, http(api, client) as session:
        with pytest.raises(InputProblem, match="user name or password") as caught:
            await session.get(f"https://CANARY:p@api.example{path}")
    assert (api.shown, "CANARY" in str(caught.value)) == ([], False)
