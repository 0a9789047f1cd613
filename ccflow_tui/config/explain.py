"""Where each value of a profile comes from, and which others it stands before."""

from __future__ import annotations

from dataclasses import dataclass, fields

from ccflow_tui.config.field_names import VARIABLE_OF
from ccflow_tui.config.hidden import safe_text
from ccflow_tui.config.layers import Source
from ccflow_tui.config.resolve import ResolvedProfile, value_text
from ccflow_tui.models.profile import Profile

_UNTOLD = frozenset({"name", "server", "endpoint_source"})
_VARIABLE_SOURCES = frozenset({Source.ENVIRONMENT, Source.ENV_FILE})


@dataclass(frozen=True, slots=True)
class FieldStory:
    """One attribute of a profile; every text is fit to be shown."""

    name: str
    value: str
    source: str
    shadows: tuple[tuple[str, str], ...] = ()
    """Source and value of what is not used, nearest first."""


def field_stories(resolved: ResolvedProfile) -> tuple[FieldStory, ...]:
    """Return the story of every attribute that can be configured."""
    names = (item.name for item in fields(Profile) if item.name not in _UNTOLD)
    return tuple(
        FieldStory(
            name,
            safe_text(name, value_text(name, getattr(resolved.profile, name))),
            _named(resolved.sources[name], name),
            _shadows(resolved, name),
        )
        for name in names
    )


def shadow_hints(resolved: ResolvedProfile) -> dict[str, str]:
    """Return attribute to a line such as ``stands before settings.json: eu`` where there is one to tell."""
    found = {name: _shadows(resolved, name) for name in resolved.shadowed}
    return {
        name: "Stands before " + "; ".join(f"{source}: {value}" for source, value in shadows) + "."
        for name, shadows in found.items()
        if shadows
    }


def _shadows(resolved: ResolvedProfile, name: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (_named(source, name), safe_text(name, text)) for source, text in resolved.shadowed.get(name, ())
    )


def _named(source: Source, attribute: str) -> str:
    """Return a source, with the variable where it is one."""
    variable = VARIABLE_OF.get(attribute, "") if source in _VARIABLE_SOURCES else ""
    return f"{source} {variable}" if variable else source.value
