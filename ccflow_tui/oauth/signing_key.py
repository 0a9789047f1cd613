"""What signs a client assertion: a checked private key, or a checked shared secret."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ccflow_tui.models.problems import InputProblem, KeyProblem
from ccflow_tui.models.secret import Secret, is_encodable
from ccflow_tui.oauth.algorithms import (
    ASSERTION_ALGS,
    EC_ALGS,
    HMAC_ALGS,
    HMAC_BITS,
    MIN_RSA_BITS,
    OKP_ALGS,
    RSA_ALGS,
)
from ccflow_tui.oauth.sanitize import scrub

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
    from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

KINDS = (
    f"Use an RSA key of at least {MIN_RSA_BITS} bits, an EC key on P-256, P-384 or P-521, or an Ed25519 key."
)
EXPECTED = "Give a private key as PEM (PKCS#8, PKCS#1 or SEC1), JWK or PKCS#12."
DAMAGED = ("The private key is damaged or incomplete.", "Copy it again, whole and unchanged.")

_CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that passed the checks; nothing of its private half is ever shown."""

    kty: str
    """``RSA``, ``EC``, ``OKP`` or ``oct``."""
    curve: str
    """``P-256``, ``P-384``, ``P-521`` or ``Ed25519``; empty for the other types."""
    bits: int
    kid: str
    """The JWK's own key id, or an empty text."""
    thumbprint: str
    """JWK thumbprint (RFC 7638, SHA-256); empty for a shared secret, which it would give clues about."""
    algs: tuple[str, ...]
    """Algorithms it can sign with, the one to take first when nothing else is known."""
    jose: RSAKey | ECKey | OKPKey | OctKey = field(repr=False, compare=False)
    certificates: str = field(default="", repr=False, compare=False)
    """PEM certificates that came along in the same file, in its order."""
    x5t: str = ""
    """Thumbprint of the key's certificate (``x5t#S256``, RFC 7515, section 4.1.8), where there is one."""

    @property
    def label(self) -> str:
        """The kind of key in a few words."""
        if self.kty in {"RSA", "oct"}:
            return f"{'RSA' if self.kty == 'RSA' else 'a secret of'} {self.bits} bit"
        return f"EC {self.curve}" if self.kty == "EC" else self.curve


def describe(native: PrivateKeyTypes) -> SigningKey:
    """Check the strength of a private key and wrap it for signing; raises ``KeyProblem``."""
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from joserfc.jwk import ECKey, OKPKey, RSAKey

    if isinstance(native, RSAPrivateKey):
        check_rsa_size(native.key_size)
        rsa = RSAKey.import_key(native)
        return SigningKey("RSA", "", native.key_size, "", rsa.thumbprint(), RSA_ALGS, rsa)
    if isinstance(native, Ed25519PrivateKey):
        okp = OKPKey.import_key(native)
        return SigningKey("OKP", "Ed25519", 256, "", okp.thumbprint(), OKP_ALGS, okp)
    if not isinstance(native, EllipticCurvePrivateKey):
        raise KeyProblem(f"A key of type {type(native).__name__} cannot be used.", KINDS)
    curve = _CURVES.get(native.curve.name, "")
    if not curve:
        raise KeyProblem(f"The curve {native.curve.name} cannot be used.", KINDS)
    ec = ECKey.import_key(native)
    return SigningKey("EC", curve, native.key_size, "", ec.thumbprint(), (EC_ALGS[curve],), ec)


def check_rsa_size(bits: int) -> None:
    """Refuse an RSA key that RFC 7518, section 3.3, calls too small; raises ``KeyProblem``."""
    if bits < MIN_RSA_BITS:
        raise KeyProblem(f"The RSA key has {bits} bits, which is too weak (RFC 7518, section 3.3).", KINDS)


def secret_key(secret: Secret) -> SigningKey:
    """Return a client secret as the key of ``client_secret_jwt`` (OpenID Connect Core, section 9).

    Its UTF-8 bytes are the key. Raises ``InputProblem`` for a secret shorter than the smallest hash, and for
    a PEM or JWK in its place, whose public half would let others sign, too (RFC 8725, section 2.1).
    """
    if _is_key(secret):
        raise InputProblem(
            "client_secret",
            "This is a key or certificate, where client_secret_jwt signs with the client secret.",
            "Enter the client secret, or choose private_key_jwt for a private key.",
        )
    if not is_encodable(secret):
        raise InputProblem("client_secret", "The client secret is not valid Unicode text.", "Enter it again.")
    bits = 8 * len(secret.reveal().encode())
    algs = tuple(alg for alg, least in HMAC_BITS.items() if bits >= least)
    if not algs:
        raise _short_secret(bits, HMAC_ALGS[0])
    return SigningKey("oct", "", bits, "", "", algs, _oct_key(secret))


def _is_key(secret: Secret) -> bool:
    text = secret.reveal()
    return "-----BEGIN" in text or text.lstrip().startswith('{"')


def _oct_key(secret: Secret) -> OctKey:
    from joserfc.jwk import OctKey

    return OctKey.import_key(secret.reveal().encode())


def check_alg(key: SigningKey, alg: str) -> None:
    """Make sure that ``alg`` fits the key; raises ``InputProblem`` naming both (RFC 7518, section 3.1)."""
    if alg in key.algs:
        return
    choice = f"Choose {' or '.join(key.algs)}."
    if key.kty == "oct":
        if alg in HMAC_BITS:
            raise _short_secret(key.bits, alg)
        problem = f"{scrub(alg, limit=40)} does not sign with a client secret."
        raise InputProblem("assertion_alg", problem, choice)
    if alg not in ASSERTION_ALGS:
        raise InputProblem("assertion_alg", f"{scrub(alg, limit=40)} cannot sign a client assertion.", choice)
    raise InputProblem("assertion_alg", f"{alg} does not fit this key, which is {key.label}.", choice)


def _short_secret(bits: int, alg: str) -> InputProblem:
    return InputProblem(
        "client_secret",
        f"The client secret has {bits} bits, and {alg} needs at least {HMAC_BITS[alg]} (RFC 7518, section "
        "3.2); a shorter one could be guessed from a single assertion.",
        "Have the server issue a longer secret, or choose another method.",
    )
