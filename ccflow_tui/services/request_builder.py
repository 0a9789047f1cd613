"""Builds and signs one token request from a profile and its credential."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from ccflow_tui.models.problems import InputProblem, KeyProblem
from ccflow_tui.models.profile import AuthMethod, Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.models.token_request import Pair, TokenRequest
from ccflow_tui.oauth.assertion import assertion_terms, sign_client_assertion
from ccflow_tui.oauth.certificates import read_certificate
from ccflow_tui.oauth.client_auth_id import ClientIdOnly
from ccflow_tui.oauth.client_auth_jwt import AssertionAuthentication
from ccflow_tui.oauth.client_auth_secret import ClientSecretBasic, ClientSecretPost
from ccflow_tui.oauth.clock_skew import described
from ccflow_tui.oauth.dpop import DPOP_HEADER
from ccflow_tui.oauth.scopes import parse_scope
from ccflow_tui.oauth.signing_key import secret_key
from ccflow_tui.oauth.token_request import assemble_form_request, assemble_token_request
from ccflow_tui.oauth.url_validation import CheckedUrl, check_endpoint_url
from ccflow_tui.services.dpop_prover import DpopProver
from ccflow_tui.services.flow_log import FlowLog
from ccflow_tui.services.key_reading import CERTIFICATE, KeyReader
from ccflow_tui.services.ports import Clock, Credential
from ccflow_tui.services.redaction import Redactor
from ccflow_tui.services.signing_keys import SigningKeys
from ccflow_tui.services.wire import USER_AGENT

if TYPE_CHECKING:
    from ccflow_tui.oauth.client_auth import ClientAuthentication
    from ccflow_tui.oauth.signing_key import SigningKey

_CERTIFICATE_FIELD = "assertion_certificate"
_REMEMBERED = 64
"""Endpoints that are not checked again."""
_QUICK_BITS = 4096
"""RSA bits up to which a signature takes a few milliseconds at most."""


def new_jti() -> str:
    """Return a random ``jti`` of 128 bits (RFC 7523, section 3)."""
    return secrets.token_urlsafe(16)


class Credentials(Protocol):
    """Where a profile's secret or key comes from."""

    @property
    def reader(self) -> KeyReader:
        """Reads certificates by reference, and knows passphrases."""
        ...

    async def credential(self, profile: Profile) -> Credential:
        """Return it; raises ``InputProblem`` or ``SecretStoreProblem``."""
        ...


