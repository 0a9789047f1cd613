"""From the bytes of a token endpoint's answer to exactly one outcome; never raises, whatever came."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.outcome import Exchange, Granted, Outcome, Refused
from ccflow_tui.models.secret import MASK, Secret
from ccflow_tui.models.strict_json import StrictJsonError, parse_object, parse_object_text
from ccflow_tui.oauth.authorization_details import echo_notes
from ccflow_tui.oauth.challenges import challenges_in
from ccflow_tui.oauth.own_expiry import earlier_lifetime, own_lifetime, quick_claims
from ccflow_tui.oauth.response_headers import (
    CORRELATION_HEADERS,
    clock_skew,
    correlation_id,
    header,
    http_date,
    media_type,
    retry_after_seconds,
)
from ccflow_tui.oauth.response_problems import (
    SUCCESS,
    http_error,
    malformed,
    message_of,
    not_json,
    phrase_of,
    redirect,
)
from ccflow_tui.oauth.token_answer import TokenAnswer
from ccflow_tui.oauth.token_binding import check_binding
from ccflow_tui.oauth.token_fields import (
    TokenFieldError,
    extra_token_notes,
    read_access_token,
    read_expires_in,
    read_scope,
    read_token_type,
)

__all__ = ["TokenAnswer", "clock_skew", "parse_token_response", "retry_after_seconds"]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_OK, _ERRORS_FROM = 200, 400
_SHORTEST_MASKED = 4
"""Characters below which a token stands by chance in any text."""
_SHOWN_HEADERS = frozenset({"content-type", *CORRELATION_HEADERS})
_PLAIN_VALUES = frozenset(
    {"application/json", "application/json;charset=UTF-8", "application/json; charset=utf-8"}
)
"""What nearly every answer says of its type; nothing to redact."""
_BODY_IDS = ("correlation_id", "trace_id", "id")
_CODE = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]{1,60}")
"""An error code (RFC 6749, appendix A.7) of a length that one has."""


def parse_token_response(answer: TokenAnswer) -> Outcome:
    """Return what the server's answer means (RFC 6749, sections 5.1 and 5.2).

    An OAuth error is a refusal at any HTTP status, even with a token beside it. A redirect is never
    followed. Everything else that is no token response comes back as ``Malformed`` with its kind:
    ``redirect``, ``http-error``, ``html``, ``form-encoded``, ``empty``, ``bad-json``, ``missing-field``,
    ``token-type``, ``dpop-downgrade``, ``dpop-other-key`` or ``malformed``.
    """
    answer = replace(answer, exchange=_exchange(answer))
    if answer.status in _REDIRECTS:
        return redirect(answer)
    try:
        members = parse_object(answer.body)
    except StrictJsonError as problem:
        refusal = _refusal(answer, _error_in_latin(answer))
        return refusal or not_json(answer, str(problem))
    if answer.status >= _ERRORS_FROM:
        answer = replace(answer, exchange=_with_body_id(answer, members))
    if refusal := _refusal(answer, members):
        return refusal
    if answer.status not in SUCCESS:
        return http_error(answer, message_of(answer, members))
    return _granted(answer, members)


def _error_in_latin(answer: TokenAnswer) -> dict[str, Any]:
    """Return the members of an error whose words are in ISO-8859-1, which JSON must not be; else nothing.

    A code in ASCII does not lose its meaning by an umlaut in the description. A token gets no such leniency.
    """
    if answer.status < _ERRORS_FROM:
        return {}
    try:
        return parse_object_text(answer.body.decode("latin-1"))
    except StrictJsonError:
        return {}


def _exchange(answer: TokenAnswer) -> Exchange:
    received_at = answer.requested_at if answer.received_at is None else answer.received_at
    date = header(answer.headers, "date")
    # Redacted before they are cut or put into lower case, after which a secret is not recognised.
    shown = tuple(
        (name, value if value in _PLAIN_VALUES else answer.redact(value))
        for name, value in answer.headers
        if name in _SHOWN_HEADERS
    )
    server_time = http_date(date)
    return replace(
        answer.exchange,
        http_status=answer.status,
        content_type=media_type(shown),
        correlation_id=answer.clean(found) if (found := correlation_id(shown)) else "",
        clock_skew=clock_skew(date, received_at),
        retry_after=retry_after_seconds(
            header(answer.headers, "retry-after"), now=received_at if server_time is None else server_time
        ),
    )


def _with_body_id(answer: TokenAnswer, members: dict[str, Any]) -> Exchange:
    """Find the correlation id in the body when no header held one."""
    if answer.exchange.correlation_id:
        return answer.exchange
    printed = correlation_id((), str(members.get("error_description", "")))
    stated = (str(members[name]) for name in _BODY_IDS if isinstance(members.get(name), str))
    return replace(answer.exchange, correlation_id=answer.clean(printed or next(stated, ""), limit=120))


def _refusal(answer: TokenAnswer, members: dict[str, Any]) -> Refused | None:
    """Return the OAuth error in the body, or failing that the one in the challenge."""
    code = members.get("error")
    if not isinstance(code, str) or not code.strip() or _is_framework_error(answer, members):
        return _challenge_refusal(answer)
    return Refused(
        code=answer.clean(code, limit=100) or "unreadable",
        description=answer.clean(members.get("error_description") or ""),
        error_uri=_web_address(answer.clean(members.get("error_uri") or "")),
        exchange=answer.exchange,
    )


def _is_framework_error(answer: TokenAnswer, members: dict[str, Any]) -> bool:
    """Tell the error of a web framework or gateway, whose ``error`` is an HTTP phrase, from an OAuth error.

    Words with a space between them are no code that anybody registered. With a description beside them, or
    with 400, which is the status of section 5.2, they are taken for one all the same.
    """
    if answer.status < _ERRORS_FROM:
        return False
    if isinstance(members.get("status"), int) and ("timestamp" in members or "path" in members):
        return True
    if isinstance(members.get("error_description"), str):
        return False
    words = str(members.get("error")).strip()
    if words.lower() == phrase_of(answer.status).lower():
        return True
    return answer.status != HTTPStatus.BAD_REQUEST and " " in words


def _challenge_refusal(answer: TokenAnswer) -> Refused | None:
    """Read the error of a WWW-Authenticate challenge (RFC 6750, section 3), where the body had none."""
    if answer.status < _ERRORS_FROM:
        return None
    for challenge in challenges_in(answer.headers):
        code = answer.clean(challenge.error, limit=100)
        if _CODE.fullmatch(code):
            return Refused(code, answer.clean(challenge.get("error_description")), exchange=answer.exchange)
    return None


def _web_address(text: str) -> str:
    """Keep the address of an error page only where it is one; it is shown, never opened."""
    return text if text.startswith(("https://", "http://")) and " " not in text else ""


def _granted(answer: TokenAnswer, members: dict[str, Any]) -> Outcome:
    if isinstance(members.get("error"), dict | list):
        reason = f"The answer reports an error: {message_of(answer, members) or 'it gives no reason'}."
        return malformed(answer, "malformed", reason)
    try:
        value = Secret(read_access_token(members))
        answer = _knowing(value, answer)
        token_type = read_token_type(members, answer.redact, dpop=answer.binding is not None)
        binding_notes = check_binding(value, token_type, answer.binding) if answer.binding else ()
    except TokenFieldError as problem:
        return malformed(answer, problem.kind, f"The answer is no usable token response: {problem}.")
    expires_in, expiry_note = read_expires_in(members)
    scope, scope_notes = read_scope(members, answer.requested_scope, answer.redact)
    earlier = earlier_lifetime(expires_in, _own_lifetime(value, answer))
    token = AccessToken(
        value=value,
        token_type=token_type,
        requested_at=answer.requested_at,
        requested_at_monotonic=answer.requested_at_monotonic,
        expires_in=expires_in if earlier is None else earlier,
        scope=scope,
        requested_scope=answer.requested_scope,
        stated_expires_in=None if earlier is None else expires_in,
    )
    details = echo_notes(answer.requested_details, members.get("authorization_details"))
    others = (*details, *binding_notes, *_both_expiries(expires_in, earlier))
    differences = (*scope_notes, *answer.clean_all(others))
    oddities = answer.clean_all((*extra_token_notes(members), *_wrapping_notes(answer)))
    lifetime = answer.clean_all((expiry_note,)) if expiry_note else ()
    return Granted(token, answer.exchange, (*lifetime, *differences, *oddities), differences)


def _both_expiries(stated: int | None, earlier: int | None) -> Iterator[str]:
    if earlier is not None:
        yield f"expires_in says {stated} s, the token's own exp {earlier} s; the earlier one counts."


def _own_lifetime(token: Secret, answer: TokenAnswer) -> float | None:
    """Return the seconds that a JWT lives by its own ``exp``, counted on the server's clock."""
    skew = answer.exchange.clock_skew
    server_time = None if skew is None else answer.requested_at + skew
    return own_lifetime(quick_claims(token.reveal()), server_time=server_time)


def _knowing(token: Secret, answer: TokenAnswer) -> TokenAnswer:
    """Return the answer with a ``redact`` that masks the token itself, which nobody else knows yet."""
    redact, text = answer.redact, token.reveal().strip()
    if len(text) < _SHORTEST_MASKED:
        return answer
    return replace(answer, redact=lambda shown: redact(shown.replace(text, MASK)))


def _wrapping_notes(answer: TokenAnswer) -> Iterator[str]:
    """Say what is odd about the answer around the token (section 5.1)."""
    if answer.status != _OK:
        yield f"The token came with HTTP {answer.status} instead of 200."
    kind = answer.exchange.content_type
    if kind != "application/json":
        label = f"is labelled {kind}" if kind else "has no content type"
        yield f"The answer {label} instead of application/json."
    if answer.body.startswith(codecs.BOM_UTF8):
        yield "The answer starts with a byte order mark, which JSON should not have."
    if "no-store" not in header(answer.headers, "cache-control").lower():
        yield "The server did not send Cache-Control: no-store; a proxy might keep the token."
