"""``client_secret_basic`` and ``client_secret_post``: the secret itself is sent (RFC 6749, section 2.3)."""

from __future__ import annotations

import base64
import shlex
from dataclasses import dataclass

from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import AuthMethod, BasicEncoding
from ccflow_tui.models.secret import Secret, is_encodable
from ccflow_tui.models.token_request import Pair, percent_encode
from ccflow_tui.oauth.client_auth import SHELL_ENCODER, check_client_id


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


def _check_secret(secret: Secret) -> None:
    if not secret:
        raise InputProblem(
            "client_secret", "The client secret is empty.", "Enter it, or choose another method."
        )
    if not is_encodable(secret):
        raise InputProblem("client_secret", "The client secret is not valid Unicode text.", "Enter it again.")
