"""Methods that add nothing but ``client_id``: the TLS handshake proves the rest, or nothing does.

``tls_client_auth`` and ``self_signed_tls_client_auth`` (RFC 8705, section 2), ``none`` (RFC 7591, section 2).
"""

from __future__ import annotations

from dataclasses import dataclass

from ccflow_tui.models.profile import AuthMethod
from ccflow_tui.models.token_request import Pair
from ccflow_tui.oauth.client_auth import check_client_id


@dataclass(frozen=True, slots=True)
class ClientIdOnly:
    """``client_id`` in the body, which RFC 8705, section 2, demands of clients with a certificate.

    Raises ``InputProblem`` when it is empty, and ``ValueError`` for a method that needs more than this.
    """

    client_id: str
    method: AuthMethod

    def __post_init__(self) -> None:
        check_client_id(self.client_id)
        if self.method.uses_secret or self.method.signs:
            raise ValueError(f"{self.method} needs more than a client id")

    @property
    def assertion(self) -> None:
        """No assertion is sent."""
        return None

    def headers(self) -> tuple[Pair, ...]:
        """Return nothing."""
        return ()

    def parameters(self) -> tuple[Pair, ...]:
        """Return ``client_id``."""
        return (Pair("client_id", self.client_id),)
