"""Authorization details (RFC 9396): what is asked for in JSON, and what the server made of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.secret_shapes import is_secret_value
from ccflow_tui.models.strict_json import StrictJsonError, parse_array_text
from ccflow_tui.oauth.sanitize import scrub

FIELD = "authorization_details"
_ECHO_LIMIT = 50
"""Granted details that are compared; real answers have far fewer."""
_EXAMPLE = 'Enter a JSON array such as [{"type": "payment_initiation"}] (RFC 9396, section 2).'


@dataclass(frozen=True, slots=True)
class AuthorizationDetails:
    """Checked details: the text to send, and the objects in it."""

    text: str = ""
    """As typed, without white space at its ends; empty when the parameter is to be left out."""
    items: tuple[dict[str, Any], ...] = ()

    @property
    def types(self) -> tuple[str, ...]:
        """The ``type`` of each object, each once, in order."""
        return tuple(dict.fromkeys(str(item["type"]) for item in self.items))


def parse_authorization_details(text: str) -> AuthorizationDetails:
    """Read what a person entered (RFC 9396, section 2); empty text means no parameter.

    Raises ``InputProblem`` unless it is a JSON array of objects that each have a text ``type``, and for
    what looks like a secret.
    """
    text = text.strip()
    if not text:
        return AuthorizationDetails()
    try:
        items = parse_array_text(text)
        text.encode()
    except StrictJsonError as problem:
        raise InputProblem(FIELD, f"The authorization details cannot be read: {problem}.", _EXAMPLE) from None
    except UnicodeEncodeError:
        raise InputProblem(FIELD, "The authorization details hold half a character.", _EXAMPLE) from None
    if not items:
        raise InputProblem(FIELD, "The list of authorization details is empty.", "Leave the field empty.")
    for number, item in enumerate(items, start=1):
        if wrong := _wrong(item):
            raise InputProblem(FIELD, f"Entry {number} of the authorization details {wrong}.", _EXAMPLE)
    if is_secret_value(text):
        raise InputProblem(
            FIELD,
            "The authorization details hold what looks like a key or a token.",
            "Take it out; they are kept and shown as they are.",
        )
    return AuthorizationDetails(text, tuple(items))


def canonical_details(text: str) -> str:
    """Return the same text for every spelling of the same details; what cannot be read stays as it is."""
    try:
        items = parse_authorization_details(text).items
    except InputProblem:
        return text
    return json.dumps(items, sort_keys=True, separators=(",", ":")) if items else ""


def _wrong(item: object) -> str:
    if not isinstance(item, dict):
        return "is not an object"
    if "type" not in item:
        return "has no type"
    if not isinstance(item["type"], str) or not item["type"]:
        return "has a type that is not text"
    return ""


def echo_notes(requested: str, echoed: object) -> tuple[str, ...]:
    """Return how the details in a token response differ from those requested (RFC 9396, section 7).

    The server must tell what it granted; it may have granted less, and may have filled in more. Any
    ``echoed`` value is taken, ``None`` for one that was left out.
    """
    asked = parse_authorization_details(requested).items
    if echoed is None:
        if not asked:
            return ()
        return (
            "The server did not say which authorization details it granted, as RFC 9396 has it do; it may "
            "have ignored them.",
        )
    if not isinstance(echoed, list) or not all(isinstance(item, dict) for item in echoed):
        return ("authorization_details in the answer is no list of objects and was ignored.",)
    return tuple(_differences(asked, echoed[:_ECHO_LIMIT]))


def _differences(asked: Sequence[dict[str, Any]], granted: Sequence[dict[str, Any]]) -> Iterator[str]:
    rest = list(granted)
    changed = []
    for item in asked:
        if item in rest:
            rest.remove(item)
        else:
            changed.append(item)
    for item in changed:
        similar = next((other for other in rest if other.get("type") == item["type"]), None)
        name = scrub(str(item["type"]), limit=80)
        if similar is None:
            yield f"Authorization details not granted: {name}."
            continue
        rest.remove(similar)
        members = sorted(key for key in item.keys() | similar.keys() if item.get(key) != similar.get(key))
        yield f"Authorization details of type {name} came back changed: {scrub(', '.join(members))}."
    for other in rest:
        name = scrub(str(other.get("type", "without a type")), limit=80)
        yield f"Authorization details granted that were not asked for: {name}."
