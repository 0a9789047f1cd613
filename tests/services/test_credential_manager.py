"""The keyring, with backends that hang, lose, refuse and overflow; and what stands in for it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from keyring.backends import chainer, fail, null
from keyring.errors import InitError, KeyringError, KeyringLocked, NoKeyringError

from ccflow_tui.models.problems import SecretStoreProblem, StoreFault
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.credential_manager import CredentialManager
from ccflow_tui.services.keyring_store import KeyringStore
from ccflow_tui.services.memory_store import MemoryStore
from ccflow_tui.services.ports import StoreKind, StoreStatus
from tests.support.keyrings import CANARY, DictBackend, LosingBackend, RaisingBackend, fault_of, store
from tests.support.patience import PATIENCE


class HangingBackend(DictBackend):
    """Hangs, as behind an unlock prompt, until ``gate`` opens."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.entered = threading.Event()
        self.error: Exception | None = None

    def get_password(self, service: str, username: str) -> str | None:
        self.entered.set()
        assert self.gate.wait(PATIENCE)
        if self.error:
            raise self.error
        return super().get_password(service, username)


@pytest.fixture
def hanging() -> Iterator[HangingBackend]:
    backend = HangingBackend()
    yield backend
    backend.gate.set()


def wrapped(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


# Named like those of secretstorage, which exists on Linux only.
PromptDismissedException = type("PromptDismissedException", (Exception,), {})
SecretServiceNotAvailableException = type("SecretServiceNotAvailableException", (Exception,), {})


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (KeyringLocked(f"locked {CANARY}"), StoreFault.LOCKED),
        (PromptDismissedException(), StoreFault.LOCKED),
        (wrapped(InitError("no collection"), PromptDismissedException()), StoreFault.LOCKED),
        (KeyringError("Can't get password from keychain: (-25308, 'Unknown Error')"), StoreFault.LOCKED),
        (NoKeyringError("none"), StoreFault.MISSING),
        (SecretServiceNotAvailableException(), StoreFault.MISSING),
        (KeyringError(CANARY), StoreFault.FAILED),
        (RuntimeError(CANARY), StoreFault.FAILED),
    ],
)
async def test_faults_are_told_apart(error: Exception, fault: StoreFault) -> None:
    assert await fault_of(store(RaisingBackend(error)).get("name")) is fault


async def test_a_write_lost_without_a_word_is_told_and_no_frame_holds_the_secret() -> None:
    with pytest.raises(SecretStoreProblem, match="did not keep it") as caught:
        await store(LosingBackend()).put("name", Secret(CANARY))
    trace = caught.value.__traceback__
    while trace is not None:
        if trace.tb_frame.f_globals["__name__"].startswith("ccflow_tui"):
            assert CANARY not in repr(trace.tb_frame.f_locals)
        trace = trace.tb_next


class PlainFileBackend(DictBackend):
    priority = 0.5  # type: ignore[assignment]


class Chain(chainer.ChainerBackend):
    backends: Any = ()

    def __init__(self, *backends: object) -> None:
        self.backends = list(backends)


# Backends register themselves when defined; keyring itself must not choose this one.
Chain._classes.discard(Chain)


@pytest.mark.parametrize(
    ("backend", "words"),
    [
        (fail.Keyring(), "No system keyring was found"),
        (null.Keyring(), "switched off"),
        (PlainFileBackend(), "no safe place"),
        (Chain(), "No system keyring was found"),
        (Chain(PlainFileBackend(), DictBackend()), "no safe place"),
    ],
)
async def test_L6_without_a_safe_keyring_secrets_stay_in_memory_and_the_status_says_so(
    backend: object, words: str
) -> None:
    manager = CredentialManager(store(backend))
    status = await manager.status()
    assert status.kind is StoreKind.MEMORY
    assert words in status.detail and status.detail.endswith("so secrets stay in memory for this run.")
    await manager.put("name", Secret("x"))
    assert await manager.get("name") == Secret("x")
    assert await manager.delete("name") is True
    assert await manager.get("name") is None


async def test_the_system_backend_is_used_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    import keyring

    backend = DictBackend()
    monkeypatch.setattr(keyring, "get_keyring", lambda: backend)
    await KeyringStore().put("name", Secret("x"))
    assert backend.entries == {"name": "x"}


async def test_status_names_the_keyring_that_a_chain_writes_to_without_unlocking_it() -> None:
    status = await CredentialManager(store(Chain(backend := RaisingBackend(KeyringLocked())))).status()
    assert (status.kind, backend.calls, status.detail[-14:]) == (StoreKind.KEYRING, 0, "RaisingBackend")


