"""A decoded token, coloured, for reading."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from textual.content import Content
from textual.widgets import Static

from ccflow_tui.models.token_view import TokenView

if TYPE_CHECKING:
    from textual.visual import VisualType

TIME_CLAIMS = ("exp", "iat", "nbf", "auth_time")


class JsonView(Static):
    """Header and claims of a JWT, or the note that the token is opaque."""

    DEFAULT_CSS = """
    JsonView { height: auto; margin-top: 1; padding: 0 1; border-left: thick $border-blurred; }
    """

    def show(self, view: TokenView) -> None:
        """Draw what could be read from the token."""
        self.update(_drawn(view))


def _drawn(view: TokenView) -> VisualType:
    # Building the lexer takes longer than drawing the whole screen, so it waits until somebody decodes.
    from textual.highlight import highlight

    parts: list[Content] = [Content.styled(view.note, "italic")]
    for title, content in (("header", view.header), ("claims", view.claims)):
        if content:
            parts += [
                Content.styled(title, "bold"),
                highlight(
                    json.dumps(dict(content), indent=2, ensure_ascii=False, default=str), language="json"
                ),
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
