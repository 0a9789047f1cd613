"""Client certificates of every kind a person may have, and the files they come in."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.support.fakes import EPOCH

NOW = datetime.datetime.fromtimestamp(EPOCH, datetime.UTC)
YEAR = datetime.timedelta(days=365)
CLIENT, SERVER = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate with its key; ``issuer`` signed it, or it signed itself."""

    certificate: x509.Certificate
    key: Any
    issuer: Issued | None = None

    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    def key_pem(self, passphrase: str = "", *, style: str = "PKCS8") -> bytes:
        encryption = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
        data: bytes = self.key.private_bytes(Encoding.PEM, getattr(PrivateFormat, style), encryption)
        return data

    def pkcs12(self, passphrase: str = "") -> bytes:
        encryption = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
        chain = [self.issuer.certificate] if self.issuer else None
        return serialize_key_and_certificates(b"client", self.key, self.certificate, chain, encryption)


def issue(
    name: str = "client.example",
    *,
    key: Any = None,
    issuer: Issued | None = None,
    usages: tuple[x509.ObjectIdentifier, ...] | None = (CLIENT,),
    not_before: datetime.datetime = NOW - 10 * YEAR,
    not_after: datetime.datetime = NOW + 10 * YEAR,
) -> Issued:
    """Make a certificate valid around the tests' own clock and around today alike."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
    )
    if usages is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    else:
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    signing = issuer.key if issuer else key
    return Issued(builder.sign(signing, hashes.SHA256()), key, issuer)


def write(path: Path, *parts: bytes) -> str:
    """Write a file that only its owner can read."""
    path.write_bytes(b"".join(parts))
    path.chmod(0o600)
    return str(path)
