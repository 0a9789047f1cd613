"""What ccflow remembers between sessions: profiles and choices, never a secret."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ccflow_tui.config.atomic import write_private
from ccflow_tui.config.profile_json import profile_from_json, profile_to_json
from ccflow_tui.config.text_file import reason
from ccflow_tui.models.problems import SettingsProblem
from ccflow_tui.models.profile import Profile

_VERSION = 1
_MAX_BYTES = 4 * 1024 * 1024
_KEYS = frozenset({"version", "last_profile", "profiles", "theme", "trusted", "confirmed_apis", "filings"})
_ASIDE = "Mend the file, or move it aside; the wizard offers to do so when you save a profile."

_MEMORY = "memory"
"""``StoreChoice.MEMORY``, spelt out since the first paint does not wait for the module."""
Filings = Mapping[str, Mapping[str, tuple[Profile, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedState:
    """The remembered values."""

    last_profile: str = ""
    profiles: Mapping[str, Profile] = field(default_factory=lambda: MappingProxyType({}))
    theme: str = ""
    trusted: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Files of working folders that are trusted: path to SHA-256 of the content."""
    confirmed_apis: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Profile to the origins (RFC 6454) of the APIs that its tokens may go to."""
    filings: Filings = field(default_factory=lambda: MappingProxyType({}))
    """Store (a ``StoreChoice``) to profile to what its secrets may be filed under there, the latest last.

    Noted since a keyring cannot list what it holds; each is a ``services.credential_names.filing``.
    """

    @property
    def lasting_filings(self) -> Filings:
        """What is noted of stores that outlive the run."""
        return {store: noted for store, noted in self.filings.items() if store != _MEMORY}

    @property
    def passing_filings(self) -> Filings:
        """What is noted of memory, which no file keeps."""
        return {store: noted for store, noted in self.filings.items() if store == _MEMORY}


class UserState:
    """The user's state file: JSON, replaced atomically, mode 0600, holding no secret."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> SavedState:
        """Return what is remembered, or defaults when there is no file; raises ``SettingsProblem``."""
        if not os.path.lexists(self.path):
            return SavedState()
        # Only where there is a file are the means to read it worth the time to load.
        from ccflow_tui.config.json_file import printable, read_json_object

        data = read_json_object(self.path, limit=_MAX_BYTES, way_out=_ASIDE)
        version = data.get("version")
        if type(version) is not int or version < _VERSION:  # True would pass for 1
            raise SettingsProblem(self.path, "version", "This is no state file of ccflow.", _ASIDE)
        if version > _VERSION:
            raise SettingsProblem(
                self.path, "version", "A newer ccflow wrote this file.", f"Update ccflow. {_ASIDE}"
            )
        if unknown := data.keys() - _KEYS:
            raise SettingsProblem(self.path, printable(min(unknown)), "This key is unknown.", _ASIDE)
        return self._parse(data)

    def update(self, change: Callable[[SavedState], SavedState]) -> SavedState:
        """Apply ``change`` to what the file holds now, replace the file, and return what it holds then.

        Whatever another ccflow saved in the meantime is kept, and none saves between the reading and the
        writing. Raises ``SettingsProblem``, with the file untouched, when the one there cannot be understood
        (see ``quarantine``), another ccflow does not let go of it, or nothing can be written;
        raises ``InputProblem`` when a profile holds a secret.
        """
        from ccflow_tui.files.lock import HeldByAnother, held_alone

        with ExitStack() as held:
            try:
                held.enter_context(held_alone(self.path))
            except HeldByAnother:
                problem = "Another ccflow is writing the file and does not finish."
                raise SettingsProblem(self.path, "", problem, "Close it, then save once more.") from None
            except OSError as error:
                raise self._not_written(error) from None
            state = change(self.load())
            self._write(state)
            return state

    def quarantine(self) -> Path:
        """Move the file aside, so that a new one can begin; return where it went.

        Raises ``SettingsProblem`` when it cannot be moved.
        """
        name = f"{self.path.name}.corrupt-{int(time.time())}"
        names = (name, *(f"{name}-{number}" for number in range(2, 100)))
        candidates = (self.path.with_name(each) for each in names)
        aside = next((each for each in candidates if not os.path.lexists(each)), self.path.with_name(name))
        try:
            os.rename(self.path, aside)
        except OSError as error:
            problem = f"The file cannot be moved aside: {reason(error)}."
            raise SettingsProblem(self.path, "", problem, "Move it by hand.") from None
        return aside

    def _write(self, state: SavedState) -> None:
        data: dict[str, object] = {
            "version": _VERSION,
            "last_profile": state.last_profile,
            "profiles": {name: profile_to_json(profile) for name, profile in state.profiles.items()},
            "theme": state.theme,
        }
        if state.trusted:
            data["trusted"] = dict(state.trusted)
        if state.confirmed_apis:
            data["confirmed_apis"] = {name: list(each) for name, each in state.confirmed_apis.items()}
        if filings := state.lasting_filings:
            data["filings"] = {
                store: {name: [profile_to_json(each) for each in filed] for name, filed in profiles.items()}
                for store, profiles in filings.items()
            }
        text = json.dumps(data, indent=2) + "\n"
        if len(text) > _MAX_BYTES:
            raise SettingsProblem(self.path, "profiles", "There is too much to keep.", "Remove profiles.")
        try:
            write_private(self.path, text)
        except OSError as error:
            raise self._not_written(error) from None

    def _not_written(self, error: OSError) -> SettingsProblem:
        return SettingsProblem(
            self.path,
            "",
            f"The file cannot be written: {reason(error)}.",
            "Your changes hold until ccflow ends. Set CCFLOW_HOME to a folder that can be written to.",
        )

    def _parse(self, data: Mapping[str, Any]) -> SavedState:
        return SavedState(
            last_profile=self._text(data, "last_profile"),
            profiles=MappingProxyType(self._profiles(data.get("profiles", {}))),
            theme=self._text(data, "theme"),
            trusted=MappingProxyType(self._trusted(data.get("trusted", {}))),
            confirmed_apis=MappingProxyType(self._confirmed_apis(data.get("confirmed_apis", {}))),
            filings=MappingProxyType(self._filings(data.get("filings", {}))),
        )

    def _text(self, data: Mapping[str, Any], key: str) -> str:
        value = data.get(key, "")
        if not isinstance(value, str):
            raise SettingsProblem(self.path, key, "It must be text.", _ASIDE)
        return value

    def _trusted(self, data: object) -> dict[str, str]:
        if not isinstance(data, dict) or not all(isinstance(digest, str) for digest in data.values()):
            raise SettingsProblem(self.path, "trusted", "It must be an object of texts.", _ASIDE)
        return data

    def _confirmed_apis(self, data: object) -> dict[str, tuple[str, ...]]:
        lists = data.values() if isinstance(data, dict) else [None]
        if not all(isinstance(each, list) and all(isinstance(item, str) for item in each) for each in lists):
            raise SettingsProblem(
                self.path, "confirmed_apis", "It must be an object of lists of texts.", _ASIDE
            )
        return {name: tuple(each) for name, each in data.items()} if isinstance(data, dict) else {}

    def _profiles(self, data: object) -> dict[str, Profile]:
        if not isinstance(data, dict):
            raise SettingsProblem(self.path, "profiles", "It must be an object.", _ASIDE)
        return {name: self._profile("profiles", name, values) for name, values in data.items()}

    def _filings(self, data: object) -> dict[str, dict[str, tuple[Profile, ...]]]:
        stores = list(data.values()) if isinstance(data, dict) else [None]
        lists = [each for store in stores for each in (store.values() if isinstance(store, dict) else [None])]
        if not isinstance(data, dict) or not all(isinstance(each, list) for each in lists):
            raise SettingsProblem(self.path, "filings", "It must be an object of objects of lists.", _ASIDE)
        return {
            store: {
                name: tuple(self._profile("filings", name, values) for values in filed)
                for name, filed in profiles.items()
            }
            for store, profiles in data.items()
        }

    def _profile(self, key: str, name: str, values: object) -> Profile:
        from ccflow_tui.config.json_file import printable

        try:
            return profile_from_json(name, values)
        except ValueError as error:
            problem = f"The profile cannot be read: {printable(str(error), limit=120)}."
            raise SettingsProblem(self.path, f"{key}.{printable(name)}", problem, _ASIDE) from None
