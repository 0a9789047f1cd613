"""The TLS context: the operating system's trust, and a client certificate where one is configured."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ccflow_tui.models.problems import InputProblem

if TYPE_CHECKING:
    import ssl

    from ccflow_tui.services.client_certificates import ClientCertificate

_FIELD = "mtls"
_PASSPHRASE_BYTES = 32


def build_tls_context(client: ClientCertificate | None) -> ssl.SSLContext:
    """Return a context that trusts what the operating system trusts; blocks, so call it in a thread.

    ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` add private roots where OpenSSL does the checking. Server
    certificates are always verified, at TLS 1.2 or above (BCP 195). ``client`` is presented during
    handshakes (RFC 8705, section 2). Raises ``InputProblem`` when OpenSSL does not take it.
    """
    import ssl

    import truststore

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if client is not None:
        _present(context, client)
    return context


def _present(context: ssl.SSLContext, client: ClientCertificate) -> None:
    import ssl

    passphrase = secrets.token_urlsafe(_PASSPHRASE_BYTES)
    try:
        with _for_openssl(client, passphrase) as path:
            context.load_cert_chain(path, password=passphrase)
    except (ssl.SSLError, OSError) as error:
        reason = getattr(error, "strerror", None) or getattr(error, "reason", None) or "unknown reason"
        raise InputProblem(
            _FIELD,
            f"The client certificate cannot be loaded: {reason}.",
            "Check that the folder for temporary files can be written to, and that OpenSSL takes this key.",
        ) from None


@contextmanager
def _for_openssl(client: ClientCertificate, passphrase: str) -> Iterator[Path]:
    """Yield the path of certificate and key, which Python can hand to OpenSSL in a file only.

    The key was perhaps never in a file, or in an encrypted one. So this file is for its owner only, the key
    in it is encrypted with a passphrase that exists in memory only, and it is gone when the block ends.
    """
    content = client.certificate.chain_pem.encode("ascii") + _encrypted_pem(client, passphrase)
    descriptor, name = tempfile.mkstemp(prefix="ccflow-", suffix=".pem")  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _encrypted_pem(client: ClientCertificate, passphrase: str) -> bytes:
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        PrivateFormat,
    )

    data: bytes = client.key.jose.private_key.private_bytes(  # type: ignore[union-attr]  # only of asymmetric keys
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase.encode())
    )
    return data
