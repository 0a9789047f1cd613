"""Exactly what will be sent, before it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.content import Content

from ccflow_tui.widgets.hanging_text import HangingText
from ccflow_tui.widgets.request_lines import Line, plain_text, request_lines

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from ccflow_tui.models.token_request import TokenRequest

__all__ = ["RequestPreview", "plain_text"]

_EMPTY = "Nothing built yet. Complete step 1 first."


def _content(lines: tuple[Line, ...]) -> Content:
    return Content("\n").join(Content.assemble(*(piece for piece in line if piece[0])) for line in lines)


class RequestPreview(VerticalScroll):
    """Request line, headers in order, body field by field, and what is signed in it explained."""

    DEFAULT_CSS = """
    RequestPreview { padding: 0 1; height: 1fr; scrollbar-size-vertical: 1; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._text = HangingText(Content.styled(_EMPTY, "$ccflow-muted"))

    def compose(self) -> ComposeResult:
        """Put the text into the scroller."""
        yield self._text

    def show(self, request: TokenRequest | None) -> None:
        """Show another request, from its beginning."""
        empty = Content.styled(_EMPTY, "$ccflow-muted")
        self._text.update(_content(request_lines(request)) if request is not None else empty)
        self.scroll_home(animate=False)
