"""What is said of kept keys by the wizard and by commands alike."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ccflow_tui.models.kept_key import KeptKey

MOST_USERS = 6
"""Profiles that are named in the question before a key goes; more would leave no room for the answers."""
UNUSED = "No profile uses it."


def used_by_text(names: Sequence[str], production: Collection[str], *, most: int = 1_000) -> str:
    """Return the names of profiles that use a key, ``most`` of them; those in ``production`` are marked."""
    shown = [f"{name} (PRODUCTION)" if name in production else name for name in names[:most]]
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(shown) + more


def deletion_text(key: KeptKey, keys: Sequence[KeptKey], production: Collection[str], *, switch: str) -> str:
    """Return what a person decides about: what goes, who is left without it, what stays at the server.

    ``switch`` is said of a successor that is there: how profiles are made to use it.
    """
    lines = ["The private key goes for good: nobody can bring it back."]
    if key.used_by:
        gets = "gets" if len(key.used_by) == 1 else "get"
        first = sorted(key.used_by, key=lambda name: name not in production)
        users = used_by_text(first, production, most=MOST_USERS)
        lines.append(f"Used by: {users}, which {gets} no token without it.")
    else:
        lines.append(UNUSED)
    successor = next((each for each in keys if each.replaces == key.name), None)
    if key.used_by and successor is not None:
        lines.append(f"Its successor “{successor.name}” is there: {switch}.")
    lines.append("Its public half stays registered at the server until you remove it there.")
    return "\n".join(lines)