@dataclass(slots=True)
class RequestBuilder:
    """Makes requests that differ only in what is signed anew each time: client assertion and DPoP proof."""

    clock: Clock
    credentials: Credentials
    redactor: Redactor
    log: FlowLog
    prover: DpopProver
    keys: SigningKeys = field(init=False)
    _checked_endpoint: Callable[[str], CheckedUrl] = field(
        default_factory=lambda: lru_cache(_REMEMBERED)(check_endpoint_url)
    )

    def __post_init__(self) -> None:
        """Give every key that is read to the redactor."""
        self.keys = SigningKeys(self.credentials.reader, self.redactor.know)

    async def build(self, profile: Profile) -> TokenRequest:
        """Return the request; raises ``InputProblem`` when the credential is missing or weak."""
        self.log.preparing(profile.auth_method)
        credential = await self.credentials.credential(profile)
        self.log.credential_source(credential.source)
        authentication = await self._authentication(profile, credential)
        endpoint = self._checked_endpoint(profile.request_endpoint)
        proof = await self.prover.for_token_request(profile, endpoint.url) if profile.dpop else None
        scope = parse_scope(profile.scope).text
        request = assemble_token_request(
            profile=profile,
            authentication=authentication,
            scope_text=scope,
            user_agent=USER_AGENT,
            endpoint=endpoint,
            proof=proof,
        )
        self._know(request)
        self.log.body_built(scope, profile.audience)
        return self._dated(request)

    async def build_form(self, profile: Profile, url: str, parameters: Sequence[Pair]) -> TokenRequest:
        """Return an authenticated POST to another endpoint of the profile's server; raises as ``build``."""
        credential = await self.credentials.credential(profile)
        request = assemble_form_request(
            url=url,
            parameters=parameters,
            authentication=await self._authentication(profile, credential),
            user_agent=USER_AGENT,
        )
        self._know(request)
        return request

    async def _authentication(self, profile: Profile, credential: Credential) -> ClientAuthentication:
        method = profile.auth_method
        if method is AuthMethod.PRIVATE_KEY_JWT:
            return await self._private_key_jwt(profile, credential)
        if not method.uses_secret:
            return ClientIdOnly(profile.client_id, method)
        if credential.secret is None:
            raise InputProblem("client_secret", "There is no client secret.", "Type it in step 1.")
        self.redactor.know(credential.secret)
        if method is AuthMethod.CLIENT_SECRET_BASIC:
            return ClientSecretBasic(profile.client_id, credential.secret, profile.basic_encoding)
        if method is AuthMethod.CLIENT_SECRET_POST:
            return ClientSecretPost(profile.client_id, credential.secret)
        return await self._signed(profile, secret_key(credential.secret))

    async def _private_key_jwt(self, profile: Profile, credential: Credential) -> ClientAuthentication:
        if credential.key is None:
            raise InputProblem(
                "key_reference", "There is no private key.", "Name a PEM, JWK or PKCS#12 file in step 1."
            )
        reference = profile.key_reference.strip()
        key = await self.keys.load(credential.key, reference, kid=profile.assertion_kid)
        return await self._signed(profile, key, x5t=await self._x5t(profile, key))

    async def _signed(self, profile: Profile, key: SigningKey, *, x5t: str = "") -> ClientAuthentication:
        endpoint = self._checked_endpoint(profile.request_endpoint)
        sign = partial(
            sign_client_assertion,
            assertion_terms(profile, x5t=x5t),
            key=key,
            now=self.clock.wall() + self.prover.servers.correction(endpoint.url),
            jti=new_jti(),
        )
        # A signature takes less time than a thread takes to come round, except by a very long RSA key.
        assertion = await asyncio.to_thread(sign) if key.bits > _QUICK_BITS else sign()
        return AssertionAuthentication(profile.client_id, assertion, profile.auth_method)

    async def _x5t(self, profile: Profile, key: SigningKey) -> str:
        """Return the thumbprint of the certificate named beside the key; it must be that key's."""
        reference = profile.assertion_certificate.strip()
        if not reference:
            return ""
        try:
            text = (await self.credentials.reader.read(reference, noun=CERTIFICATE)).key or Secret("")
        except KeyProblem as problem:
            raise problem.about(_CERTIFICATE_FIELD) from None
        certificate = read_certificate(text.reveal(), field=_CERTIFICATE_FIELD, key=key)
        if not certificate.belongs_to(key):
            raise InputProblem(
                _CERTIFICATE_FIELD,
                f"The certificate ({certificate.subject}) does not belong to the private key.",
                "Name the certificate that was issued for this key.",
            )
        return certificate.thumbprint

    def _dated(self, request: TokenRequest) -> TokenRequest:
        """Say by which clock a request is dated whose server's clock differs from ours."""
        correction = self.prover.servers.correction(request.url)
        if not correction or (request.assertion is None and request.proof is None):
            return request
        facts = MappingProxyType(
            {**request.facts, "Dated by": f"the server's clock, {described(correction)}"}
        )
        return replace(request, clock_correction=correction, facts=facts)

    def _know(self, request: TokenRequest) -> None:
        # Assertions and proofs are caught by their shape; knowing every one of them would grow without end.
        for pair in request.headers:
            if isinstance(pair.value, Secret) and pair.name != DPOP_HEADER:
                self.redactor.know(pair.value)
