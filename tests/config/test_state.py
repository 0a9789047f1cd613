from __future__ import annotations

import errno
import json
import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccflow_tui.config import atomic, state
from ccflow_tui.config.profile_json import entered_values, profile_from_json, profile_to_json
from ccflow_tui.config.state import SavedState, UserState
from ccflow_tui.models.problems import InputProblem, SettingsProblem
from ccflow_tui.models.profile import (
    AuthMethod,
    BasicEncoding,
    EndpointConsent,
    EndpointMode,
    EndpointSource,
    MutualTls,
    Profile,
    ServerFacts,
)

MANUAL = Profile(
    name="m",
    endpoint_mode=EndpointMode.MANUAL,
    issuer="https://i",
    token_endpoint="https://h/token",
    endpoint_source=EndpointSource.TYPED,
    api_base="https://api",
    client_id="c",
    auth_method=AuthMethod.CLIENT_SECRET_BASIC,
    basic_encoding=BasicEncoding.RAW,
    key_reference="keyring:k",
    assertion_certificate="c.pem",
    assertion_audience="https://own",
    resources=("urn:a", "urn:b"),
    authorization_details='[{"type": "a"}]',
    extra_parameters=(("tenant", "t"), ("odd", "")),
    proactive_refresh_seconds=60,
    mtls=MutualTls(True, "c.pem", "k.pem"),
    endpoint_consent=EndpointConsent("https://i", "https://x"),
    dpop=True,
    dpop_alg="ES384",
    dpop_allow_bearer=True,
    production=True,
)


@pytest.fixture
def user_state(tmp_path: Path) -> UserState:
    return UserState(tmp_path / "new" / "state.json")


def write(user_state: UserState, data: object) -> None:
    user_state.path.parent.mkdir(exist_ok=True)
    user_state.path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")


def save(user_state: UserState, saved: SavedState) -> None:
    assert user_state.update(lambda _: saved) is saved


def test_nothing_saved_yet(user_state: UserState) -> None:
    assert user_state.load() == SavedState()


def test_what_is_saved_comes_back(user_state: UserState) -> None:
    saved = SavedState(last_profile="m", profiles={"m": MANUAL, "d": Profile(name="d")}, theme="t")
    save(user_state, saved)
    loaded = user_state.load()
    assert dict(loaded.profiles) == dict(saved.profiles)
    assert (loaded.last_profile, loaded.theme) == ("m", "t")
    save(user_state, replace(saved, theme="other"))
    assert user_state.load().theme == "other"
    assert {path.name for path in user_state.path.parent.iterdir()} == {"state.json", "state.json.lock"}


