"""The encrypted file of secrets: its form, and what a passphrase has to do with it.

JSON with an scrypt salt and cost (RFC 7914), a nonce and AES-256-GCM (NIST SP 800-38D) over all names and
secrets. A SHA-256 over the whole tells a damaged file from a wrong passphrase before any key is made.
"""

from __future__ import annotations

import hashlib
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ccflow_tui.models.secret import Secret

MAX_FILE_BYTES = 4 * 1024 * 1024
SCRYPT_COST = 2**17
"""The factor ``n``; with ``r`` = 8 a guess takes 128 MiB and about half a second."""
_BLOCK, _PARALLEL = 8, 1
_LARGEST_COST = 2**20  # 1 GiB: no file may ask for more
_SALT_BYTES, _NONCE_BYTES, _KEY_BYTES, _TAG_BYTES = 16, 12, 32, 16
_FORMAT, _VERSION = "ccflow-secrets", 1


class DamagedFile(ValueError):
    """The file is not whole, or was not written by ccflow; the text says which."""


class WrongPassphrase(ValueError):
    """The file is whole, and the key does not open it."""


@dataclass(frozen=True, slots=True)
class KeyTerms:
    """How a passphrase becomes the key of one file."""

    salt: bytes
    cost: int

    @classmethod
    def new(cls, cost: int = SCRYPT_COST) -> KeyTerms:
        """Return terms with a random salt."""
        return cls(os.urandom(_SALT_BYTES), cost)

    def key(self, passphrase: Secret) -> Secret:
        """Return the key in hexadecimal; takes time and memory on purpose."""
        from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

        kdf = Scrypt(salt=self.salt, length=_KEY_BYTES, n=self.cost, r=_BLOCK, p=_PARALLEL)
        return Secret(kdf.derive(passphrase.reveal().encode("utf-8", "surrogatepass")).hex())


@dataclass(frozen=True, slots=True)
class SealedSecrets:
    """What a file holds, not yet opened."""

    terms: KeyTerms
    nonce: bytes = field(repr=False)
    data: bytes = field(repr=False)

    def open(self, key: Secret) -> dict[str, Secret]:
        """Return the secrets by name; raises ``WrongPassphrase``."""
        from cryptography.exceptions import InvalidTag

        try:
            plain = _cipher(key).decrypt(self.nonce, self.data, _head(self.terms))
        except InvalidTag:
            raise WrongPassphrase from None
        return {name: Secret(text) for name, text in json.loads(plain).items()}  # its tag says it is ours


def seal(secrets: Mapping[str, Secret], key: Secret, terms: KeyTerms) -> str:
    """Return the text of a file; each call takes a new nonce."""
    nonce = os.urandom(_NONCE_BYTES)
    plain = json.dumps({name: secret.reveal() for name, secret in secrets.items()}).encode()
    members = {
        "format": _FORMAT,
        "version": _VERSION,
        "scrypt": {"n": terms.cost, "r": _BLOCK, "p": _PARALLEL, "salt": _text(terms.salt)},
        "nonce": _text(nonce),
        "data": _text(_cipher(key).encrypt(nonce, plain, _head(terms))),
    }
    return json.dumps({**members, "sha256": _checksum(members)}, indent=1) + "\n"


def unseal(text: str) -> SealedSecrets:
    """Read the text of a file; raises ``DamagedFile``."""
    try:
        members = json.loads(text)
    except (ValueError, RecursionError):
        raise DamagedFile("It is cut off or changed.") from None
    if not isinstance(members, dict) or members.get("format") != _FORMAT:
        raise DamagedFile("It is no file of secrets.")
    if type(members.get("version")) is int and members["version"] > _VERSION:
        raise DamagedFile("A newer ccflow wrote it.")
    if members.pop("sha256", None) != _checksum(members):
        raise DamagedFile("It is cut off or changed.")
    try:
        return _sealed(members)
    except (LookupError, TypeError, ValueError):
        raise DamagedFile("It is not as ccflow writes it.") from None


def _sealed(members: Mapping[str, Any]) -> SealedSecrets:
    scrypt = members["scrypt"]
    terms = KeyTerms(_bytes(scrypt["salt"]), scrypt["n"])
    sealed = SealedSecrets(terms, _bytes(members["nonce"]), _bytes(members["data"]))
    known = (members["version"], scrypt["r"], scrypt["p"]) == (_VERSION, _BLOCK, _PARALLEL)
    sizes = (len(terms.salt), len(sealed.nonce)) == (_SALT_BYTES, _NONCE_BYTES)
    cost = type(terms.cost) is int and 1 < terms.cost <= _LARGEST_COST and terms.cost.bit_count() == 1
    if not (known and sizes and cost and len(sealed.data) > _TAG_BYTES):
        raise ValueError
    return sealed


def _cipher(key: Secret) -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(bytes.fromhex(key.reveal()))


def _head(terms: KeyTerms) -> bytes:
    return f"{_FORMAT}:{_VERSION}:{terms.cost}:{terms.salt.hex()}".encode()


def _checksum(members: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(members, sort_keys=True).encode()).hexdigest()


def _text(data: bytes) -> str:
    return b64encode(data).decode()


def _bytes(text: str) -> bytes:
    return b64decode(text, validate=True)
