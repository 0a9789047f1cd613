"""Client authentication: one strategy per registered method (RFC 6749, section 2.3; RFC 7523, section 2.2).

Each says which headers and which form parameters it adds; exactly one is used per request.
"""

from __future__ import annotations

import base64
import shlex
from dataclasses import dataclass
from typing import Protocol

from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import AuthMethod, BasicEncoding
from ccflow_tui.models.secret import Secret
from ccflow_tui.models.token_request import ClientAssertion, Pair, percent_encode

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
"""``client_assertion_type`` of a JWT (RFC 7523, section 2.2)."""

SHELL_ENCODER = "percent_encode"
"""Name of the shell function that placeholders call to percent-encode their first argument."""


class ClientAuthentication(Protocol):
    """How a client proves who it is, as what it adds to a token request."""

    @property
    def method(self) -> AuthMethod:
        """The registered name."""
        ...

    @property
    def assertion(self) -> ClientAssertion | None:
        """The signed assertion, for methods that send one."""
        ...

    def headers(self) -> tuple[Pair, ...]:
        """Return the headers to add."""
        ...

    def parameters(self) -> tuple[Pair, ...]:
        """Return the form parameters to add, in order."""
        ...


@dataclass(frozen=True, slots=True)
class ClientSecretBasic:
    """``client_secret_basic``: id and secret in the Authorization header (RFC 6749, section 2.3.1).

    Raises ``InputProblem`` when one of them is empty or cannot be carried.
    """

    client_id: str
    secret: Secret
    encoding: BasicEncoding = BasicEncoding.STANDARD

    def __post_init__(self) -> None:
        check_client_id(self.client_id)
        _check_secret(self.secret)
        if self.encoding is BasicEncoding.RAW and ":" in self.client_id:
            raise InputProblem(
                "client_id",
                "A client id with a colon cannot be sent in the raw form of Basic (RFC 7617, section 2).",
                "Set the Basic encoding to standard.",
            )

    @property
    def method(self) -> AuthMethod:
        """The registered name."""
        return AuthMethod.CLIENT_SECRET_BASIC

    @property
    def assertion(self) -> None:
        """No assertion is sent."""
        return None

    def headers(self) -> tuple[Pair, ...]:
        """Return the Authorization header."""
        placeholder = (
            f"Basic $(printf '%s:%s' {self._shell_id()} {self._shell_secret()} | base64 | tr -d '\\n')"
        )
        return (Pair("Authorization", self._value(), "Basic base64(client_id:client_secret)", placeholder),)

    def parameters(self) -> tuple[Pair, ...]:
        """Return nothing: the client id stands in the header."""
        return ()

    def _value(self) -> Secret:
        pair = f"{self._encode(self.client_id)}:{self._encode(self.secret.reveal())}"
        return Secret("Basic " + base64.b64encode(pair.encode()).decode("ascii"))

    def _encode(self, text: str) -> str:
        return text if self.encoding is BasicEncoding.RAW else percent_encode(text)

    def _shell_id(self) -> str:
        return shlex.quote(self._encode(self.client_id))

    def _shell_secret(self) -> str:
        raw = self.encoding is BasicEncoding.RAW
        return '"$CLIENT_SECRET"' if raw else f'"$({SHELL_ENCODER} "$CLIENT_SECRET")"'


@dataclass(frozen=True, slots=True)
class ClientSecretPost:
    """``client_secret_post``: id and secret in the body (RFC 6749, section 2.3.1).

    Raises ``InputProblem`` when one of them is empty or cannot be carried.
    """

    client_id: str
    secret: Secret

    def __post_init__(self) -> None:
        check_client_id(self.client_id)
        _check_secret(self.secret)

    @property
    def method(self) -> AuthMethod:
        """The registered name."""
        return AuthMethod.CLIENT_SECRET_POST

    @property
    def assertion(self) -> None:
        """No assertion is sent."""
        return None

    def headers(self) -> tuple[Pair, ...]:
        """Return nothing: an Authorization header would be a second method (section 2.3)."""
        return ()

    def parameters(self) -> tuple[Pair, ...]:
        """Return ``client_id`` and ``client_secret``."""
        return (
            Pair("client_id", self.client_id),
            Pair("client_secret", self.secret, "client_secret", "$CLIENT_SECRET"),
        )


@dataclass(frozen=True, slots=True)
class PrivateKeyJwt:
    """``private_key_jwt``: a signed assertion in the body (RFC 7523, section 2.2).

    Raises ``InputProblem`` when the client id is empty or is not the assertion's subject.
    """

    client_id: str
    assertion: ClientAssertion

    def __post_init__(self) -> None:
        check_client_id(self.client_id)
        if self.assertion.claims.get("sub") != self.client_id:
            raise InputProblem(
                "client_id",
                "The client assertion was signed for another client id.",
                "Build the request again.",
            )

    @property
    def method(self) -> AuthMethod:
        """The registered name."""
        return AuthMethod.PRIVATE_KEY_JWT

    def headers(self) -> tuple[Pair, ...]:
        """Return nothing: the assertion must stand alone (RFC 7521, section 4.2)."""
        return ()

    def parameters(self) -> tuple[Pair, ...]:
        """Return ``client_id``, which is optional but must equal ``sub``, and the assertion with its type."""
        return (
            Pair("client_id", self.client_id),
            Pair("client_assertion_type", ASSERTION_TYPE),
            Pair("client_assertion", self.assertion.jwt, "signed JWT", "$CLIENT_ASSERTION"),
        )


def check_client_id(text: str) -> None:
    """Refuse a client id that no server can have registered; raises ``InputProblem``."""
    if not text.strip():
        raise InputProblem("client_id", "The client id is empty.", "Enter the id your server registered.")
    if not text.isprintable():
        raise InputProblem(
            "client_id", "The client id holds a character that cannot be shown.", "Enter it again."
        )


def _check_secret(secret: Secret) -> None:
    if not secret:
        raise InputProblem(
            "client_secret", "The client secret is empty.", "Enter it, or choose another method."
        )
    if not _is_encodable(secret):
        raise InputProblem("client_secret", "The client secret is not valid Unicode text.", "Enter it again.")


def _is_encodable(secret: Secret) -> bool:
    """Tell lone surrogates early: the exception that encoding them raises carries the whole text."""
    return not any("\ud800" <= char <= "\udfff" for char in secret.reveal())
