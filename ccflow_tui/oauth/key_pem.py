"""Private keys in PEM (RFC 7468): PKCS#8, PKCS#1 and SEC1, plain or encrypted."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from ccflow_tui.models.problems import KeyProblem, PassphraseProblem
from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth.certificates import certificate_blocks
from ccflow_tui.oauth.key_headings import with_headings
from ccflow_tui.oauth.signing_key import DAMAGED, EXPECTED, KINDS, SigningKey, describe

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

NEEDED = (
    "The private key is encrypted, and its passphrase is not known.",
    "Type it in step 1, or set CCFLOW_KEY_PASSPHRASE to it.",
)
WRONG = (
    "The passphrase does not open the private key.",
    "Type the right one, or set CCFLOW_KEY_PASSPHRASE to it; if it is right, the key is damaged.",
)

_PEM = re.compile(r"-----BEGIN ((?:[A-Z0-9]+ )*PRIVATE KEY)-----.*?-----END \1-----", re.DOTALL)
_LEGACY = "Proc-Type: 4,ENCRYPTED"
_CIPHER_BLOCK = 8
"""Bytes; every cipher of the legacy form has blocks of this size or twice of it."""
_LONG_LENGTH = 0x80
_LONGEST_RSA = 16_384
"""Bits; OpenSSL verifies with none beyond."""


def from_pem(text: str, passphrase: Secret | None) -> SigningKey:
    """Read the one private key of a text; raises ``KeyProblem``, and ``PassphraseProblem`` if encrypted."""
    blocks = list(_PEM.finditer(text))
    if len(blocks) != 1:
        raise _no_single_key(text, len(blocks))
    block, label = blocks[0][0], blocks[0][1]
    if label == "OPENSSH PRIVATE KEY":
        raise KeyProblem(
            "The key is in OpenSSH's own format.",
            'Convert a copy of the file with "ssh-keygen -p -m PKCS8 -f COPY".',
        )
    lines = _on_lines(block, label)
    if label == "ENCRYPTED PRIVATE KEY" or _LEGACY in block:
        native = _decrypt(lines, passphrase)
    else:
        native = _load(lines, None)
    if native is None:
        raise KeyProblem(*DAMAGED)
    key = replace(describe(native), certificates="".join(certificate_blocks(text)))
    return with_headings(key, text[: blocks[0].start()])


def _on_lines(block: str, label: str) -> bytes:
    """Put line breaks back that a shell or an env file turned into spaces."""
    if "\n" not in block:
        body = block.removeprefix(f"-----BEGIN {label}-----").removesuffix(f"-----END {label}-----")
        block = "\n".join([f"-----BEGIN {label}-----", *body.split(), f"-----END {label}-----"])
    return block.encode("ascii", "replace")


def _decrypt(lines: bytes, passphrase: Secret | None) -> PrivateKeyTypes | None:
    """Return the key, or ``None`` when it is damaged; a wrong passphrase is told apart from that."""
    if not _is_whole(lines):
        return None
    if not passphrase:
        raise PassphraseProblem(*NEEDED)
    native = _load(lines, passphrase.reveal().encode("utf-8", "replace"))
    if native is None:
        # A wrong passphrase may, once in some hundred times, decrypt to what looks like padding, so the
        # library's own reason is not to be relied on; the outside of the key was looked at before.
        raise PassphraseProblem(*WRONG)
    return native


def _load(lines: bytes, passphrase: bytes | None) -> PrivateKeyTypes | None:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        # The library's check of an RSA key holds all of Python up for 30 to 300 ms, in whatever thread.
        native = load_pem_private_key(lines, passphrase, unsafe_skip_rsa_key_validation=True)
    except UnsupportedAlgorithm:
        raise KeyProblem("This kind of private key cannot be used.", KINDS) from None
    except (ValueError, TypeError):
        return None
    return native if _signs(native) else None


def _signs(native: PrivateKeyTypes) -> bool:
    """Whether the parts of an RSA key belong together: what it signs verifies. Other keys are checked."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.hashes import SHA256

    if not isinstance(native, RSAPrivateKey):
        return True
    if native.key_size > _LONGEST_RSA:
        return False
    try:
        signature = native.sign(b"", PKCS1v15(), SHA256())
        native.public_key().verify(signature, b"", PKCS1v15(), SHA256())
    except (ValueError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _is_whole(lines: bytes) -> bool:
    """Whether the outside of an encrypted key is undamaged: its base64, and the length it states."""
    body = lines.partition(b"-----\n")[2].partition(b"-----END")[0]
    legacy = _LEGACY.encode() in lines
    if legacy:
        body = body.partition(b"\n\n")[2]
    try:
        data = base64.b64decode(b"".join(body.split()), validate=True)
    except ValueError:
        return False
    return len(data) > 0 and len(data) % _CIPHER_BLOCK == 0 if legacy else _states_its_length(data)


def _states_its_length(data: bytes) -> bool:
    """Whether the bytes are one DER sequence as long as it says (X.690, section 8.1.3)."""
    if len(data) < 2 or data[0] != 0x30:  # noqa: PLR2004 - tag and first length byte; the tag of a sequence
        return False
    if data[1] < _LONG_LENGTH:
        return len(data) == 2 + data[1]
    count = data[1] - _LONG_LENGTH
    return len(data) == 2 + count + int.from_bytes(data[2 : 2 + count], "big")


def _no_single_key(text: str, count: int) -> KeyProblem:
    """Explain why a text does not hold exactly one PEM private key."""
    if count:
        return KeyProblem(f"The text holds {count} private keys.", "Leave only the one to sign with.")
    if "PRIVATE KEY-----" in text:
        return KeyProblem(*DAMAGED)
    if "PUBLIC KEY-----" in text:
        return KeyProblem("This is a public key; the private key is needed.", EXPECTED)
    if "BEGIN CERTIFICATE" in text:
        return KeyProblem("This is a certificate; its private key is needed.", EXPECTED)
    return KeyProblem("This is not a private key.", EXPECTED)
