"""Every field of a profile, held against what is noted of it so that its secrets are found again."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from ccflow_tui.config.profile_json import profile_from_json, profile_to_json
from ccflow_tui.config.state import _MEMORY
from ccflow_tui.models.profile import EndpointMode, EndpointSource, Profile
from ccflow_tui.models.store_choice import StoreChoice
from ccflow_tui.services.credential_names import filing
from ccflow_tui.services.ports_removal import Subject
from ccflow_tui.services.removal_entries import entries_of
from tests.test_profile_fields import FULL, ISSUER, NAMES

NOT_FILED = {
    "endpoint_mode": "counts by the server that it leads to",
    "provider": "counts by the server that it leads to",
    "environment_id": "counts by the server that it leads to",
    "region": "counts by the server that it leads to",
    "provider_inputs": "counts by the server that it leads to",
    "issuer": "counts while the token endpoint is unknown",
    "endpoint_source": "only how the endpoint was found",
    "endpoint_consent": "whether a secret may go there, not where it is kept",
    "server": "counts by the endpoint that is asked",
    "api_base": "where the token is used",
    "auth_method": "the secret is kept whatever the method",
    "basic_encoding": "how the secret is sent",
    "assertion_certificate": "holds no secret",
    "assertion_alg": "holds no secret",
    "assertion_kid": "holds no secret",
    "assertion_audience": "holds no secret",
    "scope": "what the token is for",
    "audience": "what the token is for",
    "resources": "what the token is for",
    "authorization_details": "what the token is for",
    "extra_parameters": "what the token is for",
    "proactive_refresh_seconds": "when the next token is fetched",
    "dpop": "the key is kept whether or not it is used",
    "dpop_alg": "the key is kept under the same name",
    "dpop_allow_bearer": "holds no secret",
    "production": "a label",
    "note": "a label",
}


@pytest.mark.parametrize("name", NAMES)
def test_every_field_that_decides_where_a_secret_is_kept_is_noted_for_its_removal(name: str) -> None:
    other = replace(FULL, **{name: getattr(Profile(), name)})
    names = [{entry.name for entry in entries_of(Subject(each))} for each in (FULL, other)]
    moves = names[0] != names[1]
    assert moves is (filing(other) != filing(FULL)), "the note misses it, or has it without need"
    assert moves is (name not in NOT_FILED), NOT_FILED.get(name, "it moves no secret")


def test_a_note_finds_what_the_profile_itself_finds_and_survives_the_state_file() -> None:
    alias = replace(FULL, endpoint_mode=EndpointMode.ISSUER, endpoint_source=EndpointSource.DISCOVERED)
    waiting = replace(alias, token_endpoint="", endpoint_source=EndpointSource.NONE)
    for profile in (FULL, alias, waiting):
        kept = profile_from_json("prod", json.loads(json.dumps(profile_to_json(filing(profile)))))
        assert kept == filing(profile)
        assert {entry.name for entry in entries_of(Subject(kept))} == {
            entry.name for entry in entries_of(Subject(profile))
        }
    assert filing(alias).token_endpoint == "https://mtls.as.example"
    assert filing(waiting).issuer == ISSUER


def test_the_state_file_leaves_out_what_is_noted_of_memory() -> None:
    assert _MEMORY == StoreChoice.MEMORY
