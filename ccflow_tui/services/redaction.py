"""Take secrets out of text before anybody reads it: known ones wherever they are, others by their shape."""

from __future__ import annotations

import string
import sys
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from os.path import commonprefix

from ccflow_tui.models.secret import MASK, Secret
from ccflow_tui.oauth.redaction_patterns import mask_patterns
from ccflow_tui.services.secret_forms import (
    GAP,
    base64_cores,
    exact_forms,
    spelt_forms,
    split_forms,
    without_gaps,
)

CAPACITY = 256
"""Secrets of a client, and tokens unless it is told otherwise, that a redactor remembers."""
LONGEST_SPELT = 512
"""Characters up to which a token is looked for in its spelt-out forms, which cost time with every token."""
_SHORTEST_CUT = 8
"""Characters from which the beginning of a secret is recognised."""
_CUT_MARKS = ("…", "...")
_BASE64 = frozenset(string.ascii_letters + string.digits + "+/-_")


@dataclass(frozen=True, slots=True, repr=False)
class _Needles:
    """What to look for, longest first, so that a part is not masked before the whole."""

    exact: tuple[str, ...] = ()
    cores: tuple[str, ...] = ()
    split: tuple[str, ...] = ()


@dataclass(slots=True, repr=False)
class _Room:
    """The secrets that were made known last, ``capacity`` of them, the oldest first."""

    capacity: int
    longest_spelt: int = LONGEST_SPELT
    known: OrderedDict[Secret, _Needles | None] = field(default_factory=OrderedDict)

    def take_in(self, secret: Secret) -> bool:
        """Remember a secret, or that it is young; return whether it is new."""
        if secret in self.known:
            self.known.move_to_end(secret)
            return False
        self.known[secret] = None
        while len(self.known) > self.capacity:
            self.known.popitem(last=False)
        return True

    def needles(self) -> list[_Needles]:
        """Return what to look for."""
        for secret, needles in self.known.items():
            self.known[secret] = needles or _needles_of(secret, self.longest_spelt)
        return [needles for needles in self.known.values() if needles]


class Redactor:
    """Masks secrets in text; safe to use from several threads.

    A process that refreshes tokens for weeks must not grow, so of the access tokens only the latest
    ``capacity`` are remembered. The client's own secrets, keys and passphrases have a room of their own, out
    of which no number of tokens can push them. Making a secret known again keeps it young. One of fewer than
    four characters is only masked where a pattern finds it (``client_secret=ab``), since those letters stand
    in any word. The forms to look for are worked out at the first look: most tokens never meet a text.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._lock = threading.Lock()
        self._lasting, self._passing = _Room(CAPACITY, sys.maxsize), _Room(capacity)
        self._needles: _Needles | None = _Needles()

    def know(self, secret: Secret) -> None:
        """Mask a secret of the client's own, in every form it may take, from now on."""
        with self._lock:
            self._passing.known.pop(secret, None)
            if self._lasting.take_in(secret):
                self._needles = None

    def know_token(self, token: Secret) -> None:
        """Mask a token likewise, until ``capacity`` later ones have come."""
        with self._lock:
            if token not in self._lasting.known and self._passing.take_in(token):
                self._needles = None

    def redact(self, text: str) -> str:
        """Return ``text`` without secrets; redacting the result again changes nothing."""
        needles = self._needles or self._gather()
        # A mask can complete another pattern, so go on until nothing changes. It ends: a change takes
        # away characters that are no part of a mask, or makes a run of bullets one mask.
        while (masked := mask_patterns(_mask_known(text, needles))) != text:
            text = masked
        return text

    def _gather(self) -> _Needles:
        with self._lock:
            found = [*self._lasting.needles(), *self._passing.needles()]
            exact = {form for needles in found for form in needles.exact}
            cores = {core for needles in found for core in needles.cores}
            split = {form for needles in found for form in needles.split}
            self._needles = gathered = _Needles(*map(_longest_first, (exact, cores, split)))
        return gathered


def _needles_of(secret: Secret, longest_spelt: int) -> _Needles:
    text = secret.reveal()
    exact = exact_forms(text) | (spelt_forms(text) if len(text) <= longest_spelt else frozenset())
    return _Needles(tuple(exact), tuple(base64_cores(text)), tuple(split_forms(text)))


def _longest_first(forms: set[str]) -> tuple[str, ...]:
    return tuple(sorted(forms, key=len, reverse=True))


def _mask_known(text: str, needles: _Needles) -> str:
    # One search per needle: a pattern of them all would take seconds to compile for a few long tokens.
    for form in needles.exact:
        if form in text:
            text = text.replace(form, MASK)
        text = _mask_cut(text, form)
    for core in needles.cores:
        while (start := text.find(core)) >= 0:
            text = _mask_run(text, start, start + len(core))
    return _mask_split(text, needles.split)


def _mask_split(text: str, forms: tuple[str, ...]) -> str:
    """Mask secrets that are broken by line ends or tags, each from its first character to its last."""
    joined = without_gaps(text)
    if joined == text or not (spans := sorted(_spans(joined, forms))):
        return text
    places = _places_of_kept(text)
    parts, done = [], 0
    for first, last in spans:
        start, end = places[first], places[last - 1] + 1
        if start >= done:
            parts += [text[done:start], MASK]
        done = max(done, end)
    return "".join((*parts, text[done:]))


def _spans(text: str, forms: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    for form in forms:
        at = text.find(form)
        while at >= 0:
            yield at, at + len(form)
            at = text.find(form, at + len(form))


def _places_of_kept(text: str) -> list[int]:
    """Return for each character that ``without_gaps`` keeps where it stands in the text."""
    places: list[int] = []
    end = 0
    for gap in GAP.finditer(text):
        places.extend(range(end, gap.start()))
        end = gap.end()
    return [*places, *range(end, len(text))]


def _mask_cut(text: str, form: str) -> str:
    """Mask the beginning of a secret where the text ends in the middle of it, or is marked as cut there."""
    start = form[:_SHORTEST_CUT]
    at = text.find(start) if len(form) > _SHORTEST_CUT else -1
    while at >= 0:
        end = at + len(commonprefix((text[at : at + len(form)], form)))  # noqa: RUF071 - texts, no paths
        if end == len(text) or text.startswith(_CUT_MARKS, end):
            text = text[:at] + MASK + text[end:]
        at = text.find(start, at + 1)
    return text


def _mask_run(text: str, start: int, end: int) -> str:
    """Mask the whole base64 text around a part of it."""
    while start > 0 and text[start - 1] in _BASE64:
        start -= 1
    while end < len(text) and text[end] in _BASE64:
        end += 1
    return text[:start] + MASK + text[end:].lstrip("=")
