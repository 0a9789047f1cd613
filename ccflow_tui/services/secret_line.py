"""Reads a secret that is the one line of a file which only its owner can read."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from functools import partial
from pathlib import Path

from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.daemon_thread import FILE_TIMEOUT as _FILE_TIMEOUT
from ccflow_tui.services.daemon_thread import done_in_time

MAX_FILE_BYTES = 64 * 1024
Problem = Callable[[str, str], InputProblem]
"""Makes a problem of what is wrong and what to do."""


async def secret_line(path: str, *, noun: str, shown: str, problem: Problem) -> Secret:
    """Return the secret in the file ``path``, which may begin with ``~``.

    Raises what ``problem`` makes, with texts that call the file ``noun``, and ``shown`` where a command line
    names it.
    """
    late = problem(f"The {noun} could not be read in time.", "Is its drive connected?")
    work = partial(_read, path, noun, shown, problem)
    return await done_in_time(work, name="ccflow-secret-line", seconds=_FILE_TIMEOUT, late=late)


def _read(path: str, noun: str, shown: str, problem: Problem) -> Secret:
    try:
        # Without waiting for the writer of a pipe; what is checked is what is read.
        descriptor = os.open(Path(path).expanduser(), os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with open(descriptor, "rb") as file:
            mode = os.fstat(descriptor).st_mode
            if not stat.S_ISREG(mode):
                raise problem(f"The {noun} is not a file.", "Name an ordinary file.")
            if os.name == "posix" and stat.S_IMODE(mode) & (stat.S_IRWXG | stat.S_IRWXO):
                raise problem(
                    f"Other users of this machine can read or change the {noun}.",
                    f"chmod 600 {shown} keeps them out. If it was open for long, replace the secret.",
                )
            content = file.read(MAX_FILE_BYTES + 1)
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no such path"
        raise problem(f"The {noun} cannot be read: {reason}.", "Check the path.") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\n\n"
    line = text.removesuffix("\n").removesuffix("\r")
    if not line or "\n" in line or len(content) > MAX_FILE_BYTES:
        raise problem(
            f"The {noun} does not hold one line of text.", "Write the secret and nothing else into it."
        )
    return Secret(line)
