"""What a person does not want to see: pictures in texts, and things that move by themselves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.widget import Widget

NO_EMOJI, NO_MOTION = "-no-emoji", "-no-motion"
"""Classes of the app; every widget can see them, and a style sheet, too."""

# Marks that stand for a state (✓ ✗ ▲ ●) are signs and no pictures: they are read, and stay.
_PICTURE = r"[\U0001F000-\U0001FAFF\u2600-\u26FF\u2705]\ufe0f?"
_PICTURES = re.compile(rf"(?:^{_PICTURE} ?| ?{_PICTURE})")


def shows_emoji(widget: Widget) -> bool:
    """Whether pictures are wanted."""
    return not widget.app.has_class(NO_EMOJI)


def shows_motion(widget: Widget) -> bool:
    """Whether anything may move that nobody touched."""
    return not widget.app.has_class(NO_MOTION)


def without_emoji(text: str) -> str:
    """Return one of ccflow's own texts without its pictures and the spaces that set them off."""
    return _PICTURES.sub("", text)


def tasteful(widget: Widget, text: str) -> str:
    """Return one of ccflow's own texts as this person wants it."""
    return text if shows_emoji(widget) else without_emoji(text)
