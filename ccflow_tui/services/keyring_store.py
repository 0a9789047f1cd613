"""The operating system's keyring as a ``SecretStore``: never on the event loop, never trusted blindly.

A locked one may hang: calls run on a daemon thread with a timeout. A long secret is cut into parts (Windows
holds 2,560 bytes of UTF-16), and what was written is read back.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, TypeVar

from ccflow_tui.models.problems import SecretStoreProblem, StoreFault
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.ports import StoreKind, StoreStatus

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")

CHUNK_UNITS = 1000
"""UTF-16 code units per entry; Windows takes 1,280."""
_SIDES = ("a", "b")
_MAX_TWINS = 5  # entries of one name removed before giving up; Secret Service allows several
_MANIFEST = re.compile(r"ccflow-parts:1:([ab]):([1-9][0-9]{0,3}):([0-9a-f]{64})")
_LOCKED_ERRORS = frozenset({"KeyringLocked", "LockedException", "PromptDismissedException"})
_MISSING_ERRORS = frozenset({"NoKeyringError", "SecretServiceNotAvailableException"})
_MACOS_LOCKED = "-25308"  # errSecInteractionNotAllowed: locked, and there is no screen to ask on
_INSTEAD = "Set CCFLOW_CLIENT_SECRET, or refer to a private key file."
_FRIENDLY_NAMES = {
    "keyring.backends.SecretService": "Secret Service",
    "keyring.backends.libsecret": "Secret Service",
    "keyring.backends.kwallet": "KWallet",
    "keyring.backends.macOS": "macOS Keychain",
    "keyring.backends.Windows": "Windows Credential Manager",
}


def run_on_daemon_thread(work: Callable[[], T], *, name: str) -> asyncio.Future[T]:
    """Start ``work`` on a thread that cannot hold up quitting, as the default executor's would.

    Wait for the future with ``asyncio.wait``, which leaves it alone when the wait ends early.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def run() -> None:
        deliver: Callable[[], None]
        try:
            deliver = partial(future.set_result, work())
        except BaseException as error:
            deliver = partial(future.set_exception, error)
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(deliver)

    Thread(target=run, name=name, daemon=True).start()
    return future


@dataclass(frozen=True, slots=True)
class _Entries:
    """Secrets of any length in a keyring; every method blocks, and runs on the daemon thread.

    A long secret's entry is a manifest: side, number of parts, SHA-256. Two sides take turns, so the old
    parts stay whole until the manifest names the new ones.
    """

    backend: KeyringBackend
    service: str

    def read(self, name: str) -> str | None:
        head = self._get(name)
        manifest = _MANIFEST.fullmatch(head) if head is not None else None
        if manifest is None:
            return head
        side, count, digest = manifest[1], int(manifest[2]), manifest[3]
        text = "".join(self._get(f"{name}#{side}{number}") or "" for number in range(1, count + 1))
        if _digest(text) != digest:
            raise _failed("A part of the stored secret is missing.", "Sign out, then enter it again.")
        return text

    def write(self, name: str, text: str, abandoned: Event) -> None:
        """Write, read back, then tidy up; whatever fails before that leaves the old value in place."""
        before = self._get(name)
        old = _MANIFEST.fullmatch(before or "")
        chunks = list(_chunks(text))
        in_parts = len(chunks) > 1 or _MANIFEST.fullmatch(text)  # a short text must not pass for a manifest
        side = ("b" if old and old[1] == "a" else "a") if in_parts else ""
        try:
            self._write_parts(name, text, side, chunks, abandoned)
        except BaseException:
            with suppress(Exception):
                if self._get(name) != before:
                    self._remove(name) if before is None else self._set(name, before)
                self._remove_parts(name, side)
            raise
        for stale in _SIDES if old or side else ():
            self._remove_parts(name, stale, after=len(chunks) if stale == side else 0)

    def delete(self, name: str) -> bool:
        """Remove the entry and every part, also such as an interrupted write left behind."""
        for side in _SIDES:
            self._remove_parts(name, side)
        return self._remove(name)

    def _write_parts(self, name: str, text: str, side: str, chunks: list[str], abandoned: Event) -> None:
        entries = [(f"{name}#{side}{number}", part) for number, part in enumerate(chunks if side else (), 1)]
        entries.append((name, f"ccflow-parts:1:{side}:{len(chunks)}:{_digest(text)}" if side else text))
        for entry, content in entries:
            if abandoned.is_set():  # a late success would undo what was done since
                raise _failed("The write was given up.")
            self._set(entry, content)
        if abandoned.is_set() or self.read(name) != text:
            raise _failed("The system keyring took the secret but did not keep it.")

    def _remove_parts(self, name: str, side: str, *, after: int = 0) -> None:
        """Remove the parts behind ``after``, last first, so that an interruption leaves no gap."""
        last = after
        while side and self._get(f"{name}#{side}{last + 1}") is not None:
            last += 1
        for number in range(last, after, -1):
            self._remove(f"{name}#{side}{number}")

    def _remove(self, name: str) -> bool:
        for twin in range(_MAX_TWINS):
            if self._get(name) is None:
                return twin > 0
            self.backend.delete_password(self.service, name)
        raise _failed("The system keyring did not delete the secret.", "Remove it with the system's tool.")

    def _get(self, name: str) -> str | None:
        return self.backend.get_password(self.service, name)

    def _set(self, name: str, text: str) -> None:
        self.backend.set_password(self.service, name, text)


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
            raise _failed("An empty secret is not stored.", "Enter it first.")
        await self._call(lambda entries, abandoned: entries.write(name, secret.reveal(), abandoned))

    async def delete(self, name: str) -> bool:
        """Remove the secret and its parts; return whether there was one; raises ``SecretStoreProblem``."""
        return await self._call(lambda entries, _: entries.delete(name))

    async def status(self) -> StoreStatus:
        """Name the keyring without unlocking it; raises ``SecretStoreProblem`` where there is none."""
        return await self._call(lambda entries, _: StoreStatus(StoreKind.KEYRING, _name_of(entries.backend)))

    async def _call(self, work: Callable[[_Entries, Event], T]) -> T:
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
        return _failed(text, "If it asks to be unlocked, do so; then try again.", StoreFault.TIMED_OUT)

    def _run(self, work: Callable[[_Entries, Event], T], abandoned: Event) -> T | SecretStoreProblem:
        """Do the work; a problem is returned, not raised, so that it carries no frame with a secret in it."""
        try:
            self._backend = backend = self._backend or _system_backend()
            _refuse_unsafe(backend)
            return work(_Entries(backend, self._service), abandoned)
        except SecretStoreProblem as problem:
            return problem.with_traceback(None)
        except BaseException as error:
            return _problem_of(error)


