"""What may be shown of a private key: its public facts, and its public half."""

from __future__ import annotations

from ccflow_tui.models.kept_key import KeptKey, KeyCertificate
from ccflow_tui.oauth.certificates import public_der, read_certificate
from ccflow_tui.oauth.sanitize import scrub
from ccflow_tui.oauth.signing_key import SigningKey

_LONGEST_KID = 256


def kept_key(name: str, key: SigningKey) -> KeptKey:
    """Return the facts that the key itself tells."""
    return KeptKey(
        name=name,
        label=key.label,
        algs=key.algs,
        kid=scrub(key.kid, limit=_LONGEST_KID) or key.thumbprint,
        thumbprint=key.thumbprint,
        certificate=_certificate(key),
    )


def public_pem(key: SigningKey) -> str:
    """Return the public half as PEM (SubjectPublicKeyInfo; RFC 7468, section 13)."""
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        PublicFormat,
        load_der_public_key,
    )

    public = load_der_public_key(public_der(key))
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")


def _certificate(key: SigningKey) -> KeyCertificate | None:
    """Return the certificate of the key among those that came along, if one is."""
    if not key.certificates:
        return None
    own = read_certificate(key.certificates, field="key_reference", key=key)
    if not own.belongs_to(key):
        return None
    return KeyCertificate(subject=own.subject, not_after=own.not_after, thumbprint=own.thumbprint)
