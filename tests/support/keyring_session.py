"""What a program does with the real keyring of its session; started by ``test_real_keyring.py``.

Usage: ``python -m tests.support.keyring_session STEP...``; each step prints one JSON line.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys

from ccflow_tui.models.kept_key import KeyExport, KeyKind
from ccflow_tui.models.problems import SecretStoreProblem
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.credential_manager import CredentialManager
from ccflow_tui.services.credential_names import private_key_name
from ccflow_tui.services.keyring_store import KeyringStore
from tests.support.key_bench import KeyBench

LONG = "é😀漢\n" + "k" * 5000
"""5 kB with characters of two, three and four bytes."""
OTHER = "other " * 12_000
"""More than goes into one entry."""
NAME = "client-secret/prod/client/https%3A%2F%2Fas.example"


def store() -> KeyringStore:
    return KeyringStore(timeout=20)


async def put_long() -> object:
    await store().put(NAME, Secret(LONG))
    return "kept"


async def put_short() -> object:
    await store().put(NAME, Secret("short"))
    return "kept"


async def get() -> object:
    found = await store().get(NAME)
    return found.reveal() if found else None


async def delete() -> object:
    return await store().delete(NAME)


async def places() -> object:
    return [kind.value for kind in await CredentialManager(store()).places(NAME)]


async def entries() -> object:
    """Return how many entries the keyring itself holds."""
    import secretstorage

    connection = secretstorage.dbus_init()
    try:
        return len(list(secretstorage.get_default_collection(connection).get_all_items()))
    finally:
        connection.close()


async def workbench() -> object:
    """Make the largest key, replace it, export both and delete both; return what was found on the way."""
    bench = KeyBench(CredentialManager(store()))
    await bench.workbench.generate("orders", KeyKind.RSA_4096)
    text = await bench.store.get(private_key_name("orders"))
    await bench.workbench.rotate("orders", KeyKind.P_256)
    keys = await bench.workbench.keys()
    exported = await bench.workbench.export("orders", KeyExport.JWKS)
    said = [await bench.workbench.delete(key.name) for key in keys]
    return {
        "length": len(text.reveal()),
        "keys": [[key.name, key.label, key.store, key.missing] for key in keys],
        "exported": [key["kid"] for key in json.loads(exported.text)["keys"]] == [key.kid for key in keys],
        "said": said,
    }


async def lock() -> object:
    import secretstorage

    connection = secretstorage.dbus_init()
    try:
        collection = secretstorage.get_default_collection(connection)
        collection.lock()
        return collection.is_locked()
    finally:
        connection.close()


async def manage() -> object:
    """Return where a manager puts a secret, and whether it is found there."""
    manager = CredentialManager(store())
    await manager.put("managed", Secret("x"))
    found = await manager.get("managed")
    status = await manager.status()
    return [status.kind.value, status.detail, found == Secret("x")]


async def overwrite() -> object:
    """Write two values in turn, saying so before each, until somebody kills this process.

    A keyring that is still busy with the last request of a killed writer may refuse a write, or answer
    the reading back with that writer's value: the write is told to have failed, and the next one follows.
    """
    while True:
        for text in (OTHER, LONG):
            sys.stdout.write("writing\n")
            sys.stdout.flush()
            try:
                await store().put(NAME, Secret(text))
            except SecretStoreProblem as problem:
                sys.stderr.write(f"not written: {problem}\n")


async def kill() -> object:
    """Kill writers at different moments of a write; return what was found after each."""
    found = []
    command = [sys.executable, "-m", "tests.support.keyring_session", "overwrite"]
    for turn in range(5):
        writer = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        assert writer.stdout is not None
        for _ in range(1 + turn % 2):
            await writer.stdout.readline()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(writer.wait(), 0.11 * turn)
        if writer.returncode is not None:  # asyncio raises for a process that is gone
            found.append(f"the writer ended by itself with {writer.returncode}")
            continue
        writer.kill()
        await writer.communicate()
        text = await get()
        found.append("whole" if text in (LONG, OTHER) else "broken")
    return found


async def main() -> None:
    for step in sys.argv[1:]:
        try:
            result = await globals()[step]()
        except SecretStoreProblem as problem:
            result = {"fault": problem.fault.value, "text": str(problem)}
        sys.stdout.write(json.dumps(result) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
