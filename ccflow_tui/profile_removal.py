"""What of a profile the book knows that matters when its secrets, or the profile itself, are to go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ccflow_tui.config.layers import DEFAULT_PROFILE, Source, profile_names
from ccflow_tui.config.resolve import resolve_profile
from ccflow_tui.filings import noted, noting, store_in_use, striking, usual_store
from ccflow_tui.models.discovery import with_metadata
from ccflow_tui.models.profile import EndpointMode
from ccflow_tui.models.store_choice import StoreChoice
from ccflow_tui.models.variables import PROFILE_VARIABLE
from ccflow_tui.services.credential_names import filing, server_origin
from ccflow_tui.services.ports_removal import Subject
from ccflow_tui.unlooked_stores import unlooked

if TYPE_CHECKING:
    from ccflow_tui.config.layers import Layers
    from ccflow_tui.config.settings import Settings
    from ccflow_tui.config.state import SavedState
    from ccflow_tui.models.profile import Profile
    from ccflow_tui.profile_book import Change, ProfileBook
    from ccflow_tui.services.ports import FlowEngine
    from ccflow_tui.services.ports_removal import RemovalReport


async def subject_of(
    book: ProfileBook, engine: FlowEngine, profile: Profile, *, holds_token: bool = False
) -> Subject:
    """Return whose secrets are meant: the profile, every way in which it may be kept, and all the others.

    Raises ``InputProblem`` where one of the others cannot be read, since nobody can tell then what it uses.
    """
    book.catch_up()  # what a profile of another ccflow uses is not taken from it
    name = profile.name
    edited = [book.open(name)[0]] if name in profile_names(book.layers) else []
    versions = _versions(engine, (*edited, *_covered(book.layers, name), *noted(book.saved, name)))
    kept = [await _addressed(engine, version, profile) for version in versions]
    status = await engine.store_status()
    return Subject(
        profile, tuple(kept), _others(book, engine, name), holds_token, unlooked=unlooked(book, status, name)
    )


async def left_behind(book: ProfileBook, engine: FlowEngine, profile: Profile) -> Subject | None:
    """Return whose secrets nobody would use any more once ``profile`` is saved; ``None`` where none can be.

    That is the profile as it was saved last, under another client, server or reference. Where settings or
    variables still give it like that, it goes on using them. Raises as ``subject_of``.
    """
    book.catch_up()
    name, saved, status = profile.name, book.saved, await engine.store_status()
    if not server_origin(profile):
        return None  # nobody can tell yet whether it moves
    known = noted(saved, name, store_in_use(status)) or noted(saved, name)
    versions = _versions(engine, known[-1:] or _alone(saved, name))
    if not versions:
        return None
    former = filing(await _addressed(engine, versions[0], profile))
    if former == filing(profile):
        return None
    given = _covered(replace(book.layers, saved=None), name)
    namesakes = [await _addressed(engine, version, profile) for version in _versions(engine, given)]
    return Subject(
        former,
        others=(*_others(book, engine, name), *namesakes),
        successor=profile,
        unlooked=unlooked(book, status, name),
    )


async def notes_after(
    book: ProfileBook, engine: FlowEngine, subject: Subject, report: RemovalReport, *, forgets: bool
) -> Change:
    """Return what becomes of the notes of a profile once its secrets were removed.

    What was proved to be gone from the store in use needs none, but for what the profile goes on to use. What
    is still there, or may be in a store that nobody could or should look into, is noted when the profile
    goes, in every way in which it may be filed.
    """
    name, saved = subject.profile.name, book.saved
    goes = forgets and book.is_saved(name)
    versions = [each for each in (*subject.versions, subject.profile) if goes and _is_filed(each)]
    if report.left:
        return noting(usual_store(book), *versions)
    store = store_in_use(await engine.store_status())
    known = noted(saved, name, store)
    strike = striking(store, *(known if forgets else known[:-1]))
    if not report.only_memory:
        return strike
    lasting = (*noted(saved, name, StoreChoice.KEYRING), *noted(saved, name, StoreChoice.FILE))
    note = noting(StoreChoice.KEYRING, *(each for each in versions if filing(each) not in lasting))
    return lambda current: note(strike(current))


def _is_filed(profile: Profile) -> bool:
    """Whether anything can be stored for a profile, which one without server and key cannot have."""
    filed = filing(profile)
    return bool(filed.token_endpoint or filed.issuer or filed.key_reference or filed.mtls.cert_ref)


def _versions(engine: FlowEngine, profiles: Iterable[Profile]) -> tuple[Profile, ...]:
    return tuple(dict.fromkeys(map(engine.derive, profiles)))


def _alone(saved: SavedState, name: str) -> tuple[Profile, ...]:
    """Return the profile as the state file alone gives it."""
    return (saved.profiles[name],) if name in saved.profiles else ()


def _others(book: ProfileBook, engine: FlowEngine, name: str) -> tuple[Profile, ...]:
    """Return every other profile, in each way in which it may be used, hidden at present or not."""
    others = [other for other in book.profiles() if other.name != name]
    hidden = (each for other in others for each in _covered(book.layers, other.name))
    return _versions(engine, (*others, *hidden))


def _covered(layers: Layers, name: str) -> list[Profile]:
    """Return a profile as it is without each place that may stand before another.

    A variable, or a file of this folder, that names another client or server must not hide what was kept
    before it was set, or elsewhere.
    """
    return [resolve_profile(name, each).profile for each in _uncovered(layers) if _names(each, name)]


def _uncovered(layers: Layers) -> Iterator[Layers]:
    """Yield the layers with and without environment, ``.env`` and settings, in every combination there is."""
    seen: list[Layers] = []
    own = replace(layers, settings=layers.own_settings, settings_trusted=True, own_settings=None)
    without = replace(layers, settings=None, own_settings=None)
    for settings in (layers, own, without):
        for environment in (layers.environment, {}):
            for env_file in (layers.env_file, {}):
                each = replace(settings, environment=environment, env_file=env_file)
                if each not in seen:
                    seen.append(each)
                    yield each


def _names(layers: Layers, name: str) -> bool:
    return name in profile_names(layers)


async def _addressed(engine: FlowEngine, version: Profile, profile: Profile) -> Profile:
    """Return a version with its token endpoint, which the profile knows already if the issuer is the same."""
    same = version.endpoint_mode is EndpointMode.ISSUER and version.issuer == profile.issuer
    if same and profile.token_endpoint and not version.token_endpoint:
        return replace(version, token_endpoint=profile.token_endpoint, server=profile.server)
    return await with_server(engine, version)


async def with_server(engine: FlowEngine, profile: Profile) -> Profile:
    """Return the profile with the token endpoint that its issuer names, which its secrets are bound to.

    Where the issuer cannot be asked the profile comes back as it is.
    """
    if profile.endpoint_mode is not EndpointMode.ISSUER or not profile.issuer or profile.token_endpoint:
        return profile
    found = await engine.discover(profile)
    return with_metadata(profile, found.metadata) if found.metadata is not None else profile


def why_kept(book: ProfileBook, name: str) -> tuple[str, ...]:
    """Return who names a profile besides the state file, so that forgetting leaves it there, in sentences."""
    rest = _without(name, book.layers)
    reasons = []
    if name in profile_names(rest):
        said = resolve_profile(name, rest).sources.values()
        places = [text for source, text in _places(book) if source in said]
        files = _settings_files(book)
        named = [file for file, settings in files if name in settings.profiles]
        if named:
            reasons.append(f"{' and '.join(named)} names the profile, too, and keeps it in the list.")
        elif name == DEFAULT_PROFILE:
            values = f" with what {' and '.join(places)} set" if places else " and begins empty"
            reasons.append(f"“{DEFAULT_PROFILE}” is always there: it stays in the list{values}.")
    reasons += [f"{place} asks for the profile by name; change that, too." for place in _wishes(book, name)]
    return tuple(reasons)


def _without(name: str, layers: Layers) -> Layers:
    if layers.saved is None:
        return layers
    kept = {each: profile for each, profile in layers.saved.profiles.items() if each != name}
    return replace(layers, saved=replace(layers.saved, profiles=kept))


def _settings_files(book: ProfileBook) -> list[tuple[str, Settings]]:
    """Return every settings file that says something, as a person finds it; the strongest stands first."""
    shown = (str(book.settings_file), "your own settings.json")
    return [(file, settings) for file, (settings, _) in zip(shown, book.layers.settings_files, strict=False)]


def _places(book: ProfileBook) -> tuple[tuple[Source, str], ...]:
    return (
        (Source.SETTINGS, str(book.settings_file)),
        (Source.ENVIRONMENT, "the environment"),
        (Source.ENV_FILE, ".env"),
    )


def _wishes(book: ProfileBook, name: str) -> list[str]:
    """Return what opens the profile at each start."""
    layers, found = book.layers, []
    for file, settings in _settings_files(book):
        if settings.default_profile == name:
            found.append(f"defaultProfile in {file}")
    for place, variables in (("the environment", layers.environment), (".env", layers.env_file)):
        if variables.get(PROFILE_VARIABLE, "").strip() == name:
            found.append(f"{PROFILE_VARIABLE} in {place}")
    return found
