"""Find secrets in a text: whole, and in pieces where one was cut short or stands in several strings.

A piece counts by where it stands: where the text, or a line or string in it, ends in the middle of the
secret or begins there, and where the text is a part of the secret altogether. So nothing innocent goes that
has a few characters in common with a secret somewhere.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ccflow_tui.models.secret import MASK

SHORTEST_PIECE = 8
"""Characters from which a piece is recognised."""
_EDGES = frozenset("\"'\\\r\n")
"""What lines end with and begin after, and strings in JSON, in JSON inside JSON, and in Python's ``repr``."""
_CUT_MARKS = ("…", "...")
_SAMPLE, _STRIDE = 5, 4
"""Characters of a sample, and from one to the next: each run of ``SHORTEST_PIECE`` of them holds a sample."""
_MOST_PLACES = 256
"""Places of a beginning up to which each is looked at by itself, so that no text can make that take long."""
_RUN = r"[^\s\"'\\]*+"
_WORDS = re.compile(r"[\W_]*+(?:(?:[A-Z]?[a-z]++|[A-Z]++)(?:[\W_]++|\Z))++")
"""Words as a person writes them, which stand in innocent texts, too."""

Span = tuple[int, int]
_Grouped = Mapping[str, tuple[str, ...]]


def samples_of(text: str) -> frozenset[str]:
    """Return samples of a text, which tell quickly of most secrets that no piece of them is in it."""
    return frozenset(text[at : at + _SAMPLE] for at in range(0, len(text) - _SAMPLE + 1, _STRIDE))


def samples_to_find(forms: Iterable[str]) -> frozenset[str]:
    """Return one or several of which are among the samples of every text with a piece of these forms."""
    edges = {edge for form in forms for edge in (form[:SHORTEST_PIECE], form[-SHORTEST_PIECE:])}
    return frozenset(edge[at : at + _SAMPLE] for edge in edges for at in range(_STRIDE))


@dataclass(frozen=True, slots=True, repr=False)
class Forms:
    """What secrets may look like."""

    whole: tuple[str, ...] = ()
    heads: _Grouped = field(default_factory=dict)
    """The same by how they begin, which most forms of one secret have in common."""
    tails: _Grouped = field(default_factory=dict)
    """Those whose ends are looked for, backwards: from right to left an end is a beginning."""
    samples: frozenset[str] = frozenset()
    """See ``samples_to_find``."""
    short: tuple[str, ...] = ()
    """Those below ``SHORTEST_PIECE``, of which there are no samples."""
    has_spaces: bool = True
    """Whether one of them holds a space, as most texts do."""

    @classmethod
    def of(cls, whole: Iterable[str], ending: Iterable[str]) -> Forms:
        """Take the forms of ``whole``, and of those of ``ending`` also what ends as they do."""
        forms = tuple(whole)
        backwards = (form[::-1] for form in ending)
        return cls(
            forms,
            _grouped(forms),
            _grouped(backwards),
            samples_to_find(forms),
            short=tuple(form for form in forms if len(form) < SHORTEST_PIECE),
            has_spaces=any(" " in form for form in forms),
        )

    @classmethod
    def of_all(cls, several: Iterable[Forms]) -> Forms:
        """Return those of several secrets together, to be looked for without samples."""
        whole, heads, tails = list[str](), dict[str, tuple[str, ...]](), dict[str, tuple[str, ...]]()
        for forms in several:
            whole += forms.whole
            for ours, theirs in ((heads, forms.heads), (tails, forms.tails)):
                for start, alike in theirs.items():
                    ours[start] = (*ours.get(start, ()), *alike)
        return cls(tuple(whole), heads, tails)

    def may_be_in(self, text: str, samples: frozenset[str]) -> bool:
        """Whether it is worth while to look for them in a text with these samples."""
        return (
            not self.samples.isdisjoint(samples)
            or any(form in text for form in self.short)
            or self._has_within(text)
        )

    def whole_spans(self, text: str) -> list[Span]:
        """Return where secrets stand, in no order; takes linear time, as ``piece_spans``."""
        return [span for form in self.whole if form in text for span in _places(text, form)]

    def piece_spans(self, text: str) -> list[Span]:
        """Return where pieces of them stand, in no order."""
        length = len(text)
        found = list(_beginnings(text, self.heads))
        found += ((length - end, length - at) for at, end in _beginnings(text[::-1], self.tails))
        if self._has_within(text):
            found.append((0, length))
        return found

    def _has_within(self, text: str) -> bool:
        """Whether the text is a part of one of them."""
        length = len(text)
        if length < SHORTEST_PIECE or (" " in text and not self.has_spaces):
            return False
        return any(len(form) > length and text in form and _is_telling(text, form) for form in self.whole)


def mask_spans(text: str, spans: Iterable[Span]) -> str:
    """Return the text with each span masked, those that overlap or touch as one."""
    parts: list[str] = []
    done = 0
    for start, end in sorted(spans):
        if start > done or not parts:
            parts += [text[done:start], MASK]
        done = max(done, end)
    return "".join((*parts, text[done:])) if parts else text


def _grouped(forms: Iterable[str]) -> _Grouped:
    by_start = defaultdict[str, list[str]](list)
    for form in forms:
        if len(form) > SHORTEST_PIECE and form[:SHORTEST_PIECE].strip(MASK):
            by_start[form[:SHORTEST_PIECE]].append(form)
    return {start: tuple(alike) for start, alike in by_start.items()}


def _places(text: str, form: str) -> Iterator[Span]:
    at = text.find(form)
    while at >= 0:
        yield at, at + len(form)
        at = text.find(form, at + len(form))


def _beginnings(text: str, groups: _Grouped) -> Iterator[Span]:
    """Return the beginnings of forms after which the text, or a line or string in it, ends."""
    for start, forms in groups.items():
        places = text.count(start)
        if places > _MOST_PLACES:  # such a text was made for it, and loses whatever follows
            yield from (match.span() for match in re.finditer(re.escape(start) + _RUN, text))
        elif places:
            for form in forms:
                yield from _beginnings_of(text, start, form)


def _beginnings_of(text: str, start: str, form: str) -> Iterator[Span]:
    at = text.find(start)
    while at >= 0:
        end = at + _alike(text, at, form)
        ends = _ends_at(text, end, form[: end - at], form)
        if ends:
            yield at, end
        at = text.find(start, end if ends else at + 1)


def _alike(text: str, at: int, form: str) -> int:
    """Return how many characters from ``at`` on are those of the form, as the first are known to be."""
    low, high = SHORTEST_PIECE, min(len(form), len(text) - at)
    while low < high:
        middle = (low + high + 1) // 2
        if text.startswith(form[low:middle], at + low):
            low = middle
        else:
            high = middle - 1
    return low


def _ends_at(text: str, end: int, piece: str, form: str) -> bool:
    """Whether the text ends here, is marked as cut, or a line or string in it ends.

    The mark counts as well where the secret goes on with characters of it.
    """
    if end == len(text) or any(text.startswith(_CUT_MARKS, end - shared) for shared in range(3)):
        return True
    return not _EDGES.isdisjoint(text[end - 1 : end + 1]) and _is_telling(piece, form)


def _is_telling(piece: str, form: str) -> bool:
    """Whether a piece gives something away; a short one of words, which may stand anywhere, does not."""
    if len(piece) < SHORTEST_PIECE or not piece.strip(MASK):
        return False
    return len(piece) * 2 >= len(form) or not _WORDS.fullmatch(piece)
