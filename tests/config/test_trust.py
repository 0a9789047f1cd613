"""Settings that merely lie in the working folder: what of them needs trust, and what is remembered."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ccflow_tui.config.layers import Layers
from ccflow_tui.config.resolve import resolve_profile
from ccflow_tui.config.settings import load_settings
from ccflow_tui.config.state import SavedState, UserState
from ccflow_tui.config.trust import claims, danger, folder_settings
from ccflow_tui.models.problems import SettingsProblem

KEY = {"assertion": {"key": "keys/my.pem"}}
SERVER = {"tokenEndpoint": "https://elsewhere.example/token"}


def layers_of(folder: Path, block: dict[str, Any], **more: Any) -> Layers:
    path = folder / "settings.json"
    path.write_text(json.dumps({"oauth": {"clientCredentials": block}}))
    return Layers(settings=load_settings(path), **more)


def found(layers: Layers) -> str:
    return danger(resolve_profile("default", layers).profile, layers)


@pytest.mark.parametrize(
    ("block", "needs"),
    [
        ({"scopes": ["a"], "audience": "b", "note": "c"}, False),
        (SERVER | KEY, True),
        (SERVER, True),  # with a key that stands elsewhere
        ({"issuer": "https://elsewhere.example"}, True),
        ({"environmentId": "3f2a1b4c-0d5e-4f60-8a7b-9c0d1e2f3a4b"}, True),
        ({"provider": "okta_org", "providerInputs": {"domain": "x.okta.com"}}, True),
        (SERVER | {"authMethod": "client_secret_basic"}, False),  # a secret goes only where its source points
        (SERVER | {"authMethod": "client_secret_post", "mtls": {"enabled": True, "certRef": "c.pem"}}, True),
        (SERVER | {"authMethod": "tls_client_auth", "mtls": {"certRef": "c.pem"}}, True),
        (SERVER | {"authMethod": "none"}, False),
        (KEY, False),
    ],
    ids=str,
)
def test_a_server_with_key_or_certificate_needs_trust(
    tmp_path: Path, block: dict[str, Any], needs: bool
) -> None:
    layers = layers_of(tmp_path, block)
    assert bool(found(layers)) is needs
    assert bool(claims(layers)) is needs
    assert not found(replace(layers, settings_trusted=True))


def test_a_server_from_the_environment_or_typed_is_the_persons_own_word(tmp_path: Path) -> None:
    environment = {"CCFLOW_TOKEN_ENDPOINT": "https://as.example/token"}
    assert not found(layers_of(tmp_path, SERVER | KEY, environment=environment))
    layers = layers_of(tmp_path, SERVER | KEY)
    profile = resolve_profile("default", layers).profile
    assert not danger(replace(profile, token_endpoint="https://typed.example/token"), layers)
    assert danger(replace(profile, scope="typed"), layers)


def test_the_claims_name_server_client_key_and_api_and_no_secret(tmp_path: Path) -> None:
    block = SERVER | KEY | {"clientId": "c1", "apiBase": "https://api.example/x?key=CANARY-1"}
    text = "\n".join(claims(layers_of(tmp_path, block)))
    for part in ("“default”", SERVER["tokenEndpoint"], "c1", "my.pem", "https://api.example/x?(hidden)"):
        assert part in text
    assert "CANARY-1" not in text


def test_many_profiles_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"profiles": {f"p{number}": SERVER | KEY for number in range(9)}}))
    assert claims(Layers(settings=load_settings(path)))[-1] == "… and 5 more profiles"


def test_trust_is_remembered_for_this_content_only(tmp_path: Path) -> None:
    file, state = tmp_path / "settings.json", UserState(tmp_path / "state.json")
    file.write_text("{}")
    folder = folder_settings(file)
    assert not folder.is_trusted(SavedState())
    state.update(folder.trusted_in)
    assert folder.is_trusted(state.load())
    file.write_text("{ }")
    assert not folder_settings(file).is_trusted(state.load())
    other = tmp_path / "other"
    other.mkdir()
    (other / "settings.json").write_text("{}")
    assert not folder_settings(other / "settings.json").is_trusted(state.load())


@pytest.mark.parametrize("trusted", [[], {"a": 1}, "x"])
def test_a_broken_list_of_trusted_files_trusts_nothing(tmp_path: Path, trusted: object) -> None:
    path = tmp_path / "state.json"
    path.write_text(json.dumps({"version": 1, "trusted": trusted}))
    with pytest.raises(SettingsProblem, match="trusted: It must be an object of texts"):
        UserState(path).load()
