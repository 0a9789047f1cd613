"""The protected API: a small part of PingOne's, in its shape, errors included."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

from authlib.oauth2.rfc6749 import OAuth2Error, ResourceProtector
from authlib.oauth2.rfc6749.errors import MissingAuthorizationError
from authlib.oauth2.rfc6749.resource_protector import TokenValidator
from authlib.oauth2.rfc6750 import InsufficientScopeError
from werkzeug.wrappers import Request, Response

from ccflow_tui.demo.access_tokens import REALM
from ccflow_tui.demo.addresses import Addresses
from ccflow_tui.demo.dpop_proofs import PROOF_ALGS, NonceWanted, ProofRefused

READ_ENVIRONMENT = "environment:read"
READ_USERS = "users:read"
USER_COUNT = 23
MAX_LIMIT = 100
NAMES = ("Ada", "Grace", "Alan", "Edsger", "Barbara", "Donald", "Frances", "Dennis")
HAL = "application/hal+json;charset=UTF-8"

View = Callable[[Request], Response]


class ProtectedApi:
    """Answers calls that carry an access token for this API (RFC 6750; bound ones: RFC 9449)."""

    def __init__(self, addresses: Addresses, *validators: TokenValidator) -> None:
        self._addresses = addresses
        self._protector = ResourceProtector()
        for validator in validators:
            self._protector.register_token_validator(validator)
        self._views: dict[str, tuple[str, View]] = {
            addresses.api_base: (READ_ENVIRONMENT, self._environment),
            f"{addresses.api_base}/users": (READ_USERS, self._users),
        }

    def respond(self, request: Request) -> Response:
        """Check the token, then answer; an unknown address is told only to those who may ask."""
        scope, view = self._views.get(request.base_url, (READ_ENVIRONMENT, _not_found))
        try:
            self._protector.validate_request([scope], request)
        except OAuth2Error as error:
            is_bound = request.headers.get("Authorization", "").lower().startswith("dpop ")
            return _refusal(error, scope, f'DPoP algs="{" ".join(PROOF_ALGS)}",' if is_bound else "Bearer")
        if request.method not in {"GET", "HEAD"}:
            return _problem(405, "INVALID_REQUEST", "This resource can only be read.", ("Allow", "GET, HEAD"))
        return view(request)

    def _environment(self, request: Request) -> Response:
        base = self._addresses.api_base
        links = {"self": base, "users": f"{base}/users"}
        return _hal(
            {
                "_links": _links(links),
                "id": self._addresses.environment_id,
                "name": "ccflow demo",
                "description": "An environment that exists only while this program runs",
                "type": "SANDBOX",
                "region": "NA",
                "status": "ACTIVE",
                "createdAt": "2026-01-05T09:00:00.000Z",
                "updatedAt": "2026-01-05T09:00:00.000Z",
            }
        )

    def _users(self, request: Request) -> Response:
        text = request.args.get("limit", str(MAX_LIMIT))
        if not (text.isascii() and text.isdigit() and len(text) <= len(str(MAX_LIMIT))):
            return _problem(400, "INVALID_DATA", f"The limit must be a number from 0 to {MAX_LIMIT}.")
        users = [self._user(number) for number in range(min(int(text), USER_COUNT))]
        base = self._addresses.api_base
        return _hal(
            {
                "_links": _links({"environment": base, "self": f"{base}/users?limit={text}"}),
                "_embedded": {"users": users},
                "count": USER_COUNT,
                "size": len(users),
            }
        )

    def _user(self, number: int) -> dict[str, Any]:
        name = f"{NAMES[number % len(NAMES)].lower()}{number + 1}"
        user_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self._addresses.environment_id}/{name}"))
        return {
            "_links": _links({"self": f"{self._addresses.api_base}/users/{user_id}"}),
            "id": user_id,
            "username": name,
            "email": f"{name}@demo.example",
            "enabled": True,
        }


def _links(targets: dict[str, str]) -> dict[str, dict[str, str]]:
    return {name: {"href": href} for name, href in targets.items()}


def _hal(document: dict[str, Any]) -> Response:
    return Response(json.dumps(document), content_type=HAL, headers={"Cache-Control": "no-store"})


def _not_found(request: Request) -> Response:
    return _problem(404, "NOT_FOUND", "The requested resource was not found.")


def _problem(status: int, code: str, message: str, *headers: tuple[str, str]) -> Response:
    body = {"id": str(uuid.uuid4()), "code": code, "message": message}
    return Response(json.dumps(body), status=status, content_type=HAL, headers=list(headers))


def _refusal(error: OAuth2Error, scope: str, scheme: str) -> Response:
    """Say no in PingOne's body and with the challenge of RFC 6750, section 3, or of RFC 9449, section 7.1."""
    challenge = f'{scheme} realm="{REALM}"'
    if isinstance(error, InsufficientScopeError):
        challenge += f', error="insufficient_scope", scope="{scope}"'
        message = f"The token does not carry the scope {scope}."
        return _problem(403, "ACCESS_FAILED", message, ("WWW-Authenticate", challenge))
    if isinstance(error, ProofRefused | NonceWanted):
        challenge += f', error="{error.error}", error_description="{error.description}"'
        nonces = [("DPoP-Nonce", error.nonce)] if isinstance(error, NonceWanted) else []
        message = f"The DPoP proof was refused: {error.description}."
        return _problem(401, "INVALID_TOKEN", message, ("WWW-Authenticate", challenge), *nonces)
    if not isinstance(error, MissingAuthorizationError):
        description = error.get_error_description() or "The access token is invalid."
        challenge += f', error="invalid_token", error_description="{description}"'
    message = "The access token is missing, invalid, expired or meant for another audience."
    return _problem(401, "INVALID_TOKEN", message, ("WWW-Authenticate", challenge))
