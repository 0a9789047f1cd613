"""Keys in a store that loses, refuses, locks or hangs: a key is there whole and listed, or not at all."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from keyring.errors import KeyringLocked

from ccflow_tui.config.atomic import write_private
from ccflow_tui.models.kept_key import KeyExport, KeyKind
from ccflow_tui.models.problems import KeyProblem, SecretStoreProblem, StoreFault
from ccflow_tui.models.secret import Secret
from ccflow_tui.services import key_workbench
from ccflow_tui.services.credential_manager import CredentialManager
from ccflow_tui.services.credential_names import passphrase_name, private_key_name
from ccflow_tui.services.key_register import KeyChange, Keys, MemoryKeyRegister
from ccflow_tui.services.key_register_file import key_register
from ccflow_tui.services.keyring_store import KeyringStore
from ccflow_tui.services.ports import StoreKind, StoreStatus
from tests.oauth.key_material import pem
from tests.services.test_key_workbench import ORDERS
from tests.support.fakes import DictStore
from tests.support.key_bench import KeyBench
from tests.support.keyrings import DictBackend, RaisingBackend

P256 = KeyKind.P_256
ENTRY = private_key_name("orders")
BROKEN = SecretStoreProblem(StoreFault.FAILED, "The keyring is broken.")


class FaultyStore(DictStore):
    """Loses, swaps or damages what is put, keeps what is deleted, or names itself otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.gives: Secret | None = None
        self.loses = self.keeps = False
        self.kind = StoreKind.KEYRING

    async def put(self, name: str, secret: Secret) -> None:
        if not self.loses:
            await super().put(name, self.gives or secret)

    async def delete(self, name: str) -> bool:
        return name in self.secrets if self.keeps else await super().delete(name)

    async def status(self) -> StoreStatus:
        return StoreStatus(self.kind, "No keyring." if self.kind is StoreKind.MEMORY else "test")


async def test_a_key_that_the_store_does_not_give_back_does_not_count() -> None:
    for gives, loses in ((None, True), (Secret(pem("P-256")), False), (Secret("damaged"), False)):
        bench = KeyBench(FaultyStore())
        bench.store.gives, bench.store.loses = gives, loses
        with pytest.raises(SecretStoreProblem, match="does not give it back"):
            await bench.workbench.generate("orders", P256)
        assert bench.store.secrets == {} and bench.register.load() == {}


async def test_a_failed_import_leaves_the_key_that_was_there_and_its_entry() -> None:
    bench = KeyBench(FaultyStore(), variables={"KEY": pem("RSA")})
    before = await bench.workbench.generate("default", P256)
    text = bench.pem("default")
    key = await bench.engine.kept_keys.opened("env:KEY")

    put, calls = bench.store.put, []

    async def damage_once(name: str, secret: Secret) -> None:
        calls.append(name)
        await put(name, Secret("damaged") if len(calls) == 1 else secret)

    bench.store.put = damage_once
    with pytest.raises(SecretStoreProblem, match="does not give it back"):
        await bench.engine.kept_keys.keep("default", key)
    assert bench.pem("default") == text
    assert await bench.workbench.keys() == (before,)


async def test_a_key_in_the_place_of_an_encrypted_one_needs_its_passphrase_no_more() -> None:
    bench = KeyBench(variables={"KEY": pem("RSA")})
    bench.store.secrets |= {ENTRY: Secret("old"), passphrase_name("keyring:orders"): Secret("x")}
    await bench.engine.kept_keys.keep("orders", await bench.engine.kept_keys.opened("env:KEY"))
    assert set(bench.store.secrets) == {ENTRY}


@pytest.mark.parametrize("at", ["get", "put"])
async def test_a_broken_store_is_told_and_nothing_is_listed(at: str) -> None:
    bench = KeyBench()

    async def refuse(*_: object) -> None:
        raise BROKEN

    setattr(bench.store, at, refuse)
    with pytest.raises(SecretStoreProblem, match="is broken"):
        await bench.workbench.generate("orders", P256)
    assert bench.register.load() == {}


