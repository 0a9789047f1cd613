"""Signed assertions: the checks of RFC 7523 and of its revision that forbids several audiences."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from authlib.oauth2.rfc7523.client import ASSERTION_TYPE, JWTBearerClientAssertion
from joserfc import jwt
from joserfc.errors import JoseError

from ccflow_tui.demo.client_authentication import BAD_CREDENTIALS, ClientDenied, QueryClient, registered_for
from ccflow_tui.demo.clients import DemoClient
from ccflow_tui.models.profile import AuthMethod

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

MAX_LIFETIME = 300
"""Seconds that ``exp`` may lie ahead."""
LEEWAY = 5
"""Seconds by which the clocks may differ."""
TYPES = frozenset({"", "jwt", "client-authentication+jwt"})


class ReplayGuard:
    """Remembers each assertion until it has expired, so none is used twice."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[tuple[str, str], float] = {}

    def first_use(self, client_id: str, jti: str, *, expires_at: float, now: float) -> bool:
        """Return whether this ``jti`` is new; times are epoch seconds."""
        with self._lock:
            self._seen = {key: until for key, until in self._seen.items() if until > now}
            if (client_id, jti) in self._seen:
                return False
            self._seen[client_id, jti] = expires_at
            return True


class SignedAssertion(JWTBearerClientAssertion):  # type: ignore[misc]  # Authlib ships no types
    """Authlib's assertion check, made as strict as a careful server.

    ``method`` is ``private_key_jwt`` or ``client_secret_jwt``; they differ in what the key is.
    """

    def __init__(
        self, method: AuthMethod, audiences: tuple[str, ...], clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(leeway=LEEWAY)
        self.method, self.CLIENT_AUTH_METHOD = method, method.value
        self._audiences, self._clock, self._replay = audiences, clock, ReplayGuard()

    def __call__(self, query_client: QueryClient, request: Any) -> DemoClient:
        """Return the authenticated client; raises an OAuth error otherwise."""
        form = request.form
        if form.get("client_assertion_type") != ASSERTION_TYPE or not form.get("client_assertion"):
            raise ClientDenied(f"client_assertion and client_assertion_type={ASSERTION_TYPE} are both needed")
        try:
            client: DemoClient = super().__call__(
                lambda client_id: registered_for(query_client(client_id), self.method), request
            )
        except (TypeError, ValueError, RecursionError):
            raise ClientDenied("Invalid JWT assertion.") from None
        if form.get("client_id", client.client_id) != client.client_id:
            raise ClientDenied("client_id differs from the subject of the assertion")
        return client

    def get_audiences(self) -> list[str]:
        """Return the issuer and the token endpoint."""
        return list(self._audiences)

    def resolve_client_public_key(self, client: DemoClient) -> KeySet | None:
        """Return the client's registered key, or its secret as one."""
        return client.secret_keys if self.method is AuthMethod.CLIENT_SECRET_JWT else client.public_keys

    def process_assertion_claims(self, assertion: str, resolve_key: KeySet) -> dict[str, Any]:
        """Verify signature, type and claims; only the registered algorithm is accepted."""
        try:
            token = jwt.decode(assertion, resolve_key, algorithms=[key.alg or "" for key in resolve_key])
        except JoseError as error:
            raise ClientDenied(error.description or BAD_CREDENTIALS) from None
        kind = str(token.header.get("typ", "")).lower().removeprefix("application/")
        if kind not in TYPES:
            raise ClientDenied("The type of the assertion must be client-authentication+jwt or JWT")
        self.verify_claims(token.claims)
        return token.claims

    def verify_claims(self, claims: dict[str, Any]) -> None:
        """Check ``aud`` and the lifetime, then all that Authlib checks, ``jti`` last."""
        if not isinstance(claims.get("aud"), str):
            raise ClientDenied("Invalid claim: 'aud' must be one string")
        expires_at = claims.get("exp")
        if isinstance(expires_at, int | float) and expires_at > self._clock() + MAX_LIFETIME + LEEWAY:
            raise ClientDenied(f"Invalid claim: 'exp' is more than {MAX_LIFETIME} seconds ahead")
        if claims.get("jti") == "":
            raise ClientDenied("Invalid claim: 'jti' must not be empty")
        super().verify_claims(claims)

    def validate_jti(self, claims: dict[str, Any], jti: str) -> bool:
        """Return whether the assertion is used for the first time."""
        return self._replay.first_use(
            claims["sub"], jti, expires_at=claims["exp"] + LEEWAY, now=self._clock()
        )
