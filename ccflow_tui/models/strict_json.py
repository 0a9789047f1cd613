"""JSON objects from strangers: parsed strictly, and never at the price of a crash."""

from __future__ import annotations

import codecs
import json
import math
import re
from contextlib import suppress
from typing import Any, NoReturn

MAX_DIGITS = 100
"""Integers with more digits are refused; Python itself gives up with an error above 4,300."""
MAX_MARKS = 50_000
"""Texts and brackets in one document; three bytes of it can become an object of a hundred."""
_MAX_SHOWN = 60

_STRUCTURE = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
"""A whole string (even one that never ends, so that the scan stays linear), or a bracket."""

_WIDE_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)


class StrictJsonError(ValueError):
    """The text is no JSON object that can be trusted; the message gives the reason in a few safe words.

    It never carries the document, which may hold a token. ``detail`` is what the parser says; ``line`` and
    ``column`` count from 1. Without a place in the text they are empty and 0.
    """

    def __init__(self, reason: str, *, detail: str = "", line: int = 0, column: int = 0) -> None:
        super().__init__(f"{reason} ({detail}, line {line}, column {column})" if detail else reason)
        self.reason, self.detail, self.line, self.column = reason, detail, line, column


def parse_object(body: bytes, *, max_depth: int = 32) -> dict[str, Any]:
    """Return the JSON object in ``body`` (RFC 8259); any encoding but UTF-8 is refused (section 8.1).

    A UTF-8 byte order mark is skipped. Otherwise as ``parse_object_text``.
    """
    return parse_object_text(_decode(body), max_depth=max_depth)


def parse_object_text(text: str, *, max_depth: int = 32, finite: bool = False) -> dict[str, Any]:
    """Return the JSON object in ``text``, refusing whatever two parsers could read differently.

    Refused are duplicate members, ``NaN`` and ``Infinity``, integers of more than 100 digits, nesting
    deeper than ``max_depth`` and more texts and brackets than ``MAX_MARKS``; with ``finite`` also numbers
    that overflow to infinity. Raises ``StrictJsonError``.
    """
    value = _parse(text, max_depth, finite=finite)
    if isinstance(value, dict):
        return value
    raise StrictJsonError("the JSON is not an object")


def parse_array_text(text: str, *, max_depth: int = 32) -> list[Any]:
    """Return the JSON array in ``text``, as strictly as ``parse_object_text``; raises ``StrictJsonError``."""
    value = _parse(text, max_depth, finite=True)
    if isinstance(value, list):
        return value
    raise StrictJsonError("the JSON is not an array")


def _parse(text: str, max_depth: int, *, finite: bool) -> object:
    _check_size(text, max_depth)
    try:
        value: object = json.loads(
            text,
            object_pairs_hook=_unique_members,
            parse_constant=_refuse_constant,
            parse_int=_bounded_int,
            parse_float=_finite if finite else None,
        )
    except json.JSONDecodeError as error:
        problem = StrictJsonError("not valid JSON", detail=error.msg, line=error.lineno, column=error.colno)
    else:
        return value
    raise problem  # not from the handler: the decoder's error holds the whole document


def _decode(body: bytes) -> str:
    if not body.strip():
        raise StrictJsonError("the body is empty")
    if body.startswith(_WIDE_BOMS) or b"\x00" in body[:4]:
        raise StrictJsonError("the text is UTF-16 or UTF-32, not UTF-8")
    with suppress(UnicodeDecodeError):
        return body.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    raise StrictJsonError("the text is not UTF-8")


def _check_size(text: str, max_depth: int) -> None:
    """Count before parsing, since the parser recurses, and builds whatever it reads."""
    depth = 0
    for count, match in enumerate(_STRUCTURE.finditer(text)):
        if count == MAX_MARKS:
            raise StrictJsonError("far too many values")
        mark = text[match.start()]
        if mark in "[{":
            depth += 1
            if depth > max_depth:
                raise StrictJsonError(f"nested deeper than {max_depth} levels")
        elif mark in "]}":
            depth -= 1


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            # JSON's own escapes keep a hostile name in one inert line.
            raise StrictJsonError(f"the member {json.dumps(name[:_MAX_SHOWN])} occurs twice")
        members[name] = value
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise StrictJsonError(f"{name} is not a JSON number")


def _bounded_int(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise StrictJsonError("a number is too long")
    return int(digits)


def _finite(text: str) -> float:
    if math.isfinite(number := float(text)):
        return number
    raise StrictJsonError("a number is too large")
