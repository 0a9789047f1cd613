"""Reads the files that configure ccflow, where there are any, and says which of them the user trusts."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from ccflow_tui.config.env_file import read_env_file, read_env_variable
from ccflow_tui.config.layers import Source
from ccflow_tui.config.paths import Paths
from ccflow_tui.config.settings import Settings, load_settings
from ccflow_tui.config.settings_file import SettingsChoice, chosen_by_user
from ccflow_tui.config.state import SavedState
from ccflow_tui.config.trust import FolderFile, folder_file
from ccflow_tui.models.problems import InputProblem, SettingsProblem
from ccflow_tui.models.variables import TRUST_FOLDER_VARIABLE

_Content = TypeVar("_Content")


@dataclass(frozen=True, slots=True)
class Files:
    """What was read."""

    env_file: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    settings: Settings | None = None
    own_settings: Settings | None = None
    """The user's own file where ``settings`` is one of the working folder."""
    folder: tuple[FolderFile, ...] = ()
    """Those that merely lie in the working folder."""

    def trusted(self, source: Source, saved: SavedState, environment: Mapping[str, str]) -> bool:
        """Whether the file of a source counts: chosen by the user, trusted as it is, or by its folder.

        Raises ``InputProblem`` where the variable that names a trusted folder holds no whole path.
        """
        named = _named_folder(environment)
        mere = [each for each in self.folder if each.source is source]
        return all(each.is_trusted(saved) or os.path.realpath(each.file.parent) == named for each in mere)


def read_files(env_path: Path, choice: SettingsChoice, explicit: Path | None, paths: Paths) -> Files:
    """Read ``.env`` and the settings; ``explicit`` is the file named with ``--settings``.

    Raises ``SettingsProblem`` for a file that cannot be used.
    """
    env_file: Mapping[str, str] = {}
    settings: Settings | None = None
    own: Settings | None = None
    folder: list[FolderFile] = []
    if os.path.lexists(env_path):
        if os.path.realpath(env_path.parent) == os.path.realpath(paths.config_dir):
            env_file = read_env_file(env_path)
        else:
            env_file, found = _steadily(env_path, Source.ENV_FILE, read_env_file)
            folder.append(found)
    if choice.file is not None and chosen_by_user(choice.file, explicit, paths):
        settings = load_settings(choice.file)
    elif choice.file is not None:
        settings, found = _steadily(choice.file, Source.SETTINGS, load_settings)
        folder.append(found)
        own = load_settings(paths.settings_file) if os.path.lexists(paths.settings_file) else None
    return Files(env_file, settings, own, tuple(folder))


def _steadily(file: Path, source: Source, read: Callable[[Path], _Content]) -> tuple[_Content, FolderFile]:
    """Read a file together with what to remember of it: what is asked about must be what is used."""
    before = folder_file(file, source)
    content = read(file)
    if folder_file(file, source) != before:
        raise SettingsProblem(file, "", "The file changed while it was read.", "Start ccflow again.")
    return content, before


def read_trusted_variable(path: Path, name: str, folder: Iterable[FolderFile], *, trusted: bool) -> str:
    """Return any variable of the ``.env`` file at ``path``, or an empty text.

    Raises ``SettingsProblem`` where it stands in a file that is not trusted, or differs from what ``folder``
    remembers of it.
    """
    value = read_env_variable(path, name)
    if not value:
        return ""
    if not trusted:
        problem = "The file lies in the working folder and is not trusted."
        raise SettingsProblem(path, name, problem, "If you know it, run ccflow config --trust in its folder.")
    for known in folder:
        if known.file == path and folder_file(path, known.source) != known:
            raise SettingsProblem(path, name, "The file changed since it was read.", "Start ccflow again.")
    return value


def _named_folder(environment: Mapping[str, str]) -> str:
    text = environment.get(TRUST_FOLDER_VARIABLE, "").strip()
    if text and not os.path.isabs(text):
        raise InputProblem(
            "settings",
            f"{TRUST_FOLDER_VARIABLE} must be the whole path of one folder.",
            "A relative one would trust every folder that ccflow is started in.",
        )
    return os.path.realpath(text) if text else ""
