"""The name of a new key, asked for by every dialog that makes one."""

from __future__ import annotations

from ccflow_tui.models.problems import FieldProblem
from ccflow_tui.screens.keys_desk import KeysDesk
from ccflow_tui.widgets.field import Field

NAME = "key_name"
"""What problems call the field."""


def name_field() -> Field:
    """Make the field."""
    return Field(NAME, "Name", placeholder="profiles refer to it as keyring:NAME", id="key-name")


def checked_name(field: Field, desk: KeysDesk) -> str:
    """Return the name entered; an empty text when it cannot be used, which the field then tells."""
    name = field.value.strip()
    problem = desk.workbench.why_not_named(name)
    field.show_problems((FieldProblem(NAME, problem, ""),) if problem else ())
    if problem:
        field.focus()
    return "" if problem else name
