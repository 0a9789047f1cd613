"""Removing a profile's secrets in words: what is asked, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ccflow_tui.services.ports_removal import Holding, Holdings, RemovalReport

PROVEN = "Read back: nothing left."
IN_MEMORY = "Read back: nothing left in memory."


def found_lines(holdings: Holdings, *more: str) -> list[str]:
    """Return what is going to be removed, line by line, ``more`` of it last, and what stays."""
    found = [*map(str, holdings.found), *more]
    where = looked_into(holdings)
    lines = [f"• {text}" for text in found] or [f"• nothing: none was found in {where}"]
    return [*lines, *stay_lines(holdings)]


def looked_into(holdings: Holdings) -> str:
    """Return where secrets were looked for."""
    return "memory" if holdings.only_memory else "memory or in the secret store"


def listed(holdings: Iterable[Holding]) -> str:
    """Return what is kept in one line."""
    return ", ".join(map(str, holdings))


def stay_lines(holdings: Holdings) -> list[str]:
    """Return what stays on purpose, and what could not be looked for."""
    return [*holdings.spared, *(f"⚠ {text}" for text in holdings.unseen)]


def outcome_text(report: RemovalReport, *more: str) -> str:
    """Return what is gone, ``more`` of it first, what stays, and the proof or what is still there."""
    removed = ", ".join((*more, *filter(None, [listed(report.removed)])))
    texts = [f"Removed: {removed}." if removed else "There was nothing to remove.", *report.spared]
    return " ".join((*texts, proof(report)))


def still_found(name: str) -> str:
    """Return how secrets are found that could not be removed before their profile goes."""
    return f"Without the profile, only “ccflow forget {name}” finds it."


def proof(report: RemovalReport) -> str:
    """Return what reading back has shown."""
    if report.left:
        return f"Still there: {'; '.join(report.left)}"
    return IN_MEMORY if report.only_memory else PROVEN
