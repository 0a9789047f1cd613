"""Find the settings file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ccflow_tui.config.paths import Paths
from ccflow_tui.models.problems import SettingsProblem


@dataclass(frozen=True, slots=True)
class SettingsChoice:
    """Which settings file is used, and why this one."""

    file: Path | None
    why: str
    passed_over: tuple[Path, ...] = ()
    """Files that are there and not used."""


def settings_choice(explicit: Path | None, cwd: Path, paths: Paths) -> SettingsChoice:
    """Return ``find_settings`` with its reason; raises ``SettingsProblem`` likewise."""
    file = find_settings(explicit, cwd, paths)
    candidates = (cwd / "settings.json", paths.settings_file)
    passed_over = tuple(path for path in candidates if path != file and os.path.lexists(path))
    if explicit is not None:
        why = "named with --settings"
    elif file is None:
        why = "neither the working folder nor your configuration folder has one"
    elif file == candidates[0]:
        why = "in the working folder, which comes before your configuration folder"
    else:
        why = "in your configuration folder; the working folder has none"
    return SettingsChoice(file, why, passed_over)


def find_settings(explicit: Path | None, cwd: Path, paths: Paths) -> Path | None:
    """Return the settings file to use: the one named, else the working folder's, else the user's.

    Raises ``SettingsProblem`` when the named one is not there; ``None`` when there is none at all.
    A broken link counts as there, since somebody meant it: reading it tells what is wrong.
    """
    if explicit is not None:
        named = Path(os.path.expanduser(explicit))
        if not os.path.lexists(named):
            raise SettingsProblem(named, "", "There is no such file.", "Check the path after --settings.")
        return named
    candidates = (cwd / "settings.json", paths.settings_file)
    return next((path for path in candidates if os.path.lexists(path)), None)


def chosen_by_user(file: Path, explicit: Path | None, paths: Paths) -> bool:
    """Whether a person chose the settings file: named with ``--settings``, or in the user's own folder.

    The one in the working folder may have come with somebody else's project.
    """
    return explicit is not None or os.path.realpath(file) == os.path.realpath(paths.settings_file)
