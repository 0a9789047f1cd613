"""The question before a token goes to an API that nobody has named for it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from typing import Any

    from textual.app import App

    from ccflow_tui.models.profile import Profile

HEADING = "Send the token to this API?"
SEND = "Send it there"
NOT_SENT = "Not sent: {origin} was not confirmed. “API to call” in step 1 names another."
QUESTION = (
    "API     {origin}\n"
    "Token   from {server}\n\n"
    "Whoever runs that API can use the token as long as it lives. "
    "The answer is kept for the profile “{name}”."
)
_LONGEST = 200


async def confirmed(app: App[Any], profile: Profile, origin: str) -> bool:
    """Ask whether the profile's token may go to the API at ``origin``; to be called in a worker."""
    from ccflow_tui.screens.confirm import Answer, ConfirmDialog

    server = urlsplit(profile.token_endpoint).netloc
    server = server if len(server) <= _LONGEST else f"{server[:_LONGEST]}…"
    question = QUESTION.format(origin=origin, server=server, name=profile.name)
    if await app.push_screen_wait(ConfirmDialog(HEADING, question, SEND)) is Answer.CONFIRM:
        return True
    app.notify(NOT_SENT.format(origin=origin), severity="warning", timeout=10, markup=False)
    return False
