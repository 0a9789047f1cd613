"""What a status alone may mean, told apart by how the answer looks: the server's own, or a gateway's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import urlsplit

from ccflow_tui.models.provider_forms import inputs_of
from ccflow_tui.oauth.diagnosis_credentials import credential_causes
from ccflow_tui.oauth.explanation import ENDPOINT, Case, Remedy

_PAGES = frozenset({"text/html", "application/xhtml+xml"})
_CLIENT_ERRORS = range(400, 500)
_WORDS = (
    (
        re.compile(r"plain http\b.{0,40}\b(?:https|ssl|tls)\b", re.IGNORECASE),
        Remedy("This port speaks https: write https:// at the beginning of the address.", ENDPOINT, 97),
    ),
    (
        re.compile(r"no required (?:ssl|tls) certificate|client certificate (?:is )?required", re.IGNORECASE),
        Remedy("The server wants a client certificate. Turn on mutual TLS and name it.", "mtls", 96),
    ),
    (
        re.compile(r"(?:ssl|tls|client) certificate (?:error|verif\w* (?:error|failed))", re.IGNORECASE),
        Remedy(
            "The server does not accept this client certificate: it has to know its issuer, and the "
            "certificate must be in date and not revoked. Name the one that is registered there.",
            "mtls",
            96,
        ),
    ),
)
"""What nginx and Apache write where TLS is not to their liking."""


def status_causes(case: Case) -> Iterator[Remedy]:
    """Yield what may be behind a 4xx status without an OAuth error, beyond what every such status means."""
    status = case.exchange.http_status or 0
    if status in _CLIENT_ERRORS:
        yield from (remedy for words, remedy in _WORDS if words.search(case.what))
    if status == HTTPStatus.UNAUTHORIZED:
        yield from credential_causes(case)
        yield Remedy(
            "A gateway in front of the server may want its own sign-in; ask its operator.",
            weight=62 if _is_page(case) else 30,
        )
    if status == HTTPStatus.FORBIDDEN:
        yield from _forbidden_causes(case)
    if status == HTTPStatus.NOT_FOUND:
        yield from _address_causes(case)


def _forbidden_causes(case: Case) -> Iterator[Remedy]:
    """Yield both sides' causes: servers that refuse by an empty 403 exist, and gateways like to talk."""
    if not _is_page(case):
        yield from credential_causes(case)
        if not case.profile.scope.strip():
            yield Remedy("Some servers need a scope. Enter the one your API documents.", "scope", 58)
    yield Remedy(
        "Ask whether the server admits your network only: VPN, allow list, firewall.",
        weight=41 if case.is_silent else 61,
    )


def _address_causes(case: Case) -> Iterator[Remedy]:
    inputs = inputs_of(case.profile)
    for place, item in enumerate(inputs):
        yield Remedy(f"Check {item.label}: the server knows nothing at this address.", item.field, 80 - place)
    if inputs:
        return
    path = urlsplit(case.profile.request_endpoint).path
    if not path.rstrip("/").endswith("token"):
        usual = "Check the path of the token endpoint; it often ends in /token."
        yield Remedy(usual, ENDPOINT, 60)
        return
    slash = "without the slash at its end" if path.endswith("/") else "with a slash at its end"
    yield Remedy(f"Check the path of the token endpoint; some servers have it {slash}.", ENDPOINT, 60)


def _is_page(case: Case) -> bool:
    return case.exchange.content_type in _PAGES
