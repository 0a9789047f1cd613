"""Secrets of this run only: a dictionary that ends with the process."""

from __future__ import annotations

from ccflow_tui.models.secret import Secret
from ccflow_tui.services.ports import StoreKind, StoreStatus


class MemoryStore:
    """A ``ports.SecretStore`` that never leaves memory; for machines without a keyring, and for the demo."""

    def __init__(self) -> None:
        self._secrets: dict[str, Secret] = {}

    async def get(self, name: str) -> Secret | None:
        """Return the secret, or ``None``."""
        return self._secrets.get(name)

    async def put(self, name: str, secret: Secret) -> None:
        """Hold the secret until the process ends."""
        self._secrets[name] = secret

    async def delete(self, name: str) -> bool:
        """Forget the secret; return whether there was one."""
        return self._secrets.pop(name, None) is not None

    async def places(self, name: str) -> tuple[StoreKind, ...]:
        """Say whether the secret is held."""
        return (StoreKind.MEMORY,) if name in self._secrets else ()

    async def status(self) -> StoreStatus:
        """Say that secrets last as long as this run."""
        return StoreStatus(StoreKind.MEMORY, "Secrets stay in memory for this run.")

    def names(self) -> tuple[str, ...]:
        """Return the names of everything held."""
        return tuple(self._secrets)
