"""The profiles of this run: opened, remembered, saved; every value with the source it came from."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ccflow_tui.config.atomic import write_private
from ccflow_tui.config.layers import Layers, Source, choose_profile, profile_names
from ccflow_tui.config.resolve import resolve_profile
from ccflow_tui.config.state import SavedState, UserState
from ccflow_tui.models.problems import InputProblem, SettingsProblem
from ccflow_tui.models.profile import Profile

if TYPE_CHECKING:
    from ccflow_tui.config.trust import FolderFile

LONGEST_NAME = 60
"""Characters of a profile's name."""
LOG_NAME = "ccflow-log.jsonl"
Change = Callable[[SavedState], SavedState]
_UNTOLD = frozenset({Source.DEFAULT, Source.DEMO})


def unchanged(saved: SavedState) -> SavedState:
    """Return the state as it is: a change that is none."""
    return saved


@dataclass(slots=True)
class ProfileBook:
    """Holds what the wizard may open; writes only non-secret values, and only into the state file."""

    layers: Layers
    state: UserState
    requested: str | None = None
    broken_state: bool = False
    """Whether the state file could not be read; it is left alone until it is moved aside."""
    folder: tuple[FolderFile, ...] = ()
    """The files in use that merely lie in the working folder, trusted or not."""
    settings_file: Path | None = None
    """The settings file in use."""
    _session: dict[str, tuple[Profile, dict[str, str]]] = field(default_factory=dict)

    @property
    def is_demo(self) -> bool:
        """Whether the profiles come from the demo server."""
        return bool(self.layers.demo)

    @property
    def theme(self) -> str:
        """The theme to start with; empty leaves it to the app."""
        settings = self.layers.settings
        return (settings.ui.theme if settings else None) or self.saved.theme

    @property
    def saved(self) -> SavedState:
        """What is saved, as far as this run knows."""
        return self.layers.saved or SavedState()

    def open(self, name: str | None = None) -> tuple[Profile, dict[str, str]]:
        """Return a profile and the source of each field; raises ``InputProblem`` for an unknown name."""
        chosen = choose_profile(name or self.requested, self.layers)
        if chosen in self._session:
            return self._session[chosen]
        resolved = resolve_profile(chosen, self.layers)
        sources = {
            attribute: source.value for attribute, source in resolved.sources.items() if source not in _UNTOLD
        }
        return resolved.profile, sources

    def drop_unknown_request(self) -> str:
        """Return why what was asked for cannot be opened, and let another be opened; empty when it can.

        Which profiles the demo has is known only once it runs, when the wizard is open.
        """
        try:
            choose_profile(self.requested, self.layers)
        except InputProblem as problem:
            self.requested = None
            return problem.finding.problem
        return ""

    def shadows(self, name: str) -> Mapping[str, str]:
        """Return, for each field that stands before values of other sources, a line that tells them."""
        from ccflow_tui.config.explain import shadow_hints

        if name not in profile_names(self.layers):
            return {}
        return shadow_hints(resolve_profile(name, self.layers))

    def waiting(self, name: str) -> tuple[str, bool]:
        """Say what of the folder's files waits for trust, and the way out; and whether a script has to stop.

        The text is empty where nothing waits.
        """
        if not self.folder or self.is_demo:
            return "", False
        from ccflow_tui.config.claims import waiting

        return waiting(name, self.layers, self.folder, self.requested)

    def trust_folder(self) -> None:
        """Trust the folder's files as they were read.

        Raises ``SettingsProblem`` where that cannot be remembered and holds for this run only.
        """
        self.layers = self.layers.trusting()
        self._session.clear()  # what was opened before knew less
        if self.folder:
            self._update(self._remembering)

    @property
    def uses_settings_of_folder(self) -> bool:
        """Whether values from a settings file come from one of the working folder, which is trusted."""
        return self.layers.settings_trusted and any(each.source is Source.SETTINGS for each in self.folder)

    def is_api_confirmed(self, name: str, origin: str) -> bool:
        """Whether the tokens of the profile ``name`` may go to the API at ``origin``."""
        return origin in self.saved.confirmed_apis.get(name, ())

    def confirm_api(self, name: str, origin: str) -> None:
        """Remember that tokens of a profile may go to an API; where that cannot be kept, for this run."""

        def remembering(saved: SavedState) -> SavedState:
            known = dict.fromkeys((*saved.confirmed_apis.get(name, ()), origin))
            return replace(saved, confirmed_apis={**saved.confirmed_apis, name: tuple(known)})

        if self.is_api_confirmed(name, origin):
            return
        try:
            self._update(remembering)
        except (SettingsProblem, InputProblem):
            self.layers = replace(self.layers, saved=remembering(self.saved))

    def _remembering(self, saved: SavedState) -> SavedState:
        for each in self.folder:
            saved = each.trusted_in(saved)
        return saved

    def notes(self, name: str | None = None) -> tuple[str, ...]:
        """Return what is odd about where values come from: variables that look misspelt."""
        name = name or self.requested
        if name and self.is_only_noted(name):
            return ()
        return resolve_profile(choose_profile(name, self.layers), self.layers).notes

    def is_only_noted(self, name: str) -> bool:
        """Whether nothing is known of a profile but what its secrets may be filed under."""
        is_noted = any(name in profiles for profiles in self.saved.filings.values())
        return is_noted and name not in profile_names(self.layers)

    def profiles(self) -> list[Profile]:
        """Return every profile there is, for the list to choose from."""
        return [self.open(name)[0] for name in profile_names(self.layers)]

    def remember(self, profile: Profile, sources: dict[str, str] | None = None) -> None:
        """Keep an edited profile for this run."""
        self._session[profile.name] = (profile, dict(sources or {}))

    def use_demo(self, profiles: tuple[Profile, ...], *, requested: str | None) -> None:
        """Replace every profile by those of the demo server."""
        self._session.clear()
        self.requested = requested
        self.layers = replace(self.layers, demo={profile.name: profile for profile in profiles})

    def save(self, profile: Profile, also: Change = unchanged) -> None:
        """Keep the profile's non-secret values for the next run, and make a change that goes along with them.

        Raises ``SettingsProblem`` when the state file cannot be read or written, and ``InputProblem`` for
        a demo profile, whose server exists in this run only.
        """
        if self.is_demo:
            raise InputProblem(
                "profile",
                "Demo profiles are made anew at each start.",
                "Run ccflow without --demo to save one.",
            )
        self._update(
            lambda saved: replace(
                also(saved), profiles={**saved.profiles, profile.name: profile}, last_profile=profile.name
            )
        )
        self.remember(profile)

    def begin(self, profile: Profile) -> None:
        """Add a profile: for the next run, too, or for this one where it is a demo's; raises as ``save``."""
        if self.is_demo:
            self.layers = replace(self.layers, demo={**self.layers.demo, profile.name: profile})
            self.remember(profile)
        else:
            self.save(profile)

    def is_saved(self, name: str) -> bool:
        """Whether the state file holds the profile."""
        return name in self.saved.profiles

    def note(self, change: Change) -> None:
        """Make a change of what secrets are filed under; raises ``SettingsProblem``."""
        after = change(self.saved)
        if after.lasting_filings != self.saved.lasting_filings:
            self._update(change)
        else:
            self.layers = replace(self.layers, saved=after)

    def catch_up(self) -> None:
        """Take over profiles and notes of another ccflow; a file that cannot be read changes nothing."""
        if self.is_demo or not os.path.lexists(self.state.path):
            return
        with suppress(SettingsProblem):
            kept = self.state.load()
            # The rest may hold for this run only, where it could not be written.
            self._take_over(replace(self.saved, profiles=kept.profiles, filings=kept.filings), self.saved)

    def forget(self, name: str, also: Change = unchanged) -> None:
        """Remove a profile from this run and from the state file, and make a change that goes along.

        Raises ``SettingsProblem``. One that settings or environment name stays in the list, as they give it.
        """

        def without(saved: SavedState) -> SavedState:
            profiles = {each: profile for each, profile in saved.profiles.items() if each != name}
            confirmed = {each: apis for each, apis in saved.confirmed_apis.items() if each != name}
            last = "" if saved.last_profile == name else saved.last_profile
            return replace(also(saved), profiles=profiles, last_profile=last, confirmed_apis=confirmed)

        if without(self.saved) != self.saved:
            self.state.update(without)
            self.layers = replace(self.layers, saved=without(self.saved))
        self._session.pop(name, None)
        self.requested = None if self.requested == name else self.requested

    def successor(self, name: str) -> str:
        """Return the profile to open in place of one that was forgotten: itself where it is still named."""
        names = profile_names(self.layers)
        configured = (each for settings, _ in self.layers.settings_files for each in settings.profiles)
        wishes = (name, self.saved.last_profile, *configured, *self.saved.profiles)
        return next((wish for wish in wishes if wish in names), names[0])

    def why_not_named(self, name: str) -> str:
        """Return why a new profile cannot have this name, and what to do; an empty text when it can."""
        if not name:
            return "A profile needs a name. Type one, or press Esc."
        if len(name) > LONGEST_NAME or not name.isprintable():
            return (
                f"A name has {LONGEST_NAME} printable characters at the most. Type a shorter or plainer one."
            )
        taken = {known.casefold() for known in profile_names(self.layers)}
        return f"There is a profile “{name}” already. Type another name." if name.casefold() in taken else ""

    def remember_theme(self, name: str) -> None:
        """Keep the theme for the next run, where that is possible; a theme is not worth an error."""
        try:
            self._update(lambda saved: replace(saved, theme=name))
        except (SettingsProblem, InputProblem):
            self.layers = replace(self.layers, saved=replace(self.saved, theme=name))

    def move_broken_state_aside(self) -> Path:
        """Make room for a new state file; the broken one is kept under another name."""
        path = self.state.quarantine()
        self.broken_state = False
        return path

    def export(self, text: str) -> Path:
        """Write a text beside the state file, readable by the user only, and return where."""
        path = self.state.path.with_name(LOG_NAME)
        try:
            write_private(path, text)
        except OSError as error:
            problem = f"The file cannot be written: {error.strerror}."
            raise SettingsProblem(
                path, "", problem, "Set CCFLOW_HOME to a folder you may write to."
            ) from None
        return path

    def _update(self, change: Callable[[SavedState], SavedState]) -> None:
        self._take_over(self.state.update(change), change(self.saved))

    def _take_over(self, kept: SavedState, own: SavedState) -> None:
        """Go on with what the file holds, and with what of this run's ``own`` no file has."""
        # What this run listed stays listed, even where another one removed the file meanwhile.
        profiles = {**self.saved.profiles, **kept.profiles}
        filings = {**kept.lasting_filings, **own.passing_filings}
        self.layers = replace(self.layers, saved=replace(kept, profiles=profiles, filings=filings))
