"""From a profile and an authenticated client to the exact request (RFC 6749, section 4.4.2)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import MappingProxyType

from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import Profile
from ccflow_tui.models.token_request import DpopProof, Pair, TokenRequest, encode_form
from ccflow_tui.oauth.authorization_details import parse_authorization_details
from ccflow_tui.oauth.body import GRANT_TYPE, build_client_credentials_body
from ccflow_tui.oauth.client_auth import ClientAuthentication
from ccflow_tui.oauth.dpop import DPOP_HEADER, target_uri
from ccflow_tui.oauth.extra_parameters import check_extra_parameters
from ccflow_tui.oauth.scopes import parse_scope
from ccflow_tui.oauth.url_validation import CheckedUrl, check_endpoint_url

CONTENT_TYPE = "application/x-www-form-urlencoded"
"""Without a charset parameter, which picky servers refuse."""

_PRODUCT = re.compile(r"[\x21-\x7E]+(?: [\x21-\x7E]+)*")


def assemble_token_request(
    *,
    profile: Profile,
    authentication: ClientAuthentication,
    scope_text: str,
    user_agent: str,
    endpoint: CheckedUrl | None = None,
    proof: DpopProof | None = None,
) -> TokenRequest:
    """Return the request with every header explicit and in wire order, so that a preview can be exact.

    The URL is the token endpoint, or its alias for mutual TLS (RFC 8705, section 5); credentials are in a
    header or the body, never both and never in the URL (RFC 6749, section 2.3). ``endpoint`` is that URL if
    it was checked before; a DPoP ``proof`` must be made for it. Raises ``InputProblem`` naming the field at
    fault.
    """
    endpoint = endpoint or check_endpoint_url(profile.request_endpoint)
    scope = parse_scope(scope_text)
    form = build_client_credentials_body(
        scope=scope.text,
        audience=profile.audience,
        resources=profile.resources,
        authorization_details=profile.authorization_details,
        extra_parameters=profile.extra_parameters,
        client_parameters=authentication.parameters(),
    )
    proving = (*authentication.headers(), *_proof_headers(proof, endpoint.url))
    notes = (*endpoint.notes, *scope.notes)
    facts = {**_facts(authentication, form), **_rarer_facts(profile, proof), "Notes": " ".join(notes)}
    return TokenRequest(
        endpoint.url,
        _headers(endpoint, proving, user_agent, len(encode_form(form))),
        form,
        authentication.assertion,
        MappingProxyType({name: value for name, value in facts.items() if value}),
        proof=proof,
        client_tls=profile.client_tls,
    )


def _proof_headers(proof: DpopProof | None, url: str) -> tuple[Pair, ...]:
    if proof is None:
        return ()
    if proof.claims.get("htu") != target_uri(url):
        raise InputProblem(
            "token_endpoint", "The DPoP proof was made for another address.", "Build the request again."
        )
    return (Pair(DPOP_HEADER, proof.jwt, "signed JWT, good for one use", "$DPOP_PROOF"),)


def assemble_form_request(
    *, url: str, parameters: Sequence[Pair], authentication: ClientAuthentication, user_agent: str
) -> TokenRequest:
    """Return an authenticated POST to another endpoint of the server (RFC 7662, section 2.1; RFC 7009, 2.1).

    The client proves who it is as at the token endpoint. Raises ``InputProblem`` naming the field at fault.
    """
    endpoint = check_endpoint_url(url)
    form = (*parameters, *authentication.parameters())
    headers = _headers(endpoint, authentication.headers(), user_agent, len(encode_form(form)))
    return TokenRequest(endpoint.url, headers, form, authentication.assertion)


def _headers(
    endpoint: CheckedUrl, proving: tuple[Pair, ...], user_agent: str, length: int
) -> tuple[Pair, ...]:
    if not _PRODUCT.fullmatch(user_agent):
        raise InputProblem("user_agent", "The user agent is not plain ASCII on one line.", "Change it.")
    return (
        Pair("Host", endpoint.origin.partition("://")[2]),
        Pair("User-Agent", user_agent),
        Pair("Accept", "application/json"),
        *proving,
        Pair("Content-Type", CONTENT_TYPE),
        Pair("Content-Length", str(length)),
        Pair("Accept-Encoding", "identity"),
        Pair("Connection", "keep-alive"),
    )


def _facts(authentication: ClientAuthentication, form: Sequence[Pair]) -> dict[str, str]:
    """Say what the request asks for, as it stands in the body."""

    def sent(name: str) -> str:
        return " ".join(str(pair.value) for pair in form if pair.name == name) or "none"

    return {
        "Grant type": GRANT_TYPE,
        "Authentication method": authentication.method.value,
        "Scopes": sent("scope"),
        "Audience": sent("audience"),
        "Resource": sent("resource"),
    }


def _rarer_facts(profile: Profile, proof: DpopProof | None) -> dict[str, str]:
    """Say what few requests have; empty where this one has it not."""
    in_tls = profile.client_tls.enabled and profile.request_endpoint.startswith("https:")
    has_alias = profile.request_endpoint != profile.token_endpoint
    return {
        "Authorization details": " ".join(parse_authorization_details(profile.authorization_details).types),
        "Extra parameters": " ".join(name for name, _ in check_extra_parameters(profile.extra_parameters)),
        "DPoP": "" if proof is None else f"{proof.header['alg']}, key {proof.thumbprint}",
        "Client certificate": "presented in the TLS handshake (RFC 8705)" * in_tls,
        "Endpoint": "the server's alias for mutual TLS (RFC 8705, section 5)" * has_alias,
    }
