"""One request per key, nobody waits for a refresh, nothing wrong is ever handed out."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.outcome import Cancelled, Granted, Outcome, Refused
from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import AuthMethod, EndpointSource, MutualTls, Profile, ServerFacts
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.cache_key import cache_key
from ccflow_tui.services.token_cache import UNSTATED_LIFETIME, TokenCache, TokenSource
from tests.support.manual_clock import ManualClock, settle


class Endpoint:
    """Counts requests and answers when told."""

    def __init__(self, clock: ManualClock, expires_in: int | None = 3600) -> None:
        self.clock, self.expires_in = clock, expires_in
        self.requests = self.cancelled = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.failure: Outcome | None = None

    async def fetch(self) -> Outcome:
        self.requests += 1
        number = self.requests
        sent = (self.clock.wall(), self.clock.monotonic())
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.failure is not None:
            return self.failure
        return Granted(AccessToken(Secret(f"token-{number}"), "Bearer", *sent, self.expires_in))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def endpoint(clock: ManualClock) -> Endpoint:
    return Endpoint(clock)


@pytest.fixture
async def cache(clock: ManualClock) -> TokenCache:
    return TokenCache(clock)


def source(endpoint: Endpoint, key: str = "k", window: float = 90) -> TokenSource:
    return TokenSource(key, endpoint.fetch, window)


def text(outcome: Outcome) -> str:
    assert isinstance(outcome, Granted)
    return outcome.token.value.reveal()


async def test_a_second_caller_gets_the_cached_token(cache: TokenCache, endpoint: Endpoint) -> None:
    assert text(await cache.get(source(endpoint))) == text(await cache.get(source(endpoint))) == "token-1"
    assert endpoint.requests == 1


async def test_a_hit_is_told_with_the_seconds_left(clock: ManualClock, endpoint: Endpoint) -> None:
    hits: list[float | None] = []
    cache = TokenCache(clock, on_hit=hits.append)
    await cache.get(source(endpoint))
    clock.jump(100)
    await cache.get(source(endpoint))
    assert hits == [3500.0]


async def test_L2_fifty_callers_on_an_empty_cache_make_one_request(
    cache: TokenCache, endpoint: Endpoint
) -> None:
    endpoint.gate.clear()
    callers = [asyncio.create_task(cache.get(source(endpoint))) for _ in range(50)]
    await settle()
    endpoint.gate.set()
    assert {text(outcome) for outcome in await asyncio.gather(*callers)} == {"token-1"}
    assert endpoint.requests == 1


async def test_L2_when_the_leader_is_cancelled_the_others_still_get_the_token(
    cache: TokenCache, endpoint: Endpoint
) -> None:
    endpoint.gate.clear()
    leader = asyncio.create_task(cache.get(source(endpoint)))
    await settle()
    follower = asyncio.create_task(cache.get(source(endpoint)))
    await settle()
    leader.cancel()
    await settle()
    endpoint.gate.set()
    assert text(await follower) == "token-1"
    assert endpoint.requests == 1


async def test_L2_when_everybody_leaves_the_request_is_cancelled(
    cache: TokenCache, endpoint: Endpoint
) -> None:
    endpoint.gate.clear()
    callers = [asyncio.create_task(cache.get(source(endpoint))) for _ in range(3)]
    await settle()
    for caller in callers:
        caller.cancel()
    await asyncio.gather(*callers, return_exceptions=True)
    await settle()
    assert endpoint.cancelled == 1
    endpoint.gate.set()
    assert text(await cache.get(source(endpoint))) == "token-2"


async def test_a_caller_that_comes_just_after_everybody_left_gets_a_token(
    cache: TokenCache, endpoint: Endpoint
) -> None:
    endpoint.gate.clear()
    first = asyncio.create_task(cache.get(source(endpoint)))
    await settle()
    first.cancel()
    second = asyncio.create_task(cache.get(source(endpoint)))
    await asyncio.sleep(0)
    endpoint.gate.set()
    assert text(await second).startswith("token-")


async def test_L2_a_failure_reaches_every_caller_and_is_not_cached(
    cache: TokenCache, endpoint: Endpoint
) -> None:
    endpoint.failure = Refused("invalid_client")
    outcomes = await asyncio.gather(*(cache.get(source(endpoint)) for _ in range(5)))
    assert set(outcomes) == {Refused("invalid_client")}
    endpoint.failure = None
    assert text(await cache.get(source(endpoint))) == "token-2"


async def test_L3_inside_the_window_the_old_token_is_handed_out_while_a_new_one_is_fetched(
    cache: TokenCache, endpoint: Endpoint, clock: ManualClock
) -> None:
    await cache.get(source(endpoint))
    clock.jump(3600 - 89)
    endpoint.gate.clear()
    assert text(await cache.get(source(endpoint))) == "token-1"
    await settle()
    assert endpoint.requests == 2
    assert text(await cache.get(source(endpoint))) == "token-1"
    endpoint.gate.set()
    await settle()
    assert text(await cache.get(source(endpoint))) == "token-2"
    assert endpoint.requests == 2


async def test_L3_a_failed_background_refresh_keeps_the_token_and_backs_off(
    cache: TokenCache, endpoint: Endpoint, clock: ManualClock
) -> None:
    await cache.get(source(endpoint))
    clock.jump(3600 - 89)
    endpoint.failure = Refused("server_error")
    for _ in range(5):
        assert text(await cache.get(source(endpoint))) == "token-1"
        await settle()
    assert endpoint.requests == 2
    clock.jump(11)
    await cache.get(source(endpoint))
    await settle()
    assert endpoint.requests == 3


async def test_a_token_about_to_die_is_not_handed_out(
    cache: TokenCache, endpoint: Endpoint, clock: ManualClock
) -> None:
    await cache.get(source(endpoint))
    clock.jump(3600 - 4)
    assert text(await cache.get(source(endpoint))) == "token-2"


async def test_B4_a_token_that_is_expired_on_arrival_is_not_cached(
    cache: TokenCache, clock: ManualClock
) -> None:
    endpoint = Endpoint(clock, expires_in=0)
    await cache.get(source(endpoint))
    await cache.get(source(endpoint))
    assert endpoint.requests == 2


async def test_B3_a_token_without_stated_lifetime_is_used_for_a_while(
    cache: TokenCache, clock: ManualClock
) -> None:
    endpoint = Endpoint(clock, expires_in=None)
    await cache.get(source(endpoint))
    clock.jump(UNSTATED_LIFETIME / 2)
    await cache.get(source(endpoint))
    assert endpoint.requests == 1
    clock.jump(UNSTATED_LIFETIME)
    await cache.get(source(endpoint))
    assert endpoint.requests == 2


async def test_dropping_and_closing_forget(cache: TokenCache, endpoint: Endpoint) -> None:
    await cache.get(source(endpoint))
    assert cache.peek("k") is not None
    assert cache.drop("k")
    assert not cache.drop("k")
    assert cache.peek("k") is None
    endpoint.gate.clear()
    pending = asyncio.create_task(cache.get(source(endpoint)))
    await settle()
    await cache.close()
    assert isinstance(await pending, Cancelled)


BASE = Profile(
    issuer="https://as.example",
    token_endpoint="https://as.example/token",
    environment_id="e",
    client_id="c",
    scope="a b",
    audience="aud",
    resources=("https://r1", "https://r2"),
)


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "https://other"},
        {"token_endpoint": "https://as.example/other"},
        {"environment_id": "f"},
        {"client_id": "d"},
        {"auth_method": AuthMethod.CLIENT_SECRET_POST},
        {"scope": "a c"},
        {"audience": "other"},
        {"resources": ("https://r1",)},
        {"resources": ("https://r2", "https://r1")},
        {"authorization_details": '[{"type": "a"}]'},
        {"authorization_details": "not JSON"},
        {"extra_parameters": (("tenant", "t"),)},
        {"mtls": MutualTls(True, "cert.pem")},
        {"assertion_certificate": "cert.pem"},
        {"auth_method": AuthMethod.TLS_CLIENT_AUTH},
    ],
    ids=str,
)
def test_L4_every_field_that_decides_changes_the_key(change: dict[str, object]) -> None:
    assert cache_key(BASE, "fp") != cache_key(replace(BASE, **change), "fp")  # type: ignore[arg-type]


def test_L4_the_spelling_of_details_and_the_order_of_extra_parameters_do_not_change_the_key() -> None:
    one = replace(
        BASE, authorization_details='[{"type":"a","x":1}]', extra_parameters=(("a", "1"), ("b", "2"))
    )
    other = replace(
        BASE, authorization_details=' [{"x": 1, "type": "a"}]', extra_parameters=(("b", "2"), ("a", "1"))
    )
    assert cache_key(one, "fp") == cache_key(other, "fp")


def test_L4_a_rotated_credential_changes_the_key_and_scope_order_does_not() -> None:
    assert cache_key(BASE, "fp") != cache_key(BASE, "fp2")
    assert cache_key(BASE, "fp") == cache_key(replace(BASE, scope="b  a"), "fp")
    assert cache_key(BASE, "fp") != cache_key(BASE, "fp", [("x", "y")])


def test_L4_F2_a_token_from_the_alias_is_another_than_one_from_the_endpoint() -> None:
    alias = ServerFacts(BASE.token_endpoint, "https://mtls.as.example/token")
    bound = replace(BASE, endpoint_source=EndpointSource.DISCOVERED, mtls=MutualTls(True, "cert.pem"))
    assert cache_key(bound, "fp") != cache_key(replace(bound, server=alias), "fp")


TEXTS = st.text(alphabet="ab:1,2", max_size=6)


@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_L4_the_key_is_injective(first: str, second: str, third: str, fourth: str) -> None:
    left = cache_key(replace(BASE, client_id=first, audience=second), "fp", [("n", first)])
    right = cache_key(replace(BASE, client_id=third, audience=fourth), "fp", [("n", third)])
    assert (left == right) == ((first, second) == (third, fourth))


async def test_L3_a_background_refresh_that_cannot_even_be_tried_backs_off_and_is_told(
    clock: ManualClock,
) -> None:
    faults: list[BaseException] = []
    cache, tries = TokenCache(clock, on_fault=faults.append), 0
    token = AccessToken(Secret("token-1"), "Bearer", clock.wall(), clock.monotonic(), 3600)

    async def fetch() -> Outcome:
        nonlocal tries
        tries += 1
        raise InputProblem("issuer", "It cannot be read.")

    broken = TokenSource("k", fetch)
    cache.put(broken, Granted(token))
    clock.jump(3600 - 80)
    for _ in range(5):
        assert await cache.get(broken) == Granted(token)
        await settle()
    assert (tries, [str(fault) for fault in faults]) == (1, ["issuer: It cannot be read."])
    clock.jump(11)
    await cache.get(broken)
    await settle()
    assert tries == 2


async def test_a_caller_hears_what_its_request_raised_and_nobody_else_does(clock: ManualClock) -> None:
    faults: list[BaseException] = []

    async def fetch() -> Outcome:
        raise InputProblem("issuer", "It cannot be read.")

    with pytest.raises(InputProblem):
        await TokenCache(clock, on_fault=faults.append).get(TokenSource("k", fetch))
    assert faults == []
