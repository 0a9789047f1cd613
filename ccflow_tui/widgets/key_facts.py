"""What is told of a kept private key: one row of a list, all its facts, and two keys side by side."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from textual.content import Content

from ccflow_tui.models.kept_key import KeptKey, KeyCertificate
from ccflow_tui.models.key_words import used_by_text
from ccflow_tui.widgets.line_widget import LineWidget
from ccflow_tui.widgets.time_text import full_date, full_date_and_time

SOON_DAYS = 30
"""Days before its end from which a certificate is marked."""
MOST_IN_PAIR = 3
"""Profiles that are named in each column of a pair."""
NOBODY = "no profile"
_DAY = 86_400.0
_LABEL_WIDTH = 14
_SHORT_KID = 12
_CURRENT = "●"

Draw = Callable[[int], tuple[Content, ...]]
"""Returns lines for a width in cells."""


class KeyFacts(LineWidget):
    """Draws lines that are made for its width."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._draw: Draw = lambda width: ()

    def show(self, draw: Draw) -> None:
        """Show other lines."""
        self._draw = draw
        self.redraw()

    def draw(self, width: int) -> tuple[Content, ...]:
        """Return the lines."""
        return self._draw(max(width, 1))


class Expiry(NamedTuple):
    """How long a certificate still counts, in words that need no colour."""

    words: str
    colour: str
    """``error``, ``warning``, or empty while there is time."""


def expiry_of(certificate: KeyCertificate, now: float) -> Expiry:
    """Return the state of a certificate at a time (epoch seconds)."""
    left = certificate.not_after - now
    if left <= 0:
        return Expiry("✕ EXPIRED", "error")
    days = math.floor(left / _DAY)
    if days < SOON_DAYS:
        when = f"in {_days(days)}" if days else "within a day"
        return Expiry(f"▲ expires {when}", "warning")
    return Expiry(f"expires in {_days(days)}", "")


def _days(count: int) -> str:
    return f"{count} day" if count == 1 else f"{count} days"


def short_kid(kid: str) -> str:
    """Return a key id that fits into a row: both ends, which is where people compare."""
    return kid if len(kid) <= _SHORT_KID else f"{kid[:6]}…{kid[-5:]}"


class RowWidths(NamedTuple):
    """Cells of the columns that stand under each other."""

    name: int
    label: int

    @classmethod
    def of(cls, keys: Sequence[KeptKey], most: int) -> RowWidths:
        """Return the widths for some keys; a name gets ``most`` cells at the most."""
        longest = max((len(key.name) for key in keys), default=0)
        return cls(min(most, longest), max((len(key.label) for key in keys), default=0))


def key_row(key: KeptKey, widths: RowWidths, *, is_current: bool, now: float) -> Content:
    """Return one row: mark, name, kind, what is amiss, what it takes over from, key id, who uses it."""
    name = Content(key.name).truncate(widths.name, ellipsis=True, pad=True).stylize("bold")
    parts: list[str | tuple[str, str] | Content] = [f"{_CURRENT if is_current else ' '} ", name]
    parts.append(f"  {key.label.ljust(widths.label)}  ")
    if key.missing:
        parts += [(" ✗ MISSING ", _badge("error")), "  "]
    elif key.certificate is not None and (expiry := expiry_of(key.certificate, now)).colour:
        parts += [(f" {expiry.words} ", _badge(expiry.colour)), "  "]
    if key.replaces:
        parts.append(f"succeeds {key.replaces}  ")
    use = f"used by {', '.join(key.used_by)}" if key.used_by else "not used"
    parts.append(f"{short_kid(key.kid)}  {use}")  # on the chosen row anything fainter cannot be read
    return Content.assemble(*parts)


def _badge(colour: str) -> str:
    """Return a style that is readable on the row that is highlighted, too."""
    return f"bold $ccflow-on-{colour} on ${colour}"


def fact_lines(key: KeptKey, width: int, *, now: float, production: Collection[str] = ()) -> list[Content]:
    """Return every fact of a key, a line or more for each; names in ``production`` are marked so."""
    lines = fact("Missing", key.missing and f"✗ {key.missing}", width, "$text-error")
    lines += fact("Kind", key.label, width)
    lines += fact("Algorithms", ", ".join(key.algs), width)
    lines += fact("Key ID (kid)", key.kid, width)
    lines += fact("Thumbprint", key.thumbprint, width)
    if key.certificate is not None:
        lines += _certificate_lines(key.certificate, width, now)
    lines += fact("Kept in", key.store, width)
    if key.created is not None:
        lines += fact("Kept since", full_date_and_time(key.created), width)
    return lines + fact("Used by", used_by_text(key.used_by, production) or NOBODY, width)


def _certificate_lines(certificate: KeyCertificate, width: int, now: float) -> list[Content]:
    expiry = expiry_of(certificate, now)
    ends = f"{full_date(certificate.not_after)}  {expiry.words}"
    return [
        *fact("Certificate", certificate.subject, width),
        *fact("  ends", ends, width, f"$text-{expiry.colour}" if expiry.colour else ""),
        *fact("  x5t#S256", certificate.thumbprint, width),
    ]


def fact(label: str, value: str, width: int, style: str = "") -> list[Content]:
    """Return the lines of one fact; none for a fact that is not known."""
    if not value:
        return []
    rows = wrapped(value, max(8, width - _LABEL_WIDTH))
    labels = [label, *[""] * (len(rows) - 1)]
    return [
        Content.assemble((name.ljust(_LABEL_WIDTH), "$ccflow-label"), (row, style))
        for name, row in zip(labels, rows, strict=True)
    ]


def pair_lines(old: KeptKey, new: KeptKey, width: int) -> list[Content]:
    """Return a key and its successor side by side."""
    column = max(8, (width - _LABEL_WIDTH - 2) // 2)
    rows = (
        ("Name", old.name, new.name),
        ("Kind", old.label, new.label),
        ("Key ID (kid)", old.kid, new.kid),
        ("Used by", *(used_by_text(key.used_by, (), most=MOST_IN_PAIR) or NOBODY for key in (old, new))),
    )
    heads = ("old key".ljust(column), "successor".ljust(column))
    lines = [Content.styled(f"{'':{_LABEL_WIDTH}}{heads[0]}  {heads[1].rstrip()}", "bold")]
    for label, *values in rows:
        left, right = (wrapped(value, column) for value in values)
        for at in range(max(len(left), len(right))):
            cells = [part[at] if at < len(part) else "" for part in (left, right)]
            name = (label if at == 0 else "").ljust(_LABEL_WIDTH)
            lines.append(Content.assemble((name, "$ccflow-label"), f"{cells[0].ljust(column)}  {cells[1]}"))
    return lines


def text_lines(text: str, width: int, style: str = "") -> list[Content]:
    """Return a text of ours wrapped to a width."""
    return [Content.styled(line, style) if line else Content("") for line in wrapped(text, width)]


def wrapped(text: str, width: int) -> list[str]:
    """Return a text as lines of at most ``width`` characters; ids are broken where the line ends only."""
    return [
        line
        for paragraph in text.split("\n")
        for line in textwrap.wrap(paragraph, width, break_on_hyphens=False) or [""]
    ]