async def test_a_broken_store_leaves_the_list_readable() -> None:
    bench = KeyBench()
    made = await bench.workbench.generate("orders", P256)
    bench.store.problem = BROKEN
    (key,) = await bench.workbench.keys()
    assert (key.thumbprint, key.missing) == (made.thumbprint, "The keyring is broken.")
    with pytest.raises(SecretStoreProblem):
        await bench.workbench.export("orders", KeyExport.PEM)
    with pytest.raises(SecretStoreProblem):
        await bench.workbench.delete("orders")


async def test_a_key_that_stays_after_deleting_is_told_and_stays_listed() -> None:
    bench = KeyBench(FaultyStore())
    await bench.workbench.generate("orders", P256)
    bench.store.keeps = True
    with pytest.raises(SecretStoreProblem, match="still in the secret store"):
        await bench.workbench.delete("orders")
    assert list(bench.register.load()) == ["orders"]


class BrokenRegister(MemoryKeyRegister):
    def update(self, change: KeyChange) -> None:
        raise BROKEN


async def test_a_key_that_cannot_be_listed_is_not_stored() -> None:
    bench = KeyBench(register=BrokenRegister())
    with pytest.raises(SecretStoreProblem):
        await bench.workbench.generate("orders", P256)
    assert bench.store.secrets == {}


async def test_a_damaged_list_is_the_reason_that_a_name_cannot_be_had() -> None:
    class Damaged(MemoryKeyRegister):
        def load(self) -> Keys:
            raise BROKEN

    assert KeyBench(register=Damaged()).workbench.why_not_named("orders") == "The keyring is broken."


async def test_a_generation_that_is_cancelled_leaves_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    bench, begun, gate = KeyBench(), asyncio.Event(), threading.Event()
    loop, generate = asyncio.get_running_loop(), key_workbench.generate_key

    def slow(kind: KeyKind) -> Any:
        loop.call_soon_threadsafe(begun.set)
        assert gate.wait(20)
        return generate(kind)

    monkeypatch.setattr(key_workbench, "generate_key", slow)
    making = asyncio.create_task(bench.workbench.generate("orders", P256))
    await begun.wait()
    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making
    gate.set()
    monkeypatch.undo()
    assert bench.store.secrets == {} and bench.register.load() == {}
    await bench.workbench.generate("orders", P256)


@pytest.mark.parametrize("late", [False, True])
async def test_a_write_that_is_cancelled_leaves_no_half_key(late: bool) -> None:
    """``late``: the store has taken the key when the cancelling arrives."""
    bench, begun = KeyBench(), asyncio.Event()
    put = bench.store.put

    async def hang(name: str, secret: Secret) -> None:
        if late:
            await put(name, secret)
        begun.set()
        await asyncio.Event().wait()

    bench.store.put = hang
    making = asyncio.create_task(bench.workbench.generate("orders", P256))
    await begun.wait()
    assert list(bench.register.load()) == ["orders"], "whoever kills this process finds it on the list"
    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making
    assert bench.store.secrets == {} and bench.register.load() == {}


async def test_L6_a_keyring_that_asks_while_the_making_is_cancelled_keeps_no_key() -> None:
    entered, gate = threading.Event(), threading.Event()

    class Asking(DictBackend):
        def set_password(self, service: str, username: str, password: str) -> None:
            entered.set()
            assert gate.wait(20)
            super().set_password(service, username, password)

    backend = Asking()
    bench = KeyBench(managed(backend))
    making = asyncio.create_task(bench.workbench.generate("orders", P256))
    assert await asyncio.to_thread(entered.wait, 20)
    making.cancel()
    await asyncio.sleep(0)
    gate.set()  # the prompt is answered when nobody waits for the key any more
    with pytest.raises(asyncio.CancelledError):
        await making
    assert not backend.entries and bench.register.load() == {}


async def test_two_keys_of_one_name_at_once_are_one_key_and_a_refusal() -> None:
    bench = KeyBench()
    both = (bench.workbench.generate("orders", P256), bench.workbench.generate("Orders", P256))
    found = await asyncio.gather(*both, return_exceptions=True)
    assert [isinstance(each, KeyProblem) for each in found] == [False, True]
    assert len(bench.store.secrets) == 1


def managed(backend: DictBackend) -> CredentialManager:
    return CredentialManager(KeyringStore(backend=backend))


