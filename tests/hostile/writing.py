"""Run as a process of its own, to be killed: saves profiles or history entries, and tells of each.

Arguments: what to write (``state`` or ``history``), the folder, the number to count from, and the point of a
write at which to die; without one it goes on until somebody kills it.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ccflow_tui.config.state import SavedState, UserState
from ccflow_tui.models.history import HistoryEntry, HistoryKind
from ccflow_tui.models.profile import Profile
from ccflow_tui.services.token_history import SqliteHistory

NAMES = 8
"""Profiles that are saved in turns."""


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def dying(call: Callable[..., Any], *, before: bool) -> Callable[..., Any]:
    def run(*arguments: Any, **options: Any) -> Any:
        if before:
            die()
        result = call(*arguments, **options)
        die()
        return result

    return run


def dying_at_a_new_file(*, before: bool) -> Callable[..., Any]:
    """Die when the new text gets its file, not at the lock, which is opened by the same call."""
    plain = os.open
    deadly = dying(plain, before=before)

    def run(path: Any, flags: int, *arguments: Any, **options: Any) -> int:
        opened: int = (deadly if flags & os.O_EXCL else plain)(path, flags, *arguments, **options)
        return opened

    return run


def half_written(descriptor: int, *_: Any, **__: Any) -> Any:
    os.ftruncate(descriptor, 20)
    die()


POINTS: dict[str, tuple[Any, str, Callable[..., Any]]] = {
    "before the new file": (os, "open", dying_at_a_new_file(before=True)),
    "after the new file": (os, "open", dying_at_a_new_file(before=False)),
    "in the middle of the text": (os, "fsync", half_written),
    "before it is on the disk": (os, "fsync", dying(os.fsync, before=True)),
    "after it is on the disk": (os, "fsync", dying(os.fsync, before=False)),
    "before it takes the place": (os, "replace", dying(os.replace, before=True)),
    "after it took the place": (os, "replace", dying(os.replace, before=False)),
}


def adding(profile: Profile) -> Callable[[SavedState], SavedState]:
    return lambda saved: replace(saved, profiles={**saved.profiles, profile.name: profile})


def main(what: str, folder: str, count: int, point: str) -> None:
    state = UserState(Path(folder) / "state.json")
    history = SqliteHistory(Path(folder) / "history.sqlite3") if what == "history" else None
    if point:
        owner, name, replacement = POINTS[point]
        setattr(owner, name, replacement)
    while True:
        count += 1
        if history is not None:
            history.add(HistoryEntry(float(count), HistoryKind.GRANTED, f"p{count}", "client", "as.example"))
        else:
            state.update(adding(Profile(name=f"p{count % NAMES}", note=str(count))))
        sys.stdout.write(f"{count}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4] if len(sys.argv) > 4 else "")
