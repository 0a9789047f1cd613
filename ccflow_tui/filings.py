"""What the secrets of saved profiles are filed under, noted in the state file as a keyring lists no entries.

A secret stays under its old client and server when a profile is saved with others. The notes let sign-out and
forget find it there; they hold no secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import product
from types import MappingProxyType

from ccflow_tui.config.state import SavedState
from ccflow_tui.models.problems import CcflowError
from ccflow_tui.models.profile import Profile
from ccflow_tui.models.store_choice import StoreChoice
from ccflow_tui.oauth.providers import derive
from ccflow_tui.profile_book import Change, ProfileBook
from ccflow_tui.services.credential_names import filing
from ccflow_tui.services.ports import SecretStore, StoreKind, StoreStatus

_CHOICES: Mapping[StoreKind, StoreChoice] = MappingProxyType(
    {
        StoreKind.KEYRING: StoreChoice.KEYRING,
        StoreKind.FILE: StoreChoice.FILE,
        StoreKind.MEMORY: StoreChoice.MEMORY,
    }
)


def store_in_use(status: StoreStatus) -> StoreChoice:
    """Return the store that secrets are in at present."""
    return _CHOICES[status.kind]


def stores_ahead(book: ProfileBook, status: StoreStatus) -> tuple[StoreChoice, ...]:
    """Return the store that secrets are in at present, and the one that they are going to move into."""
    in_use = store_in_use(status)
    return (in_use, usual_store(book)) if status.moves_on else (in_use,)


def noted(saved: SavedState, name: str, store: StoreChoice | None = None) -> tuple[Profile, ...]:
    """Return what is noted of the profile ``name`` in one store or in all, the latest last."""
    stores = saved.filings if store is None else {store: saved.filings.get(store, {})}
    return tuple(each for profiles in stores.values() for each in profiles.get(name, ()))


def noting(stores: StoreChoice | tuple[StoreChoice, ...], *profiles: Profile) -> Change:
    """Return the change that notes what ``profiles`` are filed under; the last is the latest."""
    places = (stores,) if isinstance(stores, StoreChoice) else stores

    def change(saved: SavedState) -> SavedState:
        for store, profile in product(places, profiles):
            known = [each for each in noted(saved, profile.name, store) if filing(each) != filing(profile)]
            saved = _with(saved, store, profile.name, (*known, filing(profile)))
        return saved

    return change


async def note_stored(book: ProfileBook, store: SecretStore, profile: Profile) -> None:
    """Note what a token or key of a profile is going to be stored under, even if no save ever keeps that.

    The latest note stays the one of the last save. What cannot be written is not noted.
    """
    if book.is_demo:
        return
    book.catch_up()  # another ccflow may have removed what was stored, and its note
    stores, filed = stores_ahead(book, await store.status()), filing(profile)

    def change(saved: SavedState) -> SavedState:
        for each in stores:
            known = noted(saved, profile.name, each)
            if filed not in known:
                others = (other for other in known or _as_saved(saved, profile.name) if other != filed)
                saved = _with(saved, each, profile.name, (filed, *others))
        return saved

    with suppress(CcflowError):  # the token is worth more than its note
        book.note(change)


def _as_saved(saved: SavedState, name: str) -> tuple[Profile, ...]:
    return (filing(derive(saved.profiles[name])),) if name in saved.profiles else ()


def striking(store: StoreChoice, *profiles: Profile) -> Change:
    """Return the change that takes out what is noted of ``profiles``."""

    def change(saved: SavedState) -> SavedState:
        for profile in profiles:
            left = (each for each in noted(saved, profile.name, store) if filing(each) != filing(profile))
            saved = _with(saved, store, profile.name, tuple(left))
        return saved

    return change


def usual_store(book: ProfileBook) -> StoreChoice:
    """Return the store that lasting secrets are in as long as it can be reached."""
    from ccflow_tui.config.store_choice import chosen_store

    return StoreChoice.FILE if chosen_store(book.layers) is StoreChoice.FILE else StoreChoice.KEYRING


def _with(saved: SavedState, store: str, name: str, filed: tuple[Profile, ...]) -> SavedState:
    """Return the state with ``filed`` noted of a profile in a store; what is empty is left out."""
    profiles = {**saved.filings.get(store, {}), name: filed}
    stores = {**saved.filings, store: {key: value for key, value in profiles.items() if value}}
    return replace(saved, filings={key: value for key, value in stores.items() if value})
