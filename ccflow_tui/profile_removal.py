"""What of a profile the book knows that matters when its secrets, or the profile itself, are to go."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ccflow_tui.config.layers import DEFAULT_PROFILE, Source, profile_names
from ccflow_tui.config.resolve import resolve_profile
from ccflow_tui.models.discovery import with_metadata
from ccflow_tui.models.profile import EndpointMode
from ccflow_tui.models.variables import PROFILE_VARIABLE
from ccflow_tui.services.ports_removal import Subject

if TYPE_CHECKING:
    from ccflow_tui.config.layers import Layers
    from ccflow_tui.config.settings import Settings
    from ccflow_tui.models.profile import Profile
    from ccflow_tui.profile_book import ProfileBook
    from ccflow_tui.services.ports import FlowEngine


def subject_of(
    book: ProfileBook, engine: FlowEngine, profile: Profile, *, holds_token: bool = False
) -> Subject:
    """Return whose secrets are meant: the profile, as it is remembered and as it is kept, and all the others.

    Raises ``InputProblem`` where one of the others cannot be read, since nobody can tell then what it uses.
    """
    kept: tuple[Profile, ...] = ()
    if profile.name in profile_names(book.layers):
        known = book.open(profile.name)[0], resolve_profile(profile.name, book.layers).profile
        kept = tuple(map(engine.derive, known))
    others = (engine.derive(other) for other in book.profiles() if other.name != profile.name)
    return Subject(profile, kept, tuple(others), holds_token)


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
