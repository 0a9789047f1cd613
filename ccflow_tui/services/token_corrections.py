"""What can be put right in a token request at once: its DPoP nonce, its dates, its connection; once each."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ccflow_tui.models.outcome import Outcome, Refused
from ccflow_tui.models.token_request import TokenRequest
from ccflow_tui.oauth.clock_skew import NOTICEABLE, described, speaks_of_time
from ccflow_tui.oauth.dpop import (
    INVALID_PROOF,
    NONCE_CHANGING,
    NONCE_MISSING,
    NONCE_REPEATED,
    USE_NONCE,
    offered_nonce,
)
from ccflow_tui.services.ports import WireResponse
from ccflow_tui.services.server_notes import ServerNotes
from ccflow_tui.services.transport_faults import TransportFault

_NONCE, _CLOCK, _CONNECTION = "nonce", "clock", "connection"
_DENIED = "invalid_client"
_MAY_MEAN_TIME = frozenset({_DENIED, "invalid_grant", "invalid_request", "unauthorized_client"})


@dataclass(slots=True)
class Corrections:
    """Finds them for the attempts of one job."""

    servers: ServerNotes
    _done: set[str] = field(default_factory=set)

    def find(self, request: TokenRequest, outcome: Outcome, *, sent_at: float) -> str:
        """Return in a sentence what the next request will have put right; empty where there is nothing.

        To be called after ``servers`` heard the answer; each kind of correction is found once. ``sent_at``
        is epoch seconds.
        """
        if not isinstance(outcome, Refused):
            return ""
        if outcome.code == USE_NONCE:
            kind, reason = _NONCE, self._nonce(request)
        else:
            kind, reason = _CLOCK, self._clock(request, outcome, sent_at)
        if not reason or kind in self._done:
            return ""
        self._done.add(kind)
        return reason

    def reconnect(self, fault: TransportFault) -> str:
        """Return in a sentence that the next request takes a new connection; empty where that is no help."""
        if not fault.on_kept or _CONNECTION in self._done:
            return ""
        self._done.add(_CONNECTION)
        return f"{fault.detail} It had served before; now over a new one."

    def explained(self, request: TokenRequest, response: WireResponse, outcome: Outcome) -> Outcome:
        """Return a refusal for want of a nonce with what ccflow found out about it."""
        if not isinstance(outcome, Refused) or outcome.code != USE_NONCE or request.proof is None:
            return outcome
        offered = offered_nonce(response.headers)
        if not offered:
            return replace(outcome, cause=NONCE_MISSING)
        return replace(outcome, cause=NONCE_REPEATED if offered == request.proof.nonce else NONCE_CHANGING)

    def _nonce(self, request: TokenRequest) -> str:
        known = self.servers.nonce(request.url)
        if request.proof is None or not known or known == request.proof.nonce:
            return ""
        return "The server asks for its nonce in the DPoP proof."

    def _clock(self, request: TokenRequest, refused: Refused, sent_at: float) -> str:
        skew, correction = self.servers.skew(request.url), self.servers.correction(request.url)
        if abs(correction - request.clock_correction) < NOTICEABLE:
            return ""
        if not _is_about_time(request, refused, server_time=sent_at + skew):
            return ""
        return f"The server's clock is {described(skew)}; what is signed gets dated by it."


def _is_about_time(request: TokenRequest, refused: Refused, *, server_time: float) -> bool:
    """Whether a refusal comes from the dates: some servers count failed logins, so a guess is not enough."""
    if refused.code == INVALID_PROOF:
        return request.proof is not None
    assertion = request.assertion
    if assertion is None or refused.code not in _MAY_MEAN_TIME:
        return False
    valid = assertion.issued_at <= server_time < assertion.expires_at
    return speaks_of_time(refused.description) or (refused.code == _DENIED and not valid)
