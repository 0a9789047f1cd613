"""The demo server in a thread of the test process, and a plain client that knows its prepared clients."""

from __future__ import annotations

import base64
import http.client
import json
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from ccflow_tui.demo.announcement import DemoInfo
from ccflow_tui.demo.service import DemoService
from ccflow_tui.models.profile import AuthMethod, Profile
from tests.support.patience import PATIENCE

FORM = "application/x-www-form-urlencoded"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
Fields = Sequence[tuple[str, str]]


@contextmanager
def running_demo(*, lifetime: int = 3600) -> Iterator[DemoInfo]:
    """Serve until the block is left; use it in a module-scoped fixture."""
    with DemoService(lifetime=lifetime) as service:
        yield service.info


def profile_named(info: DemoInfo, name: str) -> Profile:
    return next(profile for profile in info.profiles if profile.name == name)


@dataclass(frozen=True)
class Reply:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> tuple[int, str]:
        return self.status, self.json["error"]


def send(method: str, url: str, *, body: bytes | None = None, headers: dict[str, str] | None = None) -> Reply:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=PATIENCE)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body=body, headers=headers or {})
        response = connection.getresponse()
        return Reply(response.status, response.headers, response.read())
    finally:
        connection.close()


def post_form(url: str, fields: Fields, headers: dict[str, str] | None = None) -> Reply:
    return send(
        "POST", url, body=urlencode(fields).encode(), headers={"Content-Type": FORM, **(headers or {})}
    )


def basic(client_id: str, secret: str) -> dict[str, str]:
    pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
    return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


def claims_for(profile: Profile, **changes: Any) -> dict[str, Any]:
    now = int(time.time())
    claims = {
        "iss": profile.client_id,
        "sub": profile.client_id,
        "aud": profile.issuer,
        "iat": now,
        "exp": now + 60,
        "jti": str(uuid.uuid4()),
    }
    claims.update(changes)
    return {name: value for name, value in claims.items() if value is not None}


def sign(
    info: DemoInfo, profile: Profile, claims: dict[str, Any], header: dict[str, Any] | None = None
) -> str:
    """Sign with joserfc alone, so the server is judged by other code than ccflow's own."""
    from joserfc import jwt
    from joserfc.jwk import ECKey, OctKey, RSAKey

    if profile.auth_method is AuthMethod.CLIENT_SECRET_JWT:
        secret = OctKey.import_key(info.secrets[profile.name].reveal())
        return jwt.encode({"alg": profile.assertion_alg, **(header or {})}, claims, secret)
    pem = info.keys[profile.key_reference.removeprefix("keyring:")].reveal()
    alg = (header or {}).get("alg", profile.assertion_alg)
    key = (ECKey if profile.assertion_alg.startswith("ES") else RSAKey).import_key(pem)
    return jwt.encode({"alg": alg, **(header or {})}, claims, key, algorithms=[alg])


def assertion_fields(jwt: str) -> list[tuple[str, str]]:
    return [("client_assertion_type", ASSERTION_TYPE), ("client_assertion", jwt)]


def request_token(info: DemoInfo, name: str, *more: tuple[str, str], scope: str | None = None) -> Reply:
    """Ask for a token as the profile says; ``scope`` replaces the profile's, an empty one leaves it out."""
    profile = profile_named(info, name)
    wanted = profile.scope if scope is None else scope
    fields = [("grant_type", "client_credentials"), *([("scope", wanted)] if wanted else []), *more]
    fields += [("audience", profile.audience)] if profile.audience else []
    fields += [("resource", resource) for resource in profile.resources]
    headers: dict[str, str] = {}
    if profile.auth_method.signs:
        fields += assertion_fields(sign(info, profile, claims_for(profile)))
    elif profile.auth_method is AuthMethod.CLIENT_SECRET_BASIC:
        headers = basic(profile.client_id, info.secrets[name].reveal())
    else:
        fields += [("client_id", profile.client_id), ("client_secret", info.secrets[name].reveal())]
    return post_form(profile.token_endpoint, fields, headers)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
