"""Every field of a profile, held against every place that has to know it, so that none is forgotten."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from ccflow_tui import ClientSecret, PrivateKey, TokenClient
from ccflow_tui.config.field_names import key_of, set_by
from ccflow_tui.config.folder_rules import PROFILE_RULES
from ccflow_tui.config.layers import Layers
from ccflow_tui.config.profile_json import profile_from_json, profile_to_json
from ccflow_tui.config.resolve import resolve_profile
from ccflow_tui.config.settings import ClientSettings, load_settings
from ccflow_tui.config.settings_values import client_values
from ccflow_tui.config.state import SavedState
from ccflow_tui.demo.announcement import DemoInfo, Offer, decode_announcement, encode_announcement
from ccflow_tui.library.credentials import ClientCertificate
from ccflow_tui.models.profile import (
    AuthMethod,
    BasicEncoding,
    EndpointConsent,
    EndpointMode,
    EndpointSource,
    MutualTls,
    Profile,
    Provider,
    ServerFacts,
)
from ccflow_tui.models.variables import CERT_VARIABLE, PROFILE_VARIABLE, VARIABLES
from ccflow_tui.oauth.profile_check import check_profile
from ccflow_tui.screens.configure_form import attribute_of
from ccflow_tui.services.cache_key import cache_key
from ccflow_tui.widgets.field_frame import FieldFrame
from tests.support.wizard import make_wizard
from tests.ui.drive import driving

ISSUER, ENDPOINT, API = "https://as.example", "https://as.example/token", "https://api.example/v1/things"
SAMPLES: Mapping[str, Any] = {
    "name": "prod",
    "endpoint_mode": EndpointMode.MANUAL,
    "provider": Provider.HYDRA,
    "environment_id": "3f2a1b4c-0d5e-4f60-8a7b-9c0d1e2f3a4b",
    "region": "eu",
    "provider_inputs": (("base_url", "https://hydra.example"),),
    "issuer": ISSUER,
    "token_endpoint": ENDPOINT,
    "endpoint_source": EndpointSource.TYPED,
    "endpoint_consent": EndpointConsent(ISSUER, "https://tokens.example"),
    "api_base": API,
    "client_id": "orders",
    "auth_method": AuthMethod.CLIENT_SECRET_BASIC,
    "basic_encoding": BasicEncoding.RAW,
    "secret_reference": "keyring:orders",
    "key_reference": "keyring:prod",
    "assertion_certificate": "env:CERTIFICATE",
    "assertion_alg": "ES256",
    "assertion_kid": "key-1",
    "assertion_audience": "token_endpoint",
    "scope": "read write",
    "audience": "urn:orders",
    "resources": ("https://api.example/a", "https://api.example/b"),
    "authorization_details": '[{"type": "payment"}]',
    "extra_parameters": (("tenant", "t1"),),
    "proactive_refresh_seconds": 75,
    "mtls": MutualTls(True, "env:CLIENT_CERT", "env:CLIENT_KEY"),
    "dpop": True,
    "dpop_alg": "ES384",
    "dpop_allow_bearer": True,
    "production": True,
    "note": "for the nightly job",
    "server": ServerFacts(token_endpoint=ENDPOINT, mtls_token_endpoint="https://mtls.as.example/token"),
}
"""A value for every field that is not its default."""
FULL = Profile(**SAMPLES)
NAMES = tuple(item.name for item in fields(Profile))

SETTINGS: dict[str, Any] = {
    "provider": "hydra",
    "providerInputs": {"base_url": "https://hydra.example"},
    "environmentId": SAMPLES["environment_id"],
    "region": "EU",
    "issuer": ISSUER,
    "tokenEndpoint": ENDPOINT,
    "allowEndpoint": "https://tokens.example",
    "apiBase": API,
    "clientId": "orders",
    "authMethod": "client_secret_basic",
    "basicEncoding": "raw",
    "secretReference": "keyring:orders",
    "assertion": {
        "alg": "ES256",
        "kid": "key-1",
        "audience": "token_endpoint",
        "key": "keyring:prod",
        "certificate": "env:CERTIFICATE",
    },
    "scopes": ["read", "write"],
    "audience": "urn:orders",
    "resource": ["https://api.example/a", "https://api.example/b"],
    "authorizationDetails": [{"type": "payment"}],
    "extraParameters": {"tenant": "t1"},
    "proactiveRefreshSeconds": 75,
    "mtls": {"enabled": True, "certRef": "env:CLIENT_CERT", "keyRef": "env:CLIENT_KEY"},
    "dpop": {"enabled": True, "alg": "ES384", "allowBearer": True},
    "production": True,
    "note": "for the nightly job",
}
"""``FULL`` as a settings file says it."""


def changed(name: str) -> Profile:
    """A plain profile that differs from the default in one field."""
    return replace(Profile(), **{name: SAMPLES[name]})


def readme() -> str:
    return (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def test_there_is_a_sample_of_every_field_that_is_not_its_default() -> None:
    assert set(SAMPLES) == set(NAMES)
    assert [name for name in NAMES if SAMPLES[name] == getattr(Profile(), name)] == []


def test_a_settings_file_can_say_every_field(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"profiles": {"prod": SETTINGS}}), encoding="utf-8")
    found = resolve_profile("prod", Layers(settings=load_settings(path), settings_trusted=True)).profile
    # Told by discovery only.
    assert found == replace(FULL, server=ServerFacts())


@pytest.mark.parametrize("name", sorted(PROFILE_RULES.keys() - {"endpoint_mode"}))
def test_every_field_that_a_settings_file_can_say_is_told_by_its_key(name: str) -> None:
    alone: dict[str, Any] = {}
    said, place = SETTINGS, alone
    *outer, last = key_of(name).split(".")
    for key in outer:
        said, place = said[key], place.setdefault(key, {})
    place[last] = said[last]
    client = TypeAdapter(ClientSettings).validate_json(json.dumps(alone))
    assert client_values(client).keys() == {name}
    assert key_of(name) in set_by(name)


@pytest.mark.parametrize(
    ("field", "names"),
    [
        ("client_id", "CCFLOW_CLIENT_ID, or clientId in the settings file"),
        ("client_secret", "CCFLOW_CLIENT_SECRET, or secretReference in the settings file"),
        ("mtls.key_ref", "CCFLOW_MTLS_KEY, or mtls.keyRef in the settings file"),
        (
            "provider_inputs.realm",
            "CCFLOW_PROVIDER_INPUTS (realm=…), or providerInputs.realm in the settings file",
        ),
        ("api_base", "apiBase in the settings file"),
        ("endpoint_mode", ""),
        ("log_file", ""),
    ],
)
def test_what_sets_a_field_without_the_form(field: str, names: str) -> None:
    assert set_by(field) == names


def _keys(value: object, prefix: str = "") -> list[str]:
    if not isinstance(value, dict) or prefix in {"providerInputs", "extraParameters"}:
        return [prefix]
    return [key for name, inner in value.items() for key in _keys(inner, name)]


@pytest.mark.parametrize("key", sorted(set(_keys(SETTINGS))))
def test_the_example_or_the_readme_names_every_settings_key(key: str) -> None:
    example = (Path(__file__).parent.parent / "settings.example.json").read_text(encoding="utf-8")
    assert f'"{key}"' in example or f"`{key}`" in readme()


FROM_THE_REST = {"name", "endpoint_source", "server"}


def test_the_state_file_keeps_every_field_that_a_person_enters() -> None:
    kept = json.loads(json.dumps(profile_to_json(FULL)))
    assert set(kept) == set(NAMES) - FROM_THE_REST
    assert profile_from_json("prod", kept) == replace(FULL, server=ServerFacts())


NOT_ON_THE_FORM = {
    "name": "given when a profile is begun",
    "endpoint_source": "follows from the field that was filled in",
    "endpoint_consent": "a question, when it is needed",
    "server": "told by discovery",
}


async def test_the_form_edits_every_field_or_there_is_a_reason_why_not(tmp_path: Path) -> None:
    profile = replace(Profile(), provider=Provider.HYDRA)  # one of those with inputs of their own
    async with driving(make_wizard(tmp_path, profiles=(profile,))) as driver:
        edited = {attribute_of(field.field_name) for field in driver.configure.query(FieldFrame)}
    edited |= {"auth_method"}
    assert (edited & set(NAMES)) ^ set(NOT_ON_THE_FORM) == set(NAMES)


WITHOUT_A_VARIABLE = {
    "endpoint_mode": "follows from the variable that names the server",
    "endpoint_source": "follows from the variable that names the server",
    "server": "told by discovery",
    "api_base": "belongs to the wizard's sample call",
    "assertion_audience": "belongs to one server, so to its profile",
    "proactive_refresh_seconds": "ccflow token keeps no token alive",
    "production": "a label of the profile",
    "note": "a label of the profile",
}


def test_every_field_has_a_variable_or_a_reason_why_not() -> None:
    variables = {attribute: variable for variable, attribute in VARIABLES.items()}
    variables |= {"name": PROFILE_VARIABLE, "mtls": CERT_VARIABLE}
    assert set(variables) ^ set(WITHOUT_A_VARIABLE) == set(NAMES)
    assert [variable for variable in variables.values() if f"`{variable}`" not in readme()] == []


def test_what_a_stronger_source_hides_is_shown_as_a_person_writes_it() -> None:
    entered = replace(FULL, provider=Provider.PINGONE, provider_inputs=())
    saved = SavedState(profiles={"prod": entered})
    environment = {
        variable: {
            "CCFLOW_AUTH_METHOD": "none",
            "CCFLOW_BASIC_ENCODING": "standard",
            "CCFLOW_SECRET_REFERENCE": "env:OTHER",
        }.get(variable, "no")
        for variable, attribute in VARIABLES.items()
        if attribute != "provider"
    }
    environment |= {CERT_VARIABLE: "other.pem"}
    shadowed = resolve_profile("prod", Layers(environment=environment, saved=saved)).shadowed
    shown = {name: text for name, entries in shadowed.items() for _, text in entries}
    assert {name for name, text in shown.items() if "(" in text or "{'" in text} == set()
    assert shown["mtls"] == "on env:CLIENT_CERT env:CLIENT_KEY"
    assert set(shown) >= set(VARIABLES.values()) - {"provider", "provider_inputs"}


ONE_TOKEN_FOR_ALL = {
    "name": "two profiles of one client may share a token",
    "endpoint_mode": "only how the endpoint is found",
    "endpoint_source": "only how the endpoint is found",
    "endpoint_consent": "whether it may be asked, not for what",
    "provider": "only how the endpoint is found",
    "region": "only how the endpoint is found",
    "provider_inputs": "only how the endpoint is found",
    "api_base": "where the token is used",
    "secret_reference": "the secret's fingerprint counts",
    "key_reference": "the key's fingerprint counts",
    "dpop": "the binding counts",
    "dpop_alg": "the binding counts",
    "dpop_allow_bearer": "counts with DPoP only",
    "proactive_refresh_seconds": "when the next one is fetched",
    "production": "a label",
    "note": "a label",
    "server": "counts by the endpoint that is asked",
}


@pytest.mark.parametrize("name", NAMES)
def test_L4_every_field_that_decides_about_the_token_is_in_the_cache_key(name: str) -> None:
    same = cache_key(changed(name), "credential") == cache_key(Profile(), "credential")
    assert same is (name in ONE_TOKEN_FOR_ALL), ONE_TOKEN_FOR_ALL.get(name, "it decides about the token")


def test_L4_F2_the_alias_and_the_leave_for_bearer_count_where_they_apply() -> None:
    discovered = replace(FULL, endpoint_mode=EndpointMode.ISSUER, endpoint_source=EndpointSource.DISCOVERED)
    plain = replace(discovered, server=ServerFacts(token_endpoint=ENDPOINT))
    assert cache_key(discovered, "credential") != cache_key(plain, "credential")
    strict = replace(discovered, dpop_allow_bearer=False)
    assert cache_key(discovered, "credential") != cache_key(strict, "credential")


def test_a_demo_profile_arrives_with_every_field() -> None:
    info = DemoInfo.of(
        issuer=ISSUER, token_endpoint=ENDPOINT, api_base=API, environment_id="e", offers=[Offer(FULL)]
    )
    [arrived] = decode_announcement(encode_announcement(info)).profiles
    assert arrived == replace(FULL, server=ServerFacts())
    differing = [
        item.name
        for item in fields(arrived)
        if type(getattr(arrived, item.name)) is not type(getattr(FULL, item.name))
    ]
    assert differing == []


NOT_CHECKED = {
    "endpoint_consent": "an origin that is none allows nothing, and the refusal says so",
    "provider": "an enumeration",
    "endpoint_mode": "an enumeration",
    "endpoint_source": "an enumeration",
    "auth_method": "an enumeration",
    "basic_encoding": "an enumeration",
    "dpop": "yes or no",
    "dpop_allow_bearer": "yes or no",
    "production": "yes or no",
    "name": "checked where it is given",
    "server": "checked by discovery",
}
BAD: Mapping[str, Any] = {
    "provider_inputs": (("base_url", "no address"),),
    "resources": ("no\naddress",),
    "extra_parameters": (("scope", "shadowed"),),
    "proactive_refresh_seconds": 5,
    "mtls": MutualTls(True, "{a key}", ""),
}
NEEDED: Mapping[str, Mapping[str, Any]] = {
    "environment_id": {"endpoint_mode": EndpointMode.PRESET},
    "region": {"endpoint_mode": EndpointMode.PRESET},
    "provider_inputs": {"endpoint_mode": EndpointMode.PRESET, "provider": Provider.HYDRA},
    "issuer": {"endpoint_mode": EndpointMode.ISSUER},
    "key_reference": {"auth_method": AuthMethod.PRIVATE_KEY_JWT},
    "assertion_certificate": {"auth_method": AuthMethod.PRIVATE_KEY_JWT},
    "assertion_alg": {"auth_method": AuthMethod.PRIVATE_KEY_JWT},
    "assertion_kid": {"auth_method": AuthMethod.PRIVATE_KEY_JWT},
    "assertion_audience": {"auth_method": AuthMethod.PRIVATE_KEY_JWT},
}
"""What makes a field count."""


@pytest.mark.parametrize("name", [name for name in NAMES if name not in NOT_CHECKED])
def test_a_bad_value_of_every_field_is_found_before_anything_is_sent(name: str) -> None:
    fine = replace(FULL, provider=Provider.PINGONE, provider_inputs=(), mtls=MutualTls())
    fine = replace(fine, **NEEDED.get(name, {}))
    bad = replace(fine, **{name: BAD.get(name, "{bad\x07value")})
    known = {(finding.field, finding.problem) for finding in check_profile(fine, secret_present=True)}
    found = [
        each for each in check_profile(bad, secret_present=True) if (each.field, each.problem) not in known
    ]
    assert found, f"nothing is said about {name}"


NOT_IN_THE_LIBRARY = {
    "name": "a program has one client",
    "provider": "a program names its server",
    "environment_id": "a program names its server",
    "region": "a program names its server",
    "provider_inputs": "a program names its server",
    "endpoint_consent": "given by naming both issuer and endpoint",
    "api_base": "a program calls its own API",
    "assertion_certificate": "comes along with the key",
    "secret_reference": "a program reads its secret itself",
    "proactive_refresh_seconds": "is refresh_ahead, of the cache",
    "production": "a label",
    "note": "a label",
    "server": "told by discovery",
}


def test_a_program_can_say_every_field_or_there_is_a_reason_why_not() -> None:
    common: dict[str, Any] = {
        name: SAMPLES[name] for name in ("client_id", "scope", "audience", "resources", "dpop", "dpop_alg")
    }
    common |= {"authorization_details": [{"type": "payment"}], "extra_parameters": {"tenant": "t1"}}
    common["certificate"] = ClientCertificate("client.pem", "client.key")
    clients = [
        TokenClient(
            token_endpoint=ENDPOINT,
            credential=ClientSecret("s", encoding=BasicEncoding.RAW),
            dpop_allow_bearer=True,
            **common,
        ),
        TokenClient(
            issuer=ISSUER,
            credential=PrivateKey("key", alg="ES256", kid="key-1", audience="token_endpoint"),
            **common,
        ),
    ]
    said = {
        name for each in clients for name in NAMES if getattr(each._profile, name) != getattr(Profile(), name)
    }
    assert (said - {"name"}) ^ set(NOT_IN_THE_LIBRARY) == set(NAMES)
