"""Files that merely lie in the working folder: what waits for trust, and what is remembered of it.

A ``.env`` or ``settings.json`` there may have come with somebody else's project. ``folder_rules`` says what
of it counts all the same; here is told what else trust would change.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import NamedTuple

from ccflow_tui.config.folder_rules import OTHER_RULES, PROFILE_RULES
from ccflow_tui.config.layers import Layers, Source, choose_profile, profile_names
from ccflow_tui.config.resolve import resolve_profile
from ccflow_tui.config.state import SavedState
from ccflow_tui.config.text_file import read_bytes
from ccflow_tui.config.yes_no import yes_or_no
from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import Profile
from ccflow_tui.models.store_choice import StoreChoice
from ccflow_tui.models.variables import (
    ENABLED_VARIABLE,
    PROFILE_VARIABLE,
    SECRET_STORE_VARIABLE,
    SECRET_VARIABLE,
)

MAX_BYTES = 256 * 1024
"""Of a file that can be trusted."""


@dataclass(frozen=True, slots=True)
class FolderFile:
    """A file of the working folder as it was when it was read."""

    file: Path
    source: Source
    digest: str
    """SHA-256 in hexadecimal; other content is asked about again."""

    @property
    def key(self) -> str:
        """The name under which the state file remembers it."""
        return os.path.realpath(self.file)

    def is_trusted(self, saved: SavedState) -> bool:
        """Whether somebody said so of exactly this content."""
        return saved.trusted.get(self.key) == self.digest

    def trusted_in(self, saved: SavedState) -> SavedState:
        """Return the state that remembers the trust."""
        return replace(saved, trusted={**saved.trusted, self.key: self.digest})


class Held(NamedTuple):
    """Something that a file says and that waits for trust."""

    source: Source
    attribute: str
    stops: bool
    """Whether no token is fetched by a script meanwhile."""

    @property
    def name(self) -> str:
        """What the file calls it."""
        from ccflow_tui.config.field_names import VARIABLE_OF, key_of
        from ccflow_tui.config.settings import camel

        if self.source is Source.ENV_FILE:
            return VARIABLE_OF[self.attribute]
        return key_of(self.attribute) or camel(self.attribute)


def folder_file(file: Path, source: Source) -> FolderFile:
    """Return what to remember of a file; raises ``SettingsProblem`` for one that cannot be read."""
    return FolderFile(file, source, hashlib.sha256(read_bytes(file, MAX_BYTES)).hexdigest())


def held_back(name: str, layers: Layers) -> tuple[Held, ...]:
    """Return what trust would change about a profile: of each field, what the file's word would be.

    A value that another place decides, or that is the same without the file, needs no trust.
    """
    if layers.demo or layers == (trusting := layers.trusting()):
        return ()
    now, then = resolve_profile(name, layers), resolve_profile(name, trusting)
    found = (
        Held(then.sources[item.name], item.name, PROFILE_RULES[item.name].stops)
        for item in fields(Profile)
        if then.sources[item.name] in _folder_sources(layers)
        and item.name in PROFILE_RULES
        and getattr(then.profile, item.name) != getattr(now.profile, item.name)
    )
    # How the endpoint is found follows from what names it, which is told instead.
    return tuple(held for held in found if held.attribute != "endpoint_mode")


def held_besides(layers: Layers, requested: str | None = None) -> tuple[Held, ...]:
    """Return what trust would change besides the profiles: which one opens, the flow, the secret store.

    ``requested`` is the profile that the user asked for, so that no file decides about it.
    """
    if layers.demo or layers == layers.trusting():
        return ()
    found = _held_besides(layers)
    return tuple(held for held in found if not (requested and held.attribute == "default_profile"))


def _folder_sources(layers: Layers) -> set[Source]:
    untrusted = {Source.ENV_FILE: not layers.env_file_trusted, Source.SETTINGS: not layers.settings_trusted}
    return {source for source, waits in untrusted.items() if waits}


def _held_besides(layers: Layers) -> Iterator[Held]:
    for source in sorted(_folder_sources(layers)):
        for attribute, value in _besides(source, layers).items():
            rule = OTHER_RULES[attribute]
            if value is not None and not rule.allows(value):
                yield Held(source, attribute, rule.stops)


def _besides(source: Source, layers: Layers) -> dict[str, object]:
    if source is Source.ENV_FILE:
        variables = layers.env_file
        return {
            "default_profile": _other_profile(variables.get(PROFILE_VARIABLE, "").strip(), layers),
            "enabled": yes_or_no(variables.get(ENABLED_VARIABLE, "")),
            "secret_store": _store(variables.get(SECRET_STORE_VARIABLE, "").strip().lower()),
            "client_secret": None if layers.environment.get(SECRET_VARIABLE) else _is_set(variables),
        }
    if layers.settings is None:
        return {}
    return {
        "default_profile": _other_profile(layers.settings.default_profile or "", layers),
        "enabled": layers.settings.oauth.client_credentials.enabled,
        "secret_store": layers.settings.secret_store,
    }


def _other_profile(name: str, layers: Layers) -> str | None:
    """Return the profile that a file would open, where that is another one."""
    if name not in profile_names(layers):
        return None  # that is told once the file is trusted
    with_trust = layers.trusting()
    try:
        chosen = choose_profile(None, with_trust)
        return name if name == chosen != choose_profile(None, layers) else None
    except InputProblem:
        return None


def _is_set(variables: Mapping[str, str]) -> bool | None:
    return True if variables.get(SECRET_VARIABLE) else None  # the secret itself is nobody's business here


def _store(text: str) -> StoreChoice | None:
    return StoreChoice(text) if text in set(StoreChoice) else None
