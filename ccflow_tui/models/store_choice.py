"""Where the user wants secrets to be kept."""

from __future__ import annotations

from enum import StrEnum


class StoreChoice(StrEnum):
    """``secretStore`` in the settings, ``CCFLOW_SECRET_STORE`` in the environment."""

    KEYRING = "keyring"
    """The system's keyring, and memory while there is none."""
    MEMORY = "memory"
    """Memory, until the run ends."""
    FILE = "file"
    """A file, encrypted with a passphrase."""
