"""What each OAuth error code means for this grant (RFC 6749, 5.2; RFC 8707, 2; RFC 9396, 5)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from http import HTTPStatus
from types import MappingProxyType

from ccflow_tui.models.profile import AuthMethod
from ccflow_tui.oauth.diagnosis_clues import evidence
from ccflow_tui.oauth.diagnosis_credentials import basic_causes, clock_remedy, credential_causes
from ccflow_tui.oauth.diagnosis_dpop import binding_causes, explain_dpop
from ccflow_tui.oauth.diagnosis_targets import details_causes, scope_causes, target_causes
from ccflow_tui.oauth.explanation import ENDPOINT, Case, Explanation, Remedy
from ccflow_tui.oauth.quirks import provider_hints

CODES: Mapping[str, Explanation] = MappingProxyType(
    {
        "invalid_client": Explanation(
            "The server did not accept this client's credentials", "client authentication failed"
        ),
        "unauthorized_client": Explanation(
            "This client may not use client credentials",
            "the server knows the client, but does not allow it this grant",
            (
                Remedy(
                    "Allow the client credentials grant for this application at the server, then retry. "
                    "(Keycloak calls it service account roles.)",
                    weight=60,
                ),
                Remedy("Check that this is the client ID of the application you mean.", "client_id", 50),
                Remedy("Check that the application is registered for {method}.", "auth_method", 40),
            ),
        ),
        "unsupported_grant_type": Explanation(
            "This server does not offer client credentials",
            "the token endpoint does not support this grant",
            (
                Remedy("Check that this is the right server and token endpoint.", ENDPOINT, 60),
                Remedy("Ask the server's operator whether the client credentials grant can be turned on."),
            ),
        ),
        "invalid_grant": Explanation(
            "The server did not accept the grant",
            "an unusual answer here; servers give it when they mean the credentials",
        ),
        "invalid_scope": Explanation(
            "The server does not grant this scope",
            "a scope is unknown, malformed or not allowed for this client",
            can_retry=False,
        ),
        "invalid_target": Explanation(
            "The server does not know this resource or audience",
            "the target is unknown, malformed or not allowed for this client",
            can_retry=False,
        ),
        "invalid_authorization_details": Explanation(
            "The server does not grant these authorization details",
            "a type is unknown, a member is wrong, or the client may not ask for it",
            can_retry=False,
        ),
        "invalid_request": Explanation(
            "The server found the request incomplete or malformed",
            "a parameter is missing, repeated or not understood",
            can_retry=False,
        ),
        "access_denied": Explanation(
            "The server denied this client the access",
            "client and request are understood, but a rule at the server says no",
            (
                Remedy("Give this client access to the API at the server, then retry.", weight=60),
                Remedy("Check audience and scope: they decide what is asked for.", "audience", 50),
                Remedy("Ask whether a policy admits your network or this time of day only.", weight=20),
            ),
        ),
        "server_error": Explanation(
            "The server ran into a problem of its own",
            "nothing in the request is known to be wrong",
            (
                Remedy("{wait}", weight=60),
                Remedy("If it stays, tell the server's operator; Details has what they will ask for."),
            ),
        ),
        "temporarily_unavailable": Explanation(
            "The server is too busy right now",
            "it is overloaded or under maintenance",
            (
                Remedy("{wait}", weight=60),
                Remedy("If it stays, tell the server's operator; Details has what they will ask for."),
            ),
        ),
    }
)

_ONE_RESOURCE = Explanation(
    "This server allows one resource per token",
    "the request named several",
    (Remedy("Keep one resource, and get a token of its own for each of the others.", "resources", 96),),
    can_retry=False,
)
_MEANINGS = (
    (
        frozenset({"invalid_request"}),  # panva's oidc-provider
        re.compile(
            r"grant.?type\b[^.]{0,60}\bnot (?:allowed|permitted|enabled|authori[sz]ed)\b", re.IGNORECASE
        ),
        CODES["unauthorized_client"],
    ),
    (
        frozenset({"invalid_target", "invalid_request"}),
        re.compile(
            r"more than one resource|multiple resource|only (?:one|a single) resource|single resource",
            re.IGNORECASE,
        ),
        _ONE_RESOURCE,
    ),
)
"""Descriptions so plain that they, and not the code, say what is meant."""
_UNKNOWN = Explanation(
    "The server refused the request",
    "this code is not one of the OAuth standard's",
    (
        Remedy("Look the code up in your server's documentation; Details has all that was said.", weight=60),
        Remedy("Check scope, audience and the authentication method against it.", "scope", 40),
    ),
)


def explain_refusal(code: str, case: Case) -> Explanation:
    """Return the explanation of an OAuth error with its causes ranked by the evidence at hand."""
    meant = next((m for codes, said, m in _MEANINGS if code in codes and said.search(case.said)), None)
    found = meant or CODES.get(code) or explain_dpop(code, case) or _UNKNOWN
    usual = _USUAL_CAUSES.get(code) if meant is None else None
    if found is _UNKNOWN:
        usual = _causes_by_the_looks(code, case)
    clues = (*evidence(code, case), *provider_hints(code, case)) if meant is None else ()
    remedies = (*found.remedies, *clues, *(usual(case) if usual else ()))
    status = "{status}, " if case.exchange.http_status else ""
    shown = code.replace("{", "{{").replace("}", "}}")
    can_retry = found.can_retry or case.exchange.http_status in {429, 503}
    return replace(found, reason=f"{shown}: {status}{found.reason}.", remedies=remedies, can_retry=can_retry)


def _causes_by_the_looks(code: str, case: Case) -> Callable[[Case], Iterator[Remedy]] | None:
    """Return what usually causes an error whose code is the server's own, by its words and status."""
    for words, causes in _WORDS_OF_CODES:
        if words.search(code):
            return causes
    return credential_causes if case.exchange.http_status == HTTPStatus.UNAUTHORIZED else None


def _denial_causes(case: Case) -> Iterator[Remedy]:
    if case.exchange.http_status == HTTPStatus.UNAUTHORIZED:  # Auth0's answer to a wrong secret
        yield from credential_causes(case)


def _grant_causes(case: Case) -> Iterator[Remedy]:
    yield from credential_causes(case)
    yield from binding_causes(case)


def _request_causes(case: Case) -> Iterator[Remedy]:
    if not case.profile.audience and not case.profile.resources:
        yield Remedy("Some servers need an audience or resource. Enter the API's identifier.", "audience", 50)
    if not case.profile.scope.strip():
        yield Remedy("Some servers need a scope. Enter the one your API documents.", "scope", 48)
    if case.profile.auth_method is AuthMethod.CLIENT_SECRET_BASIC:
        yield from basic_causes(case)
    yield Remedy("Check that the application is registered for {method}.", "auth_method", 44)
    yield from clock_remedy(case)


_USUAL_CAUSES: Mapping[str, Callable[[Case], Iterator[Remedy]]] = MappingProxyType(
    {
        "invalid_client": credential_causes,
        "invalid_grant": _grant_causes,
        "access_denied": _denial_causes,
        "invalid_scope": scope_causes,
        "invalid_target": target_causes,
        "invalid_authorization_details": details_causes,
        "invalid_request": _request_causes,
    }
)
_WORDS_OF_CODES = (
    (re.compile(r"scope", re.IGNORECASE), scope_causes),
    (re.compile(r"audience|resource|target", re.IGNORECASE), target_causes),
    (re.compile(r"client|credential|secret|unauthori[sz]ed|authenticat", re.IGNORECASE), credential_causes),
)
"""Words in codes outside the standard, and what such errors are mostly about."""
