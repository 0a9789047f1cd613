"""The key workbench: makes, keeps, shows and removes private keys; only public halves leave it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from ccflow_tui.models.kept_key import KeptKey, KeyExport, KeyKind, PublicText
from ccflow_tui.models.problems import KeyIdProblem, KeyProblem, SecretStoreProblem
from ccflow_tui.models.profile import Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth.key_facts import kept_key
from ccflow_tui.oauth.key_generation import generate_key, kind_of
from ccflow_tui.oauth.sanitize import scrub
from ccflow_tui.services.daemon_thread import run_on_daemon_thread
from ccflow_tui.services.kept_keys import KeptKeys, store_name
from ccflow_tui.services.key_exports import (
    exported_certificate,
    exported_jwks,
    exported_pem,
    register_at,
)
from ccflow_tui.services.key_names import proposed_name, successor_name, why_not_named
from ccflow_tui.services.ports import StoreKind

if TYPE_CHECKING:
    from ccflow_tui.oauth.signing_key import SigningKey

_SCHEME = "keyring:"
_NAME_FIELD = "key_name"
_UNKNOWN = "unknown"


@dataclass(slots=True)
class Workbench:
    """Implements ``ports_keys.KeyWorkbench``; ``profiles`` returns every profile there is."""

    kept: KeptKeys
    profiles: Callable[[], Iterable[Profile]]
    _present: frozenset[str] = field(default=frozenset(), init=False, repr=False)
    """Names of the keys that were there when they were last listed."""
    _changing: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False)
    """Held while a key is made, kept or removed: two with one name must not meet."""

    async def keys(self) -> tuple[KeptKey, ...]:
        """See ``KeyWorkbench.keys``."""
        listed, users = self.kept.register.load(), self._users()
        facts = {name: await self._facts(name, listed.get(name)) for name in self._names(listed)}
        self._present = frozenset(name for name, key in facts.items() if not key.missing)
        known = {
            name: replace(
                key, used_by=users.get(name, ()), replaces=key.replaces if key.replaces in facts else ""
            )
            for name, key in facts.items()
        }
        return tuple(_in_order(known))

    def why_not_named(self, name: str) -> str:
        """See ``KeyWorkbench.why_not_named``."""
        # A name that a profile refers to in vain is free: its key may have been left on another machine.
        try:
            return why_not_named(name, {*self.kept.register.load(), *self._present})
        except SecretStoreProblem as problem:
            return str(problem)

    async def generate(self, name: str, kind: KeyKind) -> KeptKey:
        """See ``KeyWorkbench.generate``."""
        async with self._changing:
            await self._claim(name)
            return await self.kept.keep(name, await _generated(kind))

    def remember_passphrase(self, reference: str, passphrase: Secret) -> None:
        """See ``KeyWorkbench.remember_passphrase``."""
        if passphrase:
            self.kept.keys.know(passphrase)
        self.kept.keys.reader.remember_passphrase(reference.strip(), passphrase)

    async def describe(self, reference: str, *, kid: str = "") -> KeptKey:
        """See ``KeyWorkbench.describe``; the name is a proposal."""
        reference = reference.strip()
        return kept_key(proposed_name(reference), await self._picked(reference, kid))

    async def import_key(self, name: str, reference: str, *, kid: str = "") -> KeptKey:
        """See ``KeyWorkbench.import_key``."""
        reference = reference.strip()
        async with self._changing:
            await self._claim(name)
            imported = await self.kept.keep(name, await self._picked(reference, kid))
        if not any(reference in profile.key_references.values() for profile in self.profiles()):
            self.remember_passphrase(reference, Secret(""))  # what is kept needs it no more
        return imported

    async def rotate(self, name: str, kind: KeyKind | None = None) -> KeptKey:
        """See ``KeyWorkbench.rotate``."""
        async with self._changing:
            key = await self._needed(name)
            if name not in (listed := self.kept.register.load()):
                await self.kept.list_found(name, key)
            if later := next((other for other in listed.values() if other.replaces == name), None):
                problem = f"“{later.name}” takes over from “{name}” already."
                raise KeyProblem(problem, f"Rotate “{later.name}”, or delete one of the two first.")
            successor = successor_name(name, self._names(listed))
            await self._claim(successor)
            made = await _generated(kind or kind_of(key))
            return await self.kept.keep(successor, made, replaces=name)

    async def export(self, name: str, form: KeyExport, *, alg: str = "", kid: str = "") -> PublicText:
        """See ``KeyWorkbench.export``."""
        key = await self._needed(name)
        match form:
            case KeyExport.JWKS:
                keys, missing = await self._side_by_side(name, key)
                return exported_jwks(name, keys, main=key, alg=alg, kid=kid, missing=missing)
            case KeyExport.PEM:
                return exported_pem(name, key)
            case KeyExport.CERTIFICATE:
                now = self.kept.clock.wall()
                return await exported_certificate(name, key, common_name=self._client_of(name), now=now)

    async def delete(self, name: str) -> str:
        """See ``KeyWorkbench.delete``."""
        async with self._changing:
            status = await self.kept.remove(name)
            self._present -= {name}
        return f"The private key “{name}” was removed. Read back from the {store_name(status)}: it is gone."

    def register_at(self, provider: str) -> str:
        """See ``KeyWorkbench.register_at``."""
        return register_at(provider)

    async def _picked(self, reference: str, kid: str) -> SigningKey:
        """Return the key behind ``reference`` that has the key ID ``kid``, where one is given."""
        key = await self.kept.opened(reference, kid=kid)
        if kid and key.kid != kid:  # there is one key only, which a profile may use under any key ID
            has = f"the key ID “{scrub(key.kid, limit=60)}”" if key.kid else "no key ID"
            problem = f"There is one private key, and it has {has}, not “{scrub(kid, limit=60)}”."
            raise KeyIdProblem(problem, "Leave the key ID out to take that key.")
        return key

    async def _claim(self, name: str) -> None:
        """Make sure that a new key may have this name; raises ``KeyProblem``."""
        if problem := self.why_not_named(name):
            raise KeyProblem(problem, field=_NAME_FIELD)
        try:
            found = await self.kept.find(name)
        except KeyProblem:
            problem = f"The secret store holds something under “{name}” that cannot be read as a key."
            raise KeyProblem(problem, "Type another name.", field=_NAME_FIELD) from None
        if found is not None:  # nobody refers to it, and its register may have been lost
            await self.kept.list_found(name, found)
            problem = f"There is a private key “{name}” in the secret store; it is on the list from here on."
            raise KeyProblem(problem, "Type another name, or delete that key first.", field=_NAME_FIELD)

    async def _needed(self, name: str) -> SigningKey:
        key = await self.kept.find(name)
        if key is None:
            why = await self.kept.why_missing(self.kept.register.load().get(name))
            raise KeyProblem(f"The private key “{name}” is missing.", why)
        return key

    async def _facts(self, name: str, listed: KeptKey | None) -> KeptKey:
        """Return what is known of a key, from itself where it is there."""
        known = listed or KeptKey(name=name, label=_UNKNOWN, algs=(), kid="", thumbprint="")
        try:
            key = await self.kept.find(name)
        except KeyProblem as problem:
            return replace(known, missing=str(problem.finding))
        except SecretStoreProblem as problem:
            return replace(known, missing=str(problem))
        if key is None:
            return replace(known, missing=await self.kept.why_missing(listed))
        facts = kept_key(name, key)
        if facts.thumbprint != known.thumbprint:  # put there by other means
            with suppress(SecretStoreProblem):  # so that it is still listed when no profile refers to it
                facts = await self.kept.list_found(name, key)
            return facts
        known = await self.kept.settled(known) if known.store == StoreKind.MEMORY else known
        return replace(facts, created=known.created, replaces=known.replaces, store=known.store)

    def _names(self, listed: Mapping[str, KeptKey]) -> tuple[str, ...]:
        """Return the names of all keys: listed, or referred to."""
        named = (name for profile in self.profiles() for name in _own_keys(profile))
        return tuple(dict.fromkeys((*listed, *named)))

    def _users(self) -> dict[str, tuple[str, ...]]:
        """Return the profiles that refer to each key."""
        users: dict[str, tuple[str, ...]] = {}
        for profile in self.profiles():
            for name in dict.fromkeys(_names_in(profile)):
                users[name] = (*users.get(name, ()), profile.name)
        return users

    def _client_of(self, name: str) -> str:
        """Return the client id of the one client that uses a key, else the key's name."""
        clients = {profile.client_id for profile in self.profiles() if name in _names_in(profile)}
        return clients.pop() or name if len(clients) == 1 else name

    async def _side_by_side(self, name: str, key: SigningKey) -> tuple[list[SigningKey], list[str]]:
        """Return a key between the one it replaces and the one that replaces it, and who is missing."""
        listed = self.kept.register.load()
        before = [listed[name].replaces] if name in listed and listed[name].replaces else []
        after = [other.name for other in listed.values() if other.replaces == name]
        keys, missing = [], []
        for each in (*before, name, *after):
            found = key if each == name else await self.kept.find(each)
            if found is None:
                missing.append(each)
            else:
                keys.append(found)
        return keys, missing


