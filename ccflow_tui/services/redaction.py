"""Take secrets out of text before anybody reads it: known ones wherever they are, others by their shape."""

from __future__ import annotations

import string
import threading
from collections import OrderedDict
from dataclasses import dataclass
from os.path import commonprefix

from ccflow_tui.models.secret import MASK, Secret
from ccflow_tui.oauth.redaction_patterns import mask_patterns
from ccflow_tui.services.secret_forms import base64_cores, exact_forms

CAPACITY = 256
"""Secrets that a redactor remembers unless it is told otherwise."""
_SHORTEST_CUT = 8
"""Characters from which the beginning of a secret is recognised."""
_CUT_MARKS = ("…", "...")
_BASE64 = frozenset(string.ascii_letters + string.digits + "+/-_")


@dataclass(frozen=True, slots=True, repr=False)
class _Needles:
    """What to look for, longest first, so that a part is not masked before the whole."""

    exact: tuple[str, ...] = ()
    cores: tuple[str, ...] = ()


class Redactor:
    """Masks secrets in text; safe to use from several threads.

    It remembers the secrets that were made known last, ``capacity`` of them, so that a process which
    refreshes tokens for weeks does not grow; making one known again keeps it young. A secret of fewer than
    four characters is only masked where a pattern finds it (``client_secret=ab``), since those letters stand
    in any word. The forms to look for are worked out at the first look: most tokens never meet a text.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._lock = threading.Lock()
        self._known: OrderedDict[Secret, _Needles | None] = OrderedDict()
        self._needles: _Needles | None = _Needles()

    def know(self, secret: Secret) -> None:
        """Mask this secret, in every form it may take, from now on."""
        with self._lock:
            if secret in self._known:
                self._known.move_to_end(secret)
                return
            self._known[secret] = self._needles = None
            while len(self._known) > self._capacity:
                self._known.popitem(last=False)

    def forget(self, secret: Secret) -> None:
        """Stop looking for this secret; what has the shape of a credential is masked all the same."""
        with self._lock:
            if secret in self._known:
                del self._known[secret]
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
            for secret, needles in self._known.items():
                self._known[secret] = needles or _needles_of(secret)
            found = [needles for needles in self._known.values() if needles]
            exact = {form for needles in found for form in needles.exact}
            cores = {core for needles in found for core in needles.cores}
            self._needles = gathered = _Needles(
                tuple(sorted(exact, key=len, reverse=True)), tuple(sorted(cores, key=len, reverse=True))
            )
        return gathered


def _needles_of(secret: Secret) -> _Needles:
    text = secret.reveal()
    return _Needles(tuple(exact_forms(text)), tuple(base64_cores(text)))


def _mask_known(text: str, needles: _Needles) -> str:
    # One search per needle: a pattern of them all would take seconds to compile for a few long tokens.
    for form in needles.exact:
        if form in text:
            text = text.replace(form, MASK)
        text = _mask_cut(text, form)
    for core in needles.cores:
        while (start := text.find(core)) >= 0:
            text = _mask_run(text, start, start + len(core))
    return text


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
