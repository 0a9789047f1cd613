"""Whom a client assertion is addressed to, and why it must not be anybody else (RFC 7523, section 3).

A server that an assertion is sent to can present it to the server it is addressed to. So the audience is
the receiver itself, or the issuer that discovery verified to stand behind it (draft-ietf-oauth-rfc7523bis).
"""

from __future__ import annotations

from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import AssertionAudience, EndpointSource, Profile
from ccflow_tui.oauth.sanitize import scrub
from ccflow_tui.oauth.url_validation import origin_of

TYP_JWT = "JWT"
TYP_CLIENT_AUTHENTICATION = "client-authentication+jwt"
"""Type of an assertion addressed to the issuer (draft-ietf-oauth-rfc7523bis, section 4)."""


def assertion_audience(profile: Profile) -> tuple[str, str]:
    """Return ``aud`` and ``typ`` for a profile's assertion.

    Addressed to the issuer where discovery verified one, as rfc7523bis asks, so that no other server can
    have an assertion made for it; to the token endpoint where that is all there is. Raises
    ``InputProblem`` when the profile asks for an issuer it does not have.
    """
    chosen = profile.assertion_audience.strip() or AssertionAudience.AUTO
    if chosen == AssertionAudience.AUTO:
        chosen = AssertionAudience.ISSUER if verified_issuer(profile) else AssertionAudience.TOKEN_ENDPOINT
    if chosen == AssertionAudience.TOKEN_ENDPOINT:
        return _token_endpoint(profile), TYP_JWT
    if chosen != AssertionAudience.ISSUER:
        return chosen, TYP_CLIENT_AUTHENTICATION if chosen == profile.issuer else TYP_JWT
    if not profile.issuer:
        raise InputProblem(
            "assertion_audience",
            "The assertion is to be addressed to the issuer, and none is known.",
            "Enter the issuer, or set the audience of the assertion to the token endpoint.",
        )
    return profile.issuer, TYP_CLIENT_AUTHENTICATION


def _token_endpoint(profile: Profile) -> str:
    """Return the URL that stands for the server, also where the request goes to its alias for mutual TLS.

    Servers know themselves by what their metadata calls ``token_endpoint`` (RFC 8414, section 2), and some
    by nothing else. Where the alias lies on another origin it has to be the alias, which is the receiver.
    """
    receiver = profile.request_endpoint
    is_same_server = origin_of(profile.token_endpoint) == origin_of(receiver)
    return profile.token_endpoint if is_same_server else receiver


def verified_issuer(profile: Profile) -> str:
    """Return the issuer that discovery verified for the token endpoint, or an empty text."""
    return profile.issuer if profile.endpoint_source is EndpointSource.DISCOVERED else ""


def check_audience(audience: str, *, token_endpoint: str, verified_issuer: str = "") -> None:
    """Refuse to address an assertion to another server than the one it is sent to.

    Accepted are the token endpoint, the issuer that discovery verified, and anything at the token
    endpoint's own origin. Raises ``InputProblem`` for ``assertion_audience``.
    """
    if audience in {token_endpoint, verified_issuer}:
        return
    receiver = origin_of(token_endpoint)
    if receiver and origin_of(audience) == receiver:
        return
    raise InputProblem(
        "assertion_audience",
        f"The assertion would be addressed to {scrub(audience, limit=120)}, but sent to "
        f"{receiver or 'the token endpoint'}, which could present it there as its own.",
        "Choose auto; or give the issuer and have the endpoint discovered, which proves that they belong "
        "together.",
    )


def endpoint_elsewhere(issuer: str, token_endpoint: str) -> str:
    """Return a warning when issuer and token endpoint have different origins, else an empty text."""
    if origin_of(token_endpoint) == origin_of(issuer):
        return ""
    return f"The token endpoint lies on another host than the issuer: {origin_of(token_endpoint)}."
