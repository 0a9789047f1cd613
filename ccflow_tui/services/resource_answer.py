"""What a protected API answered, in words: its error, what it wants, and a body that is safe to show."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from ccflow_tui.models.strict_json import StrictJsonError, parse_object
from ccflow_tui.oauth.challenge_advice import challenge_for, challenge_remedy
from ccflow_tui.oauth.challenges import Challenge, challenges_in
from ccflow_tui.oauth.refused_token import Presented
from ccflow_tui.oauth.sanitize import ELLIPSIS, scrub, scrub_block
from ccflow_tui.services.ports import WireResponse

BODY_LIMIT = 4000
"""Characters of a body that are shown."""
_BODY_SCAN_LIMIT = 64 * 1024
"""Bytes of a body that are looked at: to indent and redact a whole megabyte takes seconds."""
_SCAN_LIMIT = 20_000
"""Characters of an error text that are looked at."""

Redact = Callable[[str], str]

_SUCCESS, _REDIRECTS, _SERVER_ERRORS = range(200, 300), range(300, 400), 500
_REFUSALS = frozenset({400, 401, 403})
"""Statuses whose challenge says why a token was refused (RFC 6750, section 3.1)."""
_ROLE_HINT = (
    "The token is good, but it may not do this. PingOne gives worker applications their rights by roles: "
    "assign the worker a role that covers this environment, such as Environment Admin, then get a new token."
)
_REMEDIES = {
    400: "Check the API address; the server could not make sense of the request.",
    401: "Get a new token. If that does not help, this API does not accept tokens of this server, "
    "or the region or environment differs.",
    403: "The token is good, but it may not do this: it needs another scope, audience or role.",
    404: "Check the API address: environment id, region and path.",
    405: "This address takes no GET; choose another one for the sample call.",
    429: "Wait a little, then call again.",
}


def explain_status(response: WireResponse, presented: Presented, redact: Redact) -> tuple[str, str]:
    """Return problem and remedy of an answer; both empty for a success.

    Reads the challenge (RFC 6750, section 3) and error bodies in the manner of PingOne's API.
    """
    status = response.status
    if status in _SUCCESS:
        return "", ""
    if status in _REDIRECTS:
        return _redirect(response, redact)

    def clean(text: object, limit: int = 300) -> str:
        # Redacted before it is cut: half a secret is not recognised.
        return scrub(redact(scrub(str(text), limit=_SCAN_LIMIT)), limit=limit).rstrip(".")

    challenges = challenges_in(response.headers)
    error = _Error.read(response.body, challenge_for(challenges, presented.token.token_type), clean)
    problem = f"The API answered HTTP {status}{f': {error.text}' if error.text else ''}."
    if status in _REFUSALS and (remedy := challenge_remedy(status, challenges, presented, clean)):
        return problem, redact(remedy)  # it may quote the token's claims, which may hold anything
    if status == HTTPStatus.FORBIDDEN and error.pingone:
        return problem, _ROLE_HINT
    fallback = "Try again later; the fault is on the API's side." if status >= _SERVER_ERRORS else ""
    return problem, _REMEDIES.get(status, fallback)


def snippet(body: bytes, redact: Redact) -> str:
    """Return the start of a body, JSON indented, scrubbed and redacted, of ``BODY_LIMIT`` characters at most.

    Redacted before it is cut, so that no half of a token survives at the end; only of a very long body
    the end is left out first, far beyond what is shown.
    """
    text = _pretty(body[:_BODY_SCAN_LIMIT].decode("utf-8-sig", errors="replace"))
    shown = redact(scrub_block(text, limit=len(text) * 4 + 1))
    return shown if len(shown) <= BODY_LIMIT else shown[: BODY_LIMIT - 1] + ELLIPSIS


def _pretty(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


def _redirect(response: WireResponse, redact: Redact) -> tuple[str, str]:
    try:
        host = urlsplit(redact(response.header("location"))).hostname or "another path of the same host"
    except ValueError:
        host = "an unreadable address"
    target = scrub(host, limit=200)
    return (
        f"The API redirects (HTTP {response.status}) to {target}; the token did not go there.",
        "Enter the address that the API itself answers under.",
    )


class _Error:
    """What an API says about its refusal, in its body."""

    def __init__(self, text: str = "", *, pingone: bool = False) -> None:
        self.text, self.pingone = text, pingone

    @classmethod
    def read(cls, body: bytes, challenge: Challenge | None, clean: Callable[..., str]) -> _Error:
        """Read PingOne's body, else the challenge, else the body of another API."""
        try:
            members = parse_object(body)
        except StrictJsonError:
            members = {}
        if isinstance(members.get("code"), str) and isinstance(members.get("message"), str):
            return cls(_pingone_text(members, clean), pingone=True)
        said = challenge and (challenge.get("error_description") or challenge.error)
        return cls(clean(said or _message(members)))


def _pingone_text(members: Mapping[str, Any], clean: Callable[..., str]) -> str:
    """Return message, code, details and the id that Ping's support asks for."""
    text = f"{clean(members['message'])} ({clean(members['code'], 60)})"
    details = members.get("details")
    if isinstance(details, list):
        inner = [item["message"] for item in details[:3] if isinstance(item, dict) and "message" in item]
        text = "; ".join([text, *(clean(message, 150) for message in inner)])
    return f"{text}; reference {clean(members['id'], 80)}" if isinstance(members.get("id"), str) else text


def _message(members: Mapping[str, Any]) -> str:
    for name in ("error_description", "message", "detail", "title", "error"):
        if isinstance(members.get(name), str):
            return str(members[name])
    return ""
