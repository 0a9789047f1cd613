"""Everything that is wrong with a profile, field by field, each finding with its way out.

Cheap enough to run on every blur: it parses text and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable

from ccflow_tui.models.problems import FieldProblem, InputProblem, Severity
from ccflow_tui.models.profile import REFRESH_SECONDS, EndpointMode, Profile
from ccflow_tui.oauth.algorithms import DPOP_ALGS
from ccflow_tui.oauth.audience import endpoint_elsewhere
from ccflow_tui.oauth.authorization_details import parse_authorization_details
from ccflow_tui.oauth.credential_check import check_client_authentication, check_secret
from ccflow_tui.oauth.endpoint_consent import unconfirmed_origin
from ccflow_tui.oauth.extra_parameters import check_extra_parameters
from ccflow_tui.oauth.field_findings import (
    Findings,
    error,
    has_controls,
    no_controls,
    outside_vschar,
    required,
    url_findings,
    warning,
)
from ccflow_tui.oauth.metadata import issuer_from_well_known
from ccflow_tui.oauth.providers import check_inputs, preset_of
from ccflow_tui.oauth.quirks import quirk_findings
from ccflow_tui.oauth.sanitize import scrub
from ccflow_tui.oauth.scopes import parse_scope
from ccflow_tui.oauth.url_validation import check_endpoint_url, check_issuer, check_resource

__all__ = ["check_profile", "check_secret"]


def check_profile(profile: Profile, *, secret_present: bool) -> tuple[FieldProblem, ...]:
    """Return every finding about ``profile``, errors first; only what its mode and method need is asked for.

    ``secret_present`` says whether a client secret is at hand, typed or stored.
    """
    found = [finding for check in _CHECKS for finding in check(profile)]
    found.extend(check_client_authentication(profile, secret_present=secret_present))
    return tuple(sorted(found, key=lambda finding: finding.severity is not Severity.ERROR))


def _check_endpoint(profile: Profile) -> Findings:
    if profile.endpoint_mode is EndpointMode.PRESET:
        yield from check_inputs(profile)
    elif profile.endpoint_mode is EndpointMode.ISSUER:
        yield from _check_discovered(profile)
    else:
        yield from required(
            profile.token_endpoint,
            "token_endpoint",
            "Token endpoint is required.",
            "Enter the full address, such as https://auth.example.com/oauth2/token.",
        )
        if profile.token_endpoint.strip():
            yield from url_findings(check_endpoint_url, profile.token_endpoint, "token_endpoint")
        if issuer_from_well_known(profile.token_endpoint) != profile.token_endpoint.strip():
            yield warning(
                "token_endpoint",
                "This is the address of a server's metadata, which takes no token requests.",
                "Choose to find the endpoint by issuer, and enter this address there.",
            )


def _check_discovered(profile: Profile) -> Findings:
    yield from required(
        profile.issuer,
        "issuer",
        "Issuer is required.",
        "Enter the server's issuer, such as https://auth.example.com, or choose to type the token endpoint.",
    )
    if not profile.issuer.strip():
        return
    findings = tuple(url_findings(check_issuer, profile.issuer, "issuer"))
    yield from findings
    if profile.token_endpoint:
        yield from url_findings(check_endpoint_url, profile.token_endpoint, "token_endpoint")
    elif not any(finding.severity is Severity.ERROR for finding in findings):
        yield error(
            "token_endpoint",
            "The token endpoint is not known yet.",
            "Let discovery finish, or choose to type the token endpoint by hand.",
        )


def _check_origins(profile: Profile) -> Findings:
    """Warn of a verified issuer whose token endpoint lies elsewhere, until the user has confirmed it."""
    if unconfirmed_origin(profile):
        note = endpoint_elsewhere(profile.issuer, profile.request_endpoint)
        expected = preset_of(profile).endpoint_elsewhere
        remedy = f"{expected} No credential goes there until you confirm it.".strip()
        yield warning("token_endpoint", note, remedy)


def _check_client_id(profile: Profile) -> Findings:
    text = profile.client_id
    yield from required(
        text, "client_id", "Client ID is required.", "Copy it from the application's page at your server."
    )
    if not text.strip():
        return
    if has_controls(text):
        yield from no_controls(text, "client_id", "Client ID")
    elif text != text.strip():
        yield warning("client_id", "Client ID starts or ends with a space.", "Remove it unless it belongs.")
    elif outside_vschar(text):
        yield warning(
            "client_id",
            "Client ID holds characters outside printable ASCII (RFC 6749, appendix A.1).",
            "Many servers refuse them; check that it was copied unchanged.",
        )


def _check_targets(profile: Profile) -> Findings:
    yield from _check_scope(profile)
    yield from no_controls(profile.audience, "audience", "Audience")
    for resource in profile.resources:
        yield from url_findings(check_resource, resource, "resources")
    try:
        parse_authorization_details(profile.authorization_details)
        sent = check_extra_parameters(profile.extra_parameters)
    except InputProblem as problem:
        yield problem.finding
        return
    for name, _ in set(profile.extra_parameters) - set(sent):
        yield warning("extra_parameters", f"{name} has no value, so it is left out.", "Write name=value.")


def _check_api(profile: Profile) -> Findings:
    """Judge the API to call as an endpoint, but as a warning: a token can be had without it."""
    if profile.api_base:
        for finding in url_findings(check_endpoint_url, profile.api_base, "api_base"):
            if finding.severity is Severity.ERROR:
                yield warning("api_base", finding.problem, finding.remedy)


def _check_scope(profile: Profile) -> Findings:
    try:
        scope = parse_scope(profile.scope)
    except InputProblem as problem:
        yield problem.finding
        return
    for note in scope.notes:
        yield warning("scope", note)
    if "openid" in scope.tokens:
        yield warning(
            "scope",
            "openid is for people who sign in; this grant returns no ID token.",
            "Leave it out unless your server asks for it.",
        )


def _check_refresh(profile: Profile) -> Findings:
    if profile.proactive_refresh_seconds not in REFRESH_SECONDS:
        yield error(
            "proactive_refresh_seconds",
            "The proactive refresh must lie between 60 and 120 seconds before expiry.",
            "Enter 90 when you are unsure.",
        )


def _check_note(profile: Profile) -> Findings:
    if has_controls(profile.note):
        yield warning("note", "The note holds a line break or control character.", "Make it one plain line.")


def _check_dpop(profile: Profile) -> Findings:
    if profile.dpop and profile.dpop_alg not in DPOP_ALGS:
        yield error(
            "dpop_alg",
            f"{scrub(profile.dpop_alg, limit=40)} cannot sign a DPoP proof (RFC 9449, section 4.2).",
            f"Choose one of {', '.join(DPOP_ALGS)}.",
        )
    if profile.dpop and profile.dpop_allow_bearer:
        yield warning(
            "dpop_allow_bearer",
            "A Bearer token is taken where DPoP was asked for, so a token may come unbound.",
            "Turn that off once the server binds tokens.",
        )


_CHECKS: tuple[Callable[[Profile], Findings], ...] = (
    _check_endpoint,
    _check_origins,
    _check_client_id,
    _check_targets,
    quirk_findings,
    _check_api,
    _check_refresh,
    _check_dpop,
    _check_note,
)
