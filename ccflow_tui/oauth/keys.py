"""Private keys for client assertions: PEM and JWK in, a checked signing key out."""

from __future__ import annotations

import base64
import re
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ccflow_tui.models.problems import InputProblem, KeyProblem
from ccflow_tui.models.secret import Secret
from ccflow_tui.models.strict_json import StrictJsonError, parse_object_text
from ccflow_tui.oauth.sanitize import scrub

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
    from joserfc.jwk import ECKey, RSAKey

MIN_RSA_BITS = 2048
"""The least RFC 7518, section 3.3, allows."""
MAX_KEY_TEXT = 65_536
"""Characters; no private key in use is nearly as long."""

RSA_ALGS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
"""Most widely supported first."""
EC_ALGS = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}
"""The one algorithm of each curve (RFC 7518, section 3.4)."""
ASSERTION_ALGS = (*RSA_ALGS, *EC_ALGS.values())
"""Every algorithm a client assertion can be signed with."""

_PEM = re.compile(r"-----BEGIN ((?:[A-Z0-9]+ )*PRIVATE KEY)-----.*?-----END \1-----", re.DOTALL)
_CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
_JWK_MEMBERS = {
    "RSA": ("kty", "n", "e", "d", "p", "q", "dp", "dq", "qi", "oth"),
    "EC": ("kty", "crv", "x", "y", "d"),
}
_EXPECTED = "Give a PEM file (PKCS#8, PKCS#1 or SEC1) or a JWK that holds an RSA or EC private key."
_DAMAGED = ("The private key is damaged or incomplete.", "Copy it again, whole and unchanged.")
_KINDS = f"Use an RSA key of at least {MIN_RSA_BITS} bits, or an EC key on P-256, P-384 or P-521."


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key that passed the checks; nothing of its private half is ever shown."""

    kty: str
    """``RSA`` or ``EC``."""
    curve: str
    """``P-256``, ``P-384`` or ``P-521``; empty for RSA."""
    bits: int
    kid: str
    """The JWK's own key id, or an empty text."""
    thumbprint: str
    """JWK thumbprint (RFC 7638, SHA-256)."""
    algs: tuple[str, ...]
    """Algorithms it can sign with, most widely supported first."""
    jose: RSAKey | ECKey = field(repr=False, compare=False)

    @property
    def label(self) -> str:
        """The kind of key in a few words."""
        return f"{self.kty} {self.bits} bit" if self.kty == "RSA" else f"{self.kty} {self.curve}"


def load_signing_key(text: Secret) -> SigningKey:
    """Read a private key from PEM (PKCS#8, PKCS#1, SEC1; not encrypted) or from a JWK (RFC 7517).

    Raises ``KeyProblem`` with a text of its own for each cause: encrypted, public key, no key at all,
    damaged, too weak, unsupported kind. No text repeats anything of the key.
    """
    plain = text.reveal().removeprefix("\ufeff").strip()
    if not plain or len(plain) > MAX_KEY_TEXT:
        raise KeyProblem(f"The key is {'too long for a private key' if plain else 'empty'}.", _EXPECTED)
    if plain.startswith("{"):
        return _from_jwk(plain)
    return _described(_from_pem(plain.replace("\\n", "\n")))


def check_alg(key: SigningKey, alg: str) -> None:
    """Make sure that ``alg`` fits the key; raises ``InputProblem`` naming both (RFC 7518, section 3.1)."""
    if alg in key.algs:
        return
    choice = f"Choose {' or '.join(key.algs)}."
    if alg not in ASSERTION_ALGS:
        raise InputProblem("assertion_alg", f"{scrub(alg, limit=40)} cannot sign a client assertion.", choice)
    raise InputProblem("assertion_alg", f"{alg} does not fit this key, which is {key.label}.", choice)


def _from_pem(text: str) -> PrivateKeyTypes:
    blocks = list(_PEM.finditer(text))
    if len(blocks) != 1:
        raise _no_single_key(text, len(blocks))
    block, label = blocks[0][0], blocks[0][1]
    if label == "OPENSSH PRIVATE KEY":
        raise KeyProblem(
            "The key is in OpenSSH's own format.",
            'Convert a copy of the file with "ssh-keygen -p -m PKCS8 -f COPY".',
        )
    if label == "ENCRYPTED PRIVATE KEY" or "Proc-Type: 4,ENCRYPTED" in block:
        raise KeyProblem(
            "The private key is encrypted with a passphrase.",
            'Use a copy decrypted with "openssl pkey -in KEY -out COPY".',
        )
    return _load_pem(_on_lines(block, label))


def _on_lines(block: str, label: str) -> bytes:
    """Put line breaks back that a shell or an env file turned into spaces."""
    if "\n" not in block:
        body = block.removeprefix(f"-----BEGIN {label}-----").removesuffix(f"-----END {label}-----")
        block = "\n".join([f"-----BEGIN {label}-----", *body.split(), f"-----END {label}-----"])
    return block.encode("ascii", "replace")