async def test_a_hanging_keyring_is_given_up_and_others_do_not_queue_behind_it(
    hanging: HangingBackend,
) -> None:
    keyring = store(hanging, timeout=0.03)
    assert await fault_of(keyring.get("name")) is StoreFault.TIMED_OUT
    async with asyncio.timeout(10):  # one after the other they would take half a minute
        faults = await asyncio.gather(*(fault_of(keyring.get(str(number))) for number in range(1000)))
    assert set(faults) == {StoreFault.TIMED_OUT}
    assert [thread.daemon for thread in threading.enumerate() if thread.name == "ccflow-keyring"] == [True]


async def until_threads_end() -> None:
    for thread in threading.enumerate():
        if thread.name == "ccflow-keyring":
            await asyncio.to_thread(thread.join, PATIENCE)
    await asyncio.sleep(0)


@pytest.mark.parametrize("before", [{}, {"name": "old"}])
async def test_a_write_that_was_given_up_never_succeeds_later(
    hanging: HangingBackend, before: dict[str, str]
) -> None:
    hanging.entries = dict(before)
    keyring = store(hanging, timeout=0.03)
    assert await fault_of(keyring.put("name", Secret("new"))) is StoreFault.TIMED_OUT
    hanging.gate.set()
    await until_threads_end()
    assert hanging.entries == before


async def test_a_keyring_that_was_slow_is_used_again_and_gets_what_waited_in_memory(
    hanging: HangingBackend,
) -> None:
    manager = CredentialManager(store(hanging, timeout=0.03))
    await manager.put("first", Secret("1"))
    await manager.put("second", Secret("old"))
    expected = "The system keyring did not answer within 0.03 s, so secrets stay in memory until it does."
    assert await manager.status() == StoreStatus(StoreKind.MEMORY, expected, moves_on=True)
    assert await manager.get("first") == Secret("1")
    hanging.gate.set()
    await until_threads_end()
    manager._keyring._timeout = 5.0  # type: ignore[attr-defined]  # a busy machine must not fail what follows
    await manager.put("second", Secret("new"))
    assert hanging.entries == {"first": "1", "second": "new"}
    assert (await manager.status()).kind is StoreKind.KEYRING
    assert await manager.get("first") == Secret("1")


async def test_a_prompt_that_was_dismissed_late_is_not_opened_again(hanging: HangingBackend) -> None:
    hanging.error = KeyringLocked("dismissed")
    manager = CredentialManager(store(hanging, timeout=0.03))
    assert await manager.get("name") is None
    hanging.gate.set()
    await until_threads_end()
    expected = "The system keyring is locked, so secrets stay in memory for this run."
    assert (await manager.status()).detail == expected


async def test_a_locked_keyring_is_asked_once_in_a_run() -> None:
    backend = RaisingBackend(KeyringLocked("locked"))
    manager = CredentialManager(store(backend))
    for _ in range(3):
        assert await manager.get("name") is None
    await manager.put("name", Secret("x"))
    assert await manager.get("name") == Secret("x")
    assert backend.calls == 1
    assert (await manager.status()).detail.startswith("The system keyring is locked")


async def test_delete_forgets_the_memory_copy_and_tells_that_a_locked_keyring_may_hold_another() -> None:
    memory = MemoryStore()
    assert (await memory.status()).kind is StoreKind.MEMORY
    manager = CredentialManager(store(RaisingBackend(KeyringLocked("locked"))), memory)
    await manager.put("name", Secret("x"))
    assert await fault_of(manager.delete("name")) is StoreFault.LOCKED
    assert memory.names() == ()


async def test_a_keyring_that_fails_is_not_papered_over() -> None:
    manager = CredentialManager(store(RaisingBackend(RuntimeError())))
    assert await fault_of(manager.get("name")) is StoreFault.FAILED
    assert await fault_of(manager.put("name", Secret("x"))) is StoreFault.FAILED


async def test_what_cannot_move_into_the_keyring_is_still_found_in_memory() -> None:
    await (memory := MemoryStore()).put("name", Secret("x"))
    manager = CredentialManager(store(backend := LosingBackend()), memory)
    assert await manager.get("other") is None
    assert backend.writes > 0
    assert await manager.get("name") == Secret("x")


async def test_a_cancelled_call_lets_the_next_one_wait_instead_of_failing(hanging: HangingBackend) -> None:
    hanging.entries = {"name": "x"}
    keyring = store(hanging)
    first = asyncio.create_task(keyring.get("name"))
    assert await asyncio.to_thread(hanging.entered.wait, PATIENCE)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    second = asyncio.create_task(keyring.get("name"))
    await asyncio.sleep(0.01)
    hanging.gate.set()
    assert await second == Secret("x")
