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

_CAPACITY = 256
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

    It remembers the 256 secrets that were made known last, so that a process which refreshes tokens for
    weeks does not grow; making one known again keeps it young. A secret of fewer than four characters is
    only masked where a pattern finds it (``client_secret=ab``), since those letters stand in any word.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[Secret, _Needles] = OrderedDict()
        self._needles = _Needles()

    def know(self, secret: Secret) -> None:
        """Mask this secret, in every form it may take, from now on."""
        with self._lock:
            if secret in self._known:
                self._known.move_to_end(secret)
                return
            text = secret.reveal()
            self._known[secret] = _Needles(tuple(exact_forms(text)), tuple(base64_cores(text)))
            while len(self._known) > _CAPACITY:
                self._known.popitem(last=False)
            self._gather()

    def forget(self, secret: Secret) -> None:
        """Stop looking for this secret; what has the shape of a credential is masked all the same."""
        with self._lock:
            if self._known.pop(secret, None) is not None:
                self._gather()

    def redact(self, text: str) -> str:
        """Return ``text`` without secrets; redacting the result again changes nothing."""
        needles = self._needles
        # A mask can complete another pattern, so go on until nothing changes. It ends: a change takes
        # away characters that are no part of a mask, or makes a run of bullets one mask.
        while (masked := mask_patterns(_mask_known(text, needles))) != text:
            text = masked
        return text

    def _gather(self) -> None:
        found = self._known.values()
        exact = {form for needles in found for form in needles.exact}
        cores = {core for needles in found for core in needles.cores}
        self._needles = _Needles(
            tuple(sorted(exact, key=len, reverse=True)), tuple(sorted(cores, key=len, reverse=True))
        )


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
