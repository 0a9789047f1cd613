"""The one judge of what a token says it is bound to, its ``cnf`` claim (RFC 7800, section 3.1).

Who asks puts the verdict into words of its own: ``token_binding`` refuses, ``grant_report`` explains.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ccflow_tui.models.problems import FieldProblem, Severity

KEY, CERTIFICATE = "jkt", "x5t#S256"
"""Members of ``cnf``: a DPoP key (RFC 9449, section 6.1), a client certificate (RFC 8705, section 3.1)."""


class Bond(StrEnum):
    """How a token stands to one thing that the client may prove itself with."""

    UNTOLD = "untold"
    """It does not show what it is bound to: an opaque token."""
    MISSING = "missing"
    """It shows that it is not bound to such a thing."""
    OWN = "own"
    """Bound to the one in use."""
    OTHER = "other"
    """Bound to another one than the one in use, or to one where none is in use."""
    UNCOMPARED = "uncompared"
    """Bound to some; what is in use is not known here."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a token is bound to, compared with what this client holds."""

    key: Bond = Bond.UNTOLD
    certificate: Bond = Bond.UNTOLD
    stated_certificate: object = None
    """The certificate's thumbprint as the token has it, unchecked."""
    is_malformed: bool = False
    """Whether ``cnf`` is there but no object, so that no API can check it."""


def judge_confirmation(
    claims: Mapping[str, Any] | None, *, jkt: str | None = None, x5t: str | None = None
) -> Confirmation:
    """Compare the ``cnf`` of a token's claims, ``None`` for an opaque token, with what the client holds.

    ``jkt`` is the thumbprint of the DPoP key in use, ``x5t`` that of the client certificate: empty where the
    client has none, ``None`` where that is not known or not to be compared.
    """
    if claims is None:
        return Confirmation()
    confirmation = claims.get("cnf")
    stated = confirmation if isinstance(confirmation, dict) else {}
    return Confirmation(
        _bond(stated, KEY, jkt),
        _bond(stated, CERTIFICATE, x5t),
        stated.get(CERTIFICATE),
        is_malformed="cnf" in claims and not isinstance(confirmation, dict),
    )


def _bond(stated: Mapping[str, Any], member: str, held: str | None) -> Bond:
    if member not in stated:
        return Bond.MISSING
    if held is None:
        return Bond.UNCOMPARED
    value = stated[member]
    same = isinstance(value, str) and held and hmac.compare_digest(value.encode(), held.encode())
    return Bond.OWN if same else Bond.OTHER


def certificate_problems(
    claims: Mapping[str, Any] | None, x5t: str, *, expected: bool
) -> Iterator[FieldProblem]:
    """Report what is wrong with a token's binding to the client certificate (RFC 8705, section 3).

    ``x5t`` is as for ``judge_confirmation``; ``expected`` tells whether the server said that it binds tokens
    (section 3.3). An error means that an API will refuse the token, a warning that it is not bound although
    it should be.
    """
    found = judge_confirmation(claims, x5t=x5t)
    if found.is_malformed:
        problem = "The token's cnf claim is not an object, so no API can check it."
        yield FieldProblem("mtls", problem, "Tell the server's operator.")
    elif found.certificate is Bond.MISSING and expected and x5t:
        yield FieldProblem(
            "mtls",
            "The token is not bound to the client certificate: it has no cnf.x5t#S256.",
            "Whoever steals it can use it; have the binding switched on for this client at the server.",
            Severity.WARNING,
        )
    elif found.certificate is Bond.OTHER:
        problem = (
            "The token is bound to another client certificate than the one in use"
            if x5t
            else "The token is bound to a client certificate, and this request had none"
        )
        remedy = "Call the API with the certificate that the token was requested with."
        yield FieldProblem("mtls", f"{problem} (cnf.x5t#S256).", remedy)
