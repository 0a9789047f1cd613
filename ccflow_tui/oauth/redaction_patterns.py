"""What looks like a credential is one: rules that mask secrets nobody told us about.

Every pattern runs in linear time: repeats are possessive or cannot start twice over the same text.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable

from ccflow_tui.models.secret import MASK

_NAME = r"(?:private[_-]?key|pass(?:word|phrase|wd)|api[_-]?key|secret|token|assertion)"
"""How the names of credentials end; what comes before, as in ``client_secret``, makes no difference."""
# As in JSON, in Python's repr (also of bytes), and in JSON inside JSON.
_VALUE = r"b?(?P<quote>\\*[\"'])(?:(?!(?P=quote))(?:\\.|.))*+(?:(?P=quote)|\Z)"

_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]++)-----.*?(?:-----END \1-----|\Z)", re.DOTALL)
_DOTTED = re.compile(r"(?<![\w-])[\w-]++(?:\.[\w-]*+){2,}", re.ASCII)
_HEADER = re.compile(
    r"((?:proxy-)?authorization(?:\\*[\"']?\s*[:=]|[\"']\s*,)\s*(?:b(?=[\"']))?\\*[\"']?)((?:basic|bearer|dpop)\s+)?[^\r\n\"'\\]+",
    re.IGNORECASE,
)
_BEARER = re.compile(r"\b(bearer|dpop)\s+(?=[^\s\"']*\d)[\w+/.~=-]{16,}", re.IGNORECASE | re.ASCII)
_BASIC = re.compile(r"\b(basic)\s+([\w+/-]{8,}={0,2})", re.IGNORECASE | re.ASCII)
# After a comma stands the value in a pair, but the next member's name in {"hint": "access_token", "iss": 1}.
_QUOTED = re.compile(
    rf"({_NAME}(?:\\*[\"']\s*(?::|(?P<comma>,))|=)\s*){_VALUE}(?(comma)(?!\s*:))", re.IGNORECASE | re.DOTALL
)
# In a form, and between the tags of XML.
_FORM = re.compile(rf"({_NAME}[=>])[^&\s\"'<>]+", re.IGNORECASE)
# A digit tells "client_secret: 2YotnFZFEjr1" from "client_secret: is required".
_PLAIN = re.compile(rf"({_NAME}\s*:\s+)(?=[^\s\"']*\d)[^\s\"',;]{{8,}}", re.IGNORECASE)
_JWK_MEMBER = re.compile(r"(\\*\"(?:d|p|q|dp|dq|qi|k)\\*\"\s*:\s*\\*\")[\w-]{16,}", re.ASCII)
_USERINFO = re.compile(r"(://)[^\s/?#\"'<>]+@")

_SHORTEST_JWT = 20


def mask_patterns(text: str) -> str:
    """Return ``text`` with everything masked that has the shape of a credential."""
    lowered = text.lower()
    for marks, pattern, replacement in _RULES:
        # Nearly every text has none of them, and looking for a few characters is quick.
        if any(mark in lowered for mark in marks):
            text = pattern.sub(replacement, text)
    return text


def _mask_jwt(match: re.Match[str]) -> str:
    run = match[0]
    # A JOSE header is base64url of '{"'.
    start = run.find("eyJ")
    if start < 0 or run.count(".", start) < 2 or len(run) - start < _SHORTEST_JWT:  # noqa: PLR2004 - dots of a JWS
        return run
    return run[:start] + MASK


def _mask_basic(match: re.Match[str]) -> str:
    text = match[2].rstrip("=")
    try:
        decoded = base64.urlsafe_b64decode(text.replace("+", "-").replace("/", "_") + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return match[0]
    # "Basic authentication" decodes as well, but to no pair of id and secret.
    return f"{match[1]} {MASK}" if b":" in decoded else match[0]


def _mask_header(match: re.Match[str]) -> str:
    return f"{match[1]}{match[2] or ''}{MASK}"


def _mask_quoted(match: re.Match[str]) -> str:
    return f"{match[1]}{match['quote']}{MASK}{match['quote']}"


_RULES: tuple[tuple[tuple[str, ...], re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (("-----begin",), _PEM, MASK),
    (("eyj",), _DOTTED, _mask_jwt),
    ((":", "=", '"', "'"), _HEADER, _mask_header),
    (("bearer", "dpop"), _BEARER, rf"\1 {MASK}"),
    (("basic",), _BASIC, _mask_basic),
    (('"', "'"), _QUOTED, _mask_quoted),
    (("=", ">"), _FORM, rf"\1{MASK}"),
    ((":",), _PLAIN, rf"\1{MASK}"),
    (('"',), _JWK_MEMBER, rf"\1{MASK}"),
    (("://",), _USERINFO, rf"\1{MASK}@"),
)
"""Marks in lower case, one of which is in every text that the pattern changes; the pattern; its replacement.

Letters stand for marks only where the pattern takes no others for them, as it would the long s for an s.
"""
