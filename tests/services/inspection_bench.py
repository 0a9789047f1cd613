"""An engine over a scripted server that publishes metadata, keys, introspection and revocation."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.outcome import Granted
from ccflow_tui.models.profile import AuthMethod, EndpointMode, EndpointSource, MutualTls, Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.credentials import CredentialSource, Variables
from ccflow_tui.services.engine import Engine, EngineParts
from ccflow_tui.services.flow_log import FlowLog
from ccflow_tui.services.logger import FlowLogger
from ccflow_tui.services.ports import Transport, WireRequest, WireResponse
from ccflow_tui.services.redaction import Redactor
from tests.oauth.key_material import pem
from tests.oauth.signed_tokens import CLAIMS, CLIENT, ISSUER, jwk, jwks, key, sign
from tests.support.fakes import DictStore, json_response
from tests.support.manual_clock import ManualClock

SECRET = "CANARY-secret-1234567890"
METADATA: dict[str, Any] = {
    "issuer": ISSUER,
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/jwks",
    "introspection_endpoint": f"{ISSUER}/introspect",
    "revocation_endpoint": f"{ISSUER}/revoke",
}
PROFILE = Profile(
    endpoint_mode=EndpointMode.ISSUER,
    endpoint_source=EndpointSource.DISCOVERED,
    issuer=ISSUER,
    token_endpoint=f"{ISSUER}/token",
    client_id=CLIENT,
    auth_method=AuthMethod.CLIENT_SECRET_POST,
    audience="https://api.example/v1",
)

Answer = WireResponse | Exception | Callable[[WireRequest], WireResponse]


class Server:
    """Answers each path with what ``answers`` holds for its end; keeps what was asked."""

    def __init__(self, metadata: Mapping[str, Any], answers: Mapping[str, Answer]) -> None:
        self.answers: dict[str, Answer] = {
            "oauth-authorization-server/tenant/as": json_response(json.dumps(metadata)),
            "jwks": json_response(jwks(jwk(key("RSA"))).decode()),
            "introspect": json_response('{"active":true}'),
            "revoke": json_response(""),
            **answers,
        }
        self.requests: list[WireRequest] = []

    async def exchange(self, request: WireRequest, *, deadline: float) -> WireResponse:
        self.requests.append(request)
        path = urlsplit(request.url).path
        answer = next((found for end, found in self.answers.items() if path.endswith(f"/{end}")), None)
        if isinstance(answer, Exception):
            raise answer
        if answer is None:
            return WireResponse(404, (), b"", 0.0)
        return answer(request) if callable(answer) else answer

    async def warm(self) -> None: ...

    async def close(self) -> None: ...

    def asked(self, end: str) -> list[WireRequest]:
        return [request for request in self.requests if urlsplit(request.url).path.endswith(f"/{end}")]

    def form(self, end: str) -> dict[str, str]:
        """Return the form of the one request to that endpoint."""
        (request,) = self.asked(end)
        return {name: values[0] for name, values in parse_qs(request.body.decode()).items()}


class Bench:
    """The engine, and the token it inspects."""

    def __init__(self, metadata: Mapping[str, Any] | None = None, **answers: Answer) -> None:
        self.server = Server(METADATA if metadata is None else metadata, answers)
        self.clock, self.redactor, self.store = ManualClock(), Redactor(), DictStore()
        self.made: list[MutualTls] = []
        self.logger = FlowLogger(self.redactor, self.clock)
        log = FlowLog(self.logger)
        variables = Variables({"KEY": pem("P-256")}, {})
        self.engine = Engine(
            EngineParts(
                clock=self.clock,
                transports=self._make,
                store=self.store,
                credentials=CredentialSource(self.store, variables, log.warning),
                redactor=self.redactor,
                log=log,
                jitter=lambda: 0.0,
            )
        )
        self.engine.remember_secret(PROFILE, Secret(SECRET))

    def _make(self, mtls: MutualTls) -> Transport:
        self.made.append(mtls)
        return self.server

    @property
    def inspector(self) -> Any:
        return self.engine.inspector

    def token(self, text: str | None = None, **changes: Any) -> AccessToken:
        wall = self.clock.wall()
        text = text or sign(CLAIMS | {"iat": int(wall), "exp": int(wall) + 3600})
        token = AccessToken(Secret(text), "Bearer", wall, self.clock.monotonic(), 3600, scope="read")
        return replace(token, **changes)

    async def granted(self, profile: Profile = PROFILE) -> AccessToken:
        """Get a token over the engine, which keeps it."""
        members = {"access_token": self.token().value.reveal(), "token_type": "Bearer", "expires_in": 3600}
        self.server.answers["token"] = json_response(json.dumps(members))
        outcome = await self.engine.request_token(profile, None, lambda _: None)
        assert isinstance(outcome, Granted)
        return outcome.token
