"""How a client proves who it is: by secret (RFC 6749, section 2.3.1) or by a signed assertion (RFC 7523).

Exactly one method per request; what is presented is told apart before anything is checked, so that a
client registered for another method is told so, as PingOne does.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_plus

from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidRequestError

from ccflow_tui.demo.clients import DemoClient
from ccflow_tui.models.profile import AuthMethod

QueryClient = Callable[[str], DemoClient | None]

METHODS = (
    AuthMethod.PRIVATE_KEY_JWT,
    AuthMethod.CLIENT_SECRET_JWT,
    AuthMethod.CLIENT_SECRET_BASIC,
    AuthMethod.CLIENT_SECRET_POST,
)
"""What this server takes; it has no TLS, so it sees no certificates, and it takes no client at its word."""

UNSUPPORTED_METHOD = "Request denied: Unsupported authentication method"
BAD_CREDENTIALS = "Request denied: Invalid client credentials"
NO_CREDENTIALS = "Request denied: No client authentication"


class ClientDenied(InvalidClientError):  # type: ignore[misc]  # Authlib ships no types
    """``invalid_client`` as HTTP 401, with the challenge that RFC 6749, section 5.2 asks for."""

    status_code = 401

    def get_headers(self) -> list[tuple[str, str]]:
        """Add a Basic challenge; RFC 9110, section 15.5.2 wants one on every 401."""
        plain = [pair for pair in super().get_headers() if pair[0] != "WWW-Authenticate"]
        return [*plain, ("WWW-Authenticate", 'Basic realm="ccflow demo", charset="UTF-8"')]


def presented_method(request: Any) -> AuthMethod:
    """Return the one method the request uses; raises for none and for several (RFC 6749, section 2.3)."""
    form = request.form
    presented: list[AuthMethod] = []
    if request.headers.get("Authorization"):
        presented.append(AuthMethod.CLIENT_SECRET_BASIC)
    if "client_secret" in form:
        presented.append(AuthMethod.CLIENT_SECRET_POST)
    if "client_assertion" in form or "client_assertion_type" in form:
        presented.append(_signed_method(form.get("client_assertion", "")))
    if len(presented) > 1:
        raise InvalidRequestError("The request uses more than one client authentication method")
    if not presented:
        raise ClientDenied(NO_CREDENTIALS)
    return presented[0]


def _signed_method(assertion: str) -> AuthMethod:
    """Tell by its algorithm what an assertion was signed with; whether it was is checked later."""
    try:
        header = json.loads(base64.urlsafe_b64decode(assertion.partition(".")[0] + "=="))
        alg = str(header["alg"])
    except (ValueError, TypeError, LookupError, RecursionError):
        alg = ""
    return AuthMethod.CLIENT_SECRET_JWT if alg.startswith("HS") else AuthMethod.PRIVATE_KEY_JWT


def authenticate_basic(query_client: QueryClient, request: Any) -> DemoClient:
    """Check a Basic header whose halves are form-encoded (RFC 6749, section 2.3.1 and appendix B)."""
    client_id, secret = _basic_credentials(request.headers["Authorization"])
    stated = request.form.get("client_id", client_id)
    if stated != client_id:
        raise InvalidRequestError("client_id differs between the Authorization header and the body")
    return _check_secret(query_client(client_id), secret, AuthMethod.CLIENT_SECRET_BASIC)


def authenticate_post(query_client: QueryClient, request: Any) -> DemoClient:
    """Check ``client_id`` and ``client_secret`` in the body."""
    form = request.form
    if "client_id" not in form:
        raise InvalidRequestError("Missing client_id beside client_secret")
    client = query_client(form["client_id"])
    return _check_secret(client, form["client_secret"], AuthMethod.CLIENT_SECRET_POST)


def registered_for(client: DemoClient | None, method: AuthMethod) -> DemoClient:
    """Return the client when it exists and uses this method."""
    if client is None:
        raise ClientDenied(BAD_CREDENTIALS)
    if not client.check_endpoint_auth_method(method, "token"):
        raise ClientDenied(UNSUPPORTED_METHOD)
    return client


def _check_secret(client: DemoClient | None, secret: str, method: AuthMethod) -> DemoClient:
    client = registered_for(client, method)
    if not client.check_client_secret(secret):
        raise ClientDenied(BAD_CREDENTIALS)
    return client


def _basic_credentials(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        raise ClientDenied(UNSUPPORTED_METHOD)
    try:
        client_id, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise ClientDenied("Request denied: Malformed Basic credentials") from None
    if not colon:
        raise ClientDenied("Request denied: Malformed Basic credentials")
    return unquote_plus(client_id), unquote_plus(secret)
