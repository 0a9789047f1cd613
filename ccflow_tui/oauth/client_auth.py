"""Client authentication: one strategy per registered method (RFC 6749, section 2.3; RFC 7523, section 2.2).

Each says which headers and which form parameters it adds; exactly one is used per request. The strategies
stand in ``client_auth_secret``, ``client_auth_jwt`` and ``client_auth_id``.
"""

from __future__ import annotations

from typing import Protocol

from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import AuthMethod
from ccflow_tui.models.token_request import ClientAssertion, Pair

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


def check_client_id(text: str) -> None:
    """Refuse a client id that no server can have registered; raises ``InputProblem``."""
    if not text.strip():
        raise InputProblem("client_id", "The client id is empty.", "Enter the id your server registered.")
    if not text.isprintable():
        raise InputProblem(
            "client_id", "The client id holds a character that cannot be shown.", "Enter it again."
        )
