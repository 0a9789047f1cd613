"""Failures as the token endpoint gives them, and the advice they lead to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ccflow_tui.models.outcome import Advice, Exchange, Malformed, Outcome, Phase, Refused, Unreachable
from ccflow_tui.models.profile import AuthMethod, EndpointMode, Profile
from ccflow_tui.oauth.diagnosis import advise
from ccflow_tui.oauth.providers import derive

SERVER = "as.example"
JWT = Profile(
    endpoint_mode=EndpointMode.MANUAL,
    token_endpoint=f"https://{SERVER}/token",
    client_id="client-1",
    key_reference="k.pem",
)
BASIC = replace(JWT, auth_method=AuthMethod.CLIENT_SECRET_BASIC)
POST = replace(JWT, auth_method=AuthMethod.CLIENT_SECRET_POST)
PINGONE = derive(Profile(environment_id="3f2a1b4c-0d5e-4f60-8a7b-9c0d1e2f3a4b", client_id="worker-app-1"))


def told(outcome: Outcome, profile: Profile = JWT) -> Advice:
    advice = advise(outcome, profile)
    assert advice is not None
    return advice


def refusal(
    code: str, profile: Profile = JWT, said: str = "", status: int | None = 401, **exchange: Any
) -> Advice:
    return told(
        Refused(code, said, exchange=Exchange(http_status=status, server=SERVER, **exchange)), profile
    )


def http_error(status: int, profile: Profile = JWT, **exchange: Any) -> Advice:
    reason = f"The server answered HTTP {status} without an OAuth error."
    return told(Malformed(reason, "http-error", exchange=Exchange(http_status=status, **exchange)), profile)


def network(
    kind: str, phase: Phase = Phase.CONNECT, profile: Profile = JWT, detail: str = "", **exchange: Any
) -> Advice:
    return told(Unreachable(phase, kind, detail, Exchange(**exchange)), profile)
