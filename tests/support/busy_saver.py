"""Run as a process of its own: saves profiles into a state file, as fast as it can, each under another name.

Arguments: the state file, the prefix of the names, and how many. It begins when a line comes in.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ccflow_tui.config.state import SavedState, UserState
from ccflow_tui.models.profile import Profile


def adding(name: str) -> Callable[[SavedState], SavedState]:
    return lambda saved: replace(saved, profiles={**saved.profiles, name: Profile(name=name)})


def main() -> None:
    state, prefix, count = UserState(Path(sys.argv[1])), sys.argv[2], int(sys.argv[3])
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    for number in range(count):
        state.update(adding(f"{prefix}{number}"))


if __name__ == "__main__":
    main()
