"""The JSON Schema agrees with what reads the file, and an independent validator agrees with both."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest

from ccflow_tui.config import settings as shapes
from ccflow_tui.config.key_help import KEY_HELP
from ccflow_tui.config.schema import settings_schema
from ccflow_tui.config.settings import camel, load_settings
from ccflow_tui.models.problems import SettingsProblem

ROOT = Path(__file__).parents[2]
ACTIONS = {"token.copy": "Copy. Copy the whole token.", "keys.delete": "Delete."}
Validate = Callable[[object], object]


@pytest.fixture(scope="module")
def validate() -> Validate:
    compiled: Validate = fastjsonschema.compile(settings_schema(ACTIONS))
    return compiled


def block(**values: Any) -> dict[str, Any]:
    return {"oauth": {"clientCredentials": values}}


GOOD: list[dict[str, Any]] = [
    {},
    {"$schema": "settings.schema.json"},
    block(enabled=None, clientId=None, resource="urn:a", scopes=["a"]),
    block(resource=["urn:a", "urn:b"], authorizationDetails=[{"type": "x", "n": 1}]),
    block(proactiveRefreshSeconds=60, extraParameters={"a": "b"}, provider="okta_org"),
    {"profiles": {"a b": {"production": True, "dpop": {"enabled": True, "alg": "ES256"}}}},
    {"defaultProfile": "p", "ui": {"theme": "t", "emoji": False, "motion": False}},
    {"ui": {"keys": {"token.copy": "y"}}},
]
BAD: list[dict[str, Any]] = [
    {"clientId": "x"},
    {"$schema": 1},
    block(authmethod="x"),
    block(authMethod="basic"),
    block(scopes="a b"),
    block(scopes=["a", 1]),
    block(enabled="yes"),
    block(resource=5),
    block(proactiveRefreshSeconds=59),
    block(proactiveRefreshSeconds=121),
    block(proactiveRefreshSeconds=90.5),
    block(extraParameters={"a": 1}),
    block(authorizationDetails={"type": "a"}),
    block(assertion={"algorithm": "x"}),
    {"oauth": []},
    {"profiles": [1]},
    {"profiles": {"p": {"enabled": True}}},
    {"profiles": {"": {}}},
    {"profiles": {" p": {}}},
    {"profiles": {"x" * 65: {}}},
    {"ui": {"keys": {"token.copy": 1}}},
    {"ui": {"colour": "red"}},
]


def test_the_example_passes(validate: Validate) -> None:
    validate(json.loads((ROOT / "settings.example.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize("data", GOOD, ids=json.dumps)
def test_what_loads_passes(data: dict[str, Any], validate: Validate, tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps(data))
    load_settings(path)
    validate(data)


@pytest.mark.parametrize("data", BAD, ids=json.dumps)
def test_what_does_not_load_does_not_pass(data: dict[str, Any], validate: Validate, tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps(data))
    with pytest.raises(SettingsProblem):
        load_settings(path)
    with pytest.raises(fastjsonschema.JsonSchemaException):
        validate(data)


def own_keys(name: str) -> set[str]:
    shape = getattr(shapes, name)
    inherited = {item.name for base in shape.__mro__[1:-1] for item in fields(base)}
    return {camel(item.name) for item in fields(shape) if item.name not in inherited}


def test_every_key_and_no_other_is_described() -> None:
    assert {name: set(texts) for name, texts in KEY_HELP.items()} == {
        name: own_keys(name) for name in KEY_HELP
    }


def test_every_key_stands_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    keys = {key for texts in KEY_HELP.values() for key in texts}
    assert {key for key in keys if f"`{key}`" not in readme} == set()
