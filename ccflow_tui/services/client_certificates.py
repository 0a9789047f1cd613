"""Client certificates as they are sent: read once, checked, and known by their thumbprint (RFC 8705)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ccflow_tui.models.problems import InputProblem, KeyProblem, SecretStoreProblem
from ccflow_tui.models.profile import MutualTls
from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth.certificates import check_client_certificate, read_certificate
from ccflow_tui.services.key_reading import CERTIFICATE, PRIVATE_KEY
from ccflow_tui.services.ports import Clock
from ccflow_tui.services.signing_keys import SigningKeys

if TYPE_CHECKING:
    from ccflow_tui.oauth.certificates import Certificate
    from ccflow_tui.oauth.signing_key import SigningKey

_FIELD, _KEY_FIELD = "mtls", "mtls.key_ref"


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A certificate with the private key that proves it."""

    certificate: Certificate
    key: SigningKey


@dataclass(slots=True)
class ClientCertificates:
    """Loads each client certificate once, and again when it has expired: many are renewed in their place.

    A failure is not kept, so that a mended file is read again.
    """

    keys: SigningKeys
    clock: Clock
    _loaded: dict[MutualTls, ClientCertificate] = field(default_factory=dict, repr=False)
    _loading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def load(self, tls: MutualTls) -> ClientCertificate | None:
        """Return what ``tls`` names, or ``None`` while it is off.

        Raises ``InputProblem`` for ``mtls`` or ``mtls.key_ref`` when something is missing, damaged or would
        be refused by every server: another key's certificate, one that has expired or is not for clients.
        """
        if not tls.enabled:
            return None
        async with self._loading:
            loaded = self._loaded
            known = loaded.get(tls)
            if known is None or known.certificate.not_after < self.clock.wall():
                try:
                    loaded[tls] = await self._read(tls)
                except KeyProblem as problem:
                    is_about_key = problem.finding.field == _KEY_FIELD
                    raise (problem if is_about_key else problem.about(_FIELD)) from None
                except SecretStoreProblem as problem:
                    raise InputProblem(_FIELD, problem.problem, problem.remedy) from None
            return loaded[tls]

    async def thumbprint(self, tls: MutualTls) -> str:
        """Return ``x5t#S256`` of the certificate that is sent, or an empty text while none is."""
        loaded = await self.load(tls)
        return loaded.certificate.thumbprint if loaded else ""

    def known_thumbprint(self, tls: MutualTls) -> str:
        """Return that thumbprint if the certificate was loaded before, else an empty text."""
        loaded = self._loaded.get(tls)
        return loaded.certificate.thumbprint if loaded else ""

    def forget(self) -> None:
        """Drop every certificate and its key, those that are being read too."""
        self._loaded = {}
        self.keys.forget()

    async def _read(self, tls: MutualTls) -> ClientCertificate:
        reader = self.keys.reader
        cert_ref = tls.cert_ref.strip()
        key_ref = tls.key_ref.strip() or cert_ref
        if not cert_ref:
            raise InputProblem(
                _FIELD,
                "Mutual TLS needs a client certificate, and none is named.",
                "Set mtls.certRef to a PEM certificate or a PKCS#12 file.",
            )
        public = (await reader.read(cert_ref, noun=CERTIFICATE)).key or Secret("")
        if key_ref == cert_ref:
            key = await self.keys.load(public, key_ref)
        else:
            key = await self._read_key(key_ref)
        return await asyncio.to_thread(self._check, public, key)

    async def _read_key(self, reference: str) -> SigningKey:
        try:
            private = (await self.keys.reader.read(reference, noun=PRIVATE_KEY)).key
            return await self.keys.load(private or Secret(""), reference)
        except KeyProblem as problem:
            raise problem.about(_KEY_FIELD) from None

    def _check(self, public: Secret, key: SigningKey) -> ClientCertificate:
        # PKCS#12 is armoured text, in which no certificate can be seen; they came along with the key.
        certificate = read_certificate(public.reveal() + key.certificates, field=_FIELD, key=key)
        check_client_certificate(certificate, key, self.clock.wall())
        return ClientCertificate(certificate, key)
