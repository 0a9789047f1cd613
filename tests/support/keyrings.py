"""Keyring backends that hold little, lose or refuse, and how to use them."""

from __future__ import annotations

from typing import Any

import pytest
from keyring.errors import PasswordDeleteError

from ccflow_tui.models.problems import SecretStoreProblem, StoreFault
from ccflow_tui.services.keyring_store import KeyringStore

WINDOWS_LIMIT = 2_560
CANARY = "CANARY-secret"


class DictBackend:
    """A keyring in a dictionary with the limit of the Windows Credential Manager."""

    priority = 5

    def __init__(self, limit: int = WINDOWS_LIMIT) -> None:
        self.entries: dict[str, str] = {}
        self.limit = limit
        self.writes = 0

    def get_password(self, service: str, username: str) -> str | None:
        assert service == "ccflow"
        return self.entries.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self.writes += 1
        if len(password.encode("utf-16-le")) > self.limit:
            raise ValueError(f"too long: {password}")
        self.entries[username] = password

    def delete_password(self, service: str, username: str) -> None:
        if username not in self.entries:
            raise PasswordDeleteError("no such password")
        del self.entries[username]


class RaisingBackend(DictBackend):
    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error, self.calls = error, 0

    def get_password(self, service: str, username: str) -> str | None:
        self.calls += 1
        raise self.error


class LosingBackend(DictBackend):
    def set_password(self, service: str, username: str, password: str) -> None:
        self.writes += 1


def store(backend: object, timeout: float = 5.0) -> KeyringStore:
    return KeyringStore(timeout=timeout, backend=backend)  # type: ignore[arg-type]  # a stand-in


async def fault_of(work: Any) -> StoreFault:
    with pytest.raises(SecretStoreProblem) as caught:
        await work
    assert CANARY not in str(caught.value)
    return caught.value.fault
