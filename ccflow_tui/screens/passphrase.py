"""Asks for the passphrase of the encrypted file; a new one is entered twice."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Button, Static

from ccflow_tui.models.new_passphrase import SHORTEST_PASSPHRASE, why_not_taken
from ccflow_tui.models.secret import Secret
from ccflow_tui.screens.dialog import Dialog
from ccflow_tui.services.ports import PassphraseQuestion
from ccflow_tui.widgets.push_button import PushButton
from ccflow_tui.widgets.secret_input import SecretInput

_NEW = "Secrets are kept in an encrypted file. Choose the passphrase that opens it; nobody can recover it."
_CHANGED = "The file of secrets is encrypted anew; afterwards the old passphrase does not open it."
_KNOWN = "Secrets are kept in an encrypted file. Its passphrase is asked for once in a run."


class PassphraseDialog(Dialog[Secret]):
    """Ends with the passphrase, or without one when the person would rather not say."""

    def __init__(self, question: PassphraseQuestion) -> None:
        self.HEADING = "A new passphrase" if question.new else "Passphrase"
        super().__init__()
        self._question = question

    def compose_dialog(self) -> ComposeResult:
        """Yield what it is for, the inputs and the answers."""
        new, change = self._question.new, self._question.change
        text = _CHANGED if change else _NEW if new else _KNOWN
        yield Static(f"{text}\n{self._question.place}", id="question", markup=False)
        wanted = f"passphrase, {SHORTEST_PASSPHRASE} characters or more" if new else "passphrase"
        yield SecretInput(placeholder=wanted, id="passphrase")
        if new:
            yield SecretInput(placeholder="the same once more", id="again")
        yield Static(_marked(self._question.problem), id="passphrase-problem", markup=False)
        with Horizontal(classes="buttons"):
            label = "Change" if change else "Make the file" if new else "Open"
            yield PushButton(label, id="open", compact=True, variant="primary")
            yield PushButton("Not now", id="not-now", compact=True)

    @on(SecretInput.Entered)
    def _entered(self, event: SecretInput.Entered) -> None:
        if self._question.new and event.secret_input.id == "passphrase":
            self.query_one("#again").focus()
        else:
            self._finish()

    @on(Button.Pressed, "#open")
    def _finish(self) -> None:
        first, *again = (field.take_secret() for field in self.query(SecretInput))
        problem = ""
        if first is None:
            change = self._question.change
            otherwise = "the old one stays" if change else "secrets stay in memory for this run"
            problem = f"Enter the passphrase, or choose Not now: then {otherwise}."
        elif again:
            problem = why_not_taken(first, again[0] or Secret(""))
        if first is not None and not problem:
            self.dismiss(first)
            return
        self.query_one("#passphrase-problem", Static).update(_marked(problem))
        self.query_one("#passphrase").focus()

    @on(Button.Pressed, "#not-now")
    def _decline(self) -> None:
        self.dismiss(None)


def _marked(problem: str) -> str:
    return f"✗ {problem}" if problem else ""
