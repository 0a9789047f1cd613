"""The keeper: one living token, in cache, store and background refresh, and nothing of it after sign-out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.outcome import Granted, Outcome, Phase, Unreachable
from ccflow_tui.models.problems import InputProblem, SecretStoreProblem, StoreFault
from ccflow_tui.models.profile import AuthMethod, EndpointMode, Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.credentials import CredentialSource, Variables
from ccflow_tui.services.flow_log import FlowLog
from ccflow_tui.services.logger import FlowLogger
from ccflow_tui.services.redaction import Redactor
from ccflow_tui.services.token_keeper import KeeperParts, TokenKeeper
from ccflow_tui.services.token_storage import TokenStorage
from tests.support.fakes import DictStore
from tests.support.manual_clock import ManualClock, settle

PROFILE = Profile(
    endpoint_mode=EndpointMode.MANUAL,
    token_endpoint="https://as.example/token",
    client_id="client-one",
    auth_method=AuthMethod.CLIENT_SECRET_POST,
)
REFUSAL = SecretStoreProblem(StoreFault.FAILED, "The keyring is broken.")
DOWN = Unreachable(Phase.CONNECT, "refused", "Nobody listens.")


@dataclass
class Bench:
    """A keeper whose server is a list of answers; without one, it grants a new token each time."""

    store: DictStore = field(default_factory=DictStore)
    clock: ManualClock = field(default_factory=ManualClock)
    heard: list[Outcome] = field(default_factory=list)
    answers: list[Outcome] = field(default_factory=list)
    fetched: int = 0
    hold: asyncio.Event | None = None

    def __post_init__(self) -> None:
        self.logger = FlowLogger(Redactor(), self.clock)
        log = FlowLog(self.logger)
        # A secret that the next run finds again: the token of a typed one is not stored.
        environment = {
            "CCFLOW_CLIENT_SECRET": "s3cret",
            "CCFLOW_CLIENT_ID": PROFILE.client_id,
            "CCFLOW_TOKEN_ENDPOINT": PROFILE.token_endpoint,
        }
        self.credentials = CredentialSource(self.store, Variables(environment, {}), log.warning)
        self.keeper = self.new_keeper()

    def new_keeper(self) -> TokenKeeper:
        parts = KeeperParts(
            clock=self.clock,
            credentials=self.credentials,
            storage=TokenStorage(self.store, self.clock),
            log=FlowLog(self.logger),
            jitter=lambda: 0.0,
            fetch=self.fetch,
        )
        return TokenKeeper(parts, on_refresh=lambda outcome, _: self.heard.append(outcome))

    def token(self, text: str, expires_in: int = 600) -> Granted:
        return Granted(
            AccessToken(Secret(text), "Bearer", self.clock.wall(), self.clock.monotonic(), expires_in)
        )

    async def fetch(self, profile: Profile) -> Outcome:
        assert profile == PROFILE
        self.fetched += 1
        number = self.fetched
        if self.hold is not None:
            await self.hold.wait()
        return self.answers.pop(0) if self.answers else self.token(f"fetched-{number}")


def text_of(outcome: Outcome | AccessToken | None) -> str:
    token = outcome.token if isinstance(outcome, Granted) else outcome
    assert isinstance(token, AccessToken)
    return token.value.reveal()


@pytest.fixture
async def bench() -> Bench:
    return Bench()


async def test_a_kept_token_is_handed_out_without_a_request(bench: Bench) -> None:
    await bench.keeper.keep(PROFILE, bench.token("first"))
    assert text_of(await bench.keeper.current(PROFILE)) == "first"
    assert not bench.fetched
    assert "cache hit" in bench.logger.export()
    await bench.keeper.close()


async def test_it_is_refreshed_ahead_of_its_expiry_and_the_new_one_is_stored(bench: Bench) -> None:
    granted = bench.token("first")
    await bench.keeper.keep(PROFILE, granted)
    lifetime = bench.keeper.lifetime(granted.token)
    assert lifetime.refresh_in is not None
    for _ in range(20):
        await bench.clock.advance(30)
    assert text_of(bench.heard[0]) == "fetched-1"
    assert text_of(await bench.new_keeper().restore(PROFILE)) == "fetched-1"
    await bench.keeper.close()


async def test_a_failed_refresh_is_told_and_keeps_the_token(bench: Bench) -> None:
    bench.answers = [DOWN]
    await bench.keeper.keep(PROFILE, bench.token("first"))
    while not bench.heard:
        await bench.clock.advance(10)
    assert bench.heard == [DOWN]
    assert text_of(await bench.keeper.current(PROFILE)) == "first"
    await bench.keeper.close()


async def test_after_expiry_a_use_fetches_a_token_and_tells_the_screens(bench: Bench) -> None:
    await bench.keeper.keep(PROFILE, bench.token("first", expires_in=0))
    assert text_of(await bench.keeper.current(PROFILE)) == "fetched-1"
    assert [text_of(outcome) for outcome in bench.heard] == ["fetched-1"]
    await bench.keeper.close()


async def test_a_use_without_a_kept_token_tells_nobody(bench: Bench) -> None:
    assert text_of(await bench.keeper.current(PROFILE)) == "fetched-1"
    assert not bench.heard
    await bench.keeper.close()


async def test_fresh_replaces_the_token(bench: Bench) -> None:
    await bench.keeper.keep(PROFILE, bench.token("first"))
    assert text_of(await bench.keeper.fresh(PROFILE)) == "fetched-1"
    assert text_of(await bench.keeper.current(PROFILE)) == "fetched-1"
    bench.answers = [DOWN]
    assert await bench.keeper.fresh(PROFILE) == DOWN
    assert len(bench.heard) == 1
    await bench.keeper.close()


async def test_L2_many_callers_at_once_share_one_request(bench: Bench) -> None:
    outcomes = await asyncio.gather(*(bench.keeper.current(PROFILE) for _ in range(20)))
    assert {text_of(outcome) for outcome in outcomes} == {"fetched-1"}
    assert bench.fetched == 1
    await bench.keeper.close()


async def test_a_new_run_takes_up_the_stored_token_and_refreshes_it(bench: Bench) -> None:
    await bench.keeper.keep(PROFILE, bench.token("first"))
    await settle()
    await bench.keeper.close()
    again = bench.new_keeper()
    assert text_of(await again.restore(PROFILE)) == "first"
    assert text_of(await again.current(PROFILE)) == "first"
    for _ in range(20):
        await bench.clock.advance(30)
    assert bench.heard
    await again.close()


async def test_nothing_is_restored_where_nothing_is(bench: Bench) -> None:
    assert await bench.keeper.restore(PROFILE) is None
    bench.store.problem = REFUSAL
    assert await bench.keeper.restore(PROFILE) is None


async def test_a_stored_token_without_its_credential_is_not_taken_up(bench: Bench) -> None:
    await bench.keeper.keep(PROFILE, bench.token("first"))
    await settle()
    bench.credentials = CredentialSource(bench.store, Variables({}, {}), lambda _: None)
    assert await bench.new_keeper().restore(PROFILE) is None
    await bench.keeper.close()


@pytest.mark.parametrize("problem", [REFUSAL, InputProblem("issuer", "No server.")])
async def test_a_store_that_fails_leaves_the_token_in_memory_and_says_so(
    problem: Exception, bench: Bench
) -> None:
    async def fail(*_: object) -> None:
        raise problem

    bench.store.put = fail  # type: ignore[method-assign]  # the world breaks here
    await bench.keeper.keep(PROFILE, bench.token("first"))
    await settle()
    assert "kept in memory only" in bench.logger.export()
    assert text_of(await bench.keeper.current(PROFILE)) == "first"
    await bench.keeper.close()


async def test_let_go_keeps_what_is_stored(bench: Bench) -> None:
    await bench.keeper.keep(PROFILE, bench.token("first"))
    await settle()
    bench.keeper.let_go()
    for _ in range(20):
        await bench.clock.advance(30)
    assert not bench.heard
    assert len(bench.store.secrets) == 1
    assert text_of(await bench.keeper.current(PROFILE)) == "fetched-1"
    await bench.keeper.close()


async def test_purge_removes_the_token_everywhere(bench: Bench) -> None:
    await bench.keeper.keep(PROFILE, bench.token("first"))
    assert await bench.keeper.purge(PROFILE)
    assert not bench.store.secrets
    assert not await bench.keeper.purge(PROFILE)


async def test_purge_waits_for_every_write_so_that_none_brings_the_token_back(bench: Bench) -> None:
    go = asyncio.Event()
    put: Callable[[str, Secret], object] = bench.store.put

    async def slow(name: str, secret: Secret) -> None:
        await go.wait()
        await put(name, secret)  # type: ignore[misc]  # the store's own coroutine

    bench.store.put = slow  # type: ignore[method-assign,assignment]  # a keyring that takes its time
    await bench.keeper.keep(PROFILE, bench.token("first"))
    await bench.keeper.keep(PROFILE, bench.token("second"))
    purging = asyncio.create_task(bench.keeper.purge(PROFILE))
    await settle()
    assert not purging.done()
    go.set()
    assert await purging
    assert not bench.store.secrets


async def test_purge_ends_a_request_that_is_under_way(bench: Bench) -> None:
    """A background flight that lands after sign-out must not fill the cache again."""
    await bench.keeper.keep(PROFILE, bench.token("first", expires_in=100))
    bench.hold = asyncio.Event()
    bench.clock.jump(85)
    assert text_of(await bench.keeper.current(PROFILE)) == "first"
    await settle()
    assert bench.fetched == 1
    await bench.keeper.purge(PROFILE)
    bench.hold.set()
    await settle()
    bench.hold = None
    await bench.keeper.current(PROFILE)
    assert bench.fetched == 2


async def test_purge_raises_when_the_store_cannot_delete(bench: Bench) -> None:
    await bench.keeper.keep(PROFILE, bench.token("first"))
    await settle()
    bench.store.problem = REFUSAL
    with pytest.raises(SecretStoreProblem):
        await bench.keeper.purge(PROFILE)
    bench.store.problem = None
    assert text_of(await bench.keeper.current(PROFILE)) == "fetched-1"
    await bench.keeper.close()


async def test_a_token_of_another_profile_is_another_token(bench: Bench) -> None:
    other = replace(PROFILE, scope="more")
    await bench.keeper.keep(PROFILE, bench.token("first"))
    await bench.keeper.keep(other, bench.token("other"))
    assert text_of(await bench.keeper.current(other)) == "other"
    assert text_of(await bench.keeper.current(PROFILE)) == "first"
    await bench.keeper.close()


async def test_a_refresh_that_ends_after_letting_go_is_nobodys(bench: Bench) -> None:
    await bench.keeper.keep(PROFILE, bench.token("first", expires_in=100))
    bench.hold = asyncio.Event()
    await bench.clock.advance(81)
    assert bench.fetched == 1
    bench.keeper.let_go()
    bench.hold.set()
    await settle()
    assert not bench.heard
    await bench.keeper.close()


async def test_the_token_of_a_typed_secret_is_not_stored_until_the_secret_is(bench: Bench) -> None:
    bench.credentials = CredentialSource(bench.store, Variables({}, {}), lambda _: None)
    bench.credentials.remember(PROFILE, Secret("typed"))
    keeper = bench.new_keeper()
    await keeper.keep(PROFILE, bench.token("first"))
    await settle()
    assert not bench.store.secrets
    await bench.credentials.save(PROFILE)
    keeper.store_kept()
    await settle()
    assert len(bench.store.secrets) == 2
    await keeper.close()


async def test_a_token_granted_to_another_secret_is_not_restored(bench: Bench) -> None:
    await bench.keeper.keep(PROFILE, bench.token("first"))
    await settle()
    bench.credentials.remember(PROFILE, Secret("rotated"))
    assert await bench.new_keeper().restore(PROFILE) is None
    await bench.keeper.close()
