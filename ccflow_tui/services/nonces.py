"""The DPoP nonces that one server offered: which one the next proof should hold (RFC 9449, section 8)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

_KEPT = 16
"""Nonces kept at most; of more answers that came at once, the oldest nonces are forgotten."""


def _bounded() -> deque[str]:
    return deque(maxlen=_KEPT)


@dataclass(slots=True)
class Nonces:
    """Hands each offered nonce to one proof, as long as there are enough of them.

    A nonce is opaque (section 8): one server takes the same for minutes, another each one once and offers
    the next with every answer. Requests under way at the same time would fail at the second kind if they
    all held the latest.
    """

    latest: str = ""
    """The one offered last; empty before there was any."""
    _unused: deque[str] = field(default_factory=_bounded)
    _lent: deque[str] = field(default_factory=_bounded)

    def offer(self, nonce: str) -> None:
        """Take note of a nonce that came with an answer; an empty text or a repeated one changes nothing."""
        if nonce and nonce != self.latest:
            self.latest = nonce
            self._unused.append(nonce)

    def take(self) -> str:
        """Return the nonce for one proof: the newest that no proof holds yet, else the latest."""
        if not self._unused:
            return self.latest
        nonce = self._unused.pop()
        self._lent.append(nonce)
        return nonce

    def suits(self, nonce: str) -> bool:
        """Whether a proof that holds ``nonce``, or none, may still be sent."""
        return not self.latest or nonce == self.latest or nonce in self._lent
