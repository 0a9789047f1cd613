"""Signing out where the server can take the token back (RFC 7009): what is asked, and what may go wrong."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ccflow_tui.models.access_token import AccessToken
    from ccflow_tui.models.profile import Profile
    from ccflow_tui.services.ports_inspection import TokenInspection

HEADING = "Sign out?"
AT_SERVER = "the access token at the server"


def question(profile: str, found: Iterable[str], *, revocable: bool) -> tuple[str, str, str]:
    """Return the question, and the labels of the two ways to say yes; the second is empty without need.

    ``found`` are lines that tell what is going to be removed.
    """
    lines = (f"For profile “{profile}” this removes:", *found, "The configuration and the history stay.")
    text = "\n".join(lines)
    if not revocable:
        return text, "Sign out", ""
    more = "\nThe server can take the token back as well, so that no API accepts it any longer."
    return text + more, "Sign out", "Revoke and sign out"


async def take_back(inspector: TokenInspection, profile: Profile, token: AccessToken) -> str:
    """Have the server take the token back; return why it did not, or an empty text."""
    outcome = await inspector.revoke(profile, token)
    if outcome.revoked:
        return ""
    return f"{outcome.problem} {outcome.remedy} Nothing was removed here; you can still sign out without it."
