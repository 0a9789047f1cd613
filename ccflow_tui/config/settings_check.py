"""What is wrong with a settings file, in words that name the key and never repeat a value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from ccflow_tui.config.json_file import printable
from ccflow_tui.config.nearest import did_you_mean, nearest
from ccflow_tui.config.placeholder import filled_in
from ccflow_tui.models.problems import SettingsProblem
from ccflow_tui.models.profile import REFRESH_SECONDS
from ccflow_tui.models.secret_reference import FORMS, problem_of
from ccflow_tui.models.secret_shapes import is_secret_value

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from ccflow_tui.config.settings import ClientSettings, Settings

Place = tuple[str | int, ...]

_BLOCK: Place = ("oauth", "clientCredentials")
_SECRET_KEYS = frozenset(
    {
        "accesstoken",
        "apikey",
        "clientassertion",
        "clientsecret",
        "jwk",
        "keypem",
        "passphrase",
        "password",
        "pem",
        "privatekey",
        "privatekeypem",
        "refreshtoken",
        "secret",
        "token",
    }
)
_KEEP_ELSEWHERE = (
    "Take it out and enter it in step 1, which keeps it in the keyring, or set CCFLOW_CLIENT_SECRET; name a "
    "key by reference (keyring:NAME, env:VARIABLE or a path). If the file was shared, replace the secret."
)
_WRONG_TYPE = {
    "bool_type": "It must be true or false, without quotes.",
    "dataclass_type": "It must be an object in braces.",
    "dict_type": "It must be an object in braces.",
    "int_type": "It must be a whole number, without quotes.",
    "string_type": "It must be text in double quotes.",
    "tuple_type": "It must be a list of texts in brackets.",
}
_NO_NAME = '""'
LONGEST_NAME = 64
"""Characters of a profile's name."""


def check_texts(path: Path, data: Mapping[str, Any]) -> None:
    """Raise ``SettingsProblem`` for a secret in the file, or for a character that cannot be seen."""
    for place, key, value in _walk(data):
        if _names_secret(place, key) or _holds_secret(value):
            problem = "A secret must not stand in a settings file."
            raise SettingsProblem(path, _where(place), problem, _KEEP_ELSEWHERE)
        for text in (key, value):
            if isinstance(text, str) and not text.isprintable():
                hidden = next(char for char in text if not char.isprintable())
                problem = f"The text holds the hidden character U+{ord(hidden):04X}."
                raise SettingsProblem(path, _where(place), problem, "Type the text anew.")


def _names_secret(place: Place, key: str) -> bool:
    # A profile may have any name, "token" too.
    return place[:-1] != ("profiles",) and key.replace("_", "").replace("-", "").lower() in _SECRET_KEYS


def _holds_secret(value: object) -> bool:
    if isinstance(value, dict):
        return "kty" in value
    return isinstance(value, str) and is_secret_value(value)


def _walk(value: object, place: Place = (), key: str = "") -> Iterator[tuple[Place, str, object]]:
    """Yield place, nearest key and value of everything inside; the depth was limited when it was read."""
    yield place, key, value
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _walk(inner, (*place, name), name)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _walk(inner, (*place, index))


def describe(
    path: Path, data: Mapping[str, Any], findings: Sequence[ErrorDetails], shape: type
) -> SettingsProblem:
    """Turn pydantic's findings into one problem: the first, and how many follow."""
    first, place = findings[0], findings[0]["loc"]
    if first["type"] == "unexpected_keyword_argument":
        problem, remedy = "This key is unknown.", _unknown_key_remedy(place, shape)
    elif first["type"] == "enum":
        known = re.findall(r"'([^']*)'", str(first["ctx"]["expected"]))
        problem, remedy = "The value is unknown.", did_you_mean(str(_value_at(data, place)), known)
    else:
        problem = _WRONG_TYPE.get(first["type"], "The value cannot be used.")
        remedy = "settings.example.json shows the form."
    if len(findings) > 1:
        remedy += f" ({len(findings) - 1} more to correct.)"
    return SettingsProblem(path, _where(place), problem, remedy)


def _unknown_key_remedy(place: Place, shape: type) -> str:
    key, known = str(place[-1]), _known_keys(place[:-1], shape)
    if nearest(key, known) or len(place) > len(_BLOCK):
        return did_you_mean(key, known)
    if match := nearest(key, _known_keys(_BLOCK, shape)):
        return f'"{match}" belongs inside {_where(_BLOCK)}.'
    return f"{did_you_mean(key, known)} If this is another program's file, name yours with --settings FILE."


def _known_keys(place: Place, shape: Any) -> tuple[str, ...]:
    for part in place:
        shape = get_args(shape)[1] if get_origin(shape) else _members(shape)[str(part)]
    return tuple(_members(shape))


def _members(shape: type) -> Mapping[str, Any]:
    """Return the type of every key that an object of this shape may have."""
    from ccflow_tui.config.settings import camel

    hints = get_type_hints(shape)
    return {camel(item.name): hints[item.name] for item in fields(shape)}


def _value_at(data: Any, place: Place) -> object:
    for part in place:
        data = data[part]
    return data


def check_values(path: Path, settings: Settings) -> None:
    """Raise ``SettingsProblem`` for a value of the right type that is out of bounds."""
    for name in settings.profiles:
        if name != name.strip() or not 0 < len(name) <= LONGEST_NAME:
            problem = f"A profile's name has 1 to {LONGEST_NAME} characters and no space at its ends."
            raise SettingsProblem(path, _where(("profiles", name)), problem, "Choose another name.")
    clients: list[tuple[Place, ClientSettings]] = [(_BLOCK, settings.oauth.client_credentials)]
    clients += [(("profiles", name), client) for name, client in settings.profiles.items()]
    for place, client in clients:
        seconds = client.proactive_refresh_seconds
        if seconds is not None and seconds not in REFRESH_SECONDS:
            where = _where((*place, "proactiveRefreshSeconds"))
            raise SettingsProblem(path, where, "The value is out of range.", "Use 60 to 120 seconds.")
        _check_secret_reference(path, place, client)


def _check_secret_reference(path: Path, place: Place, client: ClientSettings) -> None:
    where, command = _where((*place, "secretCommand")), client.secret_command
    if command and client.secret_reference:
        raise SettingsProblem(path, where, "There is a secretReference, too.", "Leave one of them.")
    if command is not None and not (command and command[0]):
        raise SettingsProblem(path, where, "It names no program.", "Write program and arguments as a list.")
    if (reference := filled_in(client.secret_reference)) and (problem := problem_of(reference)):
        raise SettingsProblem(path, _where((*place, "secretReference")), problem, f"Write {FORMS}.")


def _where(place: Place) -> str:
    """Return a place as people write it: ``oauth.clientCredentials.scopes[0]``."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{printable(part) or _NO_NAME}" for part in place)
    return "".join(parts).removeprefix(".")
