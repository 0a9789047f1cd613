"""What was granted, held against what was asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.finding import Finding, Verdict
from ccflow_tui.models.profile import Profile
from ccflow_tui.oauth.access_token_claims import AUDIENCE, audience_finding
from ccflow_tui.oauth.confirmation import Bond, Confirmation, judge_confirmation
from ccflow_tui.oauth.jwt_view import view_token
from ccflow_tui.oauth.own_expiry import TOLERANCE, own_lifetime
from ccflow_tui.oauth.sanitize import scrub

SCOPE, LIFETIME, BINDING = "Scope", "Lifetime", "Binding"

_UNTOLD = "{asked} asked for; the server did not say what it granted. Introspect the token to know."
_HIDDEN = "{asked} asked for; this token does not show whom it is for. Introspect it to know."
_UNBOUND = frozenset({Bond.UNTOLD, Bond.MISSING})


def grant_report(profile: Profile, token: AccessToken, *, x5t: str = "") -> tuple[Finding, ...]:
    """Compare scope, audience, lifetime and binding of a token with the request that ``profile`` makes.

    ``x5t`` is the thumbprint of the client certificate in use, empty while it is not known. Looks into
    the token where it is a JWT, for the person debugging (RFC 9068, section 6).
    """
    view = view_token(token.value.reveal())
    claims = view.claims
    return (
        _scope(token, claims),
        *_audience(profile, claims, readable=view.kind == "jwt"),
        *_lifetime(token, claims),
        *_binding(profile, token, claims if view.kind == "jwt" else None, x5t),
    )


def _scope(token: AccessToken, claims: Mapping[str, Any]) -> Finding:
    asked = token.requested_scope.split()
    granted = granted_scope(token, claims)
    if granted is None:
        if asked:
            return Finding(Verdict.DOUBT, SCOPE, _UNTOLD.format(asked=_listed(asked)))
        return Finding(Verdict.GOOD, SCOPE, "none asked for.")
    missing = [scope for scope in asked if scope not in granted]
    extra = [scope for scope in granted if scope not in asked] if asked else []
    if missing:
        verdict = Verdict.BAD if len(missing) == len(asked) else Verdict.DOUBT
        return Finding(verdict, SCOPE, f"not granted: {_listed(missing)}; granted: {_listed(granted)}.")
    if extra:
        return Finding(Verdict.DOUBT, SCOPE, f"more than was asked: {_listed(extra)}.")
    return Finding(Verdict.GOOD, SCOPE, f"{_listed(granted)}{', as asked' if asked else ''}.")


def granted_scope(token: AccessToken, claims: Mapping[str, Any]) -> list[str] | None:
    """Return the scope by the answer, else by the token itself (RFC 9068, section 2.2.3)."""
    if token.scope is not None:
        return token.scope.split()
    said = claims.get("scope", claims.get("scp"))
    if isinstance(said, str):
        return said.split()
    if isinstance(said, list) and all(isinstance(scope, str) for scope in said):
        return said
    return None


def _audience(profile: Profile, claims: Mapping[str, Any], *, readable: bool) -> Iterator[Finding]:
    asked = [target for target in (profile.audience, *profile.resources) if target]
    if readable:
        yield audience_finding(claims, profile.audience, profile.resources)
    elif asked:
        yield Finding(Verdict.DOUBT, AUDIENCE, _HIDDEN.format(asked=_listed(asked)))


def _lifetime(token: AccessToken, claims: Mapping[str, Any]) -> Iterator[Finding]:
    """Hold ``expires_in`` against ``exp``; the earlier one counts."""
    stated, effective = token.stated_expires_in, token.expires_in
    own = own_lifetime(claims, server_time=None)
    if stated is not None and effective is not None:
        text = f"expires_in says {stated} s, the token's own exp {effective} s; the earlier one counts."
        yield Finding(Verdict.DOUBT, LIFETIME, text)
    elif own is None:
        return
    elif effective is None:
        text = f"the server did not state one; the token's own exp gives it {own:.0f} s."
        yield Finding(Verdict.DOUBT, LIFETIME, text)
    elif own > effective + TOLERANCE:
        text = f"expires_in says {effective} s, the token's own exp {own:.0f} s; the earlier one counts."
        yield Finding(Verdict.DOUBT, LIFETIME, text)
    else:
        yield Finding(Verdict.GOOD, LIFETIME, f"{effective} s, as the token's own exp says.")


def _binding(
    profile: Profile, token: AccessToken, claims: Mapping[str, Any] | None, x5t: str
) -> Iterator[Finding]:
    """Tell whether the token is bound to a key (RFC 7800; RFC 8705, section 3; RFC 9449, section 6)."""
    found = judge_confirmation(claims, x5t=x5t or None)
    dpop = token.token_type.lower() == "dpop"
    if found.is_malformed:
        yield Finding(Verdict.BAD, BINDING, "its cnf claim is not an object, so no API can check it.")
    elif dpop and found.key is Bond.MISSING:
        text = "typed DPoP, but it names no key (cnf.jkt): the API has to ask the server what it is bound to."
        yield Finding(Verdict.DOUBT, BINDING, text)
    elif not dpop and found.key not in _UNBOUND:
        text = f"bound to a DPoP key, but typed {scrub(token.token_type, limit=20)}."
        yield Finding(Verdict.BAD, BINDING, text)
    elif profile.dpop and not dpop:
        text = "a Bearer token came although DPoP was asked for: whoever holds it can use it."
        yield Finding(Verdict.DOUBT, BINDING, text)
    elif profile.client_tls.enabled and found.certificate is Bond.MISSING:
        yield Finding(Verdict.DOUBT, BINDING, "not bound to the client certificate: anybody can use it.")
    elif found.certificate is Bond.OTHER:
        text = "bound to another client certificate than the one in use, so an API refuses it"
        yield Finding(Verdict.BAD, BINDING, f"{text} (cnf.x5t#S256: {_shown(found.stated_certificate)}).")
    elif bound := _bound_to(found, x5t):
        yield Finding(Verdict.GOOD, BINDING, f"bound to {' and '.join(bound)}.")


def _bound_to(found: Confirmation, x5t: str) -> list[str]:
    """Return everything that a token is bound to."""
    certificate = f"the client certificate in use ({x5t})" if x5t else "a client certificate"
    bonds = ((found.key, "a DPoP key"), (found.certificate, certificate))
    return [words for bond, words in bonds if bond not in _UNBOUND]


def _shown(value: object) -> str:
    return scrub(value, limit=60) if isinstance(value, str) else "not a text"


def _listed(values: Sequence[str]) -> str:
    return scrub(" ".join(values), limit=200) or "none"
