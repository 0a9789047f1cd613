"""A provider's preset in settings, variables and the state file."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ccflow_tui.config.profile_json import entered_values, profile_from_json, profile_to_json
from ccflow_tui.config.resolve import Layers, Source, resolve_profile
from ccflow_tui.config.settings import load_settings
from ccflow_tui.config.state import SavedState
from ccflow_tui.models.problems import InputProblem, SettingsProblem
from ccflow_tui.models.profile import AssertionAudience, AuthMethod, EndpointMode, Profile, Provider

AUTH0 = {"provider": "auth0", "providerInputs": {"domain": "acme.eu.auth0.com"}}


def layers(tmp_path: Path, block: dict[str, Any], **profile: Any) -> Layers:
    path = tmp_path / "settings.json"
    data = {"oauth": {"clientCredentials": block}, "profiles": {"p": profile}}
    path.write_text(json.dumps(data), encoding="utf-8")
    return Layers(settings=load_settings(path), settings_trusted=True)


def test_settings_name_provider_and_inputs(tmp_path: Path) -> None:
    resolved = resolve_profile("p", layers(tmp_path, {}, **AUTH0))
    profile = resolved.profile
    assert (profile.endpoint_mode, profile.provider) == (EndpointMode.PRESET, Provider.AUTH0)
    assert profile.provider_inputs == (("domain", "acme.eu.auth0.com"),)
    assert resolved.sources["provider_inputs"] is Source.SETTINGS


def test_what_the_preset_starts_from_gives_way_to_every_other_source(tmp_path: Path) -> None:
    resolved = resolve_profile("p", layers(tmp_path, {}, **AUTH0))
    assert resolved.profile.auth_method is AuthMethod.CLIENT_SECRET_POST
    assert resolved.profile.assertion_audience == AssertionAudience.ISSUER
    assert resolved.sources["auth_method"] is Source.PRESET
    said = resolve_profile("p", layers(tmp_path, {"authMethod": "private_key_jwt"}, **AUTH0))
    assert said.profile.auth_method is AuthMethod.PRIVATE_KEY_JWT
    assert said.sources["auth_method"] is Source.SETTINGS


def test_the_block_may_give_all_profiles_one_provider(tmp_path: Path) -> None:
    found = layers(tmp_path, {"provider": "auth0"}, providerInputs={"domain": "acme.auth0.com"})
    assert resolve_profile("p", found).profile.provider is Provider.AUTH0


def test_inputs_and_provider_of_a_weaker_source_do_not_mix_with_another_server(tmp_path: Path) -> None:
    found = replace(
        layers(tmp_path, {}, **AUTH0), environment={"CCFLOW_TOKEN_ENDPOINT": "https://as.example/token"}
    )
    profile = resolve_profile("p", found).profile
    assert (profile.endpoint_mode, profile.provider, profile.provider_inputs) == (
        EndpointMode.MANUAL,
        Provider.PINGONE,
        (),
    )
    assert profile.auth_method is Profile().auth_method


def test_another_server_is_found_by_its_issuer() -> None:
    found = resolve_profile("default", Layers(environment={"CCFLOW_PROVIDER": "generic"}))
    assert found.profile.endpoint_mode is EndpointMode.ISSUER


def test_inputs_name_the_server_and_pairs_are_shown_as_typed(tmp_path: Path) -> None:
    environment = {"CCFLOW_PROVIDER_INPUTS": "domain=d.okta.com", "CCFLOW_EXTRA_PARAMETERS": "x=y%26&flag="}
    block = {"extraParameters": {"tenant": "a b", "x": "1"}, "issuer": "https://as.example"}
    resolved = resolve_profile("p", replace(layers(tmp_path, block), environment=environment))
    assert resolved.profile.endpoint_mode is EndpointMode.PRESET
    assert resolved.profile.extra_parameters == (("x", "y&"), ("flag", ""))
    assert resolved.shadowed["extra_parameters"] == ((Source.SETTINGS, "tenant=a%20b&x=1"),)


def test_an_unknown_provider_is_told_with_the_nearest_match(tmp_path: Path) -> None:
    with pytest.raises(InputProblem, match="okta_org") as caught:
        resolve_profile("default", Layers(environment={"CCFLOW_PROVIDER": "okta-org"}))
    assert caught.value.finding.field == "provider"
    with pytest.raises(SettingsProblem, match="keycloak") as told:
        layers(tmp_path, {}, provider="keycloack")
    assert told.value.where == "profiles.p.provider"


@pytest.mark.parametrize("inputs", [{"domain": 5}, ["a"], {"password": "x"}])
def test_inputs_of_the_wrong_shape_are_refused(tmp_path: Path, inputs: Any) -> None:
    with pytest.raises(SettingsProblem):
        layers(tmp_path, {}, provider="auth0", providerInputs=inputs)


SAVED = Profile(
    name="p",
    provider=Provider.AUTH0,
    provider_inputs=(("domain", "acme.auth0.com"),),
    issuer="https://acme.auth0.com/",
    token_endpoint="https://acme.auth0.com/oauth/token",
    api_base="https://api.example",
    auth_method=AuthMethod.CLIENT_SECRET_POST,
    assertion_audience=AssertionAudience.ISSUER,
)


def test_a_saved_preset_keeps_what_was_entered_and_nothing_that_follows() -> None:
    assert profile_to_json(SAVED) == {
        "provider": "auth0",
        "provider_inputs": [("domain", "acme.auth0.com")],
        "api_base": "https://api.example",
    }
    read = profile_from_json("p", json.loads(json.dumps(profile_to_json(SAVED))))
    assert read == replace(SAVED, issuer="", token_endpoint="")


def test_a_saved_choice_that_differs_from_the_preset_comes_back() -> None:
    chosen = replace(SAVED, auth_method=AuthMethod.PRIVATE_KEY_JWT)  # what Profile itself starts from
    assert entered_values(chosen)["auth_method"] is AuthMethod.PRIVATE_KEY_JWT
    assert profile_from_json("p", profile_to_json_text(chosen)).auth_method is AuthMethod.PRIVATE_KEY_JWT
    resolved = resolve_profile("p", Layers(saved=SavedState(profiles={"p": chosen})))
    assert resolved.profile.auth_method is AuthMethod.PRIVATE_KEY_JWT
    assert resolved.sources["auth_method"] is Source.SAVED


def profile_to_json_text(profile: Profile) -> Any:
    return json.loads(json.dumps(profile_to_json(profile)))


def test_the_api_of_a_preset_that_derives_it_is_not_kept() -> None:
    pingone = Profile(environment_id="e", api_base="https://api.pingone.com/v1/environments/e")
    assert entered_values(pingone) == {"environment_id": "e"}
