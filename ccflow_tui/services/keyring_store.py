"""The operating system's keyring as a ``SecretStore``: never on the event loop, never trusted blindly.

A locked one may hang: calls run on a daemon thread with a timeout. A long secret is cut into parts, and
what was written is read back (``keyring_entries.py``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING, Any, TypeVar

from ccflow_tui.models.problems import SecretStoreProblem, StoreFault
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.daemon_thread import run_on_daemon_thread
from ccflow_tui.services.keyring_backend import failed, name_of, problem_of, refuse_unsafe, system_backend
from ccflow_tui.services.keyring_entries import KeyringEntries
from ccflow_tui.services.ports import StoreKind, StoreStatus

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")


class KeyringStore:
    """Secrets in the operating system's keyring; raises ``SecretStoreProblem`` where there is none.

    ``timeout`` is in seconds and holds for one call. While a call that was given up still hangs, others
    fail at once instead of queueing behind it; when it ends, the keyring is used again.
    """

    def __init__(
        self, service: str = "ccflow", timeout: float = 5.0, backend: KeyringBackend | None = None
    ) -> None:
        self._service, self._timeout, self._backend = service, timeout, backend
        self._turn = asyncio.Lock()
        self._hanging: asyncio.Future[Any] | None = None
        self._patience = timeout

    async def get(self, name: str) -> Secret | None:
        """Return the secret, or ``None``; raises ``SecretStoreProblem``."""
        return await self._call(lambda entries, _: _wrapped(entries.read(name)))

    async def put(self, name: str, secret: Secret) -> None:
        """Store the secret and read it back; raises ``SecretStoreProblem``, and then the old one stays."""
        if not secret:  # backends confuse an empty entry with none
            raise failed("An empty secret is not stored.", "Enter it first.")
        await self._call(lambda entries, abandoned: entries.write(name, secret.reveal(), abandoned))

    async def delete(self, name: str) -> bool:
        """Remove the secret and its parts; return whether there was one; raises ``SecretStoreProblem``."""
        return await self._call(lambda entries, _: entries.delete(name))

    async def places(self, name: str) -> tuple[StoreKind, ...]:
        """Say whether the keyring holds the secret or a part of one; raises ``SecretStoreProblem``."""
        held = await self._call(lambda entries, _: entries.holds(name))
        return (StoreKind.KEYRING,) if held else ()

    async def status(self) -> StoreStatus:
        """Name the keyring without unlocking it; raises ``SecretStoreProblem`` where there is none."""
        return await self._call(lambda entries, _: StoreStatus(StoreKind.KEYRING, name_of(entries.backend)))

    async def _call(self, work: Callable[[KeyringEntries, Event], T]) -> T:
        async with self._turn:
            await self._refuse_while_hanging()
            abandoned = Event()
            future = run_on_daemon_thread(lambda: self._run(work, abandoned), name="ccflow-keyring")
            self._hanging, self._patience = future, self._timeout
            try:
                await asyncio.wait({future}, timeout=self._timeout)
            except asyncio.CancelledError:
                abandoned.set()
                raise
            if not future.done():
                abandoned.set()
                raise self._no_answer()
            self._hanging = None
        answer = future.result()
        if isinstance(answer, SecretStoreProblem):
            raise answer
        return answer

    async def _refuse_while_hanging(self) -> None:
        """Wait for a call whose caller was cancelled, but no second time for one that did not answer."""
        if self._hanging is None:
            return
        await asyncio.wait({self._hanging}, timeout=self._patience)
        if not self._hanging.done():
            raise self._no_answer()
        late, self._hanging = self._hanging.result(), None
        if isinstance(late, SecretStoreProblem) and late.fault is StoreFault.LOCKED:
            raise late  # its prompt was dismissed: asking again would only open the next one

    def _no_answer(self) -> SecretStoreProblem:
        self._patience = 0.0
        text = f"The system keyring did not answer within {self._timeout:g} s."
        return failed(text, "If it asks to be unlocked, do so; then try again.", StoreFault.TIMED_OUT)

    def _run(self, work: Callable[[KeyringEntries, Event], T], abandoned: Event) -> T | SecretStoreProblem:
        """Do the work; a problem is returned, not raised, so that it carries no frame with a secret in it."""
        try:
            self._backend = backend = self._backend or system_backend()
            refuse_unsafe(backend)
            return work(KeyringEntries(backend, self._service), abandoned)
        except SecretStoreProblem as problem:
            return problem.with_traceback(None)
        except BaseException as error:
            return problem_of(error)


def _wrapped(text: str | None) -> Secret | None:
    return None if text is None else Secret(text)  # on the thread: a future's ``repr`` shows its result
