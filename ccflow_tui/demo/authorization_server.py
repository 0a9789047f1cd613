"""The token endpoint: Authlib's authorization server, wired to the prepared clients."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationServer, OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidRequestError, InvalidScopeError
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from werkzeug.wrappers import Request, Response

from ccflow_tui.demo.access_tokens import AccessTokenValidator, OpaqueTokens, RevokedTokens, TokenGenerator
from ccflow_tui.demo.addresses import Addresses
from ccflow_tui.demo.client_assertion import SignedAssertion
from ccflow_tui.demo.client_authentication import (
    METHODS,
    ClientDenied,
    authenticate_basic,
    authenticate_post,
    presented_method,
)
from ccflow_tui.demo.clients import GRANT_TYPE, DemoClient
from ccflow_tui.demo.dpop_proofs import ProofChecker, ProofRefused
from ccflow_tui.demo.faults import Faults
from ccflow_tui.demo.keys import DemoKeys
from ccflow_tui.demo.token_endpoints import DemoIntrospection, DemoRevocation, IssuedTokens
from ccflow_tui.models.profile import AuthMethod

FORM = "application/x-www-form-urlencoded"
REPEATABLE = frozenset({"resource"})


class InvalidTargetError(OAuth2Error):  # type: ignore[misc]  # Authlib ships no types
    """The resource or audience asked for is not known (RFC 8707, section 2)."""

    error = "invalid_target"


class TokenRequest(OAuth2Request):  # type: ignore[misc]  # Authlib ships no types
    """A token request; parameters without a value count as left out (RFC 6749, section 3.2)."""

    def __init__(self, request: Request) -> None:
        super().__init__(request.method, request.url, headers=request.headers)
        self.mimetype = request.mimetype
        self.parameters: dict[str, list[str]] = {}
        for name, values in request.form.lists():
            stated = [value for value in values if value]
            if stated:
                self.parameters[name] = stated
        self.payload = BasicOAuth2Payload(self.form)

    @property
    def form(self) -> dict[str, str]:
        """The body's parameters, the first value of each."""
        return {name: values[0] for name, values in self.parameters.items()}

    def check(self) -> None:
        """Raise ``invalid_request`` for what no grant could understand."""
        self.check_form()
        if "grant_type" not in self.parameters:
            raise InvalidRequestError("Missing parameter: grant_type")

    def check_form(self) -> None:
        """Raise ``invalid_request`` for what no endpoint could understand."""
        if self.mimetype != FORM:
            raise InvalidRequestError(f"The content type must be {FORM}")
        repeated = [n for n, values in self.parameters.items() if len(values) > 1 and n not in REPEATABLE]
        if repeated:
            raise InvalidRequestError("A parameter is repeated; only resource may be")


class DemoGrant(ClientCredentialsGrant):  # type: ignore[misc]  # Authlib ships no types
    """The client credentials grant with audiences (RFC 8707) and with faults on request."""

    TOKEN_ENDPOINT_AUTH_METHODS = tuple(method.value for method in METHODS)

    def validate_requested_scope(self) -> None:
        """Check scope and target once the client is known."""
        client: DemoClient = self.request.client
        if client.get_allowed_scope(self.request.payload.scope) is None:
            allowed = " ".join(client.allowed_scopes)
            raise InvalidScopeError(f"The scope is not allowed for this client, which may have: {allowed}")
        self.request.client = replace(
            client,
            audiences=self.server.targets(self.request.parameters),
            bound_to=self.server.binding(self.request, client),
        )

    def create_token_response(self) -> tuple[int, dict[str, Any] | str, Iterable[tuple[str, str]]]:
        """Return the token, or the fault that the client is there to show."""
        fault = self.server.faults.answer(self.request.client)
        if fault is not None:
            return fault.status, fault.body, fault.headers
        answer: tuple[int, dict[str, Any], Iterable[tuple[str, str]]] = super().create_token_response()
        return answer


@dataclass(frozen=True, slots=True)
class ServerParts:
    """What the authorization server is made of."""

    addresses: Addresses
    keys: DemoKeys
    clients: Sequence[DemoClient]
    opaque: OpaqueTokens
    revoked: RevokedTokens
    stopping: threading.Event
    """Set when the server stops, so that slow answers end."""


