"""A client secret by reference: what may be written, and what of it may be shown."""

from __future__ import annotations

import re
import shlex

FORMS = "env:VARIABLE, file:PATH, keyring:NAME or command:PROGRAM ARGUMENTS"
_SCHEMES = frozenset({"env", "file", "keyring", "command"})
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def scheme_of(reference: str) -> str:
    """Return ``env``, ``file``, ``keyring`` or ``command``; empty for any other text, perhaps a secret."""
    scheme, colon, _ = reference.strip().partition(":")
    return scheme if colon and scheme in _SCHEMES else ""


def target_of(reference: str) -> str:
    """Return what stands behind the scheme."""
    return reference.strip().partition(":")[2].strip()


def problem_of(reference: str) -> str:
    """Return what is wrong with a reference, without repeating it; empty when it can be used."""
    scheme, target = scheme_of(reference), target_of(reference)
    if not scheme:
        return "It names no place where a secret is kept."
    if not target:
        return f"Nothing stands behind {scheme}:."
    if scheme == "env" and not _VARIABLE.fullmatch(target):
        return "The name of the environment variable is not usable."
    if scheme == "command" and not arguments_of(reference):
        return "The command has a quote that does not end."
    return ""


def arguments_of(reference: str) -> tuple[str, ...]:
    """Return program and arguments of a ``command:``, split as by a shell; empty when that cannot be done."""
    try:
        return tuple(shlex.split(target_of(reference)))
    except ValueError:
        return ()


def command_reference(arguments: tuple[str, ...]) -> str:
    """Return the reference that stands for a program and its arguments."""
    return f"command:{shlex.join(arguments)}"


def shown_reference(reference: str) -> str:
    """Return a reference as it may be shown: of a command the program only, since arguments may be secret."""
    if scheme_of(reference) != "command":
        return reference.strip()
    return f"command:{(arguments_of(reference) or ('?',))[0]}"
