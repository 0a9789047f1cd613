"""Begins a profile from another one; loaded when somebody asks for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ccflow_tui.saving import keep

if TYPE_CHECKING:
    from textual.app import App

    from ccflow_tui.app_parts import AppParts
    from ccflow_tui.models.profile import Profile
    from ccflow_tui.profile_book import ProfileBook

HEADING, CONFIRM = "New profile", "Begin"
EXPLANATION = (
    "It begins as a copy of “{name}”, with the same client and credential, and is kept for the next run."
)
DEMO_EXPLANATION = (
    "It begins as a copy of “{name}” and lasts for this run, as every profile of the demo does."
)


async def ask_name(app: App[Any], profile: Profile, book: ProfileBook) -> str | None:
    """Ask for the name of a copy of ``profile``; return one that is free, or ``None``."""
    from ccflow_tui.screens.name import NameDialog

    explanation = (DEMO_EXPLANATION if book.is_demo else EXPLANATION).format(name=profile.name)
    return await app.push_screen_wait(NameDialog(HEADING, explanation, book.why_not_named, CONFIRM))


async def begin(parts: AppParts, profile: Profile, name: str) -> None:
    """Keep a copy of ``profile`` under another name, its secret with it.

    Raises ``InputProblem``, ``SettingsProblem`` or ``SecretStoreProblem`` when it cannot be kept.
    """
    copy = replace(profile, name=name, note="")
    await parts.engine.share_secret(profile, copy)
    if parts.book.is_demo:
        parts.book.begin(copy)
    else:
        await keep(parts.book, parts.engine, copy)
