"""X.509 certificates of a client: read, told apart, and checked before they are sent (RFC 8705).

A certificate is public; nothing here is secret.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ccflow_tui.models.problems import InputProblem
from ccflow_tui.oauth.sanitize import scrub

if TYPE_CHECKING:
    from cryptography import x509

    from ccflow_tui.oauth.signing_key import SigningKey

_BLOCK = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
_NAME_LIMIT = 120
_FIELD = "mtls"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A client's certificate with the chain that it is sent with."""

    thumbprint: str
    """``x5t#S256``: SHA-256 of its DER in base64url (RFC 8705, section 3.1)."""
    subject: str
    """Its subject as RFC 4514 writes it, shortened."""
    not_before: float
    """Epoch seconds."""
    not_after: float
    """Epoch seconds."""
    for_clients: bool
    """Whether its extended key usage admits TLS clients (RFC 5280, section 4.2.1.12)."""
    chain_pem: str = field(repr=False)
    """The client's own certificate first."""
    public_key: bytes = field(repr=False)
    """Its key as DER SubjectPublicKeyInfo."""

    def belongs_to(self, key: SigningKey) -> bool:
        """Whether it certifies the public half of ``key``."""
        return self.public_key == public_der(key)


def certificate_blocks(text: str) -> tuple[str, ...]:
    """Return the PEM certificates in a text, each with a line end."""
    return tuple(f"{match[0]}\n" for match in _BLOCK.finditer(text))


def read_certificate(text: str, *, field: str = _FIELD, key: SigningKey | None = None) -> Certificate:
    """Read a PEM chain; raises ``InputProblem`` for ``field``.

    The client's own certificate is that of ``key`` where one of them is, whatever its place, else the first.
    """
    blocks = certificate_blocks(text.replace("\\n", "\n"))
    if not blocks:
        raise InputProblem(field, "There is no certificate in it.", "Give a PEM certificate.")
    chain = [_parsed(block, field) for block in blocks]
    own = next((item for item in chain if key and _public_der(item) == public_der(key)), chain[0])
    rest = [item for item in chain if item is not own]
    return _described(own, rest)


def matching_thumbprint(text: str, key: SigningKey) -> str:
    """Return the thumbprint of the certificate in ``text`` that belongs to ``key``, or an empty text."""
    if not text:
        return ""
    certificate = read_certificate(text, field="key_reference", key=key)
    return certificate.thumbprint if certificate.belongs_to(key) else ""


def check_client_certificate(certificate: Certificate, key: SigningKey, now: float) -> None:
    """Refuse to send a certificate that a server must refuse; ``now`` is epoch seconds.

    Raises ``InputProblem`` when it is not the key's, has expired, is not valid yet or is not for clients.
    """
    name = f"The client certificate ({certificate.subject})"
    if not certificate.belongs_to(key):
        raise InputProblem(
            _FIELD,
            f"The private key does not belong to the client certificate ({certificate.subject}).",
            "Name the key that the certificate was issued for.",
        )
    if certificate.not_after < now:
        raise InputProblem(
            _FIELD,
            f"{name} expired on {_day(certificate.not_after)}.",
            "Have a new one issued; check this machine's clock when you think it is still valid.",
        )
    if certificate.not_before > now:
        raise InputProblem(
            _FIELD,
            f"{name} is not valid before {_day(certificate.not_before)}.",
            "Check this machine's clock, or wait.",
        )
    if not certificate.for_clients:
        raise InputProblem(
            _FIELD,
            f"{name} is not meant for TLS clients: its extended key usage lacks clientAuth.",
            "Have one issued for client authentication.",
        )


def public_der(key: SigningKey) -> bytes:
    """Return the public half of a key as DER SubjectPublicKeyInfo (RFC 5280, section 4.1)."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    data: bytes = key.jose.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[union-attr]  # only of asymmetric keys
    return data


def thumbprint(der: bytes) -> str:
    """Return ``x5t#S256`` of a DER certificate (RFC 7515, section 4.1.8)."""
    return base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode("ascii")


def _parsed(block: str, field: str) -> x509.Certificate:
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificate(block.encode("ascii", "replace"))
    except ValueError:
        raise InputProblem(
            field, "A certificate is damaged or incomplete.", "Copy it again, whole and unchanged."
        ) from None


def _described(own: x509.Certificate, rest: list[x509.Certificate]) -> Certificate:
    from cryptography.hazmat.primitives.serialization import Encoding

    chain = "".join(item.public_bytes(Encoding.PEM).decode("ascii") for item in (own, *rest))
    return Certificate(
        thumbprint=thumbprint(own.public_bytes(Encoding.DER)),
        subject=scrub(own.subject.rfc4514_string(), limit=_NAME_LIMIT) or "without a subject",
        not_before=own.not_valid_before_utc.timestamp(),
        not_after=own.not_valid_after_utc.timestamp(),
        for_clients=_for_clients(own),
        chain_pem=chain,
        public_key=_public_der(own),
    )


def _public_der(certificate: x509.Certificate) -> bytes:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    try:
        key = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError):
        return b""  # of a kind that no private key accepted here can belong to
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _for_clients(certificate: x509.Certificate) -> bool:
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    except ValueError:
        return False
    return ExtendedKeyUsageOID.CLIENT_AUTH in usage or ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE in usage


def _day(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M} UTC"
