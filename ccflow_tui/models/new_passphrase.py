"""What a passphrase must be that is chosen for the encrypted file, whoever asks for it."""

from __future__ import annotations

from ccflow_tui.models.secret import Secret

SHORTEST_PASSPHRASE = 8
"""Characters."""


def why_not_taken(first: Secret, again: Secret) -> str:
    """Return why a passphrase that was entered twice cannot be taken, and what to do; else an empty text."""
    if len(first.reveal()) < SHORTEST_PASSPHRASE:
        return f"Take {SHORTEST_PASSPHRASE} characters or more, better a sentence."
    return "" if again == first else "The two are not the same. Enter both once more."
