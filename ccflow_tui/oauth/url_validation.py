"""URL checks before anything is sent: what passes here goes over the wire byte for byte.

The rules are stricter than RFC 3986, because URL parsers disagree about backslashes, white space and
numbers as hosts, and such a disagreement sends a client secret to the wrong place.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import parse_qsl

from ccflow_tui.models.problems import InputProblem
from ccflow_tui.oauth.host_names import checked_host, host_notes, is_loopback

MAX_URL_LENGTH = 2048
"""Characters; servers and proxies cut longer URLs off."""

_DEFAULT_PORTS = {"https": 443, "http": 80}
_MAX_PORT = 65535
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_URL = re.compile(r"(https?)://([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?", re.IGNORECASE)
_AUTHORITY = re.compile(r"(\[[^\[\]]*\]|[^:\[\]]+)(?::([0-9]+))?")
_NO_URI_CHARACTER = re.compile(r"[^A-Za-z0-9._~:/?#@!$&'()*+,;=%-]")
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_DOT_SEGMENT = re.compile(r"/(?:\.|%2e){1,2}(?=/|$)", re.IGNORECASE)
_CREDENTIALS = frozenset({"client_secret", "client_assertion", "access_token", "refresh_token", "password"})
_LOOPBACK_NOTE = "Plain http is accepted here because this address is this machine itself."


@dataclass(frozen=True, slots=True)
class CheckedUrl:
    """A URL that may be used."""

    url: str
    """As typed, except that an international host is in its ASCII form."""
    origin: str
    """Scheme, host and port in normal form, to compare with; empty for a URI that is no http URL."""
    loopback: bool = False
    """Whether the host is this very machine, so that no proxy belongs in between."""
    notes: tuple[str, ...] = ()

    @property
    def loopback_http(self) -> bool:
        """Whether it is plain http to this machine, which a banner must say."""
        return self.loopback and self.origin.startswith("http:")


@dataclass(frozen=True, slots=True)
class _Parts:
    """An http URL taken apart, host in normal form."""

    url: str
    scheme: str
    host: str
    port: int | None
    query: str
    fragment: str

    @property
    def origin(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        is_default = self.port in {None, _DEFAULT_PORTS[self.scheme]}
        return f"{self.scheme}://{host}" if is_default else f"{self.scheme}://{host}:{self.port}"


def check_endpoint_url(text: str, *, field: str = "token_endpoint") -> CheckedUrl:
    """Check the URL of an endpoint that credentials are posted to (RFC 6749, section 3.2).

    It must be https, or http to this very machine; a query is kept, a fragment refused. Raises
    ``InputProblem`` for ``field`` otherwise, with a text that repeats nothing that could be a password.
    """
    parts = _take_apart(text, field)
    if parts.fragment:
        raise InputProblem(field, "The URL has a fragment.", "Remove everything from the # on.")
    leaked = next((name for name, _ in parse_qsl(parts.query[1:]) if name.lower() in _CREDENTIALS), "")
    if leaked:
        raise InputProblem(
            field,
            f"The query of the URL holds {leaked}, and URLs end up in logs.",
            "Remove it there; credentials go into their own field.",
        )
    return _secured(parts, field)


def check_issuer(text: str, *, field: str = "issuer") -> CheckedUrl:
    """Check an issuer identifier: an https URL without query and fragment (RFC 8414, section 2).

    A trailing slash is significant and stays as typed; http to this very machine is accepted too. Raises
    ``InputProblem`` for ``field``.
    """
    parts = _take_apart(text, field)
    if parts.query or parts.fragment:
        raise InputProblem(
            field, "An issuer has no query and no fragment.", "Remove everything from the ? or # on."
        )
    return _secured(parts, field)


def check_resource(text: str, *, field: str = "resources") -> CheckedUrl:
    """Check a resource indicator: an absolute URI of any scheme, without fragment (RFC 8707, section 2).

    Nothing is sent to it, so plain http is accepted. Raises ``InputProblem`` for ``field``.
    """
    _check_characters(text, field)
    scheme = _SCHEME.match(text)
    if not scheme or not text[scheme.end() :].strip("/"):
        raise InputProblem(
            field,
            "A resource indicator is an absolute URI.",
            "Write it like https://api.example.com or urn:example:api; a plain name belongs into Audience.",
        )
    if "#" in text:
        raise InputProblem(field, "A resource indicator has no fragment.", "Remove everything from the # on.")
    notes = ("A resource indicator should have no query (RFC 8707).",) if "?" in text else ()
    if scheme[1].lower() in _DEFAULT_PORTS:
        parts = _take_apart(text, field)
        return CheckedUrl(parts.url, parts.origin, notes=notes + host_notes(parts.host))
    _check_uri(text, field)
    return CheckedUrl(text, "", notes=notes)


def origin_of(url: str) -> str:
    """Return scheme, host and port of an http URL in normal form (RFC 6454, section 4), to compare with.

    The default port is left out and case is folded. Anything that is no usable http URL gives an empty
    text.
    """
    try:
        return _take_apart(url, "url").origin
    except InputProblem:
        return ""


def lone_origin(text: str) -> str:
    """Return the origin that ``text`` is, or an empty text when it is none or more than one (a path, say)."""
    found = _URL.fullmatch(text)
    if found is None or any((found[3].strip("/"), found[4], found[5])):
        return ""
    return origin_of(text)


def _secured(parts: _Parts, field: str) -> CheckedUrl:
    """Accept https, and http where it cannot leave the machine."""
    is_plain, loopback = parts.scheme == "http", is_loopback(parts.host)
    if is_plain and not loopback:
        raise InputProblem(
            field,
            "Plain http would send credentials in the clear.",
            "Use https; http is accepted for localhost, 127.0.0.1 and [::1] only.",
        )
    notes = host_notes(parts.host) + ((_LOOPBACK_NOTE,) if is_plain else ())
    return CheckedUrl(parts.url, parts.origin, loopback, notes)


def _take_apart(text: str, field: str) -> _Parts:
    _check_characters(text, field)
    match = _URL.fullmatch(text)
    if not match:
        _refuse_scheme(text, field)
    scheme, authority, path, query, fragment = (part or "" for part in match.groups())
    if "@" in authority:
        raise InputProblem(
            field, "The URL holds a user name or password.", "Remove everything between // and @."
        )
    host_and_port = _AUTHORITY.fullmatch(authority)
    if not host_and_port:
        raise InputProblem(
            field, "The URL has no valid host.", "Write it like https://auth.example.com/token."
        )
    host = checked_host(host_and_port[1], field)
    if _DOT_SEGMENT.search(path):
        raise InputProblem(field, "The path has a . or .. segment.", "Write the path without it.")
    _check_uri(path + query + fragment, field)
    url = text if authority.isascii() else text.replace(host_and_port[1], host, 1)
    return _Parts(url, scheme.lower(), host, _port(host_and_port[2], field), query, fragment)


def _port(text: str | None, field: str) -> int | None:
    if text is None:
        return None
    # Leading zeros are legal (RFC 3986, section 3.2.3), but no two parsers need agree about them.
    if not _PORT.fullmatch(text) or int(text) > _MAX_PORT:
        raise InputProblem(
            field,
            "The port is out of range or begins with a zero.",
            f"Use a port from 1 to {_MAX_PORT}, without zeros in front.",
        )
    return int(text)


def _check_characters(text: str, field: str) -> None:
    """Refuse what URL parsers drop, move or read in different ways."""
    if not text.strip():
        raise InputProblem(field, "A URL is required.", "Write it like https://auth.example.com/token.")
    if len(text) > MAX_URL_LENGTH:
        raise InputProblem(
            field, f"The URL is longer than {MAX_URL_LENGTH} characters.", "Check what was pasted."
        )
    if text != text.strip():
        raise InputProblem(field, "There is white space before or after the URL.", "Remove it.")
    for char in text:
        if char == "\\" or unicodedata.category(char)[0] in "CZ":
            raise InputProblem(
                field, f"The URL holds {_named(char)}.", "Remove it; a URL has no such character."
            )


def _check_uri(text: str, field: str) -> None:
    """Allow only what RFC 3986 allows, so that no HTTP library rewrites the URL."""
    odd = _NO_URI_CHARACTER.search(text)
    if odd:
        raise InputProblem(field, f"The URL holds {_named(odd[0])}.", "Percent-encode it (RFC 3986).")
    if _BAD_PERCENT.search(text):
        raise InputProblem(
            field, "A % in the URL is not followed by two hex digits.", "Write a literal % as %25."
        )


def _named(char: str) -> str:
    names = {"\\": "a backslash", " ": "a space", "\t": "a tab", "\n": "a line break", "\r": "a line break"}
    code = f"U+{ord(char):04X}"
    return names.get(char) or (f"{char} ({code})" if char.isprintable() else f"the character {code}")


def _refuse_scheme(text: str, field: str) -> NoReturn:
    """Say what is wrong with the beginning, with a suggestion where repeating the text is safe."""
    scheme = _SCHEME.match(text)
    if scheme and text[scheme.end() :].startswith("//"):
        raise InputProblem(field, f"The scheme is {scheme[1][:20]}, not https.", "Begin it with https://.")
    is_harmless = text[0].isalnum() and "@" not in text and not _NO_URI_CHARACTER.search(text)
    bare = re.sub(r"^https?:/?", "", text, flags=re.IGNORECASE)
    example = f", as in https://{bare[:200]}" if is_harmless and bare else ""
    raise InputProblem(field, "The URL does not begin with https://.", f"Begin it with https://{example}.")
