"""The encrypted file of a home folder, filled before a command runs and looked into afterwards."""

from __future__ import annotations

import asyncio
from pathlib import Path

from ccflow_tui.config.atomic import write_private
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.encrypted_store import EncryptedStore
from ccflow_tui.services.store_passphrase import StorePassphrase
from tests.cli.test_secret_store import PASSPHRASE

CANARY = "CANARY-kept-secret"


def store(home: Path) -> EncryptedStore:
    return EncryptedStore(
        home / "secrets.encrypted", StorePassphrase(Secret(PASSPHRASE)), write_private, cost=16
    )


def keep(home: Path, *names: str) -> None:
    async def put() -> None:
        for name in names:
            await store(home).put(name, Secret(CANARY))

    asyncio.run(put())


def is_kept(home: Path, name: str) -> bool:
    return asyncio.run(store(home).get(name)) is not None
