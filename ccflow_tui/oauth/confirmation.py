"""What a token says it is bound to, compared with what this client holds (RFC 7800, section 3.1)."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ccflow_tui.models.problems import FieldProblem, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The thumbprints of what the client proves itself with: empty where it holds no such thing.

    ``None`` is for what is not to be looked at.
    """

    x5t: str | None = None
    """``x5t#S256`` of the certificate sent (RFC 8705, section 3.1)."""
    jkt: str | None = None
    """JWK thumbprint of the DPoP key (RFC 9449, section 6.1)."""
    expects_x5t: bool = False
    """Whether the server said that it binds tokens to certificates (RFC 8705, section 3.3)."""


@dataclass(frozen=True, slots=True)
class _Binding:
    """One way of binding, in words."""

    member: str
    held_by: str
    field: str
    way_out: str


_CERTIFICATE = _Binding(
    "x5t#S256",
    "client certificate",
    "mtls",
    "Call the API with the certificate that the token was requested with.",
)
_PROOF_KEY = _Binding("jkt", "DPoP key", "dpop", "Request a new token with the key in use.")


def check_confirmation(claims: Mapping[str, Any] | None, held: Held) -> tuple[FieldProblem, ...]:
    """Return what is wrong with the ``cnf`` of an access token's claims; ``None`` for an opaque token.

    An error means that the token is bound to something this client does not hold, so an API will refuse it.
    A warning means that it is not bound although it should be. An opaque token tells nothing.
    """
    if claims is None:
        return ()
    confirmation = claims.get("cnf")
    if "cnf" in claims and not isinstance(confirmation, dict):
        problem = "The token's cnf claim is not an object, so no API can check it."
        return (FieldProblem("mtls", problem, "Tell the server's operator."),)
    stated = confirmation if isinstance(confirmation, dict) else {}
    found: list[FieldProblem] = []
    if held.x5t is not None:
        expected = held.expects_x5t and bool(held.x5t)
        found += _compare(_CERTIFICATE, stated, held.x5t, expected=expected)
    if held.jkt is not None:
        found += _compare(_PROOF_KEY, stated, held.jkt, expected=bool(held.jkt))
    return tuple(found)


def _compare(
    binding: _Binding, stated: dict[str, Any], held: str, *, expected: bool
) -> Iterator[FieldProblem]:
    if binding.member not in stated:
        if expected:
            yield FieldProblem(
                binding.field,
                f"The token is not bound to the {binding.held_by}: it has no cnf.{binding.member}.",
                "Whoever steals it can use it; have the binding switched on for this client at the server.",
                Severity.WARNING,
            )
        return
    value = stated[binding.member]
    if isinstance(value, str) and held and hmac.compare_digest(value.encode(), held.encode()):
        return
    problem = (
        f"The token is bound to another {binding.held_by} than the one in use"
        if held
        else f"The token is bound to a {binding.held_by}, and this request had none"
    )
    yield FieldProblem(binding.field, f"{problem} (cnf.{binding.member}).", binding.way_out)
