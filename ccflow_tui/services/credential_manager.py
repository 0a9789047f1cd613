"""Where secrets are kept: in the system's keyring, and in memory for this run while there is none."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from ccflow_tui.models.problems import SecretStoreProblem, StoreFault
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.memory_store import MemoryStore
from ccflow_tui.services.ports import SecretStore, StoreKind, StoreStatus

T = TypeVar("T")

_AWAY = frozenset({StoreFault.MISSING, StoreFault.LOCKED, StoreFault.TIMED_OUT})
_AWAY_FOR_THIS_RUN = frozenset({StoreFault.MISSING, StoreFault.LOCKED})


class CredentialManager:
    """A ``ports.SecretStore`` that prefers the keyring and says so when it cannot have it.

    A keyring that is missing or was refused the key to its lock is not asked again in this run: each
    question could open a prompt. One that merely did not answer in time is used again as soon as it does,
    and what was held in memory meanwhile moves into it. Faults other than these are raised, never hidden.
    """

    def __init__(self, keyring: SecretStore, memory: MemoryStore | None = None) -> None:
        self._keyring = keyring
        self._memory = memory or MemoryStore()
        self._away: SecretStoreProblem | None = None
        self._writing = asyncio.Lock()
        """Held while memory and keyring change together, so that neither gets back what is out of date."""

    async def get(self, name: str) -> Secret | None:
        """Return the secret, or ``None``; ask ``status`` whether that is for want of a keyring."""
        held = await self._memory.get(name)
        if held is not None:
            return held
        try:
            found = await self._reach(lambda: self._keyring.get(name))
        except SecretStoreProblem as problem:
            if problem.fault not in _AWAY:
                raise
            return None
        await self._tidy()
        return found

    async def put(self, name: str, secret: Secret) -> None:
        """Store the secret where ``status`` says; raises ``SecretStoreProblem`` when the keyring fails."""
        async with self._writing:
            try:
                await self._reach(lambda: self._keyring.put(name, secret))
            except SecretStoreProblem as problem:
                if problem.fault not in _AWAY:
                    raise
                await self._memory.put(name, secret)
                return
            await self._memory.delete(name)
            await self._move_into_keyring()

    async def delete(self, name: str) -> bool:
        """Remove the secret from memory and keyring; return whether there was one.

        Raises ``SecretStoreProblem`` also for a locked keyring, which may hold an older one.
        """
        async with self._writing:
            held = await self._memory.delete(name)
            try:
                found = await self._reach(lambda: self._keyring.delete(name))
            except SecretStoreProblem as problem:
                if problem.fault is not StoreFault.MISSING:
                    raise
                return held
            await self._move_into_keyring()
            return found or held

    async def places(self, name: str) -> tuple[StoreKind, ...]:
        """Return where the secret is, memory and keyring apart.

        Raises ``SecretStoreProblem`` where memory has none and a keyring is there that cannot be asked, which
        may hold one.
        """
        held = await self._memory.places(name)
        try:
            return (*held, *await self._reach(lambda: self._keyring.places(name)))
        except SecretStoreProblem as problem:
            if problem.fault is not StoreFault.MISSING and not held:
                raise
            return held

    async def status(self) -> StoreStatus:
        """Say where secrets go, as far as it is known without opening an unlock prompt."""
        try:
            status = await self._reach(self._keyring.status)
        except SecretStoreProblem as problem:
            until = "until it does" if problem.fault is StoreFault.TIMED_OUT else "for this run"
            return StoreStatus(
                StoreKind.MEMORY,
                f"{problem.problem.rstrip('.')}, so secrets stay in memory {until}.",
                moves_on=problem.fault is not StoreFault.MISSING,
            )
        await self._tidy()
        return status

    def reconsider(self) -> None:
        """Ask the keyring, or what stands in its place, again: a person has opened it."""
        self._away = None

    async def _reach(self, work: Callable[[], Awaitable[T]]) -> T:
        """Ask the keyring, unless it is away for this run; remember whether it was there."""
        away = self._away
        if away is not None and away.fault in _AWAY_FOR_THIS_RUN:
            raise SecretStoreProblem(away.fault, away.problem, away.remedy)
        try:
            result = await work()
        except SecretStoreProblem as problem:
            if problem.fault in _AWAY:
                self._away = problem
            raise
        self._away = None
        return result

    async def _tidy(self) -> None:
        """Move what had to stay in memory, unless somebody writes now, who does the same afterwards."""
        if not self._writing.locked():
            async with self._writing:
                await self._move_into_keyring()

    async def _move_into_keyring(self) -> None:
        """Move what had to stay in memory; where that fails, it stays and is still found there.

        The caller holds the lock.
        """
        for name in self._memory.names():
            secret = await self._memory.get(name)
            try:
                if secret is not None:
                    await self._keyring.put(name, secret)
            except SecretStoreProblem as problem:
                self._away = problem if problem.fault in _AWAY else None
                return
            await self._memory.delete(name)
