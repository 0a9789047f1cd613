"""E7: who may say that credentials go where an issuer's metadata sends them."""

from __future__ import annotations

from typing import Any

import pytest

from ccflow_tui.config.layers import Source
from ccflow_tui.config.resolve import resolve_profile
from ccflow_tui.config.settings import ClientCredentialsSettings, OAuthSettings, Settings
from ccflow_tui.config.state import SavedState
from ccflow_tui.models.profile import EndpointConsent, EndpointMode, Profile
from tests.support.layers import trusted


def settings(**block: Any) -> Settings:
    return Settings(oauth=OAuthSettings(client_credentials=ClientCredentialsSettings(**block)))


def saved(**values: Any) -> SavedState:
    profile = Profile(endpoint_mode=EndpointMode.ISSUER, issuer="https://i", **values)
    return SavedState(profiles={profile.name: profile})


def consent(**layers: Any) -> tuple[str, str]:
    found = resolve_profile("default", trusted(**layers)).profile.endpoint_consent
    return found.issuer, found.origin


ALLOW = {"CCFLOW_ALLOW_ENDPOINT": "https://x"}
ISSUED = settings(issuer="https://i", allow_endpoint="https://s")


def test_E7_whoever_names_the_issuer_may_allow_an_endpoint() -> None:
    assert consent(settings=ISSUED) == ("https://i", "https://s")
    assert consent(env_file={"CCFLOW_ISSUER": "https://i", **ALLOW}) == ("https://i", "https://x")


def test_E7_the_environment_may_allow_one_for_any_issuer() -> None:
    assert consent(environment=ALLOW, settings=ISSUED) == ("https://i", "https://x")
    resolved = resolve_profile("default", trusted(environment=ALLOW, settings=ISSUED))
    assert resolved.shadowed["endpoint_consent"] == ((Source.SETTINGS, "https://s"),)


@pytest.mark.parametrize("given", ["env_file", "settings"])
def test_E7_a_file_may_not_allow_one_for_an_issuer_named_elsewhere(given: str) -> None:
    allowing = {"env_file": ALLOW, "settings": settings(allow_endpoint="https://s")}
    assert consent(**{given: allowing[given]}, saved=saved()) == ("", "")
    assert consent(**{given: allowing[given]}, environment={"CCFLOW_ISSUER": "https://i"}) == ("", "")


def test_E7_a_saved_answer_counts_for_the_saved_issuer_only() -> None:
    state = saved(endpoint_consent=EndpointConsent("https://i", "https://x"))
    assert consent(saved=state) == ("https://i", "https://x")
    assert consent(saved=state, environment={"CCFLOW_ISSUER": "https://j"}) == ("", "")


def test_E7_without_a_server_nothing_is_allowed() -> None:
    assert consent(env_file=ALLOW) == ("", "")
