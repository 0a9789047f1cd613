"""Brings a private key in for ``ccflow keys import``, and what opens it: a file, a variable or a person."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from ccflow_tui.models.kept_key import KeptKey
from ccflow_tui.models.problems import InputProblem, KeyIdProblem, PassphraseProblem
from ccflow_tui.services.key_workbench import Workbench
from ccflow_tui.services.ports import PassphraseQuestion
from ccflow_tui.services.secret_line import secret_line
from ccflow_tui.terminal_asker import ask_passphrase, can_ask

_WAYS = "Set CCFLOW_KEY_PASSPHRASE to the right one, or name a file that holds it: --passphrase-file FILE."


async def imported_key(
    workbench: Workbench, name: str, reference: str, *, kid: str, passphrase_file: Path | None
) -> KeptKey | None:
    """Copy a key into the store; return its facts, or ``None`` when a person did not say what opens it.

    Where no file has the passphrase and the variable has not, whoever is at a terminal is asked until it
    fits. Raises ``CcflowError``.
    """
    reference = reference.strip()
    if passphrase_file is not None:
        # Its path is not told: somebody may have put the passphrase itself there, and errors go into logs.
        problem = partial(InputProblem, "--passphrase-file")
        noun, shown = "passphrase file", "FILE"
        passphrase = await secret_line(str(passphrase_file), noun=noun, shown=shown, problem=problem)
        workbench.remember_passphrase(reference, passphrase)
    while True:
        try:
            return await workbench.import_key(name, reference, kid=kid)
        except PassphraseProblem as problem:
            said = problem.finding.problem
        except KeyIdProblem as problem:
            raise problem.about("--kid") from None
        if passphrase_file is not None or not can_ask():
            raise PassphraseProblem(said, _WAYS)
        typed = await ask_passphrase(PassphraseQuestion(reference, problem=said))
        if typed is None:
            return None
        workbench.remember_passphrase(reference, typed)
