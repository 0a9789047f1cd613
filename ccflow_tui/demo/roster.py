"""The prepared clients: what the server has registered, and the profile that people pick.

Working ones first, the preferred one at the top; then one for each way in which a request can fail.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ccflow_tui.demo.addresses import Addresses
from ccflow_tui.demo.announcement import KEYRING_PREFIX, Offer
from ccflow_tui.demo.api import READ_ENVIRONMENT, READ_USERS
from ccflow_tui.demo.clients import SECRET_ALG, DemoClient, Fault
from ccflow_tui.models.profile import AuthMethod, EndpointMode, EndpointSource, Profile
from ccflow_tui.models.secret import Secret

if TYPE_CHECKING:
    from ccflow_tui.demo.keys import DemoKeys, KeyPair

BASIC, POST, JWT = AuthMethod.CLIENT_SECRET_BASIC, AuthMethod.CLIENT_SECRET_POST, AuthMethod.PRIVATE_KEY_JWT
SECRET_JWT = AuthMethod.CLIENT_SECRET_JWT
SCOPES = (READ_ENVIRONMENT, READ_USERS)
RS256_KEY, ES256_KEY = "demo-rs256", "demo-es256"
SHORT_LIFETIME = 30
"""Seconds that the tokens of the short-lived client last."""
SECRET_BYTES = 24
ODD_CHARACTERS = "%+:/ &="
"""Ends the secrets of Basic clients, so that encoding them right makes the difference."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A client on both sides of the wire."""

    client: DemoClient
    offer: Offer


class Roster:
    """Makes the prepared clients of one demo server."""

    def __init__(self, addresses: Addresses, keys: DemoKeys, lifetime: int) -> None:
        self._addresses, self._keys, self._lifetime = addresses, keys, lifetime

    def prepare(self) -> tuple[Prepared, ...]:
        """Return every prepared client, in the order they are offered."""
        return (*self._working(), *self._refused(), *self._troubled())

    def _working(self) -> Iterator[Prepared]:
        audience, reports = self._addresses.api_audience, self._addresses.reports_audience
        yield self._client("demo", JWT, "Works: signed assertion (preferred)", client_id="demo-jwt-rs256")
        es256 = self._client("demo-jwt-es256", JWT, "Works: assertion by ES256, two resources", alg="ES256")
        yield _edit(es256, resources=(audience, reports))
        yield self._client(
            "demo-secret-jwt", SECRET_JWT, "Works: assertion signed with the secret", alg=SECRET_ALG
        )
        yield self._client("demo-basic", BASIC, "Works: secret in the Authorization header")
        post = self._client("demo-post", POST, "Works: secret in the body, with an audience")
        yield _edit(post, audience=audience)
        short = min(SHORT_LIFETIME, self._lifetime)
        yield _register(
            self._client("demo-short-lived", JWT, f"Works: tokens live {short} s, watch them refresh"),
            lifetime=short,
        )
        yield _register(self._client("demo-opaque", POST, "Works: opaque tokens"), opaque_tokens=True)
        bound = self._client("demo-dpop", JWT, "Works: tokens bound to a key (DPoP)", alg="ES256")
        yield _register(_edit(bound, dpop=True), needs_dpop=True)

    def _refused(self) -> Iterator[Prepared]:
        wrong = self._client("fail-wrong-secret", BASIC, "Fails: the secret is wrong (invalid_client)")
        yield replace(wrong, offer=replace(wrong.offer, secret=_new_secret(BASIC)))
        mismatch = self._client("fail-auth-method", POST, "Fails: registered for another auth method")
        yield _edit(mismatch, auth_method=BASIC)
        grant = self._client("fail-grant", BASIC, "Fails: grant not allowed (unauthorized_client)")
        yield _register(grant, grant_types=())
        scope = self._client("fail-scope", JWT, "Fails: scope not allowed (invalid_scope)")
        yield _edit(scope, scope=f"{READ_ENVIRONMENT} environment:delete")
        target = self._client("fail-resource", POST, "Fails: unknown resource (invalid_target)")
        yield _edit(target, resources=("https://api.unknown.example/v1",))
        role = self._client("fail-api", JWT, "Token works, but the API refuses it (403, scope)")
        yield _register(_edit(role, scope=READ_USERS), default_scopes=(READ_USERS,))
        yield self._faulty("fail-grant-type", "Fails: unsupported_grant_type", Fault.UNSUPPORTED_GRANT)
        yield self._faulty("fail-invalid-grant", "Fails: invalid_grant", Fault.INVALID_GRANT)

    def _troubled(self) -> Iterator[Prepared]:
        yield self._faulty("flaky-503", "Busy twice (503), then a token", Fault.UNAVAILABLE_TWICE)
        yield self._faulty("fail-503", "Fails: always busy (503)", Fault.UNAVAILABLE)
        yield self._faulty("slow", "Answers after 20 s: time to cancel", Fault.SLOW)
        yield self._faulty("fail-html", "Fails: a sign-in page instead of JSON", Fault.HTML)
        yield self._faulty("fail-redirect", "Fails: a redirect, never followed", Fault.REDIRECT)
        unreachable = self._client("fail-unreachable", BASIC, "Fails: nothing listens at the token endpoint")
        yield _edit(
            unreachable,
            endpoint_mode=EndpointMode.MANUAL,
            endpoint_source=EndpointSource.TYPED,
            issuer="",
            token_endpoint=self._addresses.closed_token_endpoint,
        )

    def _faulty(self, name: str, note: str, fault: Fault) -> Prepared:
        return _register(self._client(name, JWT, note), fault=fault)

    def _client(
        self, name: str, method: AuthMethod, note: str, *, client_id: str = "", alg: str = "RS256"
    ) -> Prepared:
        pair = None if method.uses_secret else self._pair(alg)
        secret = _new_secret(method) if method.uses_secret else None
        client = DemoClient(
            client_id=client_id or name,
            auth_method=method,
            secret=secret,
            public_keys=None if pair is None else pair.public_set,
            allowed_scopes=SCOPES,
            default_scopes=SCOPES,
            lifetime=self._lifetime,
        )
        profile = Profile(
            name=name,
            endpoint_mode=EndpointMode.ISSUER,
            environment_id=self._addresses.environment_id,
            issuer=self._addresses.issuer,
            token_endpoint=self._addresses.token_endpoint,
            endpoint_source=EndpointSource.DERIVED,
            api_base=self._addresses.api_base,
            client_id=client.client_id,
            auth_method=method,
            key_reference=KEYRING_PREFIX + (ES256_KEY if alg == "ES256" else RS256_KEY) if pair else "",
            assertion_alg=alg,
            scope=" ".join(SCOPES),
            note=note,
        )
        return Prepared(client, Offer(profile, secret, None if pair is None else pair.pem()))

    def _pair(self, alg: str) -> KeyPair:
        return self._keys.client_es256 if alg == "ES256" else self._keys.client_rs256


def _new_secret(method: AuthMethod) -> Secret:
    odd = ODD_CHARACTERS + "~" if method is BASIC else ""
    return Secret(secrets.token_urlsafe(SECRET_BYTES) + odd)


def _edit(prepared: Prepared, **fields: object) -> Prepared:
    """Change the profile that people pick."""
    profile = replace(prepared.offer.profile, **fields)  # type: ignore[arg-type]  # checked by the dataclass
    return replace(prepared, offer=replace(prepared.offer, profile=profile))


def _register(prepared: Prepared, **fields: object) -> Prepared:
    """Change what the server has registered."""
    return replace(prepared, client=replace(prepared.client, **fields))  # type: ignore[arg-type]  # as above
