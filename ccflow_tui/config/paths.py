"""Where ccflow keeps its files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Paths:
    """The two folders of ccflow and the files in them; nothing here touches the disk."""

    config_dir: Path
    """What a person writes: settings and themes."""
    state_dir: Path
    """What ccflow writes: last used values, history."""

    @property
    def settings_file(self) -> Path:
        """The settings that hold in every folder."""
        return self.config_dir / "settings.json"

    @property
    def themes_dir(self) -> Path:
        """A person's own themes."""
        return self.config_dir / "themes"

    @property
    def state_file(self) -> Path:
        """Profiles and choices of the last session; no secret."""
        return self.state_dir / "state.json"

    @property
    def keys_file(self) -> Path:
        """Which private keys are kept in the secret store; no secret."""
        return self.state_dir / "keys.json"

    @property
    def secrets_file(self) -> Path:
        """Secrets, encrypted, where the user wants them in a file."""
        return self.state_dir / "secrets.encrypted"

    @property
    def history_file(self) -> Path:
        """The history database."""
        return self.state_dir / "history.sqlite3"


def default_paths(environment: Mapping[str, str] = os.environ) -> Paths:
    """Return the platform's folders for ccflow; ``CCFLOW_HOME`` in ``environment`` replaces both."""
    if home := environment.get("CCFLOW_HOME", "").strip():
        folder = Path(os.path.expanduser(home))
        return Paths(folder, folder)
    from platformdirs import PlatformDirs

    folders = PlatformDirs("ccflow", appauthor=False)
    return Paths(Path(folders.user_config_dir), Path(folders.user_state_dir))
