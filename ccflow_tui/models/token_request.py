"""A token request exactly as it goes over the wire, with its secrets masked until it does."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from ccflow_tui.models.profile import MutualTls
from ccflow_tui.models.secret import Secret, reveal


@dataclass(frozen=True, slots=True)
class Pair:
    """A header or a form field, in the order it is sent."""

    name: str
    value: str | Secret
    hint: str = ""
    """What a secret value is made of, for the preview: ``base64(client_id:client_secret)``."""
    placeholder: str = ""
    """Shell text that stands for a secret value in copied commands: ``$CLIENT_SECRET``."""


@dataclass(frozen=True, slots=True)
class ClientAssertion:
    """A signed client assertion (RFC 7523) and what it says."""

    jwt: Secret
    header: Mapping[str, Any]
    claims: Mapping[str, Any]

    @property
    def issued_at(self) -> float:
        """``iat`` in epoch seconds."""
        return float(self.claims["iat"])

    @property
    def expires_at(self) -> float:
        """``exp`` in epoch seconds."""
        return float(self.claims["exp"])


@dataclass(frozen=True, slots=True)
class DpopProof:
    """A signed proof of possession of a key, for one request (RFC 9449, section 4), and what it says."""

    jwt: Secret
    """Not confidential, but good for one use, so it is shown decoded and never copied."""
    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    thumbprint: str
    """JWK thumbprint of the key (RFC 7638, SHA-256), which a bound token repeats as ``cnf.jkt``."""
    clock_correction: float = 0.0
    """Seconds by which it was dated ahead of this computer's clock, to suit the server's."""

    @property
    def issued_at(self) -> float:
        """``iat`` in epoch seconds."""
        return float(self.claims["iat"])

    @property
    def nonce(self) -> str:
        """The server's nonce in it, or an empty text."""
        return str(self.claims.get("nonce", ""))


@dataclass(frozen=True, slots=True)
class PresentedCertificate:
    """The client certificate that the TLS handshake of a request presents (RFC 8705, section 2)."""

    subject: str
    """As RFC 4514 writes it, scrubbed and shortened."""
    thumbprint: str
    """``x5t#S256``, which a bound token repeats in ``cnf`` (RFC 8705, section 3.1)."""
    not_after: float
    """Epoch seconds."""
    reference: str
    """Where it is kept."""


_UNRESERVED = re.compile(r"[A-Za-z0-9_.~-]*")
"""What stands for itself (RFC 3986, section 2.3)."""


def percent_encode(text: str) -> str:
    """Encode a form value (RFC 6749, appendix B), with space as ``%20``.

    Servers that decode take ``%20`` and ``+`` alike, but some of those that only undo percent-encoding
    would keep a ``+``.
    """
    return text if _UNRESERVED.fullmatch(text) else quote(text, safe="")


def encode_form(form: Iterable[Pair]) -> bytes:
    """Return form fields as they are sent, secrets revealed (RFC 6749, appendix B)."""
    return "&".join(
        f"{percent_encode(pair.name)}={percent_encode(reveal(pair.value))}" for pair in form
    ).encode("ascii")


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """One POST to a token endpoint: what the preview shows is what ``body`` and ``headers`` send."""

    url: str
    headers: tuple[Pair, ...]
    form: tuple[Pair, ...]
    assertion: ClientAssertion | None = None
    facts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Things worth saying about the request: grant, method, scopes, audience."""
    method: str = "POST"
    proof: DpopProof | None = None
    clock_correction: float = 0.0
    """Seconds by which what is signed was dated ahead of this computer's clock, to suit the server's."""
    client_tls: MutualTls = field(default_factory=MutualTls)
    """The client certificate that the TLS handshake presents, by reference."""
    certificate: PresentedCertificate | None = None
    """What that certificate says, for the preview."""

    def body(self) -> bytes:
        """Return the form body with its secrets revealed, as sent (RFC 6749, appendix B)."""
        return encode_form(self.form)

    def wire_headers(self) -> tuple[tuple[str, str], ...]:
        """Return every header with its secrets revealed, in the order sent."""
        return tuple((pair.name, reveal(pair.value)) for pair in self.headers)

    def encodes_basic(self) -> bool | None:
        """Whether the Basic credentials hold what percent-encoding makes (RFC 6749, section 2.3.1).

        ``None`` where none are sent.
        """
        value = next((reveal(pair.value) for pair in self.headers if pair.name == "Authorization"), "")
        scheme, _, credentials = value.partition(" ")
        return b"%" in b64decode(credentials) if scheme == "Basic" else None
