"""One program at a time changes a file: an advisory lock on a file beside it, which ends with its holder."""

from __future__ import annotations

import errno
import os
import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 2.0
"""Seconds to wait for another ccflow, which holds a file for milliseconds; the screen may wait for it."""
_PAUSE = 0.004
"""Seconds between two tries on average; drawn anew each time, so that two who wait do not keep step."""
_NO_LOCKS_HERE = frozenset({errno.ENOSYS, errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP})
"""What a file system says that knows no locks, such as some network shares; there is nothing to wait for."""


class HeldByAnother(OSError):
    """Another program held the file for all of the time that was given."""


@contextmanager
def held_alone(path: Path, *, patience: float | None = None) -> Iterator[None]:
    """Wait until no other program holds ``path``, for ``patience`` seconds at the most, and hold it; blocks.

    Without ``patience`` it waits for ``PATIENCE``. A symbolic link and its target are one file. Raises
    ``HeldByAnother``, and ``OSError`` where the lock cannot be made.
    """
    target = Path(os.path.realpath(path))
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(f"{target}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _wait_for(descriptor, time.monotonic() + (PATIENCE if patience is None else patience))
        yield
    finally:
        os.close(descriptor)  # which lets go of the lock


def _wait_for(descriptor: int, deadline: float) -> None:
    # Not by a call that waits in the operating system: on Windows it takes ten seconds, elsewhere for ever.
    while True:
        try:
            if _taken(descriptor):
                return
        except OSError as error:
            if error.errno in _NO_LOCKS_HERE:
                return
            raise
        if time.monotonic() >= deadline:
            raise HeldByAnother(errno.EAGAIN, "another program holds it")
        time.sleep(random.uniform(0, 2 * _PAUSE))  # noqa: S311 - nothing secret


if sys.platform == "win32":
    import msvcrt

    def _taken(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError:  # EACCES: somebody else has it
            return False
        return True

else:
    import fcntl

    def _taken(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
