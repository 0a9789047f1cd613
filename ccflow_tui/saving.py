"""Saving the open profile, and what becomes of the secrets that it leaves under another client or server.

Loaded when somebody saves. It looks first, asks with what was found, saves, and only then removes.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING

from ccflow_tui import api_consent
from ccflow_tui.filings import noting, store_in_use, stores_ahead, striking, usual_store
from ccflow_tui.models.problems import CcflowError
from ccflow_tui.models.profile import AuthMethod, Profile
from ccflow_tui.profile_book import unchanged
from ccflow_tui.profile_removal import left_behind
from ccflow_tui.removal_words import found_lines, listed, outcome_text
from ccflow_tui.services.credential_names import server_origin
from ccflow_tui.services.ports import StoreKind
from ccflow_tui.services.ports_removal import Holdings

if TYPE_CHECKING:
    from ccflow_tui.profile_book import Change, ProfileBook
    from ccflow_tui.profiles_app import ProfilesApp
    from ccflow_tui.services.ports import FlowEngine
    from ccflow_tui.services.ports_removal import Subject

HEADING = "Remove what the former client or server leaves?"
KEEP, REMOVE = "Save and keep", "Save and remove"
CANCELLED = "Nothing was saved, and nothing removed."
_CREDENTIAL_PLACES: Mapping[str, str] = MappingProxyType(
    {
        "keyring": "is in the system keyring",
        "encrypted file": "is in the encrypted file",
        "memory": "is in memory, for this run only",
        "environment": "stays in the environment",
        ".env": "stays in .env",
        "file": "stays in its file",
    }
)
_KEPT = "Sign-out or “Forget profile” can remove it later, too."


async def save(app: ProfilesApp, profile: Profile) -> None:
    """Keep the profile for the next run, its secret in the secret store; raises ``CcflowError``."""
    book, engine = app.parts.book, app.parts.engine
    behind = None if book.is_demo else await left_behind(book, engine, profile)
    holdings = Holdings() if behind is None else await engine.removal.look(behind)
    answer, asks = "confirm", await _is_stored(engine, holdings)
    if asks:
        text = question(profile.name, holdings)
        answer = await app.asked(HEADING, text, KEEP, REMOVE, harmless=True) or "cancel"
    if answer not in {"confirm", "more"}:
        app.notify(CANCELLED, title="Not saved", severity="warning", markup=False)
        return
    note = await _note(book, engine, behind, holdings)
    try:
        await keep(book, engine, profile, note)
    except CcflowError:
        with suppress(CcflowError):
            book.note(note)  # the former one stays the latest, so that the next save asks again
        raise
    api_consent.keep_confirmed(book, profile, app.sources)
    where = saved_credential(profile, await engine.credential_source(profile))
    app.notify(f"Profile “{profile.name}” saved; {where}.", timeout=5, markup=False)
    if behind is not None and answer == "more":
        await _remove(app, behind)
    elif behind is not None:
        if asks:
            app.notify(f"Kept: {listed(holdings.found)}. {_KEPT}", timeout=12, markup=False)
        await _leave(app, behind, holdings)


def saved_credential(profile: Profile, source: str) -> str:
    """Return in words where the credential of a saved profile is; ``source`` as ``Credential`` names it."""
    if profile.auth_method is AuthMethod.NONE:
        return "it needs no credential"
    name = "client secret" if profile.auth_method.uses_secret else "private key"
    if profile.auth_method.uses_certificate:
        name = "client certificate"
    place = _CREDENTIAL_PLACES.get(source) or (f"is read from {source}" if ":" in source else "")
    return f"its {name} {place}" if place else f"there is no {name} yet"


async def _is_stored(engine: FlowEngine, holdings: Holdings) -> bool:
    """Whether something is in the store; memory is one only where there is no other."""
    memory, kind = StoreKind.MEMORY.value, (await engine.store_status()).kind
    places = {place for each in holdings.found for place in each.places}
    return bool(places - {memory} or (places and kind is StoreKind.MEMORY))


async def keep(book: ProfileBook, engine: FlowEngine, profile: Profile, also: Change = unchanged) -> None:
    """Write the profile, with another change and a note of what it is filed under, and store its secret.

    The note goes first: a secret that no note names could be found by nobody. Raises ``CcflowError``.
    """
    current = (profile,) if server_origin(profile) else ()
    note = noting(stores_ahead(book, await engine.store_status()), *current)
    book.save(profile, lambda saved: note(also(saved)))
    await engine.save_secret(profile)


def question(name: str, holdings: Holdings) -> str:
    """Return what a person decides about."""
    lines = (
        f"“{name}” had another client, server or key before, whose secrets it will not use any more:",
        *found_lines(holdings),
        f"Save and keep that, or save and remove it? {_KEPT}",
    )
    return "\n".join(lines)


async def _note(book: ProfileBook, engine: FlowEngine, behind: Subject | None, holdings: Holdings) -> Change:
    """Return the change that notes a former version, in the store that it may have secrets in."""
    if behind is None or not _may_have(behind, holdings):
        return unchanged
    ahead = stores_ahead(book, await engine.store_status())
    return noting(usual_store(book) if holdings.unseen else ahead, behind.profile)


def _may_have(behind: Subject, holdings: Holdings) -> bool:
    """Whether the former version has secrets, for certain or in a store that could not be asked."""
    return bool(holdings.found or holdings.unseen or set(holdings.spared) - set(behind.unlooked))


async def _remove(app: ProfilesApp, behind: Subject) -> None:
    """Remove what is left behind, a token of it off the screens first, and tell what reading back showed."""
    if app.state.token is not None and _is_left(app.state.token_profile or app.state.profile, behind):
        await app.start_over(app.state.signed_out())
    report = await app.parts.engine.removal.remove(behind)
    text = outcome_text(report)
    if report.left:
        app.notify(f"{text} {_KEPT}", title="Not all removed", severity="error", timeout=30, markup=False)
        return
    app.notify(text, timeout=12, markup=False)
    await _strike(app, behind)


async def _leave(app: ProfilesApp, behind: Subject, holdings: Holdings) -> None:
    """Tell what might be left somewhere; where there is nothing for certain no note is needed."""
    if not _may_have(behind, holdings):
        await _strike(app, behind)
    lasting = app.parts.book.saved.lasting_filings.values()
    elsewhere = holdings.only_memory and any(behind.profile.name in each for each in lasting)
    for reason in (*holdings.unseen, *(holdings.spared if elsewhere else ())):
        text = f"The former client or server may have secrets that could not be looked for. {reason} {_KEPT}"
        app.notify(text, severity="warning", timeout=15, markup=False)


async def _strike(app: ProfilesApp, behind: Subject) -> None:
    """Take out the note of a former version that has no secret any more."""
    store = store_in_use(await app.parts.engine.store_status())
    with suppress(CcflowError):  # a note too many does no harm
        app.parts.book.note(striking(store, behind.profile))


def _is_left(granted: Profile, behind: Subject) -> bool:
    """Whether a token was granted to the client and server that are left behind."""
    former, successor = _client(behind.profile), behind.successor
    return _client(granted) == former and (successor is None or _client(successor) != former)


def _client(profile: Profile) -> tuple[str, str]:
    return profile.client_id, server_origin(profile)
