"""Kills writers of the encrypted file in the middle of their work; started by ``test_encrypted_store.py``.

Usage: ``python -m tests.support.killed_writers FILE TURNS``; prints one line for each turn. A program of its
own, since it forks, which the threads of a test run forbid.
"""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
from dataclasses import replace
from pathlib import Path

from ccflow_tui.config.atomic import write_private
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.encrypted_store import EncryptedStore
from ccflow_tui.services.store_passphrase import StorePassphrase

SIZE = 300_000


def store(path: Path) -> EncryptedStore:
    return EncryptedStore(path, StorePassphrase(Secret("a passphrase")), write_private, cost=16)


def turn(path: Path, number: int) -> str:
    """Start a writer, kill it a moment later, and return what is in the file then."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            asyncio.run(_write_on(path, writer))
        finally:
            os._exit(1)
    os.close(writer)
    for _ in range(1 + number % 3):
        os.read(reader, 1)
    select.select([], [], [], number % 20 * 0.0002)  # another moment each time
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(reader)
    return asyncio.run(_found(path))


async def _write_on(path: Path, told: int) -> None:
    def write(target: Path, text: str) -> None:
        os.write(told, b".")
        write_private(target, text)

    held = replace(store(path), write=write)
    while True:
        for letter in "abc":
            await held.put("changing", Secret(letter * SIZE))


async def _found(path: Path) -> str:
    kept, changing = await store(path).get("kept"), await store(path).get("changing")
    whole = changing is None or changing.reveal() in {letter * SIZE for letter in "abc"}
    return "whole" if kept == Secret("kept") and whole else "broken"


def main() -> None:
    path, turns = Path(sys.argv[1]), int(sys.argv[2])
    asyncio.run(store(path).put("kept", Secret("kept")))
    for number in range(turns):
        litter = len(list(path.parent.iterdir()))
        sys.stdout.write(f"{turn(path, number)} {litter}\n")
    asyncio.run(store(path).put("changing", Secret("x")))


if __name__ == "__main__":
    main()
