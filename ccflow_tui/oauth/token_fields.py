"""The members of a successful token response (RFC 6749, section 5.1), each read with suspicion."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth.sanitize import scrub

MAX_LIFETIME = 31_536_000
"""Seconds; a year. A longer lifetime is cut to it, so that date arithmetic stays in range."""

BEARER, DPOP = "Bearer", "DPoP"
"""Token types that ccflow can use (RFC 6750; RFC 9449, section 5)."""

Redact = Callable[[str], str]
"""Masks secrets in a text, since some servers echo the request."""

_B64TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]+=*")
_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,100}")
_NOT_VSCHAR = re.compile(r"[^\x20-\x7e]")
_EXTRA_TOKENS = ("refresh_token", "id_token")


class TokenFieldError(ValueError):
    """A member without which there is no usable token; the text names it and never shows a token.

    ``kind`` is ``missing-field``, ``token-type``, ``dpop-downgrade`` or ``dpop-other-key``.
    """

    def __init__(self, reason: str, *, kind: str = "missing-field") -> None:
        super().__init__(reason)
        self.kind = kind


def read_access_token(answer: Mapping[str, Any]) -> str:
    """Return the token; raises ``TokenFieldError`` unless it is text of printable ASCII (appendix A.12)."""
    token = _required_text(answer, "access_token")
    if _NOT_VSCHAR.search(token):
        raise TokenFieldError("access_token holds characters that no token may hold (RFC 6749, A.12)")
    return token


def fits_header(token: Secret) -> bool:
    """Whether an Authorization header can carry the token (RFC 6750, section 2.1; RFC 9449, section 7.1)."""
    return _B64TOKEN.fullmatch(token.reveal()) is not None


def read_token_type(answer: Mapping[str, Any], redact: Redact = str, *, dpop: bool = False) -> str:
    """Return ``Bearer``, or ``DPoP`` where the request held a proof.

    A type that ccflow cannot use raises ``TokenFieldError`` (section 7.1). Case does not count, nor do spaces
    around it: in a message nobody would see them.
    """
    token_type = _required_text(answer, "token_type").strip()
    for usable in (BEARER, DPOP) if dpop else (BEARER,):
        if token_type.lower() == usable.lower():
            return usable
    shown = scrub(redact(token_type), limit=40)
    raise TokenFieldError(f'token_type is "{shown}", which ccflow cannot use', kind="token-type")


def _required_text(answer: Mapping[str, Any], name: str) -> str:
    value = answer.get(name)
    if value is None:
        raise TokenFieldError(f"{name} is missing")
    if not isinstance(value, str):
        raise TokenFieldError(f"{name} is not text")
    if not value.strip():
        raise TokenFieldError(f"{name} is empty")
    return value


def read_expires_in(answer: Mapping[str, Any]) -> tuple[int | None, str]:
    """Return the lifetime in seconds, or ``None`` when it is not stated, and what is odd about it."""
    if answer.get("expires_in") is None:
        return None, "The server did not state a lifetime (expires_in), so no countdown is possible."
    seconds = _whole_seconds(answer["expires_in"])
    if seconds is None:
        return None, "expires_in is not a number of seconds; the lifetime counts as not stated."
    if seconds <= 0:
        return 0, f"expires_in is {seconds if seconds > -MAX_LIFETIME else 'negative'}: expired on arrival."
    if seconds > MAX_LIFETIME:
        return MAX_LIFETIME, "expires_in is longer than a year; ccflow counts one year."
    return seconds, ""


def _whole_seconds(value: object) -> int | None:
    """Read a JSON number or a plain decimal text; Python's own ``int`` would take ``3_600`` and ``True``."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if math.isfinite(value) else None
    if isinstance(value, str) and _WHOLE_NUMBER.fullmatch(value):
        return int(value)
    return None


def read_scope(
    answer: Mapping[str, Any], requested: str, redact: Redact = str
) -> tuple[str | None, tuple[str, ...]]:
    """Return the scope granted, or ``None`` when left out, and how it differs from the one requested.

    Both without secrets. Most servers grant what was asked for, and in the client's own words nothing needs
    to be looked for.
    """
    value = answer.get("scope")
    if value is None:
        return None, _unsaid(requested)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        text, notes = " ".join(value), ["The scope came as a list instead of a text."]
    elif isinstance(value, str):
        text, notes = value, []
    else:
        return None, ("The scope in the answer is not text and was ignored.", *_unsaid(requested))
    is_own = set(text.split()) <= set(requested.split())
    granted = scrub(text if is_own else redact(text), limit=4000)
    return granted, (*notes, *(scrub(redact(note)) for note in _scope_differences(granted, requested)))


def _unsaid(requested: str) -> tuple[str, ...]:
    if not requested.split():
        return ()
    return (
        "The server did not say which scopes it granted. That should mean all you asked for, but some "
        "servers drop unknown scopes without a word.",
    )


def _scope_differences(granted: str, requested: str) -> Iterator[str]:
    got, asked = granted.split(), requested.split()
    missing = [scope for scope in asked if scope not in got]
    extra = [scope for scope in got if scope not in asked] if asked else []
    if missing:
        yield f"Granted less than you asked for; not granted: {' '.join(missing)}."
    if extra:
        yield f"Granted more than you asked for: {' '.join(extra)}."


def extra_token_notes(answer: Mapping[str, Any]) -> tuple[str, ...]:
    """Say which tokens came along that this grant does not call for (section 4.4.3)."""
    return tuple(
        f"The answer also held a {name}; ccflow neither keeps nor uses it."
        for name in _EXTRA_TOKENS
        if answer.get(name)
    )
