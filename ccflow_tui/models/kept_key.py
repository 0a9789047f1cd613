"""The private keys that ccflow keeps, as the key workbench shows them: nothing here is secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from ccflow_tui.models.profile import Provider


class KeyKind(StrEnum):
    """What can be generated, by the name a person knows it under."""

    RSA_2048 = "RSA 2048"
    RSA_3072 = "RSA 3072"
    RSA_4096 = "RSA 4096"
    P_256 = "EC P-256"
    P_384 = "EC P-384"
    P_521 = "EC P-521"
    ED25519 = "Ed25519"


class KeyExport(StrEnum):
    """The forms in which a key's public half leaves."""

    JWKS = "JWK Set"
    """RFC 7517, section 5; a key and the one it takes over from stand in it side by side."""
    PEM = "public key (PEM)"
    """SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7)."""
    CERTIFICATE = "self-signed certificate"
    """Made anew for each export; it certifies nothing but which key is meant (RFC 8705, section 2.2)."""


_OTHER_EXPORTS: Mapping[Provider, KeyExport] = MappingProxyType(
    {Provider.ENTRA: KeyExport.CERTIFICATE, Provider.AUTH0: KeyExport.PEM}
)
"""Providers that take another form than a JWK Set."""


def wanted_export(provider: Provider) -> KeyExport:
    """Return the form in which a provider takes a public half."""
    return _OTHER_EXPORTS.get(provider, KeyExport.JWKS)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyCertificate:
    """A certificate that is kept with a key."""

    subject: str
    """As RFC 4514 writes it, shortened."""
    not_after: float
    """Epoch seconds."""
    thumbprint: str
    """``x5t#S256`` (RFC 7515, section 4.1.8)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptKey:
    """The public facts of a private key in the secret store."""

    name: str
    """Profiles refer to it as ``keyring:<name>``."""
    label: str
    """Kind and size in a few words: ``RSA 2048 bit``."""
    algs: tuple[str, ...]
    """Algorithms it can sign with, the preferred one first."""
    kid: str
    """Key id that its exports carry: its own, else its thumbprint."""
    thumbprint: str
    """JWK thumbprint (RFC 7638, SHA-256)."""
    certificate: KeyCertificate | None = None
    created: float | None = None
    """Epoch seconds of its generation or import; ``None`` when that is not known."""
    replaces: str = ""
    """Name of the key that it takes over from, while both are there."""
    used_by: tuple[str, ...] = ()
    """Names of the profiles that refer to it."""
    missing: str = ""
    """Why its private half cannot be had at the moment; empty when it was found."""
    store: str = ""
    """Which secret store it was put into (``StoreKind`` value); empty when that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicText:
    """A public half, ready to be copied or written."""

    text: str
    file_name: str
    """A fitting name for it, without a folder."""
    note: str = ""
    """What to know before it is registered; empty when there is nothing."""
