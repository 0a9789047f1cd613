"""Where a client secret of the environment or of ``.env`` may be sent: only where its source points.

A settings file comes with whatever was unpacked into the working folder, and so does ``.env``; an issuer
is edited, a profile chosen. None of them may lead a secret that was exported for one server to another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ccflow_tui.models.parameters import parse_parameters
from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import EndpointMode, Profile, Provider
from ccflow_tui.models.variables import (
    ALLOW_ENDPOINT_VARIABLE,
    PROFILE_VARIABLE,
    SECRET_ORIGIN_VARIABLE,
    SECRET_VARIABLE,
)
from ccflow_tui.oauth.providers import derive
from ccflow_tui.oauth.url_validation import lone_origin, origin_of
from ccflow_tui.services.credential_names import server_origin


@dataclass(frozen=True, slots=True)
class SecretSource:
    """One place that variables come from; ``repr`` shows none of them."""

    name: str
    """``environment`` or ``.env``."""
    variables: Mapping[str, str] = field(repr=False)
    others: Mapping[str, str] = field(repr=False)
    """The variables of the other place; they can hold the secret back, but not let it go."""
    is_trusted: bool = True
    """Whether it may say which secret is used."""


def refusal(profile: Profile, source: SecretSource, *, trusted: Profile | None = None) -> InputProblem | None:
    """Say why a source's secret may not go to the profile's server; ``None`` lets it go.

    That of a file that is not trusted goes nowhere: it would stand in place of the user's own, and the token
    would be one of somebody else's client. Any other may go to the origin (RFC 6454) of the token endpoint,
    issuer or environment that the same source names, of the ``CCFLOW_SECRET_ORIGIN`` or
    ``CCFLOW_ALLOW_ENDPOINT`` beside it, and of ``trusted``: the profile as settings that the user chose give
    it, with the ``allowEndpoint`` in them.
    """
    if not source.is_trusted:
        return InputProblem(
            "client_secret",
            f"{SECRET_VARIABLE} ({source.name}) is not used: the file lies in the working folder and is not "
            "trusted.",
            "If you know this file, run ccflow config --trust in its folder; or enter the secret.",
        )
    if foreign := _foreign(profile, source):
        return foreign
    reached = _origin_reached(profile)
    if not reached:
        return InputProblem(
            "client_secret",
            f"{SECRET_VARIABLE} ({source.name}) is held back until the server is known.",
            "Complete the configuration, or enter the secret.",
        )
    named = {_origin_reached(_server_named(source.variables)), _origin_reached(trusted) if trusted else ""}
    allowed = {lone_origin(trusted.endpoint_consent.origin)} if trusted else set()
    if reached in named | allowed | _allowed_origins(source):
        return None
    return _refused(reached, sorted(named - {""}), source)


def _foreign(profile: Profile, source: SecretSource) -> InputProblem | None:
    """Refuse a secret that comes with the name of another profile, client or environment."""
    ours: dict[str, object] = {PROFILE_VARIABLE: profile.name, "CCFLOW_CLIENT_ID": profile.client_id}
    if profile.endpoint_mode is EndpointMode.PRESET:
        # Every environment of a region shares one origin, and so do tenants and realms elsewhere.
        is_pingone = profile.provider is Provider.PINGONE
        ours |= {"CCFLOW_ENVIRONMENT_ID": profile.environment_id.lower()} if is_pingone else {}
        ours |= {"CCFLOW_PROVIDER_INPUTS": dict(profile.provider_inputs)} if not is_pingone else {}
    for name, own in ours.items():
        value = (source.variables.get(name) or source.others.get(name, "")).strip()
        if value and own != _READERS.get(name, str)(value):
            return InputProblem(
                "client_secret",
                f"{SECRET_VARIABLE} ({source.name}) belongs to what {name} names, not to this profile.",
                f"Enter the secret of this profile, or unset {name}.",
            )
    return None


_READERS: Mapping[str, Callable[[str], object]] = MappingProxyType(
    {
        "CCFLOW_ENVIRONMENT_ID": str.lower,
        "CCFLOW_PROVIDER_INPUTS": lambda text: dict(parse_parameters(text)),
    }
)


def _origin_reached(profile: Profile) -> str:
    """Return the origin a secret would be sent to; before discovery, that is the issuer's."""
    found = profile if profile.token_endpoint else derive(profile)
    issuer = found.issuer if found.endpoint_mode is EndpointMode.ISSUER else ""
    return server_origin(found) or origin_of(issuer)


def _server_named(variables: Mapping[str, str]) -> Profile:
    """Return a profile with nothing but the server that the variables of one source name."""

    def text(name: str) -> str:
        return variables.get(name, "").strip()

    endpoint, issuer = text("CCFLOW_TOKEN_ENDPOINT"), text("CCFLOW_ISSUER")
    if endpoint:
        return Profile(endpoint_mode=EndpointMode.MANUAL, token_endpoint=endpoint)
    if issuer:
        return Profile(endpoint_mode=EndpointMode.ISSUER, issuer=issuer)
    named = text("CCFLOW_PROVIDER").lower() or Provider.PINGONE.value
    return Profile(
        provider=Provider(named) if named in set(Provider) else Provider.GENERIC,
        environment_id=text("CCFLOW_ENVIRONMENT_ID"),
        region=text("CCFLOW_REGION") or Profile().region,
        provider_inputs=parse_parameters(text("CCFLOW_PROVIDER_INPUTS")),
    )


def _allowed_origins(source: SecretSource) -> set[str]:
    """Return the origins that a source allows by name."""
    allowing = (SECRET_ORIGIN_VARIABLE, ALLOW_ENDPOINT_VARIABLE)
    return {lone_origin(source.variables.get(name, "").strip()) for name in allowing}


def _refused(reached: str, named: list[str], source: SecretSource) -> InputProblem:
    problem = f"{SECRET_VARIABLE} ({source.name}) is not sent to {reached}: "
    if named:
        problem += f"its source names {' and '.join(named)}."
    else:
        problem += "nothing beside it names that server, so the secret may be meant for another one."
    given = source.variables.get(SECRET_ORIGIN_VARIABLE, "").strip()
    if given and not lone_origin(given):
        problem += f" {SECRET_ORIGIN_VARIABLE} is no origin, which is scheme, host and port only."
    place = "in .env" if source.name == ".env" else "in the environment"
    remedy = (
        f"If this is the right server, set {SECRET_ORIGIN_VARIABLE}={reached} {place} too, or name the "
        "server there with CCFLOW_TOKEN_ENDPOINT, CCFLOW_ISSUER, CCFLOW_ENVIRONMENT_ID or "
        "CCFLOW_PROVIDER_INPUTS; or type the secret in the wizard."
    )
    return InputProblem("client_secret", problem, remedy)
