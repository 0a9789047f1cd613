"""``private_key_jwt`` and ``client_secret_jwt``: an assertion goes to the server (RFC 7523, section 2.2)."""

from __future__ import annotations

from dataclasses import dataclass

from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import AuthMethod
from ccflow_tui.models.token_request import ClientAssertion, Pair
from ccflow_tui.oauth.client_auth import check_client_id

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
"""``client_assertion_type`` of a JWT (RFC 7523, section 2.2)."""


@dataclass(frozen=True, slots=True)
class AssertionAuthentication:
    """An assertion in the body; signed with a private key or with the client secret, it travels alike.

    Raises ``InputProblem`` when the client id is empty or is not the assertion's subject.
    """

    client_id: str
    assertion: ClientAssertion
    method: AuthMethod = AuthMethod.PRIVATE_KEY_JWT

    def __post_init__(self) -> None:
        check_client_id(self.client_id)
        if self.assertion.claims.get("sub") != self.client_id:
            raise InputProblem(
                "client_id",
                "The client assertion was signed for another client id.",
                "Build the request again.",
            )

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
