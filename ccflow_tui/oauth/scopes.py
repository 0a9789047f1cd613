"""Scopes: pasted text to the single-space-separated tokens of RFC 6749, section 3.3."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ccflow_tui.models.problems import InputProblem

_NO_SCOPE_CHARACTER = re.compile(r"[^\x21\x23-\x5B\x5D-\x7E]")


@dataclass(frozen=True, slots=True)
class ParsedScope:
    """Scope tokens in the order typed, each once, and what was changed to get there."""

    tokens: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The value of the ``scope`` parameter; empty when the parameter is to be left out."""
        return " ".join(self.tokens)


def parse_scope(text: str) -> ParsedScope:
    """Split pasted scopes at white space, and note what was changed or looks odd.

    A comma is legal inside a token, so it stays: splitting at it would ask for something else than what was
    typed without a word. Since few servers use it so, a note asks what was meant. Empty text means no scope
    parameter (RFC 6749, section 3.2). Raises ``InputProblem`` for ``scope`` naming the
    first character that no scope may hold.
    """
    notes = []
    words = text.split()
    if "," in text:
        notes.append("There is a comma: one scope or two? Separate scopes by spaces.")
    for word in words:
        _check_token(word)
    if words and text != " ".join(words):
        notes.append("Extra white space was removed; scopes are separated by single spaces.")
    tokens = tuple(dict.fromkeys(words))
    if len(tokens) < len(words):
        notes.append("A scope that was listed twice is sent once.")
    return ParsedScope(tokens, tuple(notes))


def _check_token(token: str) -> None:
    odd = _NO_SCOPE_CHARACTER.search(token)
    if odd:
        code = f"U+{ord(odd[0]):04X}"
        named = f"{odd[0]} ({code})" if odd[0].isprintable() else code
        raise InputProblem(
            "scope",
            f"A scope cannot hold the character {named}.",
            "Remove it; scopes are printable ASCII without quotes and backslashes, separated by spaces.",
        )
