"""A self-signed certificate for a client's key: it says which key is meant, and nobody vouches for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ccflow_tui.oauth.sanitize import scrub
from ccflow_tui.oauth.signing_key import SigningKey

if TYPE_CHECKING:
    from cryptography import x509

VALID_DAYS = 365
LONGEST_COMMON_NAME = 64
"""Bytes of UTF-8; RFC 5280, appendix A.1 (ub-common-name), would allow as many characters."""
_BACKDATE = timedelta(hours=1)
"""For servers whose clock is behind."""
_HASHES = {"P-384": "SHA384", "P-521": "SHA512"}
"""Those of the curve's own algorithm (RFC 7518, section 3.4); SHA-256 for the others."""


def self_signed_certificate(key: SigningKey, *, common_name: str, now: float) -> str:
    """Return a new certificate of ``key`` in PEM, for TLS clients only (RFC 5280), with a random serial.

    It is valid for ``VALID_DAYS`` from ``now``, in epoch seconds. ``common_name`` is cut where it is longer
    than a certificate can hold.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509.oid import NameOID

    native: Any = key.jose.private_key
    text = scrub(common_name).encode()[:LONGEST_COMMON_NAME].decode(errors="ignore").strip()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text or "client")])
    moment = datetime.fromtimestamp(now, UTC).replace(microsecond=0)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(native.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment - _BACKDATE)
        .not_valid_after(moment + timedelta(days=VALID_DAYS))
    )
    certificate = _for_clients(builder, native.public_key()).sign(native, _hash(key))
    return certificate.public_bytes(Encoding.PEM).decode("ascii")


def _for_clients(builder: x509.CertificateBuilder, public: Any) -> x509.CertificateBuilder:
    """Add the extensions of a client's own certificate (RFC 5280, section 4.2.1)."""
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    usage = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign",
         "crl_sign", "encipher_only", "decipher_only"),
        False,
    )  # fmt: skip
    return (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, **usage), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _hash(key: SigningKey) -> Any:
    """Return the hash to sign with; Ed25519 brings its own (RFC 8410)."""
    from cryptography.hazmat.primitives import hashes

    return None if key.kty == "OKP" else getattr(hashes, _HASHES.get(key.curve, "SHA256"))()
