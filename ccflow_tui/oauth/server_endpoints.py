"""Which endpoints of a server's metadata a client's credentials and tokens may be sent to."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from ccflow_tui.models.discovery import EndpointAuth, ServerMetadata
from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import Profile
from ccflow_tui.oauth.url_validation import origin_of

EndpointName = Literal["introspection_endpoint", "revocation_endpoint"]


def endpoint_auth(metadata: ServerMetadata, name: EndpointName) -> EndpointAuth:
    """Return how clients may authenticate at the endpoint of that name."""
    return metadata.introspection_auth if name == "introspection_endpoint" else metadata.revocation_auth


def profile_at(profile: Profile, metadata: ServerMetadata, name: EndpointName) -> Profile:
    """Return the profile as it authenticates at the endpoint of that name.

    Which of two names of an algorithm is signed by is up to that endpoint's list, where it has one.
    """
    algs = endpoint_auth(metadata, name).signing_algs
    return replace(profile, server=replace(profile.server, signing_algs=algs)) if algs else profile


def credentialed_endpoint(metadata: ServerMetadata, name: EndpointName, profile: Profile) -> str:
    """Return the endpoint of that name; raises ``InputProblem`` when there is none that may be used.

    With a client certificate it is the alias for mutual TLS, where there is one (RFC 8705, section 5).
    It must lie where the profile's token requests go: credentials are bound to that origin, and metadata may
    have been written by somebody who would like to have them (compare RFC 9700, section 4.4).
    """
    what = name.removesuffix("_endpoint")
    endpoint: str = getattr(metadata, name)
    if profile.client_tls.enabled:
        endpoint = getattr(metadata, f"mtls_{name}") or endpoint
    if not endpoint:
        raise InputProblem(
            name, f"The server's metadata names no {what} endpoint.", "This server does not offer that."
        )
    if origin_of(endpoint) != origin_of(profile.request_endpoint):
        raise InputProblem(
            name,
            f"The {what} endpoint lies on another host than the token endpoint: {origin_of(endpoint)}.",
            "ccflow sends the client's credentials and its token to the token endpoint's host only.",
        )
    return endpoint
