"""Private keys: PEM, JWK and PKCS#12 in, a checked signing key out."""

from __future__ import annotations

from dataclasses import replace

from ccflow_tui.models.problems import KeyProblem
from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth.certificates import matching_thumbprint
from ccflow_tui.oauth.key_jwk import from_jwk
from ccflow_tui.oauth.key_pem import from_pem
from ccflow_tui.oauth.key_pkcs12 import ARMOUR, from_pkcs12
from ccflow_tui.oauth.signing_key import EXPECTED, SigningKey

MAX_KEY_TEXT = 131_072
"""Characters; no private key in use is nearly as long, even with a chain of certificates."""


def load_signing_key(text: Secret, *, passphrase: Secret | None = None, kid: str = "") -> SigningKey:
    """Read a private key from PEM (PKCS#8, PKCS#1, SEC1), JWK or JWK Set (RFC 7517), or armoured PKCS#12.

    ``kid`` picks one of several keys of a JWK Set. Raises ``PassphraseProblem`` when the key is encrypted and
    ``passphrase`` is missing or wrong, and ``KeyProblem`` with a text of its own for each other cause: public
    key, no key at all, damaged, too weak, unsupported kind. No text repeats anything of the key.
    """
    plain = text.reveal().removeprefix("\ufeff").strip()
    if not plain or len(plain) > MAX_KEY_TEXT:
        raise KeyProblem(f"The key is {'too long for a private key' if plain else 'empty'}.", EXPECTED)
    if plain.startswith("{"):
        return from_jwk(plain, kid)
    plain = plain.replace("\\n", "\n")
    key = from_pkcs12(plain, passphrase) if ARMOUR in plain else from_pem(plain, passphrase)
    return replace(key, x5t=matching_thumbprint(key.certificates, key) or key.x5t)
