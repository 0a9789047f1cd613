"""What an untrusted file of the working folder may say: walked over every field, so none is forgotten."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from ccflow_tui.config.claims import CLAIMS
from ccflow_tui.config.feature_flags import flow_enabled
from ccflow_tui.config.folder_rules import GUARDED, HARMLESS, OTHER_RULES, PROFILE_RULES, Rule, counting
from ccflow_tui.config.layers import Layers, Source, choose_profile, profile_names
from ccflow_tui.config.resolve import resolve_profile
from ccflow_tui.config.settings import (
    ClientCredentialsSettings,
    ClientSettings,
    OAuthSettings,
    Settings,
    load_settings,
)
from ccflow_tui.config.state import SavedState
from ccflow_tui.config.store_choice import chosen_store
from ccflow_tui.models.profile import EndpointMode, Profile
from ccflow_tui.models.store_choice import StoreChoice
from tests.test_profile_fields import FULL, SAMPLES, SETTINGS

NOT_SAID_BY_A_FILE = {
    "name": "asked for, see default_profile",
    "endpoint_source": "follows from the rest",
    "server": "told by discovery",
}
EASED = {"dpop": False, "dpop_allow_bearer": True, "production": False}
"""The laxer value of what protects a token."""


def test_every_field_of_a_profile_has_a_rule_or_a_reason_why_not() -> None:
    assert set(PROFILE_RULES) ^ set(NOT_SAID_BY_A_FILE) == {item.name for item in fields(Profile)}


def test_every_setting_besides_the_profiles_has_a_rule() -> None:
    looks_and_profiles = {"oauth", "profiles", "ui"}
    besides = {item.name for item in fields(Settings)} - looks_and_profiles
    of_a_profile = {item.name for item in fields(ClientSettings)}
    besides |= {item.name for item in fields(ClientCredentialsSettings)} - of_a_profile
    assert set(OTHER_RULES) == besides | {"client_secret"}, "which only a variable can say"


def test_what_protects_a_token_counts_in_its_stricter_direction_only() -> None:
    for name, laxer in EASED.items():
        assert not PROFILE_RULES[name].allows(laxer)
        assert PROFILE_RULES[name].allows(not laxer)
    assert {name for name, rule in PROFILE_RULES.items() if rule not in {HARMLESS, GUARDED, Rule(())}} == set(
        EASED
    )


def test_the_question_tells_every_field_that_waits_for_trust() -> None:
    told = {name for _, names in CLAIMS for name in names}
    waits = {name for name, rule in PROFILE_RULES.items() if rule != HARMLESS}
    assert waits - told == {"endpoint_mode"}, "it follows from what names the server"


@pytest.mark.parametrize("name", sorted(PROFILE_RULES))
def test_a_guarded_value_reaches_no_profile_and_a_harmless_one_does(name: str, tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"profiles": {"prod": SETTINGS}}), encoding="utf-8")
    found = resolve_profile("prod", Layers(settings=load_settings(path)))
    counts = PROFILE_RULES[name].allows(SAMPLES[name])
    plain = getattr(Profile(), name)
    assert getattr(found.profile, name) == (getattr(FULL, name) if counts else plain)
    assert (found.sources[name] is Source.SETTINGS) is counts


@pytest.mark.parametrize("source", [Source.SETTINGS, Source.ENV_FILE])
def test_an_untrusted_file_takes_back_no_protection_of_a_saved_profile(source: Source) -> None:
    strict = Profile(dpop=True, dpop_allow_bearer=False, production=True)
    state = SavedState(profiles={"default": strict})
    block = ClientCredentialsSettings(
        production=False,
        dpop=replace(ClientCredentialsSettings().dpop, enabled=False, allow_bearer=True),
    )
    said: dict[str, Any] = (
        {"settings": Settings(oauth=OAuthSettings(client_credentials=block))}
        if source is Source.SETTINGS
        else {"env_file": {"CCFLOW_DPOP": "off", "CCFLOW_DPOP_ALLOW_BEARER": "on"}}
    )
    layers = Layers(saved=state, **said)
    found = resolve_profile("default", layers).profile
    assert (found.dpop, found.dpop_allow_bearer, found.production) == (True, False, True)
    trusted = resolve_profile("default", layers.trusting()).profile
    assert (trusted.dpop, trusted.dpop_allow_bearer) == (False, True)


def test_an_untrusted_file_may_make_things_stricter() -> None:
    block = ClientCredentialsSettings(
        production=True, dpop=replace(ClientCredentialsSettings().dpop, enabled=True)
    )
    layers = Layers(settings=Settings(oauth=OAuthSettings(client_credentials=block)))
    found = resolve_profile("default", layers).profile
    assert found.production and found.dpop


def flagged(enabled: bool | None) -> Settings:
    return Settings(oauth=OAuthSettings(client_credentials=ClientCredentialsSettings(enabled=enabled)))


@pytest.mark.parametrize(
    ("layers", "production", "enabled"),
    [
        (Layers(settings=flagged(True)), True, False),
        (Layers(settings=flagged(True), settings_trusted=True), True, True),
        (Layers(settings=flagged(False)), False, False),
        (Layers(env_file={"CCFLOW_ENABLED": "1"}), True, False),
        (Layers(env_file={"CCFLOW_ENABLED": "1"}, env_file_trusted=True), True, True),
        (Layers(env_file={"CCFLOW_ENABLED": "off"}), False, False),
        (Layers(settings=flagged(None), own_settings=flagged(False)), False, False),
        (Layers(settings=flagged(True), own_settings=flagged(False)), False, False),
    ],
    ids=["settings-on", "trusted-on", "settings-off", "env-on", "env-trusted", "env-off", "own", "own-under"],
)
def test_an_untrusted_file_switches_the_flow_off_only(
    layers: Layers, production: bool, enabled: bool
) -> None:
    assert flow_enabled(layers, production=production).enabled is enabled


def test_an_untrusted_file_moves_no_secrets_to_another_store() -> None:
    assert chosen_store(Layers(env_file={"CCFLOW_SECRET_STORE": "file"})) is None
    assert chosen_store(Layers(settings=Settings(secret_store=StoreChoice.FILE))) is None
    assert chosen_store(Layers(env_file={"CCFLOW_SECRET_STORE": "memory"})) is None
    own = Settings(secret_store=StoreChoice.KEYRING)
    folder = Settings(secret_store=StoreChoice.FILE)
    assert chosen_store(Layers(settings=folder, own_settings=own)) is StoreChoice.KEYRING
    assert chosen_store(Layers(settings=folder, settings_trusted=True)) is StoreChoice.FILE


def test_an_untrusted_file_opens_no_other_profile() -> None:
    state = SavedState(
        profiles={"mine": Profile(name="mine"), "prod": Profile(name="prod")}, last_profile="mine"
    )
    for layers in (
        Layers(saved=state, env_file={"CCFLOW_PROFILE": "prod"}),
        Layers(saved=state, settings=Settings(default_profile="prod")),
    ):
        assert choose_profile(None, layers) == "mine"
        assert choose_profile(None, layers.trusting()) == "prod"


def test_an_untrusted_file_does_not_stand_in_place_of_the_users_own() -> None:
    """An empty ``settings.json`` in a folder must not take away what the user's own says."""
    own = Settings(
        oauth=OAuthSettings(
            client_credentials=ClientCredentialsSettings(token_endpoint="https://as.example/token")
        ),
        profiles={"mine": ClientCredentialsSettings(production=True)},
    )
    layers = Layers(settings=Settings(), own_settings=own)
    assert profile_names(layers) == ("default", "mine")
    found = resolve_profile("mine", layers).profile
    assert found.production and found.token_endpoint == "https://as.example/token"
    assert profile_names(layers.trusting()) == ("default",)


def test_every_value_is_either_counted_or_held() -> None:
    values = {name: SAMPLES[name] for name in PROFILE_RULES}
    good, held = counting(values)
    assert not good.keys() & held.keys() and good | held == values
    assert held["endpoint_mode"] is EndpointMode.MANUAL
