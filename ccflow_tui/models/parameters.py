"""Names with values as one line of text and back, written as in the query of a URL."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qsl, quote

Parameters = tuple[tuple[str, str], ...]


def parse_parameters(text: str) -> Parameters:
    """Return the pairs of a text such as ``name=value&other=two%20words``, in order; never raises.

    A name without ``=`` has an empty value, so that a text can be read while it is typed. As in a form,
    ``+`` is a space.
    """
    return tuple(parse_qsl(text.strip(), keep_blank_values=True, errors="replace"))


def format_parameters(pairs: Iterable[tuple[str, str]]) -> str:
    """Return the pairs as the text that ``parse_parameters`` reads back, with only what must be encoded."""
    return "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in pairs)


def joined(values: tuple[str, ...] | Parameters) -> str:
    """Return several values as the one line a person would type for them."""
    pairs = [value for value in values if isinstance(value, tuple)]
    words = [value for value in values if isinstance(value, str)]
    return format_parameters(pairs) if pairs else " ".join(words)


def _encoded(text: str) -> str:
    return quote(text, safe="/:?@!$'()*,;~", errors="replace")
