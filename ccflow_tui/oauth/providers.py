"""Provider presets: what follows from a PingOne environment id and its region."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import EndpointMode, EndpointSource, Profile


@dataclass(frozen=True, slots=True)
class Region:
    """One of PingOne's data regions and the hosts that serve it."""

    code: str
    label: str
    auth_host: str
    api_host: str


PINGONE_REGIONS = (
    Region("us", "North America", "auth.pingone.com", "api.pingone.com"),
    Region("ca", "Canada", "auth.pingone.ca", "api.pingone.ca"),
    Region("eu", "Europe", "auth.pingone.eu", "api.pingone.eu"),
    Region("ap", "Asia Pacific", "auth.pingone.asia", "api.pingone.asia"),
    Region("au", "Australia", "auth.pingone.com.au", "api.pingone.com.au"),
    Region("sg", "Singapore", "auth.pingone.sg", "api.pingone.sg"),
)

_ALIASES = {"na": "us"}
_UUID = re.compile("[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_SERVICES = ("auth.", "api.", "console.", "apps.")


def region(code: str) -> Region:
    """Return the region of a code such as ``eu``; raises ``InputProblem`` for an unknown one."""
    wanted = code.strip().lower()
    wanted = _ALIASES.get(wanted, wanted)
    for candidate in PINGONE_REGIONS:
        if candidate.code == wanted:
            return candidate
    known = ", ".join(candidate.code for candidate in PINGONE_REGIONS)
    raise InputProblem("region", "This is not a PingOne region.", f"Choose one of {known}.")


def is_uuid(text: str) -> bool:
    """Whether ``text`` has the shape of a UUID, as PingOne's environment ids have."""
    return _UUID.fullmatch(text.strip()) is not None


def derive(profile: Profile) -> Profile:
    """Return the profile with issuer, token endpoint and API base as its preset gives them.

    Without a usable environment id and region all three are empty, so that an address from an earlier
    choice is never used by mistake. Profiles of the other modes come back unchanged.
    """
    if profile.endpoint_mode is not EndpointMode.PRESET:
        return profile
    place = _region_or_none(profile.region)
    if place is None or not is_uuid(profile.environment_id):
        return replace(
            profile, issuer="", token_endpoint="", api_base="", endpoint_source=EndpointSource.NONE
        )
    environment = profile.environment_id.strip().lower()
    issuer = f"https://{place.auth_host}/{environment}/as"
    return replace(
        profile,
        environment_id=environment,
        region=place.code,
        issuer=issuer,
        token_endpoint=f"{issuer}/token",
        api_base=f"https://{place.api_host}/v1/environments/{environment}",
        endpoint_source=EndpointSource.DERIVED,
    )


def recognise_pingone_url(text: str) -> tuple[str, str] | None:
    """Return environment id and region code when ``text`` is an address of a PingOne environment."""
    try:
        parts = urlsplit(text.strip())
        host = parts.hostname or ""
    except ValueError:
        return None
    found = _UUID.search(f"{parts.path}?{parts.query}")
    place = _region_of_host(host)
    if parts.scheme.lower() != "https" or found is None or place is None:
        return None
    return found[0].lower(), place.code


def _region_or_none(code: str) -> Region | None:
    try:
        return region(code)
    except InputProblem:
        return None


def _region_of_host(host: str) -> Region | None:
    for candidate in PINGONE_REGIONS:
        domain = candidate.auth_host.removeprefix("auth.")
        if any(host == service + domain for service in _SERVICES):
            return candidate
    return None
