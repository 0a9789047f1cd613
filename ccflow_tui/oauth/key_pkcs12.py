"""Private keys in PKCS#12 (RFC 7292), which brings their certificates along.

PKCS#12 is binary. As a secret is text everywhere in ccflow, a file is put into PEM armour when it is read,
and so it can stand in the keyring or in a variable, too.
"""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING

from ccflow_tui.models.problems import KeyProblem, PassphraseProblem
from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth.key_pem import NEEDED, WRONG
from ccflow_tui.oauth.signing_key import SigningKey, describe

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12KeyAndCertificates

ARMOUR = "-----BEGIN PKCS12-----"
_END = "-----END PKCS12-----"
_DER_SEQUENCE = b"\x30"
"""What every PKCS#12 file starts with."""
UNREADABLE = (
    "This is neither a private key in PEM or JWK nor a whole PKCS#12 file.",
    "Copy it again, whole; a key in DER becomes PEM with openssl pkey -inform DER -in FILE -out key.pem.",
)
"""Problem and remedy of what is no key file that ccflow reads."""


def armour(content: bytes) -> str:
    """Return the bytes of a PKCS#12 file as text."""
    return f"{ARMOUR}\n{base64.b64encode(content).decode('ascii')}\n{_END}\n"


def as_text(content: bytes) -> str:
    """Return the content of a key file as text: PKCS#12 in armour; raises ``ValueError`` for other binary."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    if content.startswith(_DER_SEQUENCE):
        return armour(content)
    raise ValueError("binary, and no PKCS#12")


def from_pkcs12(text: str, passphrase: Secret | None) -> SigningKey:
    """Read the private key with its certificates, its own first.

    Raises ``PassphraseProblem`` when the passphrase is missing or wrong, and ``KeyProblem`` otherwise.
    """
    from cryptography.hazmat.primitives.serialization import Encoding

    content = _content(text)
    passwords = [passphrase.reveal().encode("utf-8", "replace")] if passphrase else []
    # Files without a passphrase come in two kinds, and an empty one is not the same as none.
    found = next(
        (bag for password in (*passwords, None, b"") if (bag := _opened(content, password)) is not None), None
    )
    if found is None:
        raise PassphraseProblem(*(WRONG if passphrase else NEEDED))
    if found.key is None:
        raise KeyProblem("The PKCS#12 file holds no private key.", "Export it again, with the key.")
    chain = [entry.certificate for entry in (found.cert, *found.additional_certs) if entry is not None]
    pem = "".join(certificate.public_bytes(Encoding.PEM).decode("ascii") for certificate in chain)
    return replace(describe(found.key), certificates=pem)


def _content(text: str) -> bytes:
    body = text.partition(ARMOUR)[2].partition(_END)[0]
    try:
        return base64.b64decode("".join(body.split()), validate=True)
    except ValueError:
        raise KeyProblem(*UNREADABLE) from None


def _opened(content: bytes, password: bytes | None) -> PKCS12KeyAndCertificates | None:
    """Return what is inside, or ``None`` when the password does not fit; raises ``KeyProblem``."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

    try:
        return load_pkcs12(content, password)
    except UnsupportedAlgorithm:
        problem = "The PKCS#12 file is encrypted in a way that cannot be read here."
    except (ValueError, TypeError) as error:
        if "password" in str(error).lower():
            return None
        raise KeyProblem(*UNREADABLE) from None
    raise KeyProblem(problem, 'Export it again with AES: "openssl pkcs12 -export" does so.')