class DemoAuthorizationServer(AuthorizationServer):  # type: ignore[misc]  # Authlib ships no types
    """Answers token requests as RFC 6749 says, with PingOne's wording where clients look at it."""

    def __init__(self, parts: ServerParts) -> None:
        scopes = {scope for client in parts.clients for scope in client.allowed_scopes}
        super().__init__(scopes_supported=sorted(scopes))
        addresses = parts.addresses
        self._clients = {client.client_id: client for client in parts.clients}
        self._default_target = addresses.api_audience
        self._targets = (addresses.api_audience, addresses.reports_audience)
        self._token_endpoint = addresses.token_endpoint
        self.faults, self.proofs = Faults(parts.stopping), ProofChecker()
        self.register_grant(DemoGrant)
        self.register_token_generator("default", TokenGenerator(addresses.issuer, parts.keys, parts.opaque))
        self.register_client_auth_method(AuthMethod.CLIENT_SECRET_BASIC.value, authenticate_basic)
        self.register_client_auth_method(AuthMethod.CLIENT_SECRET_POST.value, authenticate_post)
        for method in (AuthMethod.PRIVATE_KEY_JWT, AuthMethod.CLIENT_SECRET_JWT):
            assertion = SignedAssertion(method, (addresses.issuer, addresses.token_endpoint))
            self.register_client_auth_method(method.value, assertion)

    def respond(self, request: Request) -> Response:
        """Answer one POST to the token endpoint."""
        oauth_request = TokenRequest(request)
        try:
            oauth_request.check()
        except OAuth2Error as error:
            return self.handle_error_response(oauth_request, error)
        response: Response = self.create_token_response(oauth_request)
        return response

    def offer_endpoints(self, validator: AccessTokenValidator, revoked: RevokedTokens) -> None:
        """Answer questions about tokens that ``validator`` knows, and take them back."""
        tokens = IssuedTokens(validator.issuer, validator, revoked)
        self.register_endpoint(DemoIntrospection(tokens, self))
        self.register_endpoint(DemoRevocation(tokens, self))

    def introspect(self, request: Request) -> Response:
        """Answer one POST to the introspection endpoint (RFC 7662)."""
        return self._about_token(DemoIntrospection.ENDPOINT_NAME, request)

    def revoke(self, request: Request) -> Response:
        """Answer one POST to the revocation endpoint (RFC 7009)."""
        return self._about_token(DemoRevocation.ENDPOINT_NAME, request)

    def _about_token(self, endpoint: str, request: Request) -> Response:
        oauth_request = TokenRequest(request)
        try:
            oauth_request.check_form()
        except OAuth2Error as error:
            return self.handle_error_response(oauth_request, error)
        response: Response = self.create_endpoint_response(endpoint, oauth_request)
        return response

    def targets(self, parameters: dict[str, list[str]]) -> tuple[str, ...]:
        """Return the audiences asked for, or the default; raises ``invalid_target`` for an unknown one."""
        asked = dict.fromkeys([*parameters.get("audience", ()), *parameters.get("resource", ())])
        if not set(asked) <= set(self._targets):
            raise InvalidTargetError(f"Unknown audience or resource; known are: {' '.join(self._targets)}")
        return tuple(asked) or (self._default_target,)

    def binding(self, request: TokenRequest, client: DemoClient) -> str:
        """Return the thumbprint of the key that the request proves to hold (RFC 9449, section 5)."""
        thumbprint = self.proofs.thumbprint(request, self._token_endpoint)
        if client.needs_dpop and not thumbprint:
            raise ProofRefused("This client has to send a DPoP proof")
        return thumbprint

    # What Authlib asks of a framework

    def query_client(self, client_id: str) -> DemoClient | None:
        """Return a registered client."""
        return self._clients.get(client_id)

    def authenticate_client(
        self, request: Any, methods: Sequence[str], endpoint: str = "token"
    ) -> DemoClient:
        """Authenticate by the one method that the request uses."""
        try:
            client: DemoClient = super().authenticate_client(request, [presented_method(request)], endpoint)
        except InvalidClientError as error:
            raise ClientDenied(error.description) from None
        return client

    def create_oauth2_request(self, request: TokenRequest) -> TokenRequest:
        """Return the request, which ``respond`` has wrapped already."""
        return request

    def save_token(self, token: dict[str, Any], request: TokenRequest) -> None:
        """Keep nothing: signed tokens stand for themselves, opaque ones are kept by their generator."""

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Tell nobody."""

    def handle_error_response(self, request: TokenRequest, error: OAuth2Error) -> Response:
        """Answer with an error and a correlation id, in header and description."""
        status, body, headers = error()
        correlation_id = str(uuid.uuid4())
        description = body.get("error_description", "")
        if error.error == "unsupported_grant_type":
            description = f"Only {GRANT_TYPE} is supported"
        if error.error == "unsupported_token_type":
            status = 400  # Authlib says 401, but RFC 7009, section 2.2.1, follows RFC 6749, section 5.2
        body["error_description"] = f"{description} (Correlation ID: {correlation_id})"
        return self.handle_response(status, body, [*headers, ("Correlation-Id", correlation_id)])

    def handle_response(
        self, status: int, body: dict[str, Any] | str, headers: Iterable[tuple[str, str]]
    ) -> Response:
        """Turn Authlib's answer into Werkzeug's."""
        text = json.dumps(body) if isinstance(body, dict) else body
        return Response(text, status=status, headers=list(headers))
