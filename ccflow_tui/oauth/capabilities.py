"""What the profile asks for beside what the server says it can do (RFC 8414, section 2).

Lists may be out of date and leave things out, so every finding is a warning: the server has the last word.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ccflow_tui.models.discovery import ServerMetadata
from ccflow_tui.models.problems import FieldProblem, InputProblem
from ccflow_tui.models.profile import AuthMethod, Profile
from ccflow_tui.oauth.algorithms import chosen_alg, is_listed
from ccflow_tui.oauth.authorization_details import parse_authorization_details
from ccflow_tui.oauth.body import GRANT_TYPE
from ccflow_tui.oauth.field_findings import Findings, warning
from ccflow_tui.oauth.sanitize import scrub
from ccflow_tui.oauth.server_endpoints import EndpointName, endpoint_auth

_SHOWN = 8
"""Values of a list that are named."""


def capability_findings(profile: Profile, metadata: ServerMetadata) -> tuple[FieldProblem, ...]:
    """Return what of the profile the server does not list; nothing when the metadata is another server's."""
    if (profile.issuer, profile.token_endpoint) != (metadata.issuer, metadata.token_endpoint):
        return ()
    return tuple(finding for check in _CHECKS for finding in check(profile, metadata))


def endpoint_findings(
    profile: Profile, metadata: ServerMetadata, name: EndpointName
) -> tuple[FieldProblem, ...]:
    """Return what of the client's authentication the server does not list for another endpoint of its own.

    Without a list, client_secret_basic is assumed for revocation and nothing for introspection
    (RFC 8414, section 2).
    """
    auth, where = endpoint_auth(metadata, name), f" for {name.removesuffix('_endpoint')}"
    if auth.methods is None and name == "introspection_endpoint":
        methods: Findings = iter(())
    else:
        methods = _method_findings(profile, auth.methods, where)
    return (*methods, *_alg_findings(profile, auth.signing_algs, where))


def _check_grant(profile: Profile, metadata: ServerMetadata) -> Findings:
    if metadata.grant_types is not None and GRANT_TYPE not in metadata.grant_types:
        yield warning(
            "issuer",
            "The server does not list client_credentials among its grant types.",
            "It may refuse every request; check that this is the right server.",
        )


def _check_method(profile: Profile, metadata: ServerMetadata) -> Findings:
    return _method_findings(profile, metadata.auth_methods)


def _method_findings(profile: Profile, listed: Sequence[str] | None, where: str = "") -> Findings:
    method = profile.auth_method.value
    if listed is None:
        if method != AuthMethod.CLIENT_SECRET_BASIC:
            yield warning(
                "auth_method",
                f"The server lists no authentication methods{where}, so client_secret_basic is assumed "
                "(RFC 8414, section 2).",
                f"Go on with {method} if the client is registered for it.",
            )
    elif method not in listed:
        remedy = "Choose one that the client is registered for."
        yield _not_listed("auth_method", method, listed, remedy, where)


def _check_alg(profile: Profile, metadata: ServerMetadata) -> Findings:
    return _alg_findings(profile, metadata.signing_algs)


def _alg_findings(profile: Profile, listed: Sequence[str], where: str = "") -> Findings:
    if not profile.auth_method.signs or not listed:
        return
    alg = chosen_alg(profile)
    if not is_listed(alg, listed):
        yield _not_listed("assertion_alg", alg, listed, "Choose one that fits your key.", where)


def _check_dpop(profile: Profile, metadata: ServerMetadata) -> Findings:
    listed = metadata.dpop_signing_algs
    if not profile.dpop:
        return
    if listed is None:
        yield warning(
            "dpop",
            "The server does not say that it knows DPoP (RFC 9449, section 5.1).",
            "It may ignore it, and ccflow then refuses the unbound token.",
        )
    elif not is_listed(profile.dpop_alg, listed):
        yield _not_listed("dpop_alg", profile.dpop_alg, listed, "Set dpop.alg to one of those.")


def _check_details(profile: Profile, metadata: ServerMetadata) -> Findings:
    try:
        types = parse_authorization_details(profile.authorization_details).types
    except InputProblem:
        return  # told by the check of the profile itself
    listed = metadata.authorization_details_types
    if types and listed is None:
        yield warning(
            "authorization_details",
            "The server lists no types of authorization details (RFC 9396, section 10); it may ignore them.",
            "Compare what was granted with what you asked for.",
        )
    for name in types if listed is not None else ():
        if name not in (listed or ()):
            remedy = "Check its spelling against the API's documentation."
            yield _not_listed("authorization_details", scrub(name, limit=80), listed or (), remedy)


def _check_resources(profile: Profile, metadata: ServerMetadata) -> Findings:
    listed = metadata.protected_resources
    for resource in profile.resources if listed else ():
        if resource not in listed:
            remedy = "It need not list all (RFC 9728, section 4)."
            yield _not_listed("resources", scrub(resource, limit=120), listed, remedy)


def _check_certificate(profile: Profile, metadata: ServerMetadata) -> Findings:
    if profile.client_tls.enabled and not metadata.certificate_bound_tokens:
        yield warning(
            "mtls",
            "The server does not say that it binds tokens to client certificates (RFC 8705, section 3.3).",
            "A token may then work without the certificate, too.",
        )


def _not_listed(field: str, value: str, listed: Sequence[str], remedy: str, where: str = "") -> FieldProblem:
    named = ", ".join(listed[:_SHOWN]) + (", …" if len(listed) > _SHOWN else "")
    return warning(field, f"The server does not list {value}{where}; it lists {named or 'none'}.", remedy)


_CHECKS: tuple[Callable[[Profile, ServerMetadata], Findings], ...] = (
    _check_grant,
    _check_method,
    _check_alg,
    _check_dpop,
    _check_details,
    _check_resources,
    _check_certificate,
)