def test_what_another_run_saved_meanwhile_is_kept(user_state: UserState) -> None:
    other = UserState(user_state.path)
    assert user_state.load() == other.load() == SavedState()
    user_state.update(lambda saved: replace(saved, profiles={**saved.profiles, "m": MANUAL}))
    other.update(lambda saved: replace(saved, theme="t"))
    merged = user_state.update(lambda saved: replace(saved, last_profile="m"))
    assert (dict(merged.profiles), merged.theme, merged.last_profile) == ({"m": MANUAL}, "t", "m")
    assert user_state.load() == merged


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_L5_file_and_folder_are_private(user_state: UserState) -> None:
    save(user_state, SavedState())
    assert stat.S_IMODE(user_state.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(user_state.path.parent.stat().st_mode) == 0o700


@pytest.mark.skipif(os.name != "posix", reason="links need a privilege elsewhere")
def test_a_linked_file_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target.json", tmp_path / "state.json"
    link.symlink_to(target)
    target.write_text('{"version": 1}')
    save(UserState(link), SavedState(theme="t"))
    assert link.is_symlink() and json.loads(target.read_text())["theme"] == "t"


@pytest.mark.parametrize(
    ("data", "where"),
    [
        ("{", "line 1, column 2"),
        ({}, "version"),
        ({"version": "1"}, "version"),
        ({"version": True}, "version"),
        ({"version": 2}, "version"),
        ({"version": 0}, "version"),
        ({"version": 1, "tokn": 1}, "tokn"),
        ({"version": 1, "theme": 1}, "theme"),
        ({"version": 1, "profiles": []}, "profiles"),
        ({"version": 1, "profiles": {"p": 1}}, "profiles.p"),
        ({"version": 1, "profiles": {"p": {"clientid": ""}}}, "profiles.p"),
        ({"version": 1, "profiles": {"p": {"auth_method": "basic"}}}, "profiles.p"),
        ({"version": 1, "profiles": {"p": {"production": 1}}}, "profiles.p"),
        ({"version": 1, "profiles": {"p": {"endpoint_consent": {"origin": "o"}}}}, "profiles.p"),
        ({"version": 1, "profiles": {"p": {"endpoint_consent": "o"}}}, "profiles.p"),
        ({"version": 1, "profiles": {"p": {"dpop": "on"}}}, "profiles.p"),
        ({"version": 1, "profiles": {"p": {"dpop_allow_bearer": 1}}}, "profiles.p"),
        ({"version": 1, "profiles": {"p": {"proactive_refresh_seconds": True}}}, "profiles.p"),
        ({"version": 1, "profiles": {"p": {"resources": "x"}}}, "profiles.p"),
        ({"version": 1, "profiles": {"p": {"resources": [1]}}}, "profiles.p"),
        ({"version": 1, "profiles": {"p": {"mtls": {}}}}, "profiles.p"),
        ({"version": 1, "profiles": {"p": {"mtls": "x"}}}, "profiles.p"),
        ({"version": 1, "filings": []}, "filings"),
        ({"version": 1, "filings": {"keyring": []}}, "filings"),
        ({"version": 1, "filings": {"keyring": {"p": {}}}}, "filings"),
        ({"version": 1, "filings": {"keyring": {"p": [1]}}}, "filings.p"),
        ({"version": 1, "filings": {"keyring": {"p": [{"client": "c"}]}}}, "filings.p"),
    ],
)
def test_L5_corrupt_file_is_explained_kept_and_moved_aside(
    user_state: UserState, data: object, where: str
) -> None:
    write(user_state, data)
    before = user_state.path.read_bytes()
    with pytest.raises(SettingsProblem) as caught:
        user_state.load()
    assert caught.value.where == where
    assert "move it aside" in caught.value.remedy, "what helps with a state file, not with settings"
    with pytest.raises(SettingsProblem):
        save(user_state, SavedState())
    assert user_state.path.read_bytes() == before

    aside = user_state.quarantine()
    assert aside.read_bytes() == before
    assert aside.name.startswith("state.json.corrupt-")
    save(user_state, SavedState(theme="t"))
    assert user_state.load().theme == "t"


def test_two_files_moved_aside_in_one_second_are_both_kept(
    user_state: UserState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state.time, "time", lambda: 1_800_000_000.5)
    write(user_state, "first")
    first = user_state.quarantine()
    write(user_state, "second")
    second = user_state.quarantine()
    assert (first.name, second.name) == ("state.json.corrupt-1800000000", "state.json.corrupt-1800000000-2")
    assert (first.read_text(), second.read_text()) == ("first", "second")


def test_nothing_to_move_aside(user_state: UserState) -> None:
    with pytest.raises(SettingsProblem, match="cannot be moved aside"):
        user_state.quarantine()


def test_read_only_home_is_told_and_nothing_is_lost(
    user_state: UserState, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(user_state, SavedState(theme="old"))

    def refuse(*_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(atomic.os, "replace", refuse)
    with pytest.raises(SettingsProblem, match=r"Read-only file system.*CCFLOW_HOME"):
        save(user_state, SavedState(theme="new"))
    assert user_state.load().theme == "old"
    assert {path.name for path in user_state.path.parent.iterdir()} == {"state.json", "state.json.lock"}


def test_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsProblem, match="cannot be written"):
        save(UserState(tmp_path / "file" / "state.json"), SavedState())


def test_what_could_not_be_read_back_is_not_written(
    user_state: UserState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "_MAX_BYTES", 200)
    with pytest.raises(SettingsProblem, match="too much to keep"):
        save(user_state, SavedState(profiles={"m": MANUAL}))
    assert not user_state.path.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"key_reference": "-----BEGIN PRIVATE KEY-----\nCANARY"}, "key_reference"),
        ({"key_reference": ' {"kty": "RSA", "d": "CANARY"}'}, "key_reference"),
        ({"token_endpoint": "https://u:CANARY@h/token"}, "token_endpoint"),
        ({"issuer": "https://CANARY@h"}, "issuer"),
        ({"authorization_details": '[{"type": "-----BEGIN CANARY"}]'}, "authorization_details"),
        ({"provider_inputs": (("base_url", "https://u:CANARY@h"),)}, "provider_inputs"),
        ({"extra_parameters": (("password", "CANARY"),)}, "extra_parameters"),
        ({"extra_parameters": (("hint", "https://u:CANARY@h/"),)}, "extra_parameters"),
        ({"endpoint_consent": EndpointConsent("https://i", "https://CANARY@h")}, "endpoint_consent"),
        ({"client_id": "-----BEGIN PRIVATE KEY-----CANARY"}, "client_id"),
        ({"audience": "https://u:CANARY@h"}, "audience"),
        ({"scope": "read https://u:CANARY@h"}, "scope"),
        ({"resources": ("https://a", "https://u:CANARY@h")}, "resources"),
        ({"note": "works with eyJCANARY.eyJCANARY.s"}, "note"),
    ],
)
def test_L1_a_secret_in_a_profile_is_never_written(
    user_state: UserState, change: dict[str, Any], field: str
) -> None:
    with pytest.raises(InputProblem) as caught:
        save(user_state, SavedState(profiles={"p": replace(MANUAL, **change)}))
    assert caught.value.finding.field == field
    assert "CANARY" not in str(caught.value)
    assert not user_state.path.exists()


