"""Makes key pairs to sign client assertions with, and writes a private key as it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from ccflow_tui.models.kept_key import KeyKind
from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth.key_headings import headings
from ccflow_tui.oauth.signing_key import SigningKey, describe

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

_RSA_BITS: Mapping[KeyKind, int] = MappingProxyType(
    {KeyKind.RSA_2048: 2048, KeyKind.RSA_3072: 3072, KeyKind.RSA_4096: 4096}
)
_CURVES: Mapping[KeyKind, str] = MappingProxyType(
    {KeyKind.P_256: "P-256", KeyKind.P_384: "P-384", KeyKind.P_521: "P-521", KeyKind.ED25519: "Ed25519"}
)
_EXPONENT = 65_537


def generate_key(kind: KeyKind) -> SigningKey:
    """Return a new private key from the system's random source; RSA 4096 takes up to some seconds."""
    return describe(_native(kind))


def kind_of(key: SigningKey) -> KeyKind:
    """Return the kind that a successor of ``key`` is generated as: the same, RSA of at least its size."""
    if key.kty == "RSA":
        fitting = (kind for kind, bits in _RSA_BITS.items() if bits >= key.bits)
        return next(fitting, KeyKind.RSA_4096)
    return next(kind for kind, curve in _CURVES.items() if curve == key.curve)


def kept_pem(key: SigningKey) -> Secret:
    """Return the private key as PKCS#8 in PEM (RFC 7468, section 10), its certificates behind it.

    It is not encrypted: whoever keeps it has to. ``load_signing_key`` reads back all that ``key`` tells.
    """
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    native: PrivateKeyTypes = key.jose.private_key  # type: ignore[assignment]  # of a key pair
    pem = native.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")
    return Secret(headings(key) + pem + key.certificates)


def _native(kind: KeyKind) -> PrivateKeyTypes:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if bits := _RSA_BITS.get(kind):
        return rsa.generate_private_key(public_exponent=_EXPONENT, key_size=bits)
    if kind is KeyKind.ED25519:
        return ed25519.Ed25519PrivateKey.generate()
    curves = {KeyKind.P_256: ec.SECP256R1(), KeyKind.P_384: ec.SECP384R1(), KeyKind.P_521: ec.SECP521R1()}
    return ec.generate_private_key(curves[kind])
