"""What the engine answers at once, from what it knows: no file is read and no server asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.outcome import Advice, Outcome
from ccflow_tui.models.problems import FieldProblem
from ccflow_tui.models.profile import Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.models.token_request import TokenRequest
from ccflow_tui.models.token_view import TokenView
from ccflow_tui.oauth.algorithms import offered_algs
from ccflow_tui.oauth.capabilities import capability_findings
from ccflow_tui.oauth.curl import as_curl
from ccflow_tui.oauth.diagnosis import advise
from ccflow_tui.oauth.endpoint_consent import unconfirmed_origin
from ccflow_tui.oauth.jwt_view import view_token
from ccflow_tui.oauth.profile_check import check_profile, check_secret
from ccflow_tui.oauth.providers import derive, recognise
from ccflow_tui.services.connections import Connections


class OfflineAnswers:
    """Implements its part of ``ports.FlowEngine``; of servers it knows what was discovered earlier."""

    __slots__ = ()
    _connections: Connections

    def check(self, profile: Profile, *, secret_present: bool) -> tuple[FieldProblem, ...]:
        """See ``ports.FlowEngine.check``."""
        findings = check_profile(profile, secret_present=secret_present)
        metadata = self._connections.known(profile.issuer)
        return (*findings, *capability_findings(profile, metadata)) if metadata else findings

    def offered_algorithms(self, profile: Profile) -> Mapping[str, tuple[str, ...]]:
        """See ``ports.FlowEngine.offered_algorithms``."""
        return offered_algs(profile, self._connections.known(profile.issuer))

    def check_secret(self, secret: Secret) -> tuple[FieldProblem, ...]:
        """See ``ports.FlowEngine.check_secret``."""
        return check_secret(secret)

    def derive(self, profile: Profile) -> Profile:
        """See ``ports.FlowEngine.derive``."""
        return derive(profile)

    def unconfirmed_origin(self, profile: Profile) -> str:
        """See ``ports.FlowEngine.unconfirmed_origin``."""
        return unconfirmed_origin(profile)

    def recognise(self, text: str, profile: Profile) -> Mapping[str, Any]:
        """See ``ports.FlowEngine.recognise``."""
        return recognise(text, profile)

    def advise(self, outcome: Outcome, profile: Profile) -> Advice | None:
        """See ``ports.FlowEngine.advise``."""
        return advise(outcome, profile)

    def view_token(self, token: AccessToken) -> TokenView:
        """See ``ports.FlowEngine.view_token``."""
        return view_token(token.value.reveal())

    def as_curl(self, request: TokenRequest) -> str:
        """See ``ports.FlowEngine.as_curl``."""
        return as_curl(request)
