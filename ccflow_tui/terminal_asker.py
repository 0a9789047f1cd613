"""Asks a person at a terminal: for a yes, and for passphrases, which are not echoed."""

from __future__ import annotations

import asyncio
import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from ccflow_tui.models.new_passphrase import why_not_taken
from ccflow_tui.models.secret import Secret
from ccflow_tui.output import tell
from ccflow_tui.services.ports import PassphraseQuestion
from ccflow_tui.terminal import is_terminal


def can_ask() -> bool:
    """Whether somebody can read a question and answer it."""
    return is_terminal(sys.stdin) and is_terminal(sys.stderr)


def agreed(question: str) -> bool:
    """Ask for a yes; an empty answer or none is a no. It blocks: call it in a thread."""
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


async def ask_passphrase(question: PassphraseQuestion) -> Secret | None:
    """Ask as ``ports.PassphraseAsker`` says; an empty answer ends it."""
    with _echo_put_back():
        return await asyncio.to_thread(_asked, question)


def _asked(question: PassphraseQuestion) -> Secret | None:
    if question.problem:
        tell(question.problem)
    if not question.new:
        return _entered(f"Passphrase of {question.place}: ")
    while first := _entered(f"New passphrase of {question.place}: "):
        problem = why_not_taken(first, _entered("The same once more: ") or Secret(""))
        if not problem:
            return first
        tell(problem)
    return None


def _entered(prompt: str) -> Secret | None:
    try:
        return Secret(getpass.getpass(prompt, stream=sys.stderr)) or None
    except EOFError:
        return None


@contextmanager
def _echo_put_back() -> Iterator[None]:
    """Leave the terminal as it was, also when Ctrl+C ends the wait and the thread that asks stays behind."""
    try:
        import termios
    except ImportError:  # Windows, where nothing is switched
        yield
        return
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
