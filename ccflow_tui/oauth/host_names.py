"""Hosts of URLs: one normal form, no ambiguous spelling, international names shown for what they are."""

from __future__ import annotations

import re
import unicodedata
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from ccflow_tui.models.problems import InputProblem

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_MAX_HOST_LENGTH = 253
_EAST_ASIAN = frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL", "BOPOMOFO"})
"""Scripts that one name may mix without being a look-alike of another."""


def checked_host(typed: str, field: str) -> str:
    """Return a host in normal form: lower case, ASCII, an IPv6 address shortened and without brackets.

    Raises ``InputProblem`` for ``field`` when resolvers could disagree about what it means, such as
    ``127.1`` or ``0x7f.1``, and when it cannot be a host at all.
    """
    if typed.startswith("["):
        return _ipv6(typed[1:-1], field)
    host = typed.lower() if typed.isascii() else _to_ascii(typed, field)
    labels = host.removesuffix(".").split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return _ipv4(host, field)
    if len(host) > _MAX_HOST_LENGTH or not all(map(_LABEL.fullmatch, labels)):
        raise InputProblem(field, "The host name is not valid.", "Write it like auth.example.com.")
    return host


def is_loopback(host: str) -> bool:
    """Whether a host in normal form is this machine: ``localhost``, 127.0.0.0/8 or ::1.

    ``localhost.``, names below ``localhost`` and IPv4 addresses mapped into IPv6 are left out on purpose:
    resolvers differ about them.
    """
    if ":" in host:
        return host == "::1"
    return host == "localhost" or (_is_ipv4(host) and IPv4Address(host).is_loopback)


def host_notes(host: str) -> tuple[str, ...]:
    """Return what a person should know about an international host: both forms, and mixed scripts."""
    labels = [_to_unicode(label) for label in host.split(".")]
    shown = ".".join(labels)
    if shown == host:
        return ()
    notes = [f"{shown} is {host} on the wire."]
    mixed = next((scripts for scripts in map(_scripts, labels) if _is_suspicious(scripts)), frozenset())
    if mixed:
        names = " and ".join(sorted(name.capitalize() for name in mixed))
        notes.append(f"Its letters are from {names}, as in names made to look like another.")
    return tuple(notes)


def _ipv6(text: str, field: str) -> str:
    try:
        if "%" in text:
            raise AddressValueError("zone")
        return str(IPv6Address(text))
    except AddressValueError:
        raise InputProblem(
            field, "The IPv6 address in the brackets is not valid.", "Write it like [::1], without a zone."
        ) from None


def _is_ipv4(host: str) -> bool:
    try:
        IPv4Address(host)
    except AddressValueError:
        return False
    return True


def _ipv4(host: str, field: str) -> str:
    if not _is_ipv4(host):
        raise InputProblem(
            field,
            "The host is a number that resolvers read in different ways.",
            "Write all four parts of the IPv4 address in decimal, like 127.0.0.1.",
        )
    return host


def _to_ascii(typed: str, field: str) -> str:
    """Encode an international name (RFC 5890), refusing what the two editions of IDNA map differently."""
    try:
        encoded = typed.encode("idna")
        unchanged = encoded.decode("idna") == unicodedata.normalize("NFC", typed).lower()
    except UnicodeError:
        unchanged = False
    if not unchanged:
        raise InputProblem(
            field,
            "The international host name has no single ASCII form.",
            "Write the host in its xn-- form.",
        )
    return encoded.decode("ascii").lower()


def _to_unicode(label: str) -> str:
    """Decode one ``xn--`` label; what cannot be decoded or shown stays as it is."""
    if not label.startswith("xn--"):
        return label
    try:
        decoded = label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label
    return decoded if decoded.isprintable() else label


def _scripts(label: str) -> frozenset[str]:
    """Return the scripts of a label's letters by the first word of each letter's Unicode name."""
    return frozenset(unicodedata.name(char, "UNKNOWN").split()[0] for char in label if char.isalpha())


def _is_suspicious(scripts: frozenset[str]) -> bool:
    return len(scripts) > 1 and not scripts <= _EAST_ASIAN
