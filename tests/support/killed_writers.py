"""Kills writers of the encrypted file in the middle of their work.

Usage: ``python -m tests.support.killed_writers FILE TURNS [passphrase]``; prints one line for each turn. With
``passphrase`` the writers change that back and forth. A program of its own, since it forks, which the threads
of a test run forbid.
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
from ccflow_tui.models.problems import SecretStoreProblem
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.encrypted_store import EncryptedStore
from ccflow_tui.services.ports import PassphraseQuestion
from ccflow_tui.services.store_passphrase import StorePassphrase

SIZE = 300_000


PASSPHRASES = {"old": "a passphrase", "new": "another passphrase"}


def store(path: Path, passphrase: str = PASSPHRASES["old"]) -> EncryptedStore:
    return EncryptedStore(path, StorePassphrase(Secret(passphrase)), write_private, cost=16)


def turn(path: Path, number: int, *, change: bool) -> str:
    """Start a writer, kill it a moment later, and return what is in the file then."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            asyncio.run((_change_on if change else _write_on)(path, writer))
        finally:
            os._exit(1)
    os.close(writer)
    for _ in range(1 + number % 3):
        os.read(reader, 1)
    select.select([], [], [], number % 20 * 0.0002)  # another moment each time
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(reader)
    return asyncio.run(_opened(path) if change else _found(path))


def _telling(held: EncryptedStore, told: int) -> EncryptedStore:
    def write(target: Path, text: str) -> None:
        os.write(told, b".")
        write_private(target, text)

    return replace(held, write=write)


async def _write_on(path: Path, told: int) -> None:
    held = _telling(store(path), told)
    while True:
        for letter in "abc":
            await held.put("changing", Secret(letter * SIZE))


async def _change_on(path: Path, told: int) -> None:
    """Change the passphrase back and forth, beginning with the one that the file has."""
    held = _telling(store(path), told)
    names = ["old", "new"] if (await _opened(path)).endswith("new") else ["new", "old"]

    async def answer(question: PassphraseQuestion) -> Secret:
        if not question.new:
            return Secret(PASSPHRASES[names[1]])
        names.reverse()
        return Secret(PASSPHRASES[names[1]])

    held.passphrase.variable, held.passphrase.ask = Secret(""), answer
    while True:
        await held.change_passphrase()


async def _opened(path: Path) -> str:
    """Say which of the two passphrases opens the file, with everything in it."""
    for name, passphrase in PASSPHRASES.items():
        try:
            kept = await store(path, passphrase).get("kept")
        except SecretStoreProblem:
            continue
        return f"{'whole' if kept == Secret('kept') else 'broken'} {name}"
    return "broken none"


async def _found(path: Path) -> str:
    kept, changing = await store(path).get("kept"), await store(path).get("changing")
    whole = changing is None or changing.reveal() in {letter * SIZE for letter in "abc"}
    return "whole" if kept == Secret("kept") and whole else "broken"


def main() -> None:
    path, turns, change = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:] == ["passphrase"]
    asyncio.run(store(path).put("kept", Secret("kept")))
    for number in range(turns):
        litter = len(list(path.parent.iterdir()))
        state, *which = turn(path, number, change=change).split()
        sys.stdout.write(f"{' '.join((state, str(litter), *which))}\n")
    if not change:
        asyncio.run(store(path).put("changing", Secret("x")))


if __name__ == "__main__":
    main()
