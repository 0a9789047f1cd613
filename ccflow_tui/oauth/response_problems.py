"""Answers that are neither a token nor an OAuth error: what they are, in words that help."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from ccflow_tui.models.outcome import Malformed, Phase
from ccflow_tui.oauth.json_outline import outline_of
from ccflow_tui.oauth.redaction_patterns import mask_patterns
from ccflow_tui.oauth.response_headers import header, media_type
from ccflow_tui.oauth.sanitize import scrub, scrub_block
from ccflow_tui.oauth.token_answer import SCAN_LIMIT, TokenAnswer

SNIPPET_LIMIT = 1000
"""Characters of a strange body that are shown."""

SUCCESS = range(200, 300)
_MESSAGE_LIMIT = 200
"""Characters of an error's text that a reason can hold."""
_MESSAGE_MEMBERS = ("error_description", "message", "detail", "errorSummary", "title", "error")
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_HTML_START = re.compile(rb"\s*<(?:!doctype html|html|head|body|!--)", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,500})", re.IGNORECASE)
_FORM_BODY = re.compile(rb"\s*[\w.]{1,60}=[^\s&<>]*(?:&[\w.]{1,60}=[^\s&<>]*)*\s*")


def redirect(answer: TokenAnswer) -> Malformed:
    """Describe a redirect, which is never followed: it would carry the credentials elsewhere."""
    target = _redirect_target(answer.redact(header(answer.headers, "location")), answer.exchange.server)
    where = f" to {answer.clean(target, limit=200)}" if target else ""
    reason = f"The server answered with a redirect (HTTP {answer.status}){where}; ccflow did not follow it."
    return malformed(answer, "redirect", reason, phase=Phase.HTTP)


def _redirect_target(location: str, server: str) -> str:
    """Return the path on the same server, else only the other server's host; never a query."""
    try:
        parts = urlsplit(scrub(location, limit=2000))
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "an unreadable address"
    place = host if port is None else f"{host}:{port}"
    if not host:
        return parts.path
    same = server in {place, host}
    return f"{parts.scheme}://{place}{parts.path}" if same else f"another server, {place}"


def not_json(answer: TokenAnswer, problem: str) -> Malformed:
    """Describe a body that is no JSON object; ``problem`` is the parser's reason."""
    if answer.status not in SUCCESS:
        title = _page_title(answer)
        return http_error(answer, f'a web page titled "{title}"' if title else _plain_words(answer))
    kind = answer.exchange.content_type
    if _is_html(answer):
        title = _page_title(answer)
        named = f', titled "{title}"' if title else ""
        reason = f"The server answered with a web page ({_size(answer)}{named}) instead of a token response."
        return malformed(answer, "html", reason)
    if kind == "application/x-www-form-urlencoded" or _FORM_BODY.fullmatch(answer.body[:SCAN_LIMIT]):
        reason = (
            "The server answered in form encoding instead of JSON, which RFC 6749 (section 5.1) requires."
        )
        return malformed(answer, "form-encoded", reason)
    if not answer.body.strip():
        return malformed(answer, "empty", f"The server answered HTTP {answer.status} without a body.")
    described = f"{kind}, {_size(answer)}" if kind else _size(answer)
    return malformed(answer, "bad-json", f"The answer ({described}) is no token response: {problem}.")


def http_error(answer: TokenAnswer, message: str) -> Malformed:
    """Describe an HTTP status that stands alone, without an OAuth error to explain it."""
    said = f": {message}" if message else ""
    reason = f"The server answered {_status_line(answer.status)} without an OAuth error{said}."
    return malformed(answer, "http-error", reason, phase=Phase.HTTP)


def malformed(answer: TokenAnswer, kind: str, reason: str, *, phase: Phase = Phase.PARSE) -> Malformed:
    """Return the outcome with what may be shown of the body."""
    return Malformed(
        reason=scrub(reason), kind=kind, snippet=_snippet(answer), exchange=answer.exchange, phase=phase
    )


def message_of(answer: TokenAnswer, members: Mapping[str, Any]) -> str:
    """Return what a JSON error of another shape says, or an empty text."""
    inner = members.get("error")
    sources = (inner, members) if isinstance(inner, Mapping) else (members,)
    for source in sources:
        for name in _MESSAGE_MEMBERS:
            if isinstance(source.get(name), str) and source[name].strip():
                return answer.clean(source[name], limit=_MESSAGE_LIMIT).rstrip(".")
    return ""


def phrase_of(status: int) -> str:
    """Return the words for a status (RFC 9110, section 15), or an empty text for an unknown one."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _status_line(status: int) -> str:
    phrase = phrase_of(status)
    return f"HTTP {status} ({phrase})" if phrase else f"HTTP {status}"


def _is_html(answer: TokenAnswer) -> bool:
    return media_type(answer.headers) in _HTML_TYPES or _HTML_START.match(answer.body[:500]) is not None


def _page_title(answer: TokenAnswer) -> str:
    found = _TITLE.search(_text(answer)) if _is_html(answer) else None
    if found is None:
        return ""
    from html import unescape

    return answer.clean(unescape(found[1]), limit=80)


def _plain_words(answer: TokenAnswer) -> str:
    """Return an error's whole text where it is but a line and no page, in whatever format it came."""
    words = "" if _is_html(answer) else " ".join(_snippet(answer).split())
    says_something = len(words) <= _MESSAGE_LIMIT and any(character.isalpha() for character in words)
    return words.rstrip(".") if says_something else ""


def _snippet(answer: TokenAnswer) -> str:
    """Return what may be shown of a body.

    After a success nobody knows where the token is, so of JSON only the structure is shown, and of anything
    else but a web page only what it is.
    """
    if answer.status in SUCCESS and answer.body.strip():
        outline = outline_of(answer.body.decode("utf-8-sig", errors="replace"))
        if outline is not None:
            return scrub(answer.redact(outline), limit=SNIPPET_LIMIT)
        if not _HTML_START.match(answer.body[:500]):
            return f"{answer.exchange.content_type or 'no content type'}, {_size(answer)}"
    text = mask_patterns(answer.redact(scrub_block(_text(answer), limit=SCAN_LIMIT)))
    return scrub_block(text, limit=SNIPPET_LIMIT)


def _text(answer: TokenAnswer) -> str:
    return answer.body[:SCAN_LIMIT].decode("utf-8", errors="replace")


def _size(answer: TokenAnswer) -> str:
    kibibytes = len(answer.body) / 1024
    return f"{len(answer.body)} bytes" if kibibytes < 1 else f"{kibibytes:.0f} KB"
