"""Take secrets out of text before anybody reads it: known ones wherever they are, others by their shape."""

from __future__ import annotations

import string
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from ccflow_tui.models.secret import Secret
from ccflow_tui.models.token_request import TokenRequest
from ccflow_tui.oauth.redaction_patterns import mask_patterns
from ccflow_tui.services.secret_forms import (
    GAP,
    base64_cores,
    exact_forms,
    spelt_forms,
    split_forms,
    without_gaps,
)
from ccflow_tui.services.secret_pieces import Forms, Span, mask_spans, samples_of, samples_to_find

CAPACITY = 256
"""Secrets of a client, and tokens unless it is told otherwise, that a redactor remembers."""
LONGEST_SPELT = 512
"""Characters up to which a token is looked for in its spelt-out forms, which cost time with every token."""
Redact = Callable[[str], str]

_BASE64 = frozenset(string.ascii_letters + string.digits + "+/-_")


@dataclass(frozen=True, slots=True, repr=False)
class _Needles:
    """What to look for: in a text as it stands, in base64 text, and where its parts are joined."""

    plain: Forms = field(default_factory=Forms)
    cores: frozenset[str] = frozenset()
    joined: Forms = field(default_factory=Forms)
    core_samples: frozenset[str] = frozenset()

    @classmethod
    def of(cls, secret: Secret, longest_spelt: int) -> _Needles:
        """Return those of one secret; a long one is looked for in fewer forms."""
        text = secret.reveal()
        plain, joined, cores = exact_forms(text), split_forms(text), base64_cores(text)
        if len(text) > longest_spelt:
            ends, joined_ends = plain & {text}, joined & {without_gaps(text)}
        else:
            ends = plain = plain | spelt_forms(text)
            joined_ends = joined
        return cls(Forms.of(plain, ends), cores, Forms.of(joined, joined_ends), samples_to_find(cores))

    @classmethod
    def of_all(cls, found: Sequence[_Needles]) -> _Needles:
        """Return those of all secrets together."""
        return cls(
            Forms.of_all(needles.plain for needles in found),
            frozenset().union(*(needles.cores for needles in found)),
            Forms.of_all(needles.joined for needles in found),
        )

    def may_be_in(self, text: str, samples: frozenset[str]) -> bool:
        """Whether it is worth while to look for them in a text as it stands."""
        return self.plain.may_be_in(text, samples) or not self.core_samples.isdisjoint(samples)


@dataclass(slots=True, repr=False)
class _Room:
    """The secrets that were made known last, ``capacity`` of them, the oldest first."""

    capacity: int
    longest_spelt: int
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
            self.known[secret] = needles or _Needles.of(secret, self.longest_spelt)
        return [needles for needles in self.known.values() if needles]


class Redactor:
    """Masks secrets in text; safe to use from several threads.

    A process that refreshes tokens for weeks must not grow, so of the access tokens only the latest
    ``capacity`` are remembered. The client's own secrets, keys and passphrases have a room of their own, out
    of which no number of tokens can push them. Making a secret known again keeps it young. One of fewer than
    four characters is only masked where a pattern finds it (``client_secret=ab``), since those letters stand
    in any word. The forms to look for are worked out at the first look: most tokens never meet a text.
    """

    def __init__(self, capacity: int = CAPACITY, longest_spelt: int = LONGEST_SPELT) -> None:
        self._lock = threading.Lock()
        self._lasting, self._passing = _Room(CAPACITY, sys.maxsize), _Room(capacity, longest_spelt)
        self._needles: Sequence[_Needles] | None = ()

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
        needles = self._gather() if self._needles is None else self._needles
        # A mask can complete another pattern, so go on until nothing changes. It ends: a change takes
        # away characters that are no part of a mask, or makes a run of bullets one mask.
        while (masked := mask_patterns(_mask_known(text, needles))) != text:
            text = masked
        return text

    def _gather(self) -> Sequence[_Needles]:
        with self._lock:
            self._needles = gathered = (*self._lasting.needles(), *self._passing.needles())
        return gathered


def redact_answer_to(request: TokenRequest, redact: Redact) -> Redact:
    """Return ``redact`` for the answer to a request, which may repeat pieces of the request's own assertion.

    A whole one is caught by its shape, and knowing each of them for good would grow without end. Its
    spelt-out forms are left out, since working them out would take a good part of each request's time.
    """
    if request.assertion is None:
        return redact
    own = Redactor(1, longest_spelt=0)
    own.know_token(request.assertion.jwt)
    return lambda text: redact(own.redact(text))


def _mask_known(text: str, known: Sequence[_Needles]) -> str:
    joined = without_gaps(text)
    needles = _worth_a_look(text, joined, known)
    if needles is None:
        return text
    # One search per needle: a pattern of them all would take seconds to compile for a few long tokens.
    # All in the same text: a piece that is masked would be missing where its neighbours are joined with it.
    plain, broken = needles.plain, _broken_spans(text, joined, needles.joined)
    text = mask_spans(text, [*plain.whole_spans(text), *plain.piece_spans(text), *broken])
    return mask_spans(
        text, [span for core in needles.cores if core in text for span in _runs_around(text, core)]
    )


def _worth_a_look(text: str, joined: str, known: Sequence[_Needles]) -> _Needles | None:
    """Return what to look for in a text: for most texts nothing, however many secrets are known."""
    samples = samples_of(text)
    joined_samples = samples if joined == text else samples_of(joined)
    found = [
        needles
        for needles in known
        if needles.may_be_in(text, samples)
        or (joined != text and needles.joined.may_be_in(joined, joined_samples))
    ]
    return _Needles.of_all(found) if found else None


def _broken_spans(text: str, joined: str, forms: Forms) -> list[Span]:
    """Return where secrets stand that are broken by line ends, tags or strings, each as one span."""
    if joined == text:
        return []
    found = [*forms.whole_spans(joined), *forms.piece_spans(joined)]
    places = _places_of_kept(text) if found else []
    spans = [(places[first], places[last - 1] + 1, last - first) for first, last in found]
    # What is not broken is found in the text as it stands, base64 text together with what surrounds it.
    return [(start, end) for start, end, length in spans if end - start > length]


def _places_of_kept(text: str) -> list[int]:
    """Return for each character that ``without_gaps`` keeps where it stands in the text."""
    places: list[int] = []
    end = 0
    for gap in GAP.finditer(text):
        places.extend(range(end, gap.start()))
        end = gap.end()
    return [*places, *range(end, len(text))]


def _runs_around(text: str, core: str) -> Iterator[Span]:
    """Return the whole base64 texts around each place of a part of them."""
    end = 0
    while (start := text.find(core, end)) >= 0:
        first, end = start, start + len(core)
        while first > 0 and text[first - 1] in _BASE64:
            first -= 1
        while end < len(text) and text[end] in _BASE64:
            end += 1
        while end < len(text) and text[end] == "=":
            end += 1
        yield first, end
