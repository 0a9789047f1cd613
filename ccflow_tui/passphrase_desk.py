"""Asks the person at the wizard for the passphrase of the encrypted file, and for another one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ccflow_tui.models.problems import CcflowError

if TYPE_CHECKING:
    from textual.app import App

    from ccflow_tui.models.secret import Secret
    from ccflow_tui.services.ports import PassphraseQuestion


@dataclass(frozen=True, slots=True)
class PassphraseDesk:
    """A ``ports.PassphraseAsker`` that opens a dialog, whoever asks: a step, or work in the background."""

    app: App[Any]

    async def __call__(self, question: PassphraseQuestion) -> Secret | None:
        """Return what was entered, or ``None``; when nobody waits any more, the dialog closes."""
        from ccflow_tui.screens.passphrase import PassphraseDialog

        answer: asyncio.Future[Secret | None] = asyncio.get_running_loop().create_future()
        dialog = PassphraseDialog(question)

        def answered(passphrase: Secret | None) -> None:
            if not answer.done():
                answer.set_result(passphrase)

        # Not from here: who asks may be no part of the app, and a screen must be opened by one.
        self.app.call_later(self.app.push_screen, dialog, answered)
        try:
            return await answer
        except asyncio.CancelledError:
            if self.app.screen is dialog:
                dialog.dismiss(None)
            raise


async def change(app: App[Any], work: Callable[[], Awaitable[str]] | None) -> None:
    """Change the passphrase by ``work``, and tell what came of it; to be awaited in a worker."""
    if work is None:
        return
    try:
        app.notify(await work(), timeout=12, markup=False)
    except CcflowError as problem:
        title = "Passphrase not changed"
        app.notify(str(problem), title=title, severity="error", timeout=30, markup=False)
