"""Whether a client may authenticate where an issuer's metadata sends it.

The issuer is what the user chose; its metadata may name a token endpoint on another origin. Some operators
have it so, and so would whoever took over the document. No credential goes there unasked.
"""

from __future__ import annotations

from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import EndpointMode, Profile
from ccflow_tui.models.variables import ALLOW_ENDPOINT_VARIABLE
from ccflow_tui.oauth.audience import endpoint_elsewhere, verified_issuer
from ccflow_tui.oauth.providers import derive
from ccflow_tui.oauth.sanitize import scrub
from ccflow_tui.oauth.url_validation import lone_origin, origin_of


def unconfirmed_origin(profile: Profile) -> str:
    """Return the origin (RFC 6454) of a discovered token endpoint that the user has yet to confirm.

    With a client certificate, that is the endpoint's alias for mutual TLS where there is one.
    Empty where there is nothing to confirm: the endpoint lies at the issuer's own origin, was typed,
    follows from a preset's inputs, or the profile holds the consent for this issuer and this origin.
    """
    issuer = verified_issuer(profile)
    if not issuer or not endpoint_elsewhere(issuer, profile.request_endpoint) or _follows(profile):
        return ""
    origin, consent = origin_of(profile.request_endpoint), profile.endpoint_consent
    return "" if consent.issuer == issuer and lone_origin(consent.origin) == origin else origin


def _follows(profile: Profile) -> bool:
    """Whether the endpoint is what the user's own inputs give, whatever the metadata says besides."""
    is_preset = profile.endpoint_mode is EndpointMode.PRESET
    return is_preset and derive(profile).token_endpoint == profile.request_endpoint


def refuse_unconfirmed(profile: Profile) -> None:
    """Raise ``InputProblem``, which tells every way to consent, while an endpoint is unconfirmed."""
    origin = unconfirmed_origin(profile)
    if not origin:
        return
    problem = (
        f"The issuer {scrub(profile.issuer, limit=200)} names a token endpoint on another host, {origin}, "
        "and nobody has confirmed that it may have the client's credential."
    )
    if profile.endpoint_consent.origin:
        allowed = lone_origin(profile.endpoint_consent.origin)
        problem += (
            f" Allowed is {allowed}." if allowed else " What is allowed is no origin (scheme, host and port)."
        )
    raise InputProblem(
        "token_endpoint",
        problem,
        f"If both belong together, allow it with --allow-endpoint {origin}, "
        f"{ALLOW_ENDPOINT_VARIABLE}={origin} or allowEndpoint in settings.json; or confirm it in the wizard "
        "and save the profile.",
    )
