"""Run as a process of its own: saves into a file as fast as it can, each time under another name.

Arguments: what to save (``profiles`` or ``secrets``), the file, the prefix of the names, and how many. It
begins when a line comes in.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from ccflow_tui.config.atomic import write_private
from ccflow_tui.config.state import SavedState, UserState
from ccflow_tui.files import lock
from ccflow_tui.models.profile import Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.encrypted_store import EncryptedStore
from ccflow_tui.services.store_passphrase import StorePassphrase

ROOT = Path(__file__).parents[2]


def secrets_in(path: Path) -> EncryptedStore:
    return EncryptedStore(path, StorePassphrase(Secret("a passphrase")), write_private, cost=16)


def save_at_once(what: str, path: Path, prefixes: Iterable[str], count: int) -> set[str]:
    """Let one process for each prefix save; return the names that must be there afterwards."""
    command = [sys.executable, "-m", "tests.support.busy_saver", what, str(path)]
    pipe = subprocess.PIPE
    with ExitStack() as running:
        savers = [
            running.enter_context(
                subprocess.Popen(
                    [*command, prefix, str(count)], cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True
                )
            )
            for prefix in prefixes
        ]
        for saver in savers:
            assert saver.stdout is not None and saver.stdout.readline() == "ready\n"
        for saver in savers:
            assert saver.stdin is not None
            saver.stdin.write("go\n")
            saver.stdin.flush()
        ended = [(saver.communicate(timeout=100)[1], saver.returncode) for saver in savers]
    assert [code for _, code in ended] == [0] * len(ended), ended
    return {f"{prefix}{number}" for prefix in prefixes for number in range(count)}


def _adding(name: str) -> Callable[[SavedState], SavedState]:
    return lambda saved: replace(saved, profiles={**saved.profiles, name: Profile(name=name)})


async def _save_secrets(path: Path, names: Iterable[str]) -> None:
    store = replace(secrets_in(path), timeout=100.0)
    for name in names:
        await store.put(name, Secret(name))


def main() -> None:
    what, path, prefix, count = sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    names = [f"{prefix}{number}" for number in range(count)]
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    if what == "secrets":
        asyncio.run(_save_secrets(path, names))
        return
    # Both ask for the file again at once, and on a busy machine one may have it many times in a row.
    lock.PATIENCE = 100.0
    state = UserState(path)
    for name in names:
        state.update(_adding(name))


if __name__ == "__main__":
    main()
