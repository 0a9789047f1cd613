"""The access token between two runs."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.problems import InputProblem, SecretStoreProblem, StoreFault
from ccflow_tui.models.profile import Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.credential_names import access_token_name
from ccflow_tui.services.token_storage import StoredToken, TokenStorage
from tests.support.fakes import EPOCH, DictStore, FakeClock

PROFILE = Profile(
    name="dev", client_id="abc", token_endpoint="https://as.example/token", scope="a b", audience="api"
)
TOKEN = AccessToken(
    value=Secret("CANARY-token"),
    token_type="Bearer",
    requested_at=EPOCH,
    requested_at_monotonic=1_000.0,
    expires_in=3600,
    stated_expires_in=7200,
    scope="a",
    requested_scope="a b",
)
STORED = StoredToken("the-cache-key", TOKEN)


async def test_a_token_comes_back_as_it_was() -> None:
    store, clock = DictStore(), FakeClock()
    await TokenStorage(store, clock).put(PROFILE, STORED)
    assert await TokenStorage(store, clock).get(PROFILE) == STORED


async def test_the_age_is_kept_over_a_reboot_that_restarts_the_monotonic_clock() -> None:
    store = DictStore()
    await TokenStorage(store, FakeClock()).put(PROFILE, STORED)
    rebooted = FakeClock(wall=EPOCH + 600, monotonic=3.0)
    stored = await TokenStorage(store, rebooted).get(PROFILE)
    assert stored is not None
    token = stored.token
    assert token.requested_at_monotonic == 3.0 - 600
    assert token.seconds_left(rebooted.wall(), rebooted.monotonic()) == 3000


@pytest.mark.parametrize("passed", [3600, 3601, 10**9])
async def test_an_expired_token_is_removed(passed: int) -> None:
    store, clock = DictStore(), FakeClock()
    storage = TokenStorage(store, clock)
    await storage.put(PROFILE, STORED)
    clock.advance(passed)
    assert await storage.get(PROFILE) is None
    assert store.secrets == {}


async def test_a_token_from_the_future_is_removed_since_its_age_is_unknown() -> None:
    store = DictStore()
    await TokenStorage(store, FakeClock()).put(PROFILE, STORED)
    assert await TokenStorage(store, FakeClock(wall=EPOCH - 11)).get(PROFILE) is None
    assert store.secrets == {}


async def test_a_small_correction_of_the_clock_keeps_the_token_without_adding_life() -> None:
    store, corrected = DictStore(), FakeClock(wall=EPOCH - 5)
    await TokenStorage(store, FakeClock()).put(PROFILE, STORED)
    stored = await TokenStorage(store, corrected).get(PROFILE)
    assert stored is not None
    assert stored.token.seconds_left(corrected.wall(), corrected.monotonic()) == 3600


async def test_a_token_without_a_stated_lifetime_comes_back_without_one() -> None:
    store, clock = DictStore(), FakeClock()
    await TokenStorage(store, clock).put(
        PROFILE, replace(STORED, token=replace(TOKEN, expires_in=None, scope=None))
    )
    clock.advance(10**6)
    stored = await TokenStorage(store, clock).get(PROFILE)
    assert stored is not None and stored.token.expires_in is None and stored.token.scope is None


async def test_the_key_says_whose_token_it_is() -> None:
    storage = TokenStorage(DictStore(), FakeClock())
    await storage.put(PROFILE, STORED)
    found = await storage.get(replace(PROFILE, scope="other"))
    assert found is not None and found.key == "the-cache-key"


async def test_only_what_is_needed_is_stored() -> None:
    store = DictStore()
    await TokenStorage(store, FakeClock()).put(PROFILE, STORED)
    record = json.loads(store.secrets[access_token_name(PROFILE)].reveal())
    assert set(record) == {
        "version",
        "key",
        "access_token",
        "token_type",
        "requested_at",
        "expires_in",
        "stated_expires_in",
        "scope",
        "requested_scope",
    }


def _record(**changes: object) -> str:
    record = {
        "version": 2,
        "key": "x",
        "access_token": "t",
        "token_type": "Bearer",
        "requested_at": EPOCH,
        "expires_in": 60,
        "scope": None,
        "requested_scope": "",
    }
    return json.dumps({**record, **changes})


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "no json",
        "[]",
        "{}",
        "[" * 100_000,
        _record(version=1),
        _record(access_token=None),
        _record(expires_in="60"),
        _record(stated_expires_in="60"),
    ],
)
async def test_an_unreadable_record_is_removed(stored: str) -> None:
    store = DictStore()
    store.secrets[access_token_name(PROFILE)] = Secret(stored)
    assert await TokenStorage(store, FakeClock()).get(PROFILE) is None
    assert store.secrets == {}


async def test_a_record_need_not_say_that_the_server_stated_the_lifetime_that_counts() -> None:
    store = DictStore()
    store.secrets[access_token_name(PROFILE)] = Secret(_record())
    stored = await TokenStorage(store, FakeClock()).get(PROFILE)
    assert stored is not None
    assert (stored.token.expires_in, stored.token.stated_expires_in) == (60, None)


async def test_clear_says_whether_there_was_a_token() -> None:
    storage = TokenStorage(DictStore(), FakeClock())
    await storage.put(PROFILE, STORED)
    assert [await storage.clear(PROFILE), await storage.clear(PROFILE)] == [True, False]
    assert await storage.get(PROFILE) is None


async def test_a_profile_without_a_server_has_nothing_stored() -> None:
    storage = TokenStorage(DictStore(), FakeClock())
    nowhere = replace(PROFILE, token_endpoint="")
    assert await storage.get(nowhere) is None
    assert await storage.clear(nowhere) is False
    with pytest.raises(InputProblem, match="token_endpoint"):
        await storage.put(nowhere, TOKEN)


async def test_a_store_that_fails_is_told() -> None:
    storage = TokenStorage(DictStore(SecretStoreProblem(StoreFault.FAILED, "broken")), FakeClock())
    with pytest.raises(SecretStoreProblem, match="broken"):
        await storage.put(PROFILE, STORED)
