"""Removes what is secret of one profile: finds it by looking, removes it, and proves it by reading back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from ccflow_tui.models.problems import SecretStoreProblem
from ccflow_tui.models.profile import Profile
from ccflow_tui.models.secret_reference import scheme_of, shown_reference
from ccflow_tui.models.variables import SECRET_VARIABLE
from ccflow_tui.services.client_certificates import ClientCertificates
from ccflow_tui.services.connections import Connections
from ccflow_tui.services.credential_manager import CredentialManager
from ccflow_tui.services.credentials import CredentialSource
from ccflow_tui.services.dpop_keys import DpopKeys
from ccflow_tui.services.ports import SecretStore, StoreKind
from ccflow_tui.services.ports_removal import Holding, Holdings, RemovalReport, Subject
from ccflow_tui.services.removal_entries import Entry, Kind, entries_of, private_keys_of, silent_issuers
from ccflow_tui.services.signing_keys import SigningKeys
from ccflow_tui.services.token_keeper import TokenKeeper

_MEMORY = StoreKind.MEMORY.value
_ELSEWHERE = (
    "What a session with a keyring kept is not reached from here. To remove that, too, do the same there, or "
    "“ccflow forget {}”."
)
_SILENT = (
    "The issuer {} did not tell its token endpoint, so what is stored for that could not be looked for. Try "
    "again once it answers."
)


@dataclass(frozen=True, slots=True)
class _Look:
    """Where one entry was found, or why that cannot be told."""

    entry: Entry
    places: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Remover:
    """A ``ports_removal.CredentialRemoval`` over everything that holds a secret."""

    store: SecretStore
    credentials: CredentialSource
    keeper: TokenKeeper
    dpop_keys: DpopKeys
    keys: SigningKeys
    certificates: ClientCertificates
    connections: Connections

    async def look(self, subject: Subject) -> Holdings:
        """See ``ports_removal.CredentialRemoval.look``."""
        looks = await self._look(subject, entries_of(subject), holds_token=subject.holds_token)
        unseen = [f"The secret store could not be asked: {each}" for each in _problems(looks)]
        unseen += map(_SILENT.format, silent_issuers(subject))
        found = tuple(_holding(look) for look in looks if look.places and not look.entry.users)
        only_memory = await self._sees_memory_only(subject, looks)
        return Holdings(found, await self._spared(subject, looks), tuple(unseen), only_memory)

    async def remove(self, subject: Subject) -> RemovalReport:
        """See ``ports_removal.CredentialRemoval.remove``."""
        entries = [entry for entry in entries_of(subject) if not entry.users]
        before = await self._look(subject, entries, holds_token=subject.holds_token)
        refused: dict[Entry, str] = {}
        await self._forget(subject, entries)
        for entry in entries:  # one that cannot be deleted must not save the next
            try:
                await self._delete(entry)
            except SecretStoreProblem as problem:
                refused[entry] = str(problem)
        after = {look.entry: look for look in await self._look(subject, entries)}
        gone = (_gone(look, after[look.entry]) for look in before)
        left = [
            f"{_holding(look)}{': ' if look.entry in refused else ''}{refused.get(look.entry, '')}"
            for look in after.values()
            if look.places
        ]
        left += [
            f"anything in the secret store, which could not be asked: {problem}"
            for problem in _problems(after.values())
        ]
        left += (f"perhaps more: {_SILENT.format(issuer)}" for issuer in silent_issuers(subject))
        spared = await self._spared(subject, await self._look(subject, entries_of(subject)))
        only_memory = await self._sees_memory_only(subject, after.values())
        return RemovalReport(tuple(filter(None, gone)), tuple(left), spared, only_memory)

    async def _unreached(self, subject: Subject, looks: Iterable[_Look]) -> str:
        """Say that no keyring is here to be looked into, as in a session over SSH; empty where one is.

        One that is there and does not answer is told as a problem instead.
        """
        status = await self.store.status()
        falls_back = isinstance(self.store, CredentialManager) and status.kind is StoreKind.MEMORY
        text = f"{status.detail} {_ELSEWHERE.format(subject.profile.name)}"
        return text if falls_back and not _problems(looks) else ""

    async def _sees_memory_only(self, subject: Subject, looks: Iterable[_Look]) -> bool:
        """Whether memory alone was looked into, for want of a store or because the user wants none."""
        chosen = bool(subject.unlooked) and (await self.store.status()).kind is StoreKind.MEMORY
        return bool(await self._unreached(subject, looks)) or (chosen and not _problems(looks))

    async def _look(
        self, subject: Subject, entries: Iterable[Entry], *, holds_token: bool = False
    ) -> list[_Look]:
        looks = []
        for entry in entries:
            in_memory = self._in_memory(entry, subject) or (holds_token and entry.kind is Kind.TOKEN)
            places = (_MEMORY,) if in_memory else ()
            holds_token = holds_token and entry.kind is not Kind.TOKEN  # it is one token, and listed once
            try:
                stored = await self.store.places(entry.name) if entry.name else ()
            except SecretStoreProblem as problem:
                looks.append(_Look(entry, places, str(problem)))
                continue
            looks.append(_Look(entry, tuple(dict.fromkeys((*places, *(kind.value for kind in stored))))))
        return looks

    def _in_memory(self, entry: Entry, subject: Subject) -> bool:
        if entry.in_store_only:
            return False
        match entry.kind:
            case Kind.TOKEN:
                return self.keeper.holds(entry.owner, same_client=subject.successor is not None)
            case Kind.SECRET:
                return self.credentials.holds(entry.owner)
            case Kind.PASSPHRASE:
                return self.credentials.reader.holds_passphrase(entry.reference)
            case Kind.DPOP_KEY:
                return self.dpop_keys.holds(entry.owner)
        return False

    async def _forget(self, subject: Subject, entries: Sequence[Entry]) -> None:
        """Let go of everything in memory; what others use is read again when they need it."""
        self.certificates.forget()
        self.keys.forget()
        goes_on = subject.successor is not None
        if not goes_on or any(entry.kind is Kind.TOKEN for entry in entries):
            await self.keeper.part_with(subject.profile, same_client=goes_on)
        await self.connections.drop(subject.profile.client_tls)
        for entry in entries:
            # What the successor goes on with may be typed for the same client, at another server.
            if not goes_on or (entry.kind is Kind.SECRET and not entry.in_store_only):
                self.credentials.forget(entry.owner)
            if not goes_on:
                self.credentials.references.allow(entry.owner)
            if entry.kind is Kind.PASSPHRASE:
                self.credentials.reader.forget_passphrase(entry.reference)

    async def _delete(self, entry: Entry) -> None:
        if entry.kind is Kind.DPOP_KEY:
            await self.dpop_keys.purge(entry.owner)
        elif entry.name:
            await self.store.delete(entry.name)

    async def _spared(self, subject: Subject, looks: Sequence[_Look]) -> tuple[str, ...]:
        spared = [
            f"{look.entry.words} stays: {_names(look.entry.users)} too."
            for look in looks
            if look.places and look.entry.users
        ]
        if keys := await self._stored_keys(subject):
            which = f"the key {keys[0]} stays" if len(keys) == 1 else f"the keys {', '.join(keys)} stay"
            spared.append(f"{which}: private keys are removed in the key workbench.")
        if unreached := await self._unreached(subject, looks):
            spared.append(unreached)
        spared += [*subject.unlooked, *([] if subject.successor else self._not_ours(subject.profile))]
        return tuple(f"{text[:1].upper()}{text[1:]}" for text in spared)

    def _not_ours(self, profile: Profile) -> list[str]:
        """Return what no removal takes away, since it is kept elsewhere by others."""
        spared = []
        if self.credentials.is_provided(profile):
            spared.append("the client secret that came with the demo stays: it is the demo's, not yours.")
        if scheme_of(profile.secret_reference) not in {"", "keyring"}:
            spared.append(f"the secret behind {shown_reference(profile.secret_reference)} stays there.")
        for place in self.credentials.variable_places():
            spared.append(f"{SECRET_VARIABLE} ({place}) stays set.")
        return spared

    async def _stored_keys(self, subject: Subject) -> list[str]:
        """Return the references of the private keys in the store that the profile uses."""
        stored = []
        for reference, name in private_keys_of(subject).items():
            with suppress(SecretStoreProblem):  # the same store was asked for the rest, whose problem is told
                stored += [reference] if await self.store.places(name) else []
        return stored


def _holding(look: _Look) -> Holding:
    return Holding(look.entry.words, look.places)


def _gone(before: _Look, after: _Look) -> Holding | None:
    """Return from where an entry is gone for certain; of a store that does not answer, nothing is."""
    places = tuple(
        place
        for place in before.places
        if place not in after.places and (place == _MEMORY or not after.problem)
    )
    return Holding(before.entry.words, places) if places else None


def _problems(looks: Iterable[_Look]) -> list[str]:
    """Return why entries could not be looked for, each reason once."""
    return list(dict.fromkeys(look.problem for look in looks if look.problem))


def _names(users: tuple[str, ...]) -> str:
    names = ", ".join(f"“{name}”" for name in dict.fromkeys(users))
    return f"{names} use{'s' if len(set(users)) == 1 else ''} it"
