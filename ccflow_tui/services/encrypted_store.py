"""Secrets in one encrypted file, for machines without a keyring; used only where the user asks for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Event
from typing import TypeVar

from ccflow_tui.files.lock import HeldByAnother, held_alone
from ccflow_tui.models.problems import SecretStoreProblem, StoreFault
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.daemon_thread import run_on_daemon_thread
from ccflow_tui.services.ports import PassphraseQuestion, StoreKind, StoreStatus
from ccflow_tui.services.secret_file import (
    MAX_FILE_BYTES,
    SCRYPT_COST,
    DamagedFile,
    KeyTerms,
    SealedSecrets,
    WrongPassphrase,
    seal,
    unseal,
)
from ccflow_tui.services.store_passphrase import StorePassphrase

T = TypeVar("T")
Secrets = dict[str, Secret]


@dataclass(frozen=True, slots=True)
class _Key:
    """A key that opened a file or is to close a new one, with the terms it was made by."""

    terms: KeyTerms
    text: Secret


def _derived(terms: KeyTerms, passphrase: Secret, _: Event) -> _Key:
    return _Key(terms, terms.key(passphrase))


class _OtherFile(Exception):
    """The file that was opened is not there any more; another one is."""


@dataclass(slots=True)
class EncryptedStore:
    """A ``ports.SecretStore`` in the file ``path``, which is made when the first secret is stored.

    ``write`` replaces a file in one step, private to its owner. ``timeout`` is in seconds and holds for
    reading and for writing, not for a person who is asked.
    """

    path: Path
    passphrase: StorePassphrase = field(repr=False)
    write: Callable[[Path, str], None] = field(repr=False)
    cost: int = SCRYPT_COST
    timeout: float = 20.0
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False)
    _key: _Key | None = field(default=None, init=False, repr=False)

    async def get(self, name: str) -> Secret | None:
        """Return the secret, or ``None``; raises ``SecretStoreProblem``."""
        async with self._turn:
            sealed = await self._on_thread(lambda _: self._read())
            if sealed is None:
                return None
            key = await self._key_of(sealed)
            return self._opened(sealed, key).get(name)

    async def put(self, name: str, secret: Secret) -> None:
        """Store the secret and read it back; raises ``SecretStoreProblem``, and then the old one stays."""
        if not secret:
            raise _failed("An empty secret is not stored.", "Enter it first.")
        await self._change(lambda secrets: {**secrets, name: secret})

    async def delete(self, name: str) -> bool:
        """Remove the secret; return whether there was one; raises ``SecretStoreProblem``."""
        if await self.get(name) is None:
            return False
        await self._change(lambda secrets: {key: kept for key, kept in secrets.items() if key != name})
        return True

    async def places(self, name: str) -> tuple[StoreKind, ...]:
        """Say whether the file holds the secret; raises ``SecretStoreProblem``."""
        return (StoreKind.FILE,) if await self.get(name) is not None else ()

    async def status(self) -> StoreStatus:
        """Name the file without opening it."""
        return StoreStatus(StoreKind.FILE, str(self.path))

    async def change_passphrase(self) -> bool:
        """Encrypt the file anew with a passphrase that a person chooses; return whether they chose one.

        The present one is asked for unless the file is open. Raises ``SecretStoreProblem``, and then the old
        passphrase opens the file as before.
        """
        self.passphrase.reconsider()
        chosen: Secret | None = None
        async with self._turn:
            while True:
                sealed = await self._on_thread(lambda _: self._read())
                if sealed is None:
                    text = "There is no encrypted file of secrets yet, so it has no passphrase to change."
                    raise _failed(text, "The first secret that is saved makes it.", StoreFault.MISSING)
                opening = await self._key_of(sealed)
                question = PassphraseQuestion(str(self.path), new=True, change=True)
                chosen = chosen or await self.passphrase.choose(question)
                if chosen is None:
                    return False
                closing = await self._on_thread(partial(_derived, KeyTerms.new(self.cost), chosen))
                try:
                    await self._on_thread(partial(self._rewrite, lambda secrets: secrets, opening, closing))
                except _OtherFile:
                    continue  # another ccflow changed its passphrase in the meantime
                self._key = closing
                return True

    async def _change(self, change: Callable[[Secrets], Secrets]) -> None:
        async with self._turn:
            while True:
                sealed = await self._on_thread(lambda _: self._read())
                key = await self._new_key() if sealed is None else await self._key_of(sealed)
                try:
                    await self._on_thread(partial(self._rewrite, change, key, key))
                except _OtherFile:
                    continue  # another ccflow made it anew in the meantime
                self._key = key
                return

    async def _key_of(self, sealed: SealedSecrets) -> _Key:
        """Return the key that opens what was read: the one in hand, or one whose passphrase is found now."""
        if self._key is not None and self._key.terms == sealed.terms:
            return self._key
        problem = ""
        while True:
            passphrase = await self.passphrase.find(PassphraseQuestion(str(self.path), problem=problem))
            key = await self._on_thread(partial(_derived, sealed.terms, passphrase))
            try:
                sealed.open(key.text)
            except WrongPassphrase:
                problem = "This passphrase does not open the file."
                continue
            self._key = key
            return key

    def _opened(self, sealed: SealedSecrets, key: _Key) -> Secrets:
        """Open what was read; raises ``SecretStoreProblem`` where its own key does not."""
        try:
            return sealed.open(key.text)
        except WrongPassphrase:
            raise self._damaged("It was changed by another program.") from None

    async def _new_key(self) -> _Key:
        passphrase = await self.passphrase.find(PassphraseQuestion(str(self.path), new=True))
        terms = KeyTerms.new(self.cost)
        return await self._on_thread(partial(_derived, terms, passphrase))

    def _rewrite(
        self, change: Callable[[Secrets], Secrets], opening: _Key, closing: _Key, abandoned: Event
    ) -> None:
        """Change the file while no other ccflow does, and make sure that it holds what it should.

        ``opening`` is the key that opens what is there, ``closing`` the one that is to open it afterwards.
        """
        with held_alone(self.path, patience=self.timeout):
            if abandoned.is_set():  # a late success would undo what was done since
                raise _failed("The write was given up.")
            for litter in self.path.parent.glob(f".{self.path.name}.*"):
                litter.unlink(missing_ok=True)  # of a write that was killed; nobody else writes now
            sealed = self._read()
            if sealed is not None and sealed.terms != opening.terms:
                raise _OtherFile
            secrets = change(self._opened(sealed, opening) if sealed is not None else {})
            self.write(self.path, seal(secrets, closing.text, closing.terms))
            written = self._read()
            if written is None or written.open(closing.text) != secrets:
                raise _failed(f"{self.path} did not keep what was written.", "Check the disk.")

    def _read(self) -> SealedSecrets | None:
        try:
            with self.path.open("rb") as file:
                content = file.read(MAX_FILE_BYTES + 1)
        except FileNotFoundError:
            return None
        if len(content) > MAX_FILE_BYTES:
            raise self._damaged("It is too large.")
        try:
            return unseal(content.decode())
        except UnicodeDecodeError:
            damage = "It is cut off or changed."
        except DamagedFile as error:
            damage = str(error)
        raise self._damaged(damage)

    def _damaged(self, how: str) -> SecretStoreProblem:
        return _failed(
            f"The encrypted file of secrets, {self.path}, cannot be used. {how}",
            "It was left as it is. Bring back a copy of it, or move it aside and enter the secrets again.",
        )

    async def _on_thread(self, work: Callable[[Event], T]) -> T:
        """Run what blocks; nothing that is raised carries a frame with a secret in it."""
        abandoned = Event()
        future = run_on_daemon_thread(lambda: _caught(work, abandoned), name="ccflow-secret-file")
        try:
            await asyncio.wait({future}, timeout=self.timeout)
        except asyncio.CancelledError:
            abandoned.set()
            raise
        if not future.done():
            abandoned.set()
            raise self._not_in_time()
        answer = future.result()
        if isinstance(answer, _Raised):
            raise self._not_in_time() if isinstance(answer.problem, HeldByAnother) else answer.problem
        return answer

    def _not_in_time(self) -> SecretStoreProblem:
        text = f"{self.path} could not be used within {self.timeout:g} s."
        return _failed(text, "Does another ccflow hold it?", StoreFault.TIMED_OUT)


@dataclass(frozen=True, slots=True)
class _Raised:
    problem: Exception


def _caught(work: Callable[[Event], T], abandoned: Event) -> T | _Raised:
    try:
        return work(abandoned)
    except (SecretStoreProblem, _OtherFile, HeldByAnother) as problem:
        return _Raised(problem.with_traceback(None))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return _Raised(_failed(f"The encrypted file of secrets cannot be used: {reason}."))
    except Exception as error:
        return _Raised(_failed(f"The encrypted file of secrets failed ({type(error).__name__})."))


def _failed(text: str, remedy: str = "", fault: StoreFault = StoreFault.FAILED) -> SecretStoreProblem:
    return SecretStoreProblem(fault, text, remedy or "Check the folder and its permissions.")
