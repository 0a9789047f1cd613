"""What a JWT access token says, held against RFC 9068; for the person debugging (section 6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ccflow_tui.models.finding import Finding, Verdict
from ccflow_tui.oauth.numeric_date import read_time, show_time
from ccflow_tui.oauth.sanitize import scrub

CLOCK_TOLERANCE = 300.0
"""Seconds by which two clocks may differ."""
AUDIENCE = "Audience"
_TYPES = frozenset({"at+jwt", "application/at+jwt"})
_REQUIRED = ("iss", "exp", "aud", "sub", "client_id", "iat", "jti")
"""RFC 9068, section 2.2."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What the token should say."""

    issuer: str = ""
    """Exactly; empty when it is not known."""
    audience: str = ""
    """What the request asked for; empty when it left the audience to the server."""
    resources: tuple[str, ...] = ()
    """Resource indicators of the request (RFC 8707)."""
    client_id: str = ""
    now: float = 0.0
    """Epoch seconds."""


def check_claims(
    header: Mapping[str, Any], claims: Mapping[str, Any], expected: Expected
) -> tuple[Finding, ...]:
    """Return what is right, odd and wrong about header and claims (RFC 9068, sections 2 and 4)."""
    return (
        _profile(header, claims),
        *_issuer(claims, expected),
        audience_finding(claims, expected.audience, expected.resources),
        *_times(claims, expected.now),
        *_client(claims, expected.client_id),
    )


def _profile(header: Mapping[str, Any], claims: Mapping[str, Any]) -> Finding:
    typ = header.get("typ")
    lacking = [name for name in _REQUIRED if claims.get(name) in (None, "", [])]
    if isinstance(typ, str) and typ.lower() in _TYPES and not lacking:
        return Finding(Verdict.GOOD, "RFC 9068", "An access token as RFC 9068 describes it.")
    reasons = []
    if not (isinstance(typ, str) and typ.lower() in _TYPES):
        reasons.append(f"its typ is {_shown(typ)} instead of at+jwt")
    if lacking:
        reasons.append(f"it lacks {', '.join(lacking)}")
    return Finding(Verdict.DOUBT, "RFC 9068", f"Not an RFC 9068 token: {'; '.join(reasons)}.")


def _issuer(claims: Mapping[str, Any], expected: Expected) -> Iterator[Finding]:
    issuer = claims.get("iss")
    if issuer is None:
        return
    if not expected.issuer:
        yield Finding(
            Verdict.DOUBT, "Issuer", f"{_shown(issuer)}; there is no verified issuer to compare it with."
        )
    elif issuer == expected.issuer:
        yield Finding(Verdict.GOOD, "Issuer", f"{_shown(issuer)}, as discovered.")
    else:
        yield Finding(
            Verdict.BAD, "Issuer", f"{_shown(issuer)}, but the server's issuer is {_shown(expected.issuer)}."
        )


def audience_finding(claims: Mapping[str, Any], audience: str, resources: tuple[str, ...]) -> Finding:
    """Compare ``aud`` with the audience and the resources asked for.

    A server may know a resource by another name (RFC 8707, section 2.2), so only a missing audience is bad.
    """
    stated = claims.get("aud")
    named = [stated] if isinstance(stated, str) else stated
    asked = tuple(dict.fromkeys(filter(None, (audience, *resources))))
    if not isinstance(named, list) or not named or not all(isinstance(aud, str) for aud in named):
        verdict = Verdict.BAD if asked else Verdict.DOUBT
        return Finding(verdict, AUDIENCE, "The token names no audience (aud), so any API might take it.")
    shown = _listed(named)
    missing = [aud for aud in asked if aud not in named]
    if missing:
        verdict = Verdict.BAD if audience in missing else Verdict.DOUBT
        return Finding(verdict, AUDIENCE, f"Asked for {_listed(missing)}, but the token is for {shown}.")
    if asked and len(named) > len(asked):
        return Finding(Verdict.DOUBT, AUDIENCE, f"For more than was asked: {shown}.")
    return Finding(Verdict.GOOD, AUDIENCE, f"{shown}{', as asked' if asked else ''}.")


def _listed(values: Sequence[str]) -> str:
    return ", ".join(_shown(value) for value in values[:5]) + (", …" if len(values) > 5 else "")  # noqa: PLR2004


def _times(claims: Mapping[str, Any], now: float) -> Iterator[Finding]:
    expires, issued, not_before = (read_time(claims, name) for name in ("exp", "iat", "nbf"))
    if expires is not None and expires <= now:
        yield Finding(Verdict.BAD, "Times", f"Expired {now - expires:.0f} s ago by its own exp.")
    elif "exp" in claims and expires is None:
        yield Finding(Verdict.BAD, "Times", "Its exp is no time.")
    elif not_before is not None and not_before > now + CLOCK_TOLERANCE:
        yield Finding(Verdict.BAD, "Times", f"Not valid for another {not_before - now:.0f} s (nbf).")
    elif issued is not None and issued > now + CLOCK_TOLERANCE:
        text = f"Issued {issued - now:.0f} s in the future; one of the clocks is wrong."
        yield Finding(Verdict.DOUBT, "Times", text)
    elif expires is not None:
        yield Finding(Verdict.GOOD, "Times", f"Valid until {show_time(expires)} by its own exp.")


def _client(claims: Mapping[str, Any], client_id: str) -> Iterator[Finding]:
    stated = claims.get("client_id")
    if stated is not None and client_id and stated != client_id:
        yield Finding(Verdict.BAD, "Client", f"Issued to {_shown(stated)}, not to this client.")


def _shown(value: object) -> str:
    return scrub(str(value), limit=120) if value is not None else "missing"
