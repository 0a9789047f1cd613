"""The passphrase of the encrypted file: from the environment, or asked of a person once in a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ccflow_tui.models.new_passphrase import SHORTEST_PASSPHRASE
from ccflow_tui.models.problems import SecretStoreProblem, StoreFault
from ccflow_tui.models.secret import Secret
from ccflow_tui.models.variables import STORE_PASSPHRASE_VARIABLE
from ccflow_tui.services.ports import PassphraseAsker, PassphraseQuestion


@dataclass(slots=True)
class StorePassphrase:
    """Finds the passphrase; ``repr`` shows none. Whoever was asked and did not say is not asked again."""

    variable: Secret = field(default=Secret(""), repr=False)
    """The value of ``CCFLOW_STORE_PASSPHRASE``; a person is asked only where it is empty."""
    know: Callable[[Secret], None] = field(default=lambda _: None, repr=False)
    """Told every passphrase, so that it can be masked."""
    ask: PassphraseAsker | None = field(default=None, repr=False)
    _dismissed: bool = False

    async def find(self, question: PassphraseQuestion) -> Secret:
        """Return a passphrase to try; raises ``SecretStoreProblem`` when there is none."""
        if self.variable:
            return self._from_variable(question)
        if self._dismissed:
            raise _locked()
        if self.ask is None:
            raise SecretStoreProblem(
                StoreFault.FAILED,
                f"The encrypted file of secrets, {question.place}, is locked, and nobody is there to ask.",
                f"Set {STORE_PASSPHRASE_VARIABLE} to its passphrase.",
            )
        passphrase = await self.ask(question)
        if not passphrase:
            self._dismissed = True
            raise _locked()
        self.know(passphrase)
        return passphrase

    async def choose(self, question: PassphraseQuestion) -> Secret | None:
        """Have a person choose another passphrase, whatever the variable holds; ``None`` if they do not.

        Raises ``SecretStoreProblem`` when nobody is there to ask.
        """
        if self.ask is None:
            raise SecretStoreProblem(
                StoreFault.FAILED,
                "A passphrase is chosen by a person, and nobody is there to ask.",
                "Run this in a terminal.",
            )
        chosen = await self.ask(question)
        if chosen:
            self.know(chosen)
        return chosen or None

    def reconsider(self) -> None:
        """Ask again whoever did not say before, since they want something of the file now."""
        self._dismissed = False

    def _from_variable(self, question: PassphraseQuestion) -> Secret:
        problem = question.problem and f"{STORE_PASSPHRASE_VARIABLE} does not open {question.place}."
        if question.new and len(self.variable.reveal()) < SHORTEST_PASSPHRASE:
            problem = f"{STORE_PASSPHRASE_VARIABLE} is too short to protect a new file of secrets."
        if problem:
            remedy = "Set the passphrase that the file was made with."
            if question.new:
                remedy = f"Take {SHORTEST_PASSPHRASE} characters or more, better a sentence."
            raise SecretStoreProblem(StoreFault.FAILED, problem, remedy)
        return self.variable


def _locked() -> SecretStoreProblem:
    return SecretStoreProblem(
        StoreFault.LOCKED,
        "The encrypted file of secrets is locked.",
        f"Start ccflow again and enter its passphrase, or set {STORE_PASSPHRASE_VARIABLE}.",
    )