async def _generated(kind: KeyKind) -> SigningKey:
    """Make a key off the event loop; when this is cancelled, what comes of it is dropped."""
    making = run_on_daemon_thread(partial(generate_key, kind), name="ccflow-key-making")
    await asyncio.wait({making})
    return making.result()


def _names_in(profile: Profile) -> tuple[str, ...]:
    """Return the names of the entries that a profile refers to as keys or as their certificates."""
    tls = profile.mtls
    references = (profile.key_reference, profile.assertion_certificate, tls.cert_ref, tls.key_ref)
    return _kept_names(*references)


def _own_keys(profile: Profile) -> tuple[str, ...]:
    """Return the names of those that must be private keys."""
    tls = profile.mtls
    return _kept_names(profile.key_reference, tls.key_ref.strip() or tls.cert_ref)


def _kept_names(*references: str) -> tuple[str, ...]:
    stripped = (reference.strip() for reference in references)
    names = (text.removeprefix(_SCHEME) for text in stripped if text.startswith(_SCHEME))
    return tuple(name for name in names if name)


def _in_order(keys: Mapping[str, KeptKey]) -> Iterator[KeptKey]:
    """Yield keys by name, each followed by what takes over from it."""
    waiting = sorted(keys.values(), key=lambda key: key.name.casefold())
    line: list[KeptKey] = []
    while waiting:
        # Only in a list that was changed by hand does nobody begin a line.
        line = line or [next((key for key in waiting if not key.replaces), waiting[0])]
        first = line.pop(0)
        waiting.remove(first)
        yield first
        line = [key for key in waiting if key.replaces == first.name and key not in line] + line
