"""Which part of the demo answers which address: a WSGI application without a framework."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from ccflow_tui.demo.access_tokens import AccessTokenValidator
from ccflow_tui.demo.api import ProtectedApi
from ccflow_tui.demo.authorization_server import DemoAuthorizationServer, ServerParts
from ccflow_tui.demo.bound_tokens import BoundTokenValidator
from ccflow_tui.demo.metadata import metadata_document

View = Callable[[Request], Response]
READ, WRITE = frozenset({"GET", "HEAD"}), frozenset({"POST"})


class DemoApplication:
    """The authorization server, its documents and the protected API behind one WSGI callable."""

    def __init__(self, parts: ServerParts) -> None:
        addresses = parts.addresses
        server = DemoAuthorizationServer(parts)
        validator = AccessTokenValidator(
            addresses.issuer, addresses.api_audience, parts.keys, parts.opaque, parts.revoked
        )
        server.offer_endpoints(validator, parts.revoked)
        self._origin = addresses.origin
        self._api = ProtectedApi(addresses, validator, BoundTokenValidator(validator, server.proofs))
        metadata = metadata_document(addresses, server.scopes_supported)
        self._routes: dict[str, tuple[frozenset[str], View]] = {
            urlsplit(url).path: (methods, view)
            for url, methods, view in (
                (addresses.token_endpoint, WRITE, server.respond),
                (addresses.introspection_endpoint, WRITE, server.introspect),
                (addresses.revocation_endpoint, WRITE, server.revoke),
                (addresses.oidc_metadata, READ, lambda _: _json(metadata)),
                (addresses.oauth_metadata, READ, lambda _: _json(metadata)),
                (addresses.jwks_uri, READ, lambda _: _json(parts.keys.signing.public_set.as_dict())),
            )
        }

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        # The addresses are known; what the Host header says must not change them.
        environ["HTTP_HOST"] = urlsplit(self._origin).netloc
        request = Request(environ)
        try:
            response = self._respond(request)
        except HTTPException as error:
            response = _oauth_error(error.code or 400, "invalid_request", error.name)
        except Exception as error:  # the demo must go on; the type says enough and holds no secret
            sys.stderr.write(f"ccflow demo server: {type(error).__name__}\n")
            response = _oauth_error(500, "server_error", "The demo server failed")
        return response(environ, start_response)

    def _respond(self, request: Request) -> Response:
        if request.path.startswith("/v1/"):
            return self._api.respond(request)
        methods, view = self._routes.get(request.path, (None, _not_found))
        if methods is not None and request.method not in methods:
            allowed = ", ".join(sorted(methods))
            response = _oauth_error(405, "invalid_request", f"Only {allowed} is allowed here")
            response.headers["Allow"] = allowed
            return response
        return view(request)


def _json(document: Any) -> Response:
    return Response(json.dumps(document), content_type="application/json")


def _oauth_error(status: int, code: str, description: str) -> Response:
    response = _json({"error": code, "error_description": description})
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response


def _not_found(request: Request) -> Response:
    return _oauth_error(404, "invalid_request", "There is nothing at this address")
