"""The question whether the settings of the working folder are trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccflow_tui.config.trust import FolderSettings, claims
from ccflow_tui.models.problems import CcflowError
from ccflow_tui.profile_book import ProfileBook

if TYPE_CHECKING:
    from textual.app import App

HEADING = "Trust the settings of this folder?"
TRUST = "Trust"
TRUSTED = "Trusted until the file changes."
NOT_TRUSTED = (
    "Not trusted: what needs it stays off. ccflow config --trust asks no more; a change of the file does."
)
_WAY_OUT = "If you know this file, run ccflow config --trust, or name it with --settings."


def question(book: ProfileBook) -> str:
    """Return what a person decides about, or an empty text where there is nothing to decide."""
    folder = book.folder
    lines = claims(book.layers) if folder is not None and not book.layers.settings_trusted else ()
    if folder is None or not lines:
        return ""
    reason = "It lies in the working folder and may have come with somebody else's project. It sets:"
    end = "Trusted, it may use your key or certificate there, and the secret of your environment."
    return "\n".join((str(folder.file), reason, "", *lines, "", end))


async def ask(app: App[int], book: ProfileBook) -> bool:
    """Ask once about the folder's settings, and again when they changed; return whether they are trusted now.

    Answered with yes, it is remembered; to be called in a worker.
    """
    from ccflow_tui.screens.confirm import Answer, ConfirmDialog

    if not (text := question(book)):
        return False
    if await app.push_screen_wait(ConfirmDialog(HEADING, text, TRUST)) is not Answer.CONFIRM:
        app.notify(NOT_TRUSTED, severity="warning", timeout=15, markup=False)
        return False
    try:
        book.trust_folder()
    except CcflowError as problem:
        app.notify(str(problem), title="Trusted for this run only", severity="warning", markup=False)
    else:
        app.notify(TRUSTED, markup=False)
    return True


def refusal_text(folder: FolderSettings, danger: str) -> str:
    """Say why a request is refused, and the way out."""
    return f"{folder.file} lies in the working folder, is not trusted, and {danger}. {_WAY_OUT}"
