"""Secrets in the entries of a keyring: cut, put together, overwritten, killed half-way, removed."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccflow_tui.models.problems import SecretStoreProblem, StoreFault
from ccflow_tui.models.secret import Secret
from tests.support.keyrings import CANARY, DictBackend, fault_of, store


@pytest.mark.parametrize("length", [1, 999, 1000, 1001, 2000, 2001, 70_000])
@pytest.mark.parametrize("character", ["x", "é", "😀"])
async def test_secrets_of_any_length_fit_a_short_keyring(length: int, character: str) -> None:
    backend, secret = DictBackend(), Secret(character * length)
    await store(backend).put("name", secret)
    assert await store(backend).get("name") == secret
    assert await store(backend).delete("name") is True
    assert backend.entries == {}
    assert await store(backend).get("name") is None


@settings(max_examples=25, deadline=None)  # each example starts threads
@given(texts=st.lists(st.sampled_from(["s", "x" * 1500, "y" * 4200, "z" * 2500]), min_size=1, max_size=6))
def test_overwriting_leaves_no_part_of_an_older_secret(texts: list[str]) -> None:
    backend = DictBackend()

    async def overwrite() -> None:
        for text in texts:
            await store(backend).put("name", Secret(text))
            found = await store(backend).get("name")
            assert found is not None and found.reveal() == text
        parts = -(-len(texts[-1]) // 1000)
        assert len(backend.entries) == (1 if parts == 1 else parts + 1)
        await store(backend).delete("name")
        assert backend.entries == {}

    asyncio.run(overwrite())


async def test_a_secret_that_looks_like_a_manifest_comes_back_as_itself() -> None:
    backend = DictBackend()
    await store(backend).put("long", Secret("x" * 1001))
    manifest = Secret(backend.entries["long"])
    await store(backend).put("odd", manifest)
    assert await store(backend).get("odd") == manifest


async def test_delete_removes_parts_that_an_interrupted_write_left_behind() -> None:
    backend = DictBackend()
    backend.entries = {"name#a1": "x", "name#a2": "y", "name#b1": "z"}
    assert await store(backend).delete("name") is False
    assert backend.entries == {}


async def test_a_missing_part_is_told_and_never_half_a_secret() -> None:
    backend = DictBackend()
    await store(backend).put("name", Secret("x" * 3000))
    del backend.entries["name#a2"]
    assert await fault_of(store(backend).get("name")) is StoreFault.FAILED


async def test_twins_are_all_deleted_and_a_keyring_that_will_not_delete_is_told() -> None:
    class Twins(DictBackend):
        left = 3

        def get_password(self, service: str, username: str) -> str | None:
            return "twin" if self.left and username == "name" else None

        def delete_password(self, service: str, username: str) -> None:
            self.left -= 1

    backend = Twins()
    assert await store(backend).delete("name") is True
    assert backend.left == 0
    backend.left = 1000
    assert await fault_of(store(backend).delete("name")) is StoreFault.FAILED


async def test_a_write_that_is_cut_short_without_a_word_is_undone() -> None:
    class CuttingBackend(DictBackend):
        def set_password(self, service: str, username: str, password: str) -> None:
            self.entries[username] = password[:5]

    backend = CuttingBackend()
    backend.entries = {"name": "old"}
    assert await fault_of(store(backend).put("name", Secret(CANARY))) is StoreFault.FAILED
    assert backend.entries == {"name": "old"}


@pytest.mark.parametrize("before", ["old", "o" * 2500, None])
@pytest.mark.parametrize("fail_at", [1, 2, 3])
async def test_a_failed_write_keeps_the_old_secret_and_leaves_nothing_else(
    before: str | None, fail_at: int
) -> None:
    class FullBackend(DictBackend):
        def set_password(self, service: str, username: str, password: str) -> None:
            if self.writes + 1 == fail_at:
                self.writes += 1
                raise OSError(f"disk full while writing {password}")
            super().set_password(service, username, password)

    backend = FullBackend()
    backend.writes = 100
    if before:
        await store(backend).put("name", Secret(before))
    snapshot, backend.writes = dict(backend.entries), 0
    assert await fault_of(store(backend).put("name", Secret(CANARY * 150))) is StoreFault.FAILED
    assert backend.entries == snapshot


class DyingBackend(DictBackend):
    """Does ``changes`` changes; the next call is the one during which the process was killed."""

    def __init__(self, entries: dict[str, str], changes: int) -> None:
        super().__init__()
        self.entries, self.changes = entries, changes

    def _live(self, change: int) -> None:
        if self.changes < change:
            self.changes = -1
            raise SystemExit("killed")
        self.changes -= change

    def get_password(self, service: str, username: str) -> str | None:
        self._live(0)
        return super().get_password(service, username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self._live(1)
        super().set_password(service, username, password)

    def delete_password(self, service: str, username: str) -> None:
        self._live(1)
        super().delete_password(service, username)


class DyingKeychain(DyingBackend):
    """Deletes an entry before it adds the new one, as the backend of macOS does, and may die in between."""

    __module__ = "keyring.backends.macOS"

    def set_password(self, service: str, username: str, password: str) -> None:
        if username in self.entries:
            self.delete_password(service, username)
        super().set_password(service, username, password)


class RefusingKeychain(DictBackend):
    """The same, with a keyring that refuses every new entry once ``left`` were taken."""

    __module__ = "keyring.backends.macOS"
    left = 1000

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries.pop(username, None)
        self.left -= 1
        if self.left < 0:
            raise OSError("refused")
        super().set_password(service, username, password)


@pytest.mark.parametrize("killed", [DyingBackend, DyingKeychain])
@pytest.mark.parametrize("before", ["short", "o" * 2500, "o" * 4500], ids=["short", "long", "longer"])
@pytest.mark.parametrize("after", ["brief", "n" * 1500, "n" * 5500], ids=["short", "long", "longer"])
async def test_a_write_killed_at_any_step_leaves_the_old_secret_or_the_new_and_the_next_one_tidies_up(
    before: str, after: str, killed: type[DyingBackend], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ccflow_tui.services.keyring_backend._ROOMY", frozenset())
    for changes in range(20):
        backend = killed({}, 1000)
        await store(backend).put("name", Secret(before))
        with contextlib.suppress(SecretStoreProblem):
            await store(killed(backend.entries, changes)).put("name", Secret(after))
        found = await store(backend).get("name")
        assert found is not None and found.reveal() in (before, after), changes
        await store(backend).put("name", Secret("short"))
        assert backend.entries == {"name": "short"}, changes


@pytest.mark.parametrize("before", ["short", "o" * 4500], ids=["short", "long"])
@pytest.mark.parametrize("after", ["brief", "n" * 2500], ids=["short", "long"])
async def test_a_keyring_that_deletes_first_and_then_refuses_everything_still_gives_the_old_secret(
    before: str, after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ccflow_tui.services.keyring_backend._ROOMY", frozenset())
    for left in range(4):
        backend = RefusingKeychain()
        await store(backend).put("name", Secret(before))
        for taken in (left, left):  # the second write begins with what the first one left
            backend.left = taken
            with contextlib.suppress(SecretStoreProblem):
                await store(backend).put("name", Secret(after))
        found = await store(backend).get("name")
        assert found is not None and found.reveal() in (before, after), left
        backend.left = 1000
        assert await store(backend).delete("name") is True
        assert backend.entries == {}


@pytest.mark.parametrize("text", ["", CANARY + "\udcff"])
async def test_a_secret_that_no_keyring_can_hold_is_refused(text: str) -> None:
    assert await fault_of(store(DictBackend()).put("name", Secret(text))) is StoreFault.FAILED
