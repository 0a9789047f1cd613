"""The TLS context: the operating system's trust, and a client certificate where one is configured."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ccflow_tui.models.problems import InputProblem

if TYPE_CHECKING:
    import ssl

    from ccflow_tui.models.profile import MutualTls

_FIELD = "mtls"


def build_tls_context(mtls: MutualTls) -> ssl.SSLContext:
    """Return a context that trusts what the operating system trusts; blocks, so call it in a thread.

    ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` add private roots where OpenSSL does the checking. Server
    certificates are always verified, at TLS 1.2 or above (BCP 195). Raises ``InputProblem`` for a client
    certificate that cannot be used.
    """
    import ssl

    import truststore

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if mtls.enabled:
        _load_client_certificate(context, mtls)
    return context


def _load_client_certificate(context: ssl.SSLContext, mtls: MutualTls) -> None:
    """Present the certificate of ``mtls`` during handshakes (RFC 8705, section 2)."""
    import ssl

    certificate = _existing(mtls.cert_ref, "certificate")
    key = _existing(mtls.key_ref, "private key") if mtls.key_ref else certificate
    asked: list[bool] = []

    def no_passphrase() -> str:
        asked.append(True)
        return ""

    try:
        # Without a password callback OpenSSL would ask for one on the terminal, in the middle of the screen.
        context.load_cert_chain(certificate, key, password=no_passphrase)
    except ssl.SSLError as error:
        raise _unusable(certificate, key, error, encrypted=bool(asked)) from None
    except OSError as error:
        raise InputProblem(
            _FIELD,
            f"The client certificate {certificate} or its key {key} cannot be read: {error.strerror}.",
            "Make both files readable for you.",
        ) from None


def _existing(reference: str, what: str) -> Path:
    """Return the path of a file that must be there."""
    if not reference.strip():
        raise InputProblem(
            _FIELD,
            f"Mutual TLS is on, but no {what} is named.",
            "Set mtls.certRef and mtls.keyRef to PEM files, or switch mutual TLS off.",
        )
    path = _file(reference)
    if path is None:
        raise InputProblem(
            _FIELD, f"The client {what} file {reference} does not exist.", "Correct the path in mtls."
        )
    return path


def _file(reference: str) -> Path | None:
    """Return the path of a file, home folder filled in; ``None`` when there is none or cannot be one."""
    try:
        path = Path(reference).expanduser()
        return path if path.is_file() else None
    except (OSError, RuntimeError, ValueError):  # an unknown user's home, a name too long, a null byte
        return None


def _unusable(certificate: Path, key: Path, error: ssl.SSLError, *, encrypted: bool) -> InputProblem:
    """Tell an encrypted key, a key of another certificate and a file that is no PEM apart."""
    if encrypted:
        return InputProblem(
            _FIELD,
            f"The private key {key} is encrypted with a passphrase.",
            "Store it unencrypted in a file that only you can read (mode 0600).",
        )
    if getattr(error, "reason", None) == "KEY_VALUES_MISMATCH":
        return InputProblem(
            _FIELD,
            f"The private key {key} does not belong to the certificate {certificate}.",
            "Name the key that the certificate was issued for.",
        )
    return InputProblem(
        _FIELD,
        f"No certificate with its private key can be read from {certificate} and {key}.",
        "Both must be PEM: the certificate first, then its chain; the key in its own file or behind them.",
    )
