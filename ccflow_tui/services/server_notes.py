"""What servers let on about themselves with every answer: their DPoP nonce and their clock, per origin."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from ccflow_tui.oauth.clock_skew import correction, proven_skew
from ccflow_tui.oauth.dpop import offered_nonce
from ccflow_tui.oauth.response_headers import Headers
from ccflow_tui.oauth.url_validation import origin_of
from ccflow_tui.services.nonces import Nonces

MAX_ORIGINS = 256
"""Of more servers, those heard of longest ago are forgotten."""
_MAX_URLS = 1024


@dataclass(slots=True)
class _Note:
    nonces: Nonces = field(default_factory=Nonces)
    skew: float = 0.0


@dataclass(slots=True)
class ServerNotes:
    """Remembers, for this run, what is needed to sign for a server as it likes it (RFC 9449, section 8)."""

    _notes: OrderedDict[str, _Note] = field(default_factory=OrderedDict)
    _origin: Callable[[str], str] = field(default_factory=lambda: lru_cache(_MAX_URLS)(origin_of))
    """Remembers, since taking a URL apart costs more than all the rest here."""

    def hear(self, url: str, headers: Headers, *, sent_at: float, received_at: float) -> None:
        """Take note of an answer, whatever its status; names of ``headers`` in lower case, epoch seconds.

        An answer without a nonce leaves the one before in use (section 8.2), as one without a date does.
        """
        origin = self._origin(url)
        note = self._notes.setdefault(origin, _Note())
        self._notes.move_to_end(origin)
        note.nonces.offer(offered_nonce(headers))
        skew = proven_skew(headers, sent_at=sent_at, received_at=received_at)
        if skew is not None:
            note.skew = skew
        if len(self._notes) > MAX_ORIGINS:
            self._notes.popitem(last=False)

    def nonce(self, url: str) -> str:
        """Return the nonce that the server of ``url`` offered last, or an empty text."""
        return self._note(url).nonces.latest

    def take_nonce(self, url: str) -> str:
        """Return the nonce for one new proof to that server, or an empty text where it offered none."""
        return self._note(url).nonces.take()

    def suits(self, url: str, nonce: str) -> bool:
        """Whether a proof that holds ``nonce`` may still go to that server."""
        return self._note(url).nonces.suits(nonce)

    def skew(self, url: str) -> float:
        """Return how many seconds that server's clock is proven to be ahead of ours."""
        return self._note(url).skew

    def correction(self, url: str) -> float:
        """Return the seconds to add to our clock where something is dated for that server."""
        return correction(self._note(url).skew)

    def _note(self, url: str) -> _Note:
        return self._notes.get(self._origin(url)) or _Note()
