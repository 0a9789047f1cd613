"""The question before a private key is removed; the safe answer has the focus."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.widgets import Static

from ccflow_tui.models.kept_key import KeptKey
from ccflow_tui.models.key_words import deletion_text
from ccflow_tui.screens.key_work import KeyDialog
from ccflow_tui.screens.keys_desk import KeysDesk
from ccflow_tui.widgets.push_button import PushButton


def question(key: KeptKey, keys: Sequence[KeptKey], production: frozenset[str], use: str) -> str:
    """Return what a person decides about: what goes, who is left without it, what stays at the server.

    ``use`` is the key to press for using another one.
    """
    return deletion_text(key, keys, production, switch=f"press {use} on that one first")


class DeleteDialog(KeyDialog[str]):
    """Ends with what was found when it was looked for afterwards, or ``None`` when nothing was removed."""

    CONFIRM = "Delete the key"
    CANCELLED = "Cancelled."

    def __init__(self, desk: KeysDesk, key: KeptKey, keys: Sequence[KeptKey]) -> None:
        self.HEADING = f"Delete “{key.name}”?"
        super().__init__(desk)
        self._key, self._kept = key, keys

    def compose_form(self) -> ComposeResult:
        """Yield the question."""
        use = self.keys.name("keys.use")
        text = question(self._key, self._kept, self.desk.production(), use)
        yield Static(text, id="question", markup=False)

    def compose_answers(self) -> ComposeResult:
        """Yield the safe answer first."""
        yield PushButton("Cancel", id="cancel", compact=True, variant="primary")
        yield PushButton(self.CONFIRM, id="confirm", compact=True, variant="error")

    def on_mount(self) -> None:
        """Focus the safe answer."""
        self.query_one("#cancel").focus()

    def key_left(self) -> None:
        """Arrow keys move between the answers, as they do in every dialog."""
        self.focus_previous()

    def key_right(self) -> None:
        """See ``key_left``."""
        self.focus_next()

    def confirm(self) -> None:
        """Remove the key."""
        self.begin("Removing the key.")

    async def carry_out(self) -> None:
        """Remove the key and look whether it is gone."""
        self.dismiss(await self.desk.workbench.delete(self._key.name))
