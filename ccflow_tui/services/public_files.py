"""Writes what anybody may read, such as the public half of a key, where a person says."""

from __future__ import annotations

import contextlib
import os
from functools import partial
from pathlib import Path

from ccflow_tui.models.problems import FileTaken, InputProblem
from ccflow_tui.services.daemon_thread import FILE_TIMEOUT as _TIMEOUT
from ccflow_tui.services.daemon_thread import done_in_time

MODE = 0o644


async def write_public(folder: str, name: str, text: str, *, replace: bool = False) -> Path:
    """Write ``text`` as UTF-8 into the file ``name`` of ``folder`` (which may begin with ``~``).

    Returns its path.
    Raises ``FileTaken`` for a file that is there already, unless ``replace`` allows it to be replaced, and
    ``InputProblem`` when it cannot be written.
    """
    late = _problem(f"{folder} could not be written to in time.", "Is its drive connected?")
    work, thread = partial(_write, folder, name, text, replace), "ccflow-public-file"
    return await done_in_time(work, name=thread, seconds=_TIMEOUT, late=late)


def _write(folder: str, name: str, text: str, replace: bool) -> Path:
    try:
        path = Path(folder.strip() or ".").expanduser() / Path(name).name
        if not path.parent.is_dir():
            raise _problem(f"There is no folder {folder}.", "Make it first, or type another one.")
        if replace:
            _replace(path, text)
        else:
            _create(path, text)
    except FileExistsError:
        raise FileTaken(
            "folder", f"{name} is there already.", "Replace it, or type another folder."
        ) from None
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no such path"
        raise _problem(f"{name} cannot be written there: {reason}.", "Type another folder.") from None
    return path.absolute()


def _create(path: Path, text: str) -> None:
    """Write a new file; one that could not be written whole is removed."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
    try:
        with open(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except BaseException:
        with contextlib.suppress(OSError):
            path.unlink()
        raise


def _replace(path: Path, text: str) -> None:
    """Put a whole new file in the place of the old one; a symbolic link stays one."""
    target = Path(os.path.realpath(path))
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    _create(beside, text)
    try:
        os.replace(beside, target)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise


def _problem(problem: str, remedy: str) -> InputProblem:
    return InputProblem("folder", problem, remedy)
