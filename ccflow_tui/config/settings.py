"""The settings file: its shape, and how it is read.

The shape is plain frozen dataclasses, so importing this costs nothing; pydantic checks a file against
them, and is imported only when there is a file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, TypeVar

from ccflow_tui.config.json_file import read_json_object
from ccflow_tui.config.placeholder import filled_in
from ccflow_tui.config.settings_check import check_texts, check_values, describe
from ccflow_tui.models.profile import AuthMethod, BasicEncoding, Provider
from ccflow_tui.models.store_choice import StoreChoice

_MAX_BYTES = 256 * 1024
SCHEMA_KEY = "$schema"
"""Tells editors where the schema is; it says nothing to ccflow."""


def camel(name: str) -> str:
    """Return the key that stands in the file for an attribute: ``cert_ref`` is ``certRef``."""
    head, *tail = name.split("_")
    return head + "".join(part.title() for part in tail)


_CHECKED: Mapping[str, Any] = MappingProxyType({"extra": "forbid", "strict": True, "alias_generator": camel})


@dataclass(frozen=True, slots=True, kw_only=True)
class AssertionSettings:
    """How a client assertion is signed; ``key`` is a reference, never the key."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _CHECKED
    alg: str | None = None
    kid: str | None = None
    audience: str | None = None
    key: str | None = None
    certificate: str | None = None
    """The key's certificate, by reference; its thumbprint goes into the header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MtlsSettings:
    """The client certificate, by reference."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _CHECKED
    enabled: bool | None = None
    cert_ref: str | None = None
    key_ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DpopSettings:
    """Whether tokens are bound to a key (RFC 9449); ``None`` means "not said here"."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _CHECKED
    enabled: bool | None = None
    alg: str | None = None
    allow_bearer: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSettings:
    """One client at one authorization server; ``None`` and empty mean "not said here"."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _CHECKED
    provider: Provider | None = None
    provider_inputs: Mapping[str, str] | None = None
    """What the provider's preset asks for, by name."""
    environment_id: str | None = None
    region: str | None = None
    issuer: str | None = None
    token_endpoint: str | None = None
    allow_endpoint: str | None = None
    """Origin on which the issuer's metadata may name a token endpoint, where that is not its own."""
    api_base: str | None = None
    client_id: str | None = None
    auth_method: AuthMethod | None = None
    secret_reference: str | None = None
    """Where the client secret is: ``env:``, ``file:``, ``keyring:`` or ``command:``."""
    secret_command: tuple[str, ...] | None = None
    """A program that writes the client secret, and its arguments; in place of ``secret_reference``."""
    basic_encoding: BasicEncoding | None = None
    scopes: tuple[str, ...] | None = None
    audience: str | None = None
    resource: tuple[str, ...] | None = None
    """One resource indicator or a list of them in the file."""
    authorization_details: tuple[Mapping[str, Any], ...] | None = None
    extra_parameters: Mapping[str, str] | None = None
    proactive_refresh_seconds: int | None = None
    """60 to 120 seconds before expiry."""
    assertion: AssertionSettings = AssertionSettings()
    mtls: MtlsSettings = MtlsSettings()
    dpop: DpopSettings = DpopSettings()
    production: bool | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCredentialsSettings(ClientSettings):
    """``oauth.clientCredentials``: the flow's flag, and values that every profile starts from."""

    enabled: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthSettings:
    """``oauth``."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _CHECKED
    client_credentials: ClientCredentialsSettings = ClientCredentialsSettings()


@dataclass(frozen=True, slots=True, kw_only=True)
class UiSettings:
    """How the screens look; ``None`` leaves it to ccflow."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _CHECKED
    theme: str | None = None
    emoji: bool | None = None
    motion: bool | None = None
    keys: Mapping[str, str] | None = None
    """Action id to key names, separated by commas."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A whole settings file, checked."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _CHECKED
    oauth: OAuthSettings = OAuthSettings()
    profiles: Mapping[str, ClientSettings] = field(default_factory=dict)
    default_profile: str | None = None
    secret_store: StoreChoice | None = None
    ui: UiSettings = UiSettings()


_Client = TypeVar("_Client", bound=ClientSettings)


def load_settings(path: Path) -> Settings:
    """Read and check a settings file.

    A key or certificate named by a relative path is looked for beside the file. Raises
    ``SettingsProblem`` naming file, key (or line and column) and the way out; it never repeats a value.
    """
    data = read_json_object(path, limit=_MAX_BYTES)
    check_texts(path, data)
    if isinstance(data.get(SCHEMA_KEY), str):
        del data[SCHEMA_KEY]
    for client in _clients(data):
        if isinstance(client.get("resource"), str):
            client["resource"] = [client["resource"]]
    from pydantic import TypeAdapter, ValidationError

    try:
        settings = TypeAdapter(Settings).validate_json(json.dumps(data))
    except ValidationError as error:
        findings = error.errors(include_url=False, include_input=False)
        problem = describe(path, data, findings, Settings)
    else:
        check_values(path, settings)
        return _anchored(settings, path.parent)
    # Raised out here, so that pydantic's error, which quotes the file, is not chained to it.
    raise problem


def _clients(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    oauth, profiles = data.get("oauth"), data.get("profiles")
    found = [oauth.get("clientCredentials")] if isinstance(oauth, dict) else []
    found += profiles.values() if isinstance(profiles, dict) else ()
    return [client for client in found if isinstance(client, dict)]


def _anchored(settings: Settings, folder: Path) -> Settings:
    block = _anchored_client(settings.oauth.client_credentials, folder)
    return replace(
        settings,
        oauth=replace(settings.oauth, client_credentials=block),
        profiles={name: _anchored_client(client, folder) for name, client in settings.profiles.items()},
    )


def _anchored_client(client: _Client, folder: Path) -> _Client:
    cert, key = _beside(folder, client.mtls.cert_ref), _beside(folder, client.mtls.key_ref)
    assertion = replace(
        client.assertion,
        key=_beside(folder, client.assertion.key),
        certificate=_beside(folder, client.assertion.certificate),
    )
    reference = client.secret_reference
    if reference and reference.startswith("file:"):
        reference = f"file:{_beside(folder, reference.removeprefix('file:').strip()) or ''}"
    return replace(
        client,
        mtls=replace(client.mtls, cert_ref=cert, key_ref=key),
        assertion=assertion,
        secret_reference=reference,
    )


def _beside(folder: Path, reference: str | None) -> str | None:
    reference = filled_in(reference)
    if not reference or reference.startswith(("keyring:", "env:", "~")):
        return reference or None
    return str(folder / reference)
