"""Writes what anybody may read, such as the public half of a key, where a person says."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from ccflow_tui.files.replacing import create_whole, replace_whole
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
            replace_whole(path, text, mode=MODE)
        else:
            create_whole(path, text, mode=MODE)
    except FileExistsError:
        raise FileTaken(
            "folder", f"{name} is there already.", "Replace it, or type another folder."
        ) from None
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no such path"
        raise _problem(f"{name} cannot be written there: {reason}.", "Type another folder.") from None
    return path.absolute()


def _problem(problem: str, remedy: str) -> InputProblem:
    return InputProblem("folder", problem, remedy)
