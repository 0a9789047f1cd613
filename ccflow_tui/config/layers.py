"""Everything that may say something about a profile, and which profile is meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
    settings: Settings | None = None
    settings_trusted: bool = False
    """Whether the user chose the settings file, and not merely the folder that it lies in."""
    saved: SavedState | None = None
    demo: Mapping[str, Profile] = field(default_factory=_nothing)
    """The demo server's profiles by name; when there are any, there are no others."""


def profile_names(layers: Layers) -> tuple[str, ...]:
    """Return the name of every profile there is, in the order in which they are listed."""
    if layers.demo:
        return tuple(layers.demo)
    names = [DEFAULT_PROFILE, *(layers.settings.profiles if layers.settings else ())]
    return tuple(dict.fromkeys([*names, *(layers.saved.profiles if layers.saved else ())]))


def choose_profile(requested: str | None, layers: Layers) -> str:
    """Return the profile to open: requested, else ``CCFLOW_PROFILE``, ``defaultProfile``, the last one.

    Raises ``InputProblem`` when somebody named a profile that does not exist.
    """
    names = profile_names(layers)
    wishes = [(requested or "", "")]
    if not layers.demo:
        wishes += [
            (layers.environment.get(PROFILE_VARIABLE, ""), f"{PROFILE_VARIABLE} ({Source.ENVIRONMENT})"),
            (layers.env_file.get(PROFILE_VARIABLE, ""), f"{PROFILE_VARIABLE} ({Source.ENV_FILE})"),
            (_default_profile(layers), f"defaultProfile ({Source.SETTINGS})"),
        ]
    for name, origin in wishes:
        if name := name.strip():
            must_exist(name, names, origin)
            return name
    last = layers.saved.last_profile if layers.saved else ""
    return last if last in names else names[0]


def _default_profile(layers: Layers) -> str:
    return (layers.settings and layers.settings.default_profile) or ""


def must_exist(name: str, names: Sequence[str], origin: str = "") -> None:
    """Raise ``InputProblem`` for a profile that is not among ``names``; ``origin`` is what asks for it."""
    if name not in names:
        from ccflow_tui.config.json_file import printable

        problem = f'There is no profile "{printable(name)}"'
        problem += f", which {origin} asks for." if origin else "."
        raise InputProblem("profile", problem, did_you_mean(name, names))
