"""Asks a person at a terminal: for a yes, and for passphrases, which are not echoed."""

from __future__ import annotations

import getpass
import sys

from ccflow_tui.models.new_passphrase import why_not_taken
from ccflow_tui.models.secret import Secret
from ccflow_tui.output import tell
from ccflow_tui.services.ports import PassphraseQuestion
from ccflow_tui.terminal import is_terminal


def can_ask() -> bool:
    """Whether somebody can read a question and answer it."""
    return is_terminal(sys.stdin) and is_terminal(sys.stderr)


def agreed(question: str) -> bool:
    """Ask for a yes; an empty answer or none is a no."""
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


async def ask_passphrase(question: PassphraseQuestion) -> Secret | None:
    """Ask as ``ports.PassphraseAsker`` says; an empty answer ends it.

    It blocks: whoever runs a command waits for the answer, and nothing else goes on.
    """
    if question.problem:
        tell(question.problem)
    if not question.new:
        return _entered(f"Passphrase of {question.place}: ")
    while first := _entered(f"New passphrase of {question.place}: "):
        again = _entered("The same once more: ") or Secret("")
        problem = why_not_taken(first, again)
        if not problem:
            return first
        tell(problem)
    return None


def _entered(prompt: str) -> Secret | None:
    try:
        return Secret(getpass.getpass(prompt, stream=sys.stderr)) or None
    except EOFError:
        return None
