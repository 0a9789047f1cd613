"""Authorization server metadata: where it is published, and what of it may be believed.

RFC 8414 and OpenID Connect Discovery 1.0. The issuer in the document must be the one it was asked for,
character by character; otherwise an attacker's server could speak for another one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ccflow_tui.models.discovery import ServerMetadata
from ccflow_tui.models.problems import FieldProblem, InputProblem, IssuerMismatch
from ccflow_tui.models.strict_json import StrictJsonError, parse_object
from ccflow_tui.oauth.audience import endpoint_elsewhere
from ccflow_tui.oauth.metadata_reader import MetadataReader
from ccflow_tui.oauth.quirks import issuer_quirk
from ccflow_tui.oauth.sanitize import scrub
from ccflow_tui.oauth.url_validation import check_endpoint_url

OAUTH_WELL_KNOWN = "/.well-known/oauth-authorization-server"
OIDC_WELL_KNOWN = "/.well-known/openid-configuration"


def well_known_urls(issuer: str) -> tuple[str, ...]:
    """Return the addresses of an issuer's metadata, in the order to ask them: two, or three with a path.

    RFC 8414, section 3.1, inserts its path between host and issuer path; OpenID Connect Discovery,
    section 4, appends its own, and some servers insert that one, too. A trailing slash of the issuer is
    dropped in all of them.
    """
    base = issuer.removesuffix("/")
    path = urlsplit(base).path
    origin = base.removesuffix(path) if path else base
    usual = f"{origin}{OAUTH_WELL_KNOWN}{path}", f"{base}{OIDC_WELL_KNOWN}"
    return (*usual, f"{origin}{OIDC_WELL_KNOWN}{path}") if path else usual


def issuer_from_well_known(url: str) -> str:
    """Return the issuer behind a pasted metadata address; any other text comes back as it is, trimmed.

    The derived issuer is a proposal: the document must still name exactly this issuer, and one with a
    trailing slash cannot be told from one without.
    """
    text = url.strip()
    for marker in (OAUTH_WELL_KNOWN, OIDC_WELL_KNOWN):
        before, found, after = text.partition(marker)
        if found and "?" not in text and "#" not in text and (not after or after.startswith("/")):
            return before + after.removesuffix("/")
    return text


def parse_metadata(body: bytes, *, issuer: str) -> ServerMetadata:
    """Return what a client of this grant needs from a metadata document (RFC 8414, section 2).

    Raises ``IssuerMismatch`` when the document names another issuer (section 3.3), and ``InputProblem`` for
    ``issuer`` when it is no JSON object or has no token endpoint that credentials may be sent to.
    """
    try:
        members = parse_object(body)
    except StrictJsonError as problem:
        raise InputProblem(
            "issuer",
            f"The server's metadata cannot be read: {problem}.",
            "Check the issuer, or choose to type the token endpoint by hand.",
        ) from None
    _check_issuer_matches(members.get("issuer"), issuer)
    token_endpoint = _token_endpoint(members, issuer)
    reader = MetadataReader(members, issuer)
    return ServerMetadata(
        issuer=issuer,
        token_endpoint=token_endpoint,
        auth_methods=reader.texts("token_endpoint_auth_methods_supported"),
        signing_algs=reader.algs("token_endpoint_auth_signing_alg_values_supported") or (),
        grant_types=reader.texts("grant_types_supported"),
        scopes=reader.texts("scopes_supported") or (),
        jwks_uri=reader.url("jwks_uri"),
        introspection_endpoint=reader.url("introspection_endpoint"),
        revocation_endpoint=reader.url("revocation_endpoint"),
        introspection_auth=reader.auth("introspection_endpoint"),
        revocation_auth=reader.auth("revocation_endpoint"),
        mtls_token_endpoint=reader.alias("token_endpoint"),
        mtls_introspection_endpoint=reader.alias("introspection_endpoint"),
        mtls_revocation_endpoint=reader.alias("revocation_endpoint"),
        certificate_bound_tokens=reader.flag("tls_client_certificate_bound_access_tokens"),
        dpop_signing_algs=reader.algs("dpop_signing_alg_values_supported"),
        authorization_details_types=reader.texts("authorization_details_types_supported"),
        protected_resources=reader.texts("protected_resources") or (),
        warnings=(*_elsewhere(issuer, token_endpoint), *reader.warnings),
    )


def _check_issuer_matches(stated: object, issuer: str) -> None:
    if stated != issuer:
        raise IssuerMismatch(_mismatch(stated, issuer))


def _mismatch(stated: object, issuer: str) -> FieldProblem:
    if not isinstance(stated, str) or not stated.strip():
        return FieldProblem(
            "issuer",
            "The metadata names no issuer, so it cannot be trusted (RFC 8414, section 3.3).",
            "Choose to type the token endpoint by hand, if you know it.",
            kind="no-issuer",
        )
    shown = scrub(stated, limit=200)
    if stated.rstrip("/") == issuer.rstrip("/"):
        return FieldProblem(
            "issuer",
            f"The server's issuer is {shown}; only the slash at the end differs, and it counts.",
            f"Enter the issuer exactly as {shown}",
            kind="trailing-slash",
        )
    return issuer_quirk(issuer, stated) or FieldProblem(
        "issuer",
        f"The metadata belongs to another issuer: asked for {scrub(issuer, limit=200)}, found {shown}.",
        "Enter the issuer exactly as your server's operator names it. ccflow does not use this document.",
        kind="other-issuer",
    )


def _token_endpoint(members: Mapping[str, Any], issuer: str) -> str:
    stated = members.get("token_endpoint")
    if not isinstance(stated, str) or not stated:
        raise InputProblem(
            "issuer",
            "The server's metadata names no token endpoint.",
            "Check that the issuer is an authorization server, or type the token endpoint by hand.",
        )
    try:
        checked = check_endpoint_url(stated, field="token_endpoint")
    except InputProblem as problem:
        raise InputProblem(
            "issuer",
            f"The token endpoint in the server's metadata cannot be used. {problem.finding.problem}",
            "Tell the server's operator, or type the token endpoint by hand.",
        ) from None
    if checked.loopback_http and not issuer.startswith("http:"):
        raise InputProblem(
            "issuer",
            "The server's metadata names a token endpoint without TLS on this machine.",
            "Check the issuer; a server elsewhere has no business naming a local address.",
        )
    return checked.url


def _elsewhere(issuer: str, token_endpoint: str) -> tuple[str, ...]:
    note = endpoint_elsewhere(issuer, token_endpoint)
    return (f"{note} Go on only if you expect that.",) if note else ()
