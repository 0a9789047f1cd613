"""A ``.env`` that brings server, client and secret itself counts, where the user has nothing of their own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ccflow_tui.config.layers import Layers
from ccflow_tui.config.lone_env import stands_alone
from ccflow_tui.config.settings import Settings
from ccflow_tui.config.state import SavedState
from ccflow_tui.models.profile import Profile
from ccflow_tui.models.variables import VARIABLES

WHOLE = {
    "CCFLOW_TOKEN_ENDPOINT": "https://as.example/token",
    "CCFLOW_CLIENT_ID": "orders",
    "CCFLOW_AUTH_METHOD": "client_secret_post",
    "CCFLOW_CLIENT_SECRET": "CANARY",
    "CCFLOW_SCOPE": "read",
}
ALONE = Layers(env_file=WHOLE)


def test_a_whole_one_stands_alone() -> None:
    assert stands_alone(ALONE)
    assert stands_alone(
        replace(ALONE, environment={"CCFLOW_HOME": "/home", "CCFLOW_SCOPE": "write", "PATH": "/"})
    )
    assert stands_alone(replace(ALONE, saved=SavedState(theme="light")))


@pytest.mark.parametrize("name", sorted(WHOLE.keys() - {"CCFLOW_SCOPE"}))
def test_one_that_leaves_something_to_the_user_does_not(name: str) -> None:
    part = {each: value for each, value in WHOLE.items() if each != name}
    assert not stands_alone(Layers(env_file=part))
    assert not stands_alone(Layers(env_file={**WHOLE, name: " "}))


@pytest.mark.parametrize(
    "name",
    [
        "CCFLOW_SECRET_REFERENCE",
        "CCFLOW_PRIVATE_KEY",
        "CCFLOW_CERTIFICATE",
        "CCFLOW_MTLS_CERT",
        "CCFLOW_MTLS_KEY",
        "CCFLOW_KEY_PASSPHRASE",
        "CCFLOW_ALLOW_ENDPOINT",
        "CCFLOW_SECRET_ORIGIN",
        "CCFLOW_SECRET_STORE",
        "CCFLOW_ENABLED",
        "CCFLOW_PROFILE",
        "CCFLOW_DPOP",
        "CCFLOW_DPOP_ALLOW_BEARER",
        "CCFLOW_A_VARIABLE_OF_TOMORROW",
    ],
)
def test_one_that_says_more_does_not(name: str) -> None:
    assert not stands_alone(Layers(env_file={**WHOLE, name: "x"}))


def test_a_key_or_certificate_is_the_user_s() -> None:
    for method in ("private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth", "none", "unheard_of"):
        assert not stands_alone(Layers(env_file={**WHOLE, "CCFLOW_AUTH_METHOD": method}))


def test_it_stands_in_place_of_nothing() -> None:
    """A token of another client would pass for one of the user's own."""
    assert not stands_alone(replace(ALONE, saved=SavedState(profiles={"prod": Profile(name="prod")})))
    assert not stands_alone(replace(ALONE, settings=Settings()))
    assert not stands_alone(replace(ALONE, own_settings=Settings()))
    for name in VARIABLES.keys() - {"CCFLOW_BASIC_ENCODING"}:
        about_clients = name not in {
            "CCFLOW_SCOPE",
            "CCFLOW_AUDIENCE",
            "CCFLOW_RESOURCE",
            "CCFLOW_AUTHORIZATION_DETAILS",
            "CCFLOW_EXTRA_PARAMETERS",
        }
        assert stands_alone(replace(ALONE, environment={name: "x"})) is not about_clients
