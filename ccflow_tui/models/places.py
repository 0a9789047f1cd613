"""The parts of the wizard, beside its steps, that have keys of their own."""

from __future__ import annotations

from enum import StrEnum


class Place(StrEnum):
    """Where a key works: while that dialog is open, or that part of a step has the focus."""

    KEYS = "keys"
    """The key workbench."""
    EXPORT = "export"
    """The public half of a key, to be copied or written."""
    PROFILES = "profiles"
    """The list of profiles."""
    FAILURE = "failure"
    """The card on the step that sends, which says what failed."""
    LISTS = "lists"
    """History, log and methods: letters beside the arrow keys, while one of them has the focus."""
