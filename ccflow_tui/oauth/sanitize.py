"""Make text that came from outside safe to show: nothing in it can move a cursor or hide a character."""

from __future__ import annotations

import re

ELLIPSIS = "…"

_BREAKS = re.compile("[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")
_LINE_ENDS = re.compile("\r\n|[\v\f\r\x1c-\x1e\x85\u2028\u2029]")
_HAZARDS = re.compile(
    "["
    "\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f"  # C0 and C1 controls, escape among them
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u3164\uffa0"  # invisible letters and joiners
    "\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"  # zero width and bidirectional controls
    "\ufff0-\uffff\ud800-\udfff"  # specials, noncharacters and lone surrogates
    "\U000e0000-\U000e0fff"  # tags: text that no screen shows
    "]+"
)


def scrub(text: str, *, limit: int = 500) -> str:
    """Return ``text`` as one safe line of at most ``limit`` characters.

    Line breaks and tabs become one space; C0 and C1 controls, bidirectional controls, zero-width
    characters and lone surrogates go; what is cut off is marked with an ellipsis.
    """
    line = _HAZARDS.sub("", _BREAKS.sub(" ", text)).strip()
    return _cap(line, limit)


def scrub_block(text: str, *, limit: int = 4000) -> str:
    """Return ``text`` safe to show with its line breaks kept; tabs become four spaces."""
    lines = _LINE_ENDS.sub("\n", text).replace("\t", "    ")
    return _cap(_HAZARDS.sub("", lines).strip(), limit)


def _cap(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    return text[: max(limit - 1, 0)].rstrip() + ELLIPSIS[:limit]