def _system_backend() -> KeyringBackend:
    import keyring

    try:
        return keyring.get_keyring()
    except Exception as error:
        text = f"The keyring backend that is configured cannot be used ({type(error).__name__})."
        raise _missing(text, "Check PYTHON_KEYRING_BACKEND and keyringrc.cfg.") from None


def _refuse_unsafe(backend: KeyringBackend) -> None:
    """Refuse what is no keyring, and what ``keyring`` itself does not recommend, such as plain files."""
    from keyring.backends import chainer, fail, null

    first = _first_of(backend)
    if isinstance(first, null.Keyring):
        raise _missing("The system keyring is switched off.")
    if isinstance(first, fail.Keyring | chainer.ChainerBackend):
        raise _missing("No system keyring was found.")
    if getattr(first, "priority", 1) < 1:
        raise _missing(f"The keyring backend {_name_of(first)} is no safe place for secrets.")


def _first_of(backend: KeyringBackend) -> KeyringBackend:
    """Return the backend that a chain of backends writes to."""
    chain: list[KeyringBackend] = getattr(backend, "backends", [])
    return chain[0] if chain else backend


def _name_of(backend: KeyringBackend) -> str:
    first = _first_of(backend)
    module = type(first).__module__
    return _FRIENDLY_NAMES.get(module, f"{module}.{type(first).__qualname__}")


def _problem_of(error: BaseException) -> SecretStoreProblem:
    """Tell faults apart by class name, since backends pass on exceptions of the libraries under them.

    The text of the exception is left out: nobody knows what a backend puts into it.
    """
    names = {kind.__name__ for link in (error, error.__cause__) for kind in type(link).__mro__}
    if names & _LOCKED_ERRORS or _MACOS_LOCKED in str(error):
        return _failed(
            "The system keyring is locked.", "Unlock it and start ccflow again.", StoreFault.LOCKED
        )
    if names & _MISSING_ERRORS:
        return _missing("No system keyring was found.")
    return _failed(f"The system keyring failed ({type(error).__name__}).")


def _failed(text: str, remedy: str = _INSTEAD, fault: StoreFault = StoreFault.FAILED) -> SecretStoreProblem:
    return SecretStoreProblem(fault, text, remedy)


_missing = partial(_failed, fault=StoreFault.MISSING)


def _wrapped(text: str | None) -> Secret | None:
    return None if text is None else Secret(text)  # on the thread: a future's ``repr`` shows its result


def _chunks(text: str) -> Iterator[str]:
    """Cut so that each piece has at most ``CHUNK_UNITS`` UTF-16 code units and no character is split."""
    start = units = 0
    for index, character in enumerate(text):
        width = len(character.encode("utf-16-le")) // 2
        if units + width > CHUNK_UNITS:
            yield text[start:index]
            start, units = index, 0
        units += width
    yield text[start:]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
