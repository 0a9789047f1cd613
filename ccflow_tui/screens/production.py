"""The guard of a profile that is marked production: what is asked before a request, and what stays masked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from textual.app import App
    from textual.screen import Screen

    from ccflow_tui.models.profile import Profile
    from ccflow_tui.models.token_request import TokenRequest

HEADING = "Send to production?"
SEND = "Send to production"
NOT_SENT = "Not sent: the question about production was not answered with Send."
UNMARK_HEADING, UNMARK = "Take the production mark off?", "Take it off"
UNMARK_QUESTION = (
    "ccflow then sends for “{name}” without asking, and shows its tokens and secrets when told to.\n"
    "Keep the mark if the profile still leads to a production server."
)
_LONGEST = 300


def question(profile: Profile, request: TokenRequest) -> str:
    """Return what a person decides about: which server, as which client, for what."""
    scope = _cut(profile.scope) or "none asked for"
    return (
        f"The profile “{profile.name}” is marked production.\n"
        f"Server  {_cut(urlsplit(request.url).netloc)}\n"
        f"Client  {_cut(profile.client_id)}\n"
        f"Scope   {scope}"
    )


async def may_unmark(app: App[Any], name: str) -> bool:
    """Ask whether a profile is no longer production's; must run in a worker."""
    from ccflow_tui.screens.confirm import Answer, ConfirmDialog

    text = UNMARK_QUESTION.format(name=name)
    return await app.push_screen_wait(ConfirmDialog(UNMARK_HEADING, text, UNMARK)) is Answer.CONFIRM


def refuse_to_show(screen: Screen[None], profile: Profile) -> bool:
    """Say that nothing is revealed for a production profile; return whether it is one."""
    if profile.production:
        screen.notify(
            f"“{profile.name}” is marked production, so nothing is revealed. "
            "It can be used and copied all the same.",
            title="Not shown",
            severity="warning",
            markup=False,
        )
    return profile.production


def _cut(text: str) -> str:
    """Keep the answers on the screen, however long a text is."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