async def test_L6_a_key_made_while_the_keyring_is_locked_lasts_for_this_run_and_is_said_to(
    tmp_path: Path,
) -> None:
    register = key_register(tmp_path / "keys.json", write_private)
    bench = KeyBench(managed(RaisingBackend(KeyringLocked("locked"))), register)
    key = await bench.workbench.generate("orders", P256)
    assert key.store == StoreKind.MEMORY
    assert await bench.workbench.keys() == (key,)
    again = key_register(tmp_path / "keys.json", write_private)
    assert again.load() == {}, "the next run would look for it in vain"
    assert "Read back from the memory of this run" in await bench.workbench.delete("orders")
    assert await bench.workbench.keys() == ()


async def test_L6_a_locked_keyring_is_why_a_key_is_missing_and_cannot_be_deleted(tmp_path: Path) -> None:
    backend = DictBackend()
    made = KeyBench(managed(backend), key_register(tmp_path / "keys.json", write_private))
    await made.workbench.generate("orders", P256)
    locked = RaisingBackend(KeyringLocked("locked"))
    bench = KeyBench(managed(locked), key_register(tmp_path / "keys.json", write_private))
    (key,) = await bench.workbench.keys()
    assert key.label == "EC P-256" and "locked" in key.missing and "system keyring" in key.missing
    with pytest.raises(SecretStoreProblem, match="locked"):
        await bench.workbench.delete("orders")
    assert list(bench.register.load()) == ["orders"]
    with pytest.raises(KeyProblem, match="is missing"):
        await bench.workbench.export("orders", KeyExport.JWKS)


@pytest.mark.parametrize("kind", [StoreKind.FILE, StoreKind.MEMORY], ids=str)
async def test_a_key_of_another_store_is_not_said_to_be_deleted(kind: StoreKind) -> None:
    bench = KeyBench(FaultyStore())
    await bench.workbench.generate("orders", P256)
    bench.store.secrets.clear()
    bench.store.kind = kind
    (key,) = await bench.workbench.keys()
    assert "It was put into the system keyring" in key.missing
    with pytest.raises(SecretStoreProblem, match="Start ccflow with that store"):
        await bench.workbench.delete("orders")
    assert list(bench.register.load()) == ["orders"]


async def test_a_key_that_was_taken_out_by_other_means_can_be_taken_off_the_list() -> None:
    bench = KeyBench(FaultyStore())
    await bench.workbench.generate("orders", P256)
    bench.store.secrets.clear()
    assert "not in the system keyring" in (await bench.workbench.keys())[0].missing
    await bench.workbench.delete("orders")
    assert await bench.workbench.keys() == ()


async def test_a_key_that_moved_from_memory_into_the_keyring_is_listed_for_good(tmp_path: Path) -> None:
    register = key_register(tmp_path / "keys.json", write_private)
    bench = KeyBench(FaultyStore(), register)
    bench.store.kind = StoreKind.MEMORY
    await bench.workbench.generate("orders", P256)
    bench.store.kind = StoreKind.KEYRING
    (key,) = await bench.workbench.keys()
    assert key.store == StoreKind.KEYRING
    assert key_register(tmp_path / "keys.json", write_private).load()["orders"].created == key.created


async def test_L6_the_largest_key_is_more_than_one_entry_of_a_small_keyring_and_is_kept() -> None:
    backend = DictBackend()
    bench = KeyBench(managed(backend))
    await bench.workbench.generate("orders", KeyKind.RSA_4096)
    found = await bench.store.get(ENTRY)
    assert found is not None and len(found.reveal()) >= 3000
    (key,) = await bench.workbench.keys()
    assert (key.label, key.missing) == ("RSA 4096 bit", "")
    await bench.workbench.delete("orders")
    assert not backend.entries


async def test_a_key_imported_for_a_profile_is_listed_like_a_generated_one() -> None:
    bench = KeyBench(profiles=(ORDERS,), variables={"KEY": pem("P-256")})
    await bench.engine.import_key(replace(ORDERS, key_reference="env:KEY"))
    (key,) = await bench.workbench.keys()
    assert (key.name, key.created, key.used_by) == ("orders", bench.clock.wall(), ("orders",))
