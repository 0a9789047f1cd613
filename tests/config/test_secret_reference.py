"""References to client secrets in the configuration: whose word is followed, for which server."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ccflow_tui.config.layers import Layers, Source
from ccflow_tui.config.profile_json import profile_from_json, profile_to_json
from ccflow_tui.config.resolve import ResolvedProfile, resolve_profile
from ccflow_tui.config.settings import Settings, load_settings
from ccflow_tui.config.state import SavedState
from ccflow_tui.config.trust import held_back
from ccflow_tui.models.problems import InputProblem, SettingsProblem
from ccflow_tui.models.profile import EndpointMode, Profile

SERVER = {"tokenEndpoint": "https://as.example/token"}
EVERY = ["env:ORDERS", "file:/srv/secret", "command:pass show orders", "keyring:orders"]


def settings(folder: Path, **client: Any) -> Settings:
    path = folder / "settings.json"
    path.write_text(json.dumps({"oauth": {"clientCredentials": client}}), "utf-8")
    return load_settings(path)


def found(layers: Layers) -> ResolvedProfile:
    return resolve_profile("default", layers)


def variables(reference: str, server: str = "https://as.example/token") -> dict[str, str]:
    return {"CCFLOW_SECRET_REFERENCE": reference, "CCFLOW_TOKEN_ENDPOINT": server}


@pytest.mark.parametrize("reference", EVERY)
def test_the_user_s_own_places_may_refer_to_anything(tmp_path: Path, reference: str) -> None:
    saved = Profile(
        endpoint_mode=EndpointMode.MANUAL, token_endpoint="https://as.example/t", secret_reference=reference
    )
    for layers in (
        Layers(environment=variables(reference)),
        Layers(settings=settings(tmp_path, secretReference=reference, **SERVER), settings_trusted=True),
        Layers(saved=SavedState(profiles={"default": saved})),
        Layers(settings=settings(tmp_path, secretReference=reference), settings_trusted=True),
        Layers(
            environment={"CCFLOW_SECRET_REFERENCE": reference},
            settings=settings(tmp_path, **SERVER),
            settings_trusted=True,
        ),
    ):
        resolved = found(layers)
        assert resolved.profile.secret_reference == reference
        assert not resolved.notes


@pytest.mark.parametrize("reference", EVERY)
def test_a_folder_s_files_may_refer_to_nothing_before_they_are_trusted(
    tmp_path: Path, reference: str
) -> None:
    for layers in (
        Layers(settings=settings(tmp_path, secretReference=reference, **SERVER)),
        Layers(env_file=variables(reference)),
    ):
        assert found(layers).profile.secret_reference == ""
        assert "secret_reference" in {held.attribute for held in held_back("default", layers)}
        assert found(layers.trusting()).profile.secret_reference == reference


@pytest.mark.parametrize("reference", EVERY)
def test_L3_a_reference_is_not_followed_for_a_server_that_another_place_names(
    tmp_path: Path, reference: str
) -> None:
    mine = Profile(
        endpoint_mode=EndpointMode.MANUAL, token_endpoint="https://as.example/t", secret_reference=reference
    )
    saved = SavedState(profiles={"default": mine})
    evil = {"CCFLOW_TOKEN_ENDPOINT": "https://evil.example/token"}
    own = settings(tmp_path, secretReference=reference, **SERVER)
    for layers, owner in (
        (Layers(saved=saved, env_file=evil, env_file_trusted=True), Source.ENV_FILE),
        (Layers(saved=saved, environment=evil), Source.ENVIRONMENT),
        (Layers(settings=own, env_file=evil).trusting(), Source.ENV_FILE),
        (
            Layers(environment={"CCFLOW_SECRET_REFERENCE": reference}, env_file=evil).trusting(),
            Source.ENV_FILE,
        ),
        (
            Layers(
                environment={"CCFLOW_SECRET_REFERENCE": reference},
                saved=SavedState(profiles={"default": replace(mine, secret_reference="")}),
            ),
            Source.SAVED,
        ),
    ):
        resolved = found(layers)
        assert resolved.profile.secret_reference == "", owner
        assert any(f"{owner} names the server" in note for note in resolved.notes)


def test_a_command_in_the_settings_is_a_list_and_no_argument_of_it_is_told(
    tmp_path: Path,
) -> None:
    own = settings(tmp_path, secretCommand=["pass", "show", "or ders"], **SERVER)
    layers = Layers(settings=own, settings_trusted=True)
    assert found(layers).profile.secret_reference == "command:pass show 'or ders'"
    layers = replace(layers, environment=variables("env:ORDERS"))
    assert found(layers).shadowed["secret_reference"] == ((Source.SETTINGS, "command:pass"),)


def test_a_file_that_the_settings_name_lies_beside_them(tmp_path: Path) -> None:
    own = settings(tmp_path, secretReference="file:secret.txt", **SERVER)
    resolved = found(Layers(settings=own, settings_trusted=True))
    assert resolved.profile.secret_reference == f"file:{tmp_path / 'secret.txt'}"


@pytest.mark.parametrize(
    ("client", "where", "words"),
    [
        ({"secretReference": "CANARY-secret"}, "secretReference", "names no place"),
        ({"secretReference": "env:"}, "secretReference", "Nothing stands behind"),
        ({"secretReference": "command:a 'b"}, "secretReference", "quote"),
        ({"secretCommand": []}, "secretCommand", "no program"),
        ({"secretCommand": ["a"], "secretReference": "env:B"}, "secretCommand", "secretReference, too"),
        ({"secretCommand": "pass show"}, "secretCommand", "list of texts"),
    ],
)
def test_a_reference_that_is_none_names_file_and_key_and_repeats_nothing(
    tmp_path: Path, client: dict[str, Any], where: str, words: str
) -> None:
    with pytest.raises(SettingsProblem) as caught:
        settings(tmp_path, **client)
    told = str(caught.value)
    assert f"oauth.clientCredentials.{where}" in told and words in told
    assert "CANARY" not in told


def test_a_secret_in_place_of_a_reference_reaches_no_file_and_no_message() -> None:
    with pytest.raises(InputProblem) as caught:
        found(Layers(environment=variables("CANARY-secret")))
    assert "CCFLOW_SECRET_REFERENCE (environment)" in str(caught.value)
    assert "CANARY" not in str(caught.value)
    with pytest.raises(InputProblem, match="may be a secret itself"):
        profile_to_json(Profile(secret_reference="CANARY-secret"))


@pytest.mark.parametrize("reference", EVERY)
def test_a_reference_is_kept_with_the_profile(reference: str) -> None:
    kept = profile_from_json("default", profile_to_json(Profile(secret_reference=reference)))
    assert kept.secret_reference == reference
