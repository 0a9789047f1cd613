"""JSON, coloured, for reading: a decoded token, or what an API answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from textual.content import Content

from ccflow_tui.models.token_view import TokenView
from ccflow_tui.widgets.hanging_text import HangingText

if TYPE_CHECKING:
    from textual.visual import VisualType

TIME_CLAIMS = ("exp", "iat", "nbf", "auth_time")


class JsonView(HangingText):
    """Header and claims of a JWT, or the note that the token is opaque."""

    DEFAULT_CSS = """
    JsonView { height: auto; margin-top: 1; padding: 0 1; border-left: thick $border-blurred; }
    """

    def show(self, view: TokenView) -> None:
        """Draw what could be read from the token."""
        self.update(_drawn(view))


def coloured(text: str) -> Content:
    """Return a text in the theme's colours if it is JSON, perhaps cut at the end; any other as it is."""
    return _highlighted(text) if _is_json(text) else Content(text)


def _is_json(text: str) -> bool:
    if not text.startswith(("{", "[")):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        # An object or array that was indented and then cut goes on in its second line.
        return text.endswith("…") and text[1:].startswith("\n ")
    return True


def _highlighted(text: str) -> Content:
    # Building the lexer takes longer than drawing the whole screen, so it waits until there is JSON.
    from textual.highlight import highlight

    return highlight(text, language="json")


def _drawn(view: TokenView) -> VisualType:
    parts: list[Content] = [Content.styled(view.note, "italic")]
    for title, content in (("header", view.header), ("claims", view.claims)):
        if content:
            parts += [
                Content.styled(title, "bold"),
                _highlighted(json.dumps(dict(content), indent=2, ensure_ascii=False, default=str)),
            ]
    parts += [Content(line) for line in time_lines(view.claims)]
    return Content("\n").join(parts)


def time_lines(claims: Mapping[str, Any]) -> list[str]:
    """Return the claims that are times as the clock here shows them."""
    lines = []
    for name in TIME_CLAIMS:
        value = claims.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 2**33:
            lines.append(f"{name} is {datetime.fromtimestamp(value).astimezone():%Y-%m-%d %H:%M:%S %Z}")
    return lines