def test_what_follows_from_other_values_is_not_kept() -> None:
    discovered = Profile(
        endpoint_mode=EndpointMode.ISSUER,
        issuer="https://i",
        token_endpoint="https://i/token",
        endpoint_source=EndpointSource.DISCOVERED,
    )
    assert entered_values(discovered) == {"endpoint_mode": EndpointMode.ISSUER, "issuer": "https://i"}
    derived = Profile(environment_id="e", issuer="i", token_endpoint="t", api_base="a")
    assert profile_to_json(derived) == {"environment_id": "e"}


@pytest.mark.parametrize(
    "changes",
    [
        {"assertion_certificate": "-----BEGIN CERTIFICATE-----"},
        {"mtls": MutualTls(True, "-----BEGIN PRIVATE KEY-----")},
        {"mtls": MutualTls(True, "c.pem", ' {"kty":"RSA"}')},
    ],
)
def test_a_key_in_the_place_of_a_reference_is_never_written(changes: dict[str, Any]) -> None:
    with pytest.raises(InputProblem, match="never written to a file"):
        profile_to_json(Profile(**changes))


def test_what_discovery_told_is_found_anew() -> None:
    told = Profile(client_id="c", server=ServerFacts("https://h/token", "https://mtls.h/token"))
    assert profile_to_json(told) == {"client_id": "c"}


REFERENCES = st.text().filter(lambda text: "{" not in text)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(
    st.builds(
        Profile,
        name=st.just("p"),
        endpoint_mode=st.just(EndpointMode.MANUAL),
        environment_id=st.text(),
        region=st.text(),
        client_id=st.text(),
        auth_method=st.sampled_from(AuthMethod),
        scope=st.text(),
        assertion_audience=st.text(),
        resources=st.lists(st.text()).map(tuple),
        proactive_refresh_seconds=st.integers(),
        endpoint_consent=st.builds(
            EndpointConsent, st.text(st.characters(exclude_characters="@")), st.just("https://o")
        ),
        dpop=st.booleans(),
        dpop_alg=st.text(),
        dpop_allow_bearer=st.booleans(),
        assertion_certificate=REFERENCES,
        mtls=st.builds(MutualTls, st.booleans(), REFERENCES, REFERENCES),
        production=st.booleans(),
        note=st.text(),
    )
)
def test_any_profile_survives_the_file(profile: Profile) -> None:
    assert profile_from_json("p", json.loads(json.dumps(profile_to_json(profile)))) == profile
