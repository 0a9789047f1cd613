"""The key pairs of the demo: made when it starts, kept in memory only."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING

from ccflow_tui.models.secret import Secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from joserfc.jwk import Key, KeySet

RSA_BITS = 2048


def generate_rsa() -> RSAPrivateKey:
    """Make an RSA key pair."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)


def generate_p256() -> EllipticCurvePrivateKey:
    """Make a key pair on the curve P-256."""
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1())


class KeyPair:
    """A key pair for one signature algorithm, its key id the thumbprint (RFC 7638)."""

    def __init__(self, native: RSAPrivateKey | EllipticCurvePrivateKey, alg: str) -> None:
        self._native, self.alg = native, alg

    def pem(self) -> Secret:
        """Return the private key as PEM (PKCS #8)."""
        from cryptography.hazmat.primitives import serialization

        return Secret(
            self._native.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            ).decode("ascii")
        )

    @cached_property
    def private_set(self) -> KeySet:
        """The key to sign with."""
        return self._key_set(self._native)

    @cached_property
    def public_set(self) -> KeySet:
        """The key to verify with; it has public members only."""
        return self._key_set(self._native.public_key())

    def _key_set(self, native: object) -> KeySet:
        from joserfc.jwk import ECKey, KeySet, RSAKey

        parameters = {"alg": self.alg, "use": "sig"}
        kind: type[Key] = RSAKey if self.alg.startswith("RS") else ECKey
        return KeySet([kind(native, native, parameters)])  # type: ignore[arg-type]  # kind and key agree by alg


class DemoKeys:
    """Every key pair of one demo server, made in threads because OpenSSL takes its time over RSA."""

    def __init__(self, rsa_source: Callable[[], RSAPrivateKey] = generate_rsa) -> None:
        pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="demo-keys")
        self._client_rsa: Future[RSAPrivateKey] = pool.submit(rsa_source)
        self._signing: Future[RSAPrivateKey] = pool.submit(rsa_source)
        pool.shutdown(wait=False)
        self.client_es256 = KeyPair(generate_p256(), "ES256")

    @cached_property
    def client_rs256(self) -> KeyPair:
        """The RSA pair of the prepared clients; waits until it is made."""
        return KeyPair(self._client_rsa.result(), "RS256")

    @cached_property
    def signing(self) -> KeyPair:
        """The pair that access tokens are signed with; waits until it is made."""
        return KeyPair(self._signing.result(), "RS256")
