"""Keyring backends for tests: one in memory, and one whose faults repeat what they were given."""

from __future__ import annotations

from keyring.backend import KeyringBackend


class MemoryKeyring(KeyringBackend):
    """Keeps entries in a dictionary of its own."""

    priority = 5  # type: ignore[assignment]  # keyring's own type is a property of the class

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


class LoudKeyring(MemoryKeyring):
    """Fails at each write, with the secret in the text of the exception."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise RuntimeError(f"could not store {password!r} as {username}")
