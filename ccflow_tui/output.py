"""Writes to standard output and standard error, which may be closed, full, or read by nobody any more."""

from __future__ import annotations

import os
import sys
from contextlib import suppress


def tell(text: str) -> None:
    """Write a line to standard error; that nobody can read it is no reason to stop."""
    with suppress(OSError, ValueError):
        if sys.stderr is not None:
            sys.stderr.write(f"{text}\n")
            sys.stderr.flush()


def put_out(text: str) -> str:
    """Write a line to standard output; return why that was not possible, or an empty text."""
    if sys.stdout is None:
        return "standard output is closed"
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except (OSError, ValueError) as error:
        _give_up_stdout()
        return str(getattr(error, "strerror", None) or error)
    return ""


def answer(text: str) -> int:
    """Write what was asked for to standard output; return the exit code."""
    from ccflow_tui.exit_codes import DONE, NOT_WRITTEN  # the wizard needs none before its first paint

    if problem := put_out(text):
        tell(f"ccflow: the answer could not be written: {problem}")
        return NOT_WRITTEN
    return DONE


def settle_stdout() -> None:
    """Flush what ``argparse`` printed: the interpreter would complain at exit when the reader is gone."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except (OSError, ValueError):
        _give_up_stdout()


def _give_up_stdout() -> None:
    """Send what is still buffered to nowhere, since the interpreter flushes once more at exit."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
