"""Keeps private keys in the secret store, each listed in the register before and as long as it is there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from ccflow_tui.models.kept_key import KeptKey
from ccflow_tui.models.problems import KeyProblem, SecretStoreProblem, StoreFault
from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth.key_facts import kept_key
from ccflow_tui.oauth.key_generation import kept_pem
from ccflow_tui.services.credential_names import passphrase_name, private_key_name
from ccflow_tui.services.key_register import KeyRegister, Keys
from ccflow_tui.services.ports import Clock, SecretStore, StoreKind, StoreStatus
from ccflow_tui.services.signing_keys import SigningKeys

if TYPE_CHECKING:
    from ccflow_tui.oauth.signing_key import SigningKey

_STORES: Mapping[str, str] = MappingProxyType(
    {
        StoreKind.KEYRING: "system keyring",
        StoreKind.FILE: "encrypted file",
        StoreKind.MEMORY: "memory of this run",
    }
)
_AGAIN = "Try again; if that does not help, check the secret store with the system's own tool."


async def _nothing_to_do(_: str) -> None:
    """Nobody holds a key by its reference."""


@dataclass(slots=True)
class KeptKeys:
    """Puts keys into the store and takes them out again, and believes neither without reading back.

    ``let_go`` is told the reference of each key that goes, so that nothing of it stays in use in this run.
    """

    keys: SigningKeys
    store: SecretStore
    clock: Clock
    register: KeyRegister
    let_go: Callable[[str], Awaitable[None]] = field(default=_nothing_to_do, repr=False)

    async def opened(self, reference: str, *, kid: str = "") -> SigningKey:
        """Return the key that ``reference`` names; ``kid`` picks one of a JWK Set.

        Raises ``KeyProblem``, as ``PassphraseProblem`` when it is encrypted and its passphrase is missing or
        wrong and as ``KeyIdProblem`` when ``kid`` picks none of several, and ``SecretStoreProblem``.
        """
        text = (await self.keys.reader.read(reference)).key
        return await self.keys.load(text or Secret(""), reference, kid=kid)

    async def find(self, name: str) -> SigningKey | None:
        """Return a kept key, or ``None``; raises as ``opened``."""
        text = await self.store.get(private_key_name(name))
        return None if text is None else await self.keys.load(text, reference_to(name))

    async def keep(self, name: str, key: SigningKey, *, replaces: str = "") -> KeptKey:
        """Store a key in the place of what has this name, read it back, and return its facts.

        Whatever fails, and when it is cancelled, store and register are as before. Raises
        ``SecretStoreProblem``.
        """
        entry, text = private_key_name(name), kept_pem(key)
        self.keys.know(text)
        before, listed = await self.store.get(entry), self.register.load().get(name)
        facts = replace(
            kept_key(name, key),
            created=self.clock.wall(),
            replaces=replaces,
            store=(await self.store.status()).kind.value,
        )
        # First the register: what is listed can be deleted, whenever this process is killed.
        self.register.update(_with(facts))
        try:
            await self.store.put(entry, text)
            await self._read_back(name, key)
            settled = await self.settled(facts)
        except BaseException:
            await asyncio.shield(self._undo(name, before, listed))
            raise
        if before is not None:
            with suppress(SecretStoreProblem):  # a passphrase that opens nothing any more is no harm
                await self.store.delete(passphrase_name(reference_to(name)))
        return settled

    async def remove(self, name: str) -> StoreStatus:
        """Remove a key with its passphrase, read back that it is gone, and return where that was.

        Raises ``KeyProblem`` when there is none, ``SecretStoreProblem`` when it cannot be proved to be gone.
        """
        listed, reference = self.register.load().get(name), reference_to(name)
        self.keys.reader.remember_passphrase(reference, Secret(""))
        found = await self._deleted(name, listed)
        await self.let_go(reference)
        status = await self.store.status()
        if not found and listed is None:
            raise KeyProblem(f"There is no private key “{name}” to delete.", "Choose one of the list.")
        if not found and listed is not None and listed.store not in {"", status.kind.value}:
            raise _elsewhere(listed, status)
        if await self.store.get(private_key_name(name)) is not None:
            problem = f"The private key “{name}” is still in the secret store."
            raise SecretStoreProblem(StoreFault.FAILED, problem, _AGAIN)
        self.register.update(lambda keys: _without(keys, name))
        return status

    async def _deleted(self, name: str, listed: KeptKey | None) -> bool:
        """Delete a key and its passphrase; return whether there was one."""
        try:
            found = await self.store.delete(private_key_name(name))
            await self.store.delete(passphrase_name(reference_to(name)))
        except SecretStoreProblem as problem:
            passing = listed is not None and listed.store == StoreKind.MEMORY
            if not passing or problem.fault is StoreFault.FAILED:
                raise
            return True  # it was kept in memory for want of the keyring that does not answer
        return found

    async def why_missing(self, listed: KeptKey | None) -> str:
        """Return why a key was not found in the store."""
        status = await self.store.status()
        if listed is not None and listed.store not in {"", status.kind.value}:
            return str(_elsewhere(listed, status))
        note = f" {status.detail}" if status.kind is StoreKind.MEMORY else ""
        return f"It is not in the {_STORES[status.kind]}.{note}"

    async def settled(self, facts: KeptKey) -> KeptKey:
        """Note where a key is: a locked keyring shows itself late, and what it missed moves into it later."""
        kind = (await self.store.status()).kind.value
        if kind == facts.store:
            return facts
        settled = replace(facts, store=kind)
        self.register.update(_with(settled))
        return settled

    async def list_found(self, name: str, key: SigningKey) -> KeptKey:
        """Put a key into the register that was found in the store without being listed; return its facts."""
        return await self.settled(kept_key(name, key))

    async def _read_back(self, name: str, key: SigningKey) -> None:
        with suppress(KeyProblem):  # a damaged key is no key
            found = await self.find(name)
            if found is not None and found.thumbprint == key.thumbprint:
                return
        problem = f"The secret store took the private key “{name}” but does not give it back."
        raise SecretStoreProblem(StoreFault.FAILED, problem, _AGAIN)

    async def _undo(self, name: str, before: Secret | None, listed: KeptKey | None) -> None:
        """Bring back what was there; a key that cannot be removed stays listed."""
        with suppress(SecretStoreProblem):
            if before is not None:
                await self.store.put(private_key_name(name), before)
            else:
                await self.store.delete(private_key_name(name))
            self.register.update(lambda keys: _without(keys, name) if listed is None else _with(listed)(keys))


def store_name(status: StoreStatus) -> str:
    """Return the name of a secret store, to stand after "the"."""
    return _STORES[status.kind]


def reference_to(name: str) -> str:
    """Return how profiles refer to a kept key."""
    return f"keyring:{name}"


def _elsewhere(listed: KeptKey, status: StoreStatus) -> SecretStoreProblem:
    place = _STORES.get(listed.store, listed.store)
    problem = f"It was put into the {place}, which this run does not use."
    why = f" {status.detail}" if status.kind is StoreKind.MEMORY else ""
    return SecretStoreProblem(StoreFault.MISSING, problem + why, "Start ccflow with that store.")


def _with(facts: KeptKey) -> Callable[[Keys], Keys]:
    return lambda keys: {**keys, facts.name: facts}


def _without(keys: Keys, name: str) -> Keys:
    """Return the keys without one; none replaces it any longer."""
    return {
        other: replace(key, replaces="") if key.replaces == name else key
        for other, key in keys.items()
        if other != name
    }
