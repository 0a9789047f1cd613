"""The question whether the files of the working folder are trusted."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

from ccflow_tui.config.claims import claims
from ccflow_tui.models.problems import CcflowError
from ccflow_tui.models.profile import Profile
from ccflow_tui.profile_book import ProfileBook

if TYPE_CHECKING:
    from textual.app import App

HEADING = "Trust the settings of this folder?"
TRUST = "Trust"
TRUSTED = "Trusted until the file changes."
NOT_TRUSTED = (
    "Not trusted: what needs it is left out. To trust the folder after all, run ccflow config --trust in it."
)
_OF_SERVER = frozenset(
    {
        "endpoint_mode",
        "provider",
        "environment_id",
        "region",
        "provider_inputs",
        "issuer",
        "token_endpoint",
        "endpoint_source",
        "endpoint_consent",
        "api_base",
        "server",
    }
)


Opened = tuple[Profile, dict[str, str]]
"""A profile and the source of each of its fields."""


def merged(entered: Opened, trusted: Opened) -> Opened:
    """Return the trusted profile with what a person had typed before the answer, which goes on counting.

    A server is taken as a whole, from one or the other.
    """
    from ccflow_tui.screens.configure_form import attribute_of

    (edited, sources), (profile, found) = entered, trusted
    if profile.name != edited.name:
        return trusted
    typed = {name: source for name, source in sources.items() if source == "typed"}
    kept = {attribute_of(name) for name in typed}
    kept |= _OF_SERVER if kept & _OF_SERVER else frozenset()
    values = {item.name: getattr(edited, item.name) for item in fields(Profile) if item.name in kept}
    return replace(profile, **values), found | typed


def question(book: ProfileBook) -> str:
    """Return what a person decides about, or an empty text where there is nothing to decide."""
    lines = claims(book.layers) if book.folder else ()
    if not lines:
        return ""
    files = "\n".join(str(each.file) for each in book.folder)
    one = len(book.folder) == 1
    reason = (
        f"{'It lies' if one else 'They lie'} in the working folder and may have come with somebody else's "
        f"project. {'It sets' if one else 'They set'}:"
    )
    end = "Trusted, it may use your key or certificate there, and the secret of your environment."
    return "\n".join((files, reason, "", *lines, "", end))


async def ask(app: App[int], book: ProfileBook) -> bool:
    """Ask once about the folder's files, and again when they changed; return whether they can be used now.

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
    try:
        book.open()
    except CcflowError as problem:
        app.notify(str(problem), title="Profile", severity="error", timeout=15, markup=False)
        return False
    return True
