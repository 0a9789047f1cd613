"""An engine with a DPoP profile over real sockets, and what the server saw of its proofs."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import replace
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qs

from ccflow_tui.models.outcome import Outcome, ResourceResult
from ccflow_tui.models.profile import AuthMethod, EndpointMode, Profile
from ccflow_tui.models.progress import Progress
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.credentials import CredentialSource, Variables
from ccflow_tui.services.engine import Engine, EngineParts
from ccflow_tui.services.flow_log import FlowLog
from ccflow_tui.services.logger import FlowLogger
from ccflow_tui.services.ports import Clock
from ccflow_tui.services.redaction import Redactor
from ccflow_tui.services.transport import HttpTransport
from tests.oauth.key_material import pem
from tests.support.fakes import EPOCH, DictStore
from tests.support.fault_server import http_answer
from tests.support.manual_clock import ManualClock

SECRET = "CANARY-secret-1234567890"
POST = Profile(
    name="bound",
    endpoint_mode=EndpointMode.MANUAL,
    client_id="client-one",
    auth_method=AuthMethod.CLIENT_SECRET_POST,
    dpop=True,
)
JWT = replace(POST, auth_method=AuthMethod.PRIVATE_KEY_JWT, key_reference="env:KEY", assertion_alg="ES256")


def at(seconds: float) -> str:
    """Return a Date header of a server whose clock is that much ahead of a test clock at its start."""
    return f"Date: {formatdate(EPOCH + seconds, usegmt=True)}"


def refusal(code: str, *headers: str, status: str = "400 Bad Request", description: str = "") -> bytes:
    body = {"error": code, **({"error_description": description} if description else {})}
    return http_answer(status, json.dumps(body).encode(), *headers)


def granted(token: str = "CANARY-token-0123456789abcdef", *headers: str, token_type: str = "DPoP") -> bytes:
    body = {"access_token": token, "token_type": token_type, "expires_in": 600}
    return http_answer("200 OK", json.dumps(body).encode(), "Cache-Control: no-store", *headers)


class DpopBench:
    """An engine that really talks to loopback; its clock stands still, its keyring is a dictionary."""

    def __init__(self, clock: Clock | None = None, store: DictStore | None = None) -> None:
        self.clock, self.redactor, self.store = clock or ManualClock(), Redactor(), store or DictStore()
        self.logger = FlowLogger(self.redactor, self.clock)
        log = FlowLog(self.logger)
        self.progress: list[Progress] = []
        self.engine = Engine(
            EngineParts(
                clock=self.clock,
                transports=lambda mtls: HttpTransport(clock=self.clock, mtls=mtls),
                store=self.store,
                credentials=CredentialSource(self.store, Variables({"KEY": pem("P-256")}, {}), log.warning),
                redactor=self.redactor,
                log=log,
                jitter=lambda: 0.0,
            )
        )

    def profile(self, url: str, like: Profile = POST, **changes: Any) -> Profile:
        profile = replace(like, token_endpoint=url, **changes)
        if profile.auth_method.uses_secret:
            self.engine.remember_secret(profile, Secret(SECRET))
        return profile

    async def ask(self, profile: Profile) -> Outcome:
        return await self.engine.request_token(profile, None, self.progress.append)

    async def call(self, profile: Profile) -> ResourceResult:
        return await self.engine.call_resource(profile)


def header_of(request: bytes, name: str) -> str:
    """Return a header that a server received; an empty text where there was none."""
    prefix = f"{name}: ".lower()
    lines = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    return next((line[len(prefix) :] for line in lines if line.lower().startswith(prefix)), "")


def claims_of(jwt: str) -> dict[str, Any]:
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(jwt.split(".")[1] + "=="))
    return claims


def proofs(requests: Sequence[bytes]) -> list[dict[str, Any]]:
    """Return the claims of each request's proof."""
    return [claims_of(header_of(request, "DPoP")) for request in requests]


def assertions(requests: Sequence[bytes]) -> list[dict[str, Any]]:
    """Return the claims of each request's client assertion."""
    forms = [parse_qs(request.partition(b"\r\n\r\n")[2].decode()) for request in requests]
    return [claims_of(form["client_assertion"][0]) for form in forms]
