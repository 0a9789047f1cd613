"""Which entries of memory and secret store belong to a profile, and which of them others use too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from ccflow_tui.models.profile import EndpointMode, Profile
from ccflow_tui.models.secret_reference import scheme_of, target_of
from ccflow_tui.services.credential_names import (
    access_token_name,
    client_secret_name,
    dpop_key_name,
    passphrase_name,
    private_key_name,
    server_origin,
    shared_secret_name,
)
from ccflow_tui.services.ports_removal import Subject

ACCESS_TOKEN = "the access token"  # noqa: S105 - what it is called


class Kind(Enum):
    """What an entry is."""

    TOKEN = auto()
    SECRET = auto()
    SHARED_SECRET = auto()
    PASSPHRASE = auto()
    DPOP_KEY = auto()


@dataclass(frozen=True, slots=True)
class Entry:
    """One secret that may be kept."""

    kind: Kind
    words: str
    name: str
    """Its name in the store; empty while the server is unknown, so that it can be in memory only."""
    owner: Profile
    reference: str = ""
    """Of a passphrase: the key that it opens."""
    users: tuple[str, ...] = ()
    """The names of other profiles that use it."""
    in_store_only: bool = False
    """Whether memory, which knows profile and client only, holds the same under another entry."""


def entries_of(subject: Subject) -> tuple[Entry, ...]:
    """Return everything secret that may be kept for a profile, each once, and nothing of its successor."""
    found: dict[tuple[Kind, str], Entry] = {}
    for version in _versions(subject):
        for entry in _entries(version, subject):
            found.setdefault((entry.kind, entry.name or entry.owner.client_id), entry)
    if subject.successor is not None:
        for entry in _entries(subject.successor, subject):
            found.pop((entry.kind, entry.name), None)
    return tuple(found.values())


def private_keys_of(subject: Subject) -> dict[str, str]:
    """Return the names, in the store, of the keys and certificates that a profile refers to there."""
    left_alone = set() if subject.successor is None else set(_all_references(subject.successor))
    return {
        reference: private_key_name(target_of(reference))
        for version in _versions(subject)
        for reference in _all_references(version)
        if scheme_of(reference) == "keyring" and target_of(reference) and reference not in left_alone
    }


def silent_issuers(subject: Subject) -> tuple[str, ...]:
    """Return the issuers that did not tell their token endpoint, whose entries have names nobody knows."""
    silent = (
        version.issuer
        for version in (subject.profile, *subject.versions)
        if version.endpoint_mode is EndpointMode.ISSUER and not server_origin(version)
    )
    return tuple(dict.fromkeys(filter(None, silent)))


def _versions(subject: Subject) -> tuple[Profile, ...]:
    """Return the profile and those versions of it that have entries of their own in the store."""
    known = (version for version in subject.versions if server_origin(version))
    return tuple(dict.fromkeys((subject.profile, *known)))


def _entries(version: Profile, subject: Subject) -> Iterator[Entry]:
    origin, profile = server_origin(version), subject.profile
    current = subject.successor or profile
    whose, users = _whose(version, current), _namesakes(version, subject)
    token = access_token_name(version) if origin else ""
    only = version is not profile
    yield Entry(Kind.TOKEN, f"{ACCESS_TOKEN}{whose}", token, version, users=users, in_store_only=only)
    secret = client_secret_name(version) if origin else ""
    only = version is not current and version.client_id == current.client_id
    yield Entry(Kind.SECRET, f"the client secret{whose}", secret, version, users=users, in_store_only=only)
    if origin:
        yield Entry(Kind.DPOP_KEY, f"the DPoP key{whose}", dpop_key_name(version), version, users=users)
    if origin and scheme_of(version.secret_reference) == "keyring":
        name = target_of(version.secret_reference)
        users = tuple(other.name for other in subject.others if _shares(other, name, origin))
        words = f"the client secret keyring:{name}"
        yield Entry(Kind.SHARED_SECRET, words, shared_secret_name(name, version), version, users=users)
    for reference in _key_references(version):
        users = tuple(other.name for other in subject.others if reference in _key_references(other))
        words = f"the passphrase of {reference}"
        yield Entry(Kind.PASSPHRASE, words, passphrase_name(reference), version, reference, users)


def _whose(version: Profile, profile: Profile) -> str:
    """Tell an older client or server from the one that is on the screen."""
    if (version.client_id, server_origin(version)) == (profile.client_id, server_origin(profile)):
        return ""
    return f" of client {version.client_id or '(none)'} at {server_origin(version) or 'an unknown server'}"


def _namesakes(version: Profile, subject: Subject) -> tuple[str, ...]:
    """Return the profile's own name where another source gives it with this client and server, too."""
    filed = (version.name, version.client_id, server_origin(version))
    same = (other for other in subject.others if (other.name, other.client_id, server_origin(other)) == filed)
    return tuple(other.name for other in same)


def _shares(other: Profile, name: str, origin: str) -> bool:
    is_same = scheme_of(other.secret_reference) == "keyring" and target_of(other.secret_reference) == name
    return is_same and server_origin(other) in {"", origin}


def _all_references(profile: Profile) -> tuple[str, ...]:
    return (*_key_references(profile), profile.assertion_certificate.strip())


def _key_references(profile: Profile) -> tuple[str, ...]:
    """Return every key that a profile names, whether or not its method uses it at present."""
    named = (profile.key_reference, profile.mtls.key_ref, profile.mtls.cert_ref)
    return tuple(dict.fromkeys(reference.strip() for reference in named if reference.strip()))
