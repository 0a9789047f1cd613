"""Where a program's token requests go when its authorization server was discovered."""

from __future__ import annotations

from dataclasses import replace

from ccflow_tui.models.discovery import ServerMetadata, with_metadata
from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import EndpointConsent, Profile
from ccflow_tui.oauth.audience import endpoint_elsewhere
from ccflow_tui.oauth.endpoint_consent import unconfirmed_origin


def placed(profile: Profile, metadata: ServerMetadata, *, named: str) -> Profile:
    """Return the profile with the issuer's endpoint (RFC 8414).

    ``named`` is the endpoint that the program gave beside the issuer, or empty. Raises ``InputProblem`` for
    ``token_endpoint`` where the issuer names another one, or one at another origin that was not given.
    """
    discovered = with_metadata(profile, metadata)
    # With a client certificate that may be the alias for mutual TLS, on another origin again.
    found = discovered.request_endpoint
    if named not in {"", found, discovered.token_endpoint}:
        problem = f"The issuer names another token endpoint: {found}."
        raise InputProblem("token_endpoint", problem, "Give the issuer alone, or that endpoint.")
    if not (origin := unconfirmed_origin(discovered)):
        return discovered
    if named != found:
        remedy = f"If that is right, give token_endpoint={found!r} beside the issuer."
        raise InputProblem("token_endpoint", endpoint_elsewhere(discovered.issuer, found), remedy)
    # The program named both, which is its consent.
    return replace(discovered, endpoint_consent=EndpointConsent(discovered.issuer, origin))