def _load_pem(block: bytes) -> PrivateKeyTypes:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        return load_pem_private_key(block, None)
    except UnsupportedAlgorithm:
        raise KeyProblem("This kind of private key cannot be used.", _KINDS) from None
    except (ValueError, TypeError):
        raise KeyProblem(*_DAMAGED) from None


def _no_single_key(text: str, count: int) -> KeyProblem:
    """Explain why a text does not hold exactly one PEM private key."""
    if count:
        return KeyProblem(f"The text holds {count} private keys.", "Leave only the one to sign with.")
    if "PRIVATE KEY-----" in text:
        return KeyProblem(*_DAMAGED)
    if "PUBLIC KEY-----" in text:
        return KeyProblem("This is a public key; signing needs the private key.", _EXPECTED)
    if "BEGIN CERTIFICATE" in text:
        return KeyProblem("This is a certificate; signing needs its private key.", _EXPECTED)
    return KeyProblem("This is not a private key.", _EXPECTED)


def _described(native: PrivateKeyTypes) -> SigningKey:
    """Check the strength of a key and wrap it for signing."""
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from joserfc.jwk import ECKey, RSAKey

    if isinstance(native, RSAPrivateKey):
        _check_rsa_size(native.key_size)
        rsa = RSAKey.import_key(native)
        return SigningKey("RSA", "", native.key_size, "", rsa.thumbprint(), RSA_ALGS, rsa)
    if not isinstance(native, EllipticCurvePrivateKey):
        raise KeyProblem(f"A key of type {type(native).__name__} cannot be used.", _KINDS)
    curve = _CURVES.get(native.curve.name, "")
    if not curve:
        raise KeyProblem(f"The curve {native.curve.name} cannot be used.", _KINDS)
    ec = ECKey.import_key(native)
    return SigningKey("EC", curve, native.key_size, "", ec.thumbprint(), (EC_ALGS[curve],), ec)


def _check_rsa_size(bits: int) -> None:
    if bits < MIN_RSA_BITS:
        raise KeyProblem(f"The RSA key has {bits} bits, which is too weak (RFC 7518, section 3.3).", _KINDS)


def _from_jwk(text: str) -> SigningKey:
    jwk = _one_jwk(text)
    kty = str(jwk.get("kty"))
    if kty == "oct":
        raise KeyProblem("This JWK is a shared secret, no private key.", _EXPECTED)
    if kty not in _JWK_MEMBERS:
        raise KeyProblem(f"A JWK of type {scrub(kty, limit=20)} cannot be used.", _KINDS)
    if "d" not in jwk:
        raise KeyProblem("This JWK is a public key; signing needs the private key.", _EXPECTED)
    key = _described(_native_from_jwk(kty, {name: jwk[name] for name in _JWK_MEMBERS[kty] if name in jwk}))
    kid = jwk.get("kid")
    return replace(key, kid=kid if isinstance(kid, str) else "", algs=_intended_algs(jwk, key.algs))


def _one_jwk(text: str) -> dict[str, Any]:
    """Parse a JWK, or a JWK Set with one private key in it."""
    try:
        jwk = parse_object_text(text)
    except StrictJsonError:
        jwk = {}
    if not jwk:
        raise KeyProblem("The JWK is empty or no valid JSON.", _DAMAGED[1])
    members = jwk.get("keys")
    if not isinstance(members, list):
        return jwk
    private = [member for member in members if isinstance(member, dict) and "d" in member]
    if len(private) != 1:
        raise KeyProblem(
            f"The JWK Set holds {len(private)} private keys.", "Give the one private JWK to sign with."
        )
    return private[0]


def _native_from_jwk(kty: str, members: dict[str, Any]) -> PrivateKeyTypes:
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey, RSAKey

    native: PrivateKeyTypes | None = None
    curve = str(members.get("crv"))
    if kty == "EC" and curve not in EC_ALGS:
        raise KeyProblem(f"The curve {scrub(curve, limit=20)} cannot be used.", _KINDS)
    if kty == "RSA":
        _check_rsa_size(_bits(members.get("n")))
    with suppress(JoseError, ValueError, TypeError, KeyError):
        native = (RSAKey if kty == "RSA" else ECKey).import_key(members).private_key
    if native is None:
        raise KeyProblem(*_DAMAGED)
    return native


def _bits(number: object) -> int:
    """Return the size of a JWK's modulus, looked at first because joserfc only warns about weak ones."""
    try:
        text = str(number)
        return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big").bit_length()
    except ValueError:
        raise KeyProblem(*_DAMAGED) from None


def _intended_algs(jwk: dict[str, Any], usable: tuple[str, ...]) -> tuple[str, ...]:
    """Narrow the algorithms to what the JWK says it is for (RFC 7517, sections 4.2 to 4.4)."""
    operations = jwk.get("key_ops")
    if jwk.get("use", "sig") != "sig" or (isinstance(operations, list) and "sign" not in operations):
        raise KeyProblem("The JWK says that it is not for signing.", "Give the key meant for signatures.")
    alg = jwk.get("alg")
    if alg is None:
        return usable
    if alg not in usable:
        raise KeyProblem(f"The JWK is meant for {scrub(str(alg), limit=40)}.", f"Give one for {usable[0]}.")
    return (alg,)
