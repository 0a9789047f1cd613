"""A URL in four colours: base, punctuation, parameter names, parameter values."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from ccflow_tui.widgets.steady import SteadyText

BASE = "$ccflow-url-base"
PUNCTUATION = "$ccflow-url-punctuation"
NAME = "$ccflow-url-name"
VALUE = "$ccflow-url-value"

Piece = tuple[str, str]
"""A stretch of text and its style."""


def parameter_pieces(parameter: str) -> Iterator[Piece]:
    """Split ``name=value`` as it stands in a query or a form body."""
    name, equals, value = parameter.partition("=")
    yield from ((name, NAME), (equals, PUNCTUATION), (value, VALUE))


def url_pieces(url: str) -> Iterator[Piece]:
    """Split a URL into the four roles; joined again the pieces are the URL."""
    base, question, query = url.partition("?")
    yield from ((base, BASE), (question, PUNCTUATION))
    for index, parameter in enumerate(query.split("&")):
        if index:
            yield "&", PUNCTUATION
        yield from parameter_pieces(parameter)


def url_text(url: str) -> Content:
    """Return a URL with its roles coloured."""
    return Content.assemble(*(piece for piece in url_pieces(url) if piece[0]))


class ColorCodedUrl(SteadyText):
    """Shows one URL."""

    def __init__(self, url: str = "", *, id: str | None = None) -> None:
        super().__init__(url_text(url), markup=False, id=id)

    def show(self, url: str) -> None:
        """Show another URL."""
        self.update(url_text(url))
