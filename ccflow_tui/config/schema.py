"""The JSON Schema of the settings file, made from the shape that checks it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ccflow_tui.config.key_help import KEY_HELP
from ccflow_tui.config.settings import SCHEMA_KEY, Settings
from ccflow_tui.config.settings_check import LONGEST_NAME
from ccflow_tui.models.profile import REFRESH_SECONDS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TEXT = {"type": "string"}


def settings_schema(actions: Mapping[str, str]) -> dict[str, Any]:
    """Return the schema (draft 2020-12); what the file may hold passes, and no unknown key does.

    ``actions`` are those that may have other keys: what each does, by its id.
    """
    from pydantic import TypeAdapter
    from pydantic.json_schema import GenerateJsonSchema

    class WithoutDefaults(GenerateJsonSchema):
        """The defaults are objects of ours, which stand in no file; a key that is left out says nothing."""

        ignored_warning_kinds = {"non-serializable-default"}  # noqa: RUF012 - pydantic's own type

    schema = TypeAdapter(Settings).json_schema(by_alias=True, schema_generator=WithoutDefaults)
    for name, shape in {**schema["$defs"], "Settings": schema}.items():
        _describe(name, shape)
    for name in ("ClientSettings", "ClientCredentialsSettings"):
        _refine_client(schema["$defs"][name]["properties"])
    schema["properties"]["profiles"]["propertyNames"] = {
        "minLength": 1,
        "maxLength": LONGEST_NAME,
        "pattern": r"^\S(.*\S)?$",
    }
    own_keys = schema["$defs"]["UiSettings"]["properties"]["keys"]
    for choice in own_keys["anyOf"]:
        if choice.get("type") == "object":
            choice["properties"] = {name: {**_TEXT, "description": text} for name, text in actions.items()}
            choice["additionalProperties"] = False
    schema["properties"][SCHEMA_KEY] = {**_TEXT, "description": "Where an editor finds this schema."}
    return {"$schema": DIALECT, "title": "Settings of ccflow", **schema}


def _describe(name: str, shape: dict[str, Any]) -> None:
    """Replace what pydantic makes of the code by what the keys mean."""
    shape.pop("title", None)
    shape.pop("description", None)
    texts = KEY_HELP.get(name, {})
    if name == "ClientCredentialsSettings":
        texts = {**KEY_HELP["ClientSettings"], **texts}
    for key, value in shape.get("properties", {}).items():
        value.pop("title", None)
        value.pop("default", None)
        value["description"] = texts[key]


def _refine_client(keys: dict[str, Any]) -> None:
    """Say what is checked outside of the shape: one resource as text, and the range of seconds."""
    keys["resource"]["anyOf"].insert(0, _TEXT)
    for choice in keys["proactiveRefreshSeconds"]["anyOf"]:
        if choice.get("type") == "integer":
            choice |= {"minimum": REFRESH_SECONDS.start, "maximum": REFRESH_SECONDS.stop - 1}
