"""Everything that may say something about a profile, and which profile is meant."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ccflow_tui.config.nearest import did_you_mean
from ccflow_tui.config.state import SavedState
from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import Profile
from ccflow_tui.models.variables import PROFILE_VARIABLE

if TYPE_CHECKING:
    from ccflow_tui.config.settings import Settings

DEFAULT_PROFILE = "default"


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


class Source(StrEnum):
    """Where a value comes from, as shown beside its field; the first that has one wins."""

    TYPED = "typed"
    ENVIRONMENT = "environment"
    ENV_FILE = ".env"
    SETTINGS = "settings.json"
    SAVED = "saved"
    PRESET = "preset"
    """What the provider's preset starts from."""
    DEFAULT = "default"
    DEMO = "demo"
    """Prepared for the demo server; such a profile takes nothing from elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """Everything that may say something about a profile."""

    typed: Mapping[str, str] = field(default_factory=_nothing)
    """Profile attribute to text, from the command line; attributes that have a variable only."""
    environment: Mapping[str, str] = field(default_factory=_nothing, repr=False)
    """The process environment, secrets included."""
    env_file: Mapping[str, str] = field(default_factory=_nothing, repr=False)
    """What ``read_env_file`` found, secrets included."""
    env_file_trusted: bool = False
    """Whether the user trusts ``.env``, and not merely works in the folder that it lies in."""
    settings: Settings | None = None
    settings_trusted: bool = False
    """Whether the user chose the settings file, and not merely the folder that it lies in."""
    own_settings: Settings | None = None
    """The user's own file, behind one of the working folder; once that one is trusted, it stands alone."""
    saved: SavedState | None = None
    demo: Mapping[str, Profile] = field(default_factory=_nothing)
    """The demo server's profiles by name; when there are any, there are no others."""

    @property
    def settings_files(self) -> tuple[tuple[Settings, bool], ...]:
        """Every settings file that says something, strongest first, and whether it is trusted."""
        if self.settings is None:
            return ()
        behind = () if self.settings_trusted or self.own_settings is None else ((self.own_settings, True),)
        return ((self.settings, self.settings_trusted), *behind)

    @property
    def trusted_settings(self) -> Settings | None:
        """The strongest settings file that the user chose or trusts."""
        return next((settings for settings, trusted in self.settings_files if trusted), None)

    def trusting(self) -> Layers:
        """Return the layers as they are once the files of the working folder are trusted."""
        return replace(self, env_file_trusted=True, settings_trusted=True)

    def distrusting(self, sources: Collection[Source]) -> Layers:
        """Return the layers as they are while the files of these sources are not trusted."""
        return replace(
            self,
            env_file_trusted=self.env_file_trusted and Source.ENV_FILE not in sources,
            settings_trusted=self.settings_trusted and Source.SETTINGS not in sources,
        )


def profile_names(layers: Layers) -> tuple[str, ...]:
    """Return the name of every profile there is, in the order in which they are listed."""
    if layers.demo:
        return tuple(layers.demo)
    names = [DEFAULT_PROFILE, *(name for settings, _ in layers.settings_files for name in settings.profiles)]
    return tuple(dict.fromkeys([*names, *(layers.saved.profiles if layers.saved else ())]))


def choose_profile(requested: str | None, layers: Layers) -> str:
    """Return the profile to open: requested, else ``CCFLOW_PROFILE``, ``defaultProfile``, the last one.

    An untrusted file of the working folder chooses none. Raises ``InputProblem`` when somebody named a
    profile that does not exist.
    """
    names = profile_names(layers)
    wishes = [(requested or "", "")]
    if not layers.demo:
        wishes += [
            (layers.environment.get(PROFILE_VARIABLE, ""), f"{PROFILE_VARIABLE} ({Source.ENVIRONMENT})"),
            (_profile_of_env_file(layers), f"{PROFILE_VARIABLE} ({Source.ENV_FILE})"),
            (_default_profile(layers), f"defaultProfile ({Source.SETTINGS})"),
        ]
    for name, origin in wishes:
        if name := name.strip():
            must_exist(name, names, origin)
            return name
    last = layers.saved.last_profile if layers.saved else ""
    return last if last in names else names[0]


def _profile_of_env_file(layers: Layers) -> str:
    return layers.env_file.get(PROFILE_VARIABLE, "") if layers.env_file_trusted else ""


def _default_profile(layers: Layers) -> str:
    settings = layers.trusted_settings
    return (settings and settings.default_profile) or ""


def must_exist(name: str, names: Sequence[str], origin: str = "") -> None:
    """Raise ``InputProblem`` for a profile that is not among ``names``; ``origin`` is what asks for it."""
    if name not in names:
        from ccflow_tui.config.json_file import printable

        problem = f'There is no profile "{printable(name)}"'
        problem += f", which {origin} asks for." if origin else "."
        raise InputProblem("profile", problem, did_you_mean(name, names))
