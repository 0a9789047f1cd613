from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ccflow_tui.config.settings import Settings, camel, load_settings
from ccflow_tui.config.settings_values import client_values
from ccflow_tui.models.problems import SettingsProblem
from ccflow_tui.models.profile import AuthMethod, BasicEncoding, EndpointConsent, MutualTls

EXAMPLE = Path(__file__).parents[2] / "settings.example.json"
CANARY = "CANARY-5f1c9e2b7a"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.json"


def load(file: Path, data: object) -> Settings:
    file.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return load_settings(file)


def problem_of(file: Path, data: object) -> SettingsProblem:
    with pytest.raises(SettingsProblem) as caught:
        load(file, data)
    problem = caught.value
    assert problem.path == file
    assert str(file) in str(problem)
    assert problem.problem and problem.remedy
    assert problem.__cause__ is None
    return problem


def block(**values: Any) -> dict[str, Any]:
    return {"oauth": {"clientCredentials": values}}


def test_example_is_the_block_of_the_specification() -> None:
    assert json.loads(EXAMPLE.read_text(encoding="utf-8")) == block(
        enabled=True,
        authMethod="private_key_jwt",
        scopes=["p1:read:users"],
        audience="",
        resource="",
        proactiveRefreshSeconds=90,
        assertion={"alg": "RS256", "kid": "YOUR_KID"},
        mtls={"enabled": False, "certRef": "", "keyRef": ""},
    )


def test_example_loads_and_its_placeholders_count_as_unset() -> None:
    client = load_settings(EXAMPLE).oauth.client_credentials
    assert client.enabled is True
    assert client_values(client) == {
        "auth_method": AuthMethod.PRIVATE_KEY_JWT,
        "assertion_alg": "RS256",
        "scope": "p1:read:users",
        "proactive_refresh_seconds": 90,
        "mtls": MutualTls(),
    }


def test_every_key_is_understood(file: Path) -> None:
    client = {
        "environmentId": "e",
        "region": "EU",
        "issuer": "https://i",
        "tokenEndpoint": "https://t/token",
        "allowEndpoint": "https://x",
        "apiBase": "https://api",
        "clientId": " c ",
        "authMethod": "client_secret_post",
        "basicEncoding": "raw",
        "scopes": ["a", " b ", ""],
        "audience": "aud",
        "resource": ["https://r1", "https://r2"],
        "authorizationDetails": [{"type": "a", "actions": ["ü"]}],
        "extraParameters": {"tenant": " t ", "empty": ""},
        "proactiveRefreshSeconds": 60,
        "assertion": {"alg": "ES256", "kid": "k", "audience": "issuer", "key": "keyring:k"},
        "mtls": {"enabled": True, "certRef": "/c.pem", "keyRef": "~/k.pem"},
        "dpop": {"enabled": True, "alg": "ES384", "allowBearer": False},
        "production": False,
        "note": "for tests",
    }
    settings = load(file, {**block(enabled=False), "profiles": {"p": client}, "defaultProfile": "p"})
    assert client_values(settings.profiles["p"]) == {
        "environment_id": "e",
        "region": "eu",
        "issuer": "https://i",
        "token_endpoint": "https://t/token",
        "endpoint_consent": EndpointConsent(origin="https://x"),
        "api_base": "https://api",
        "client_id": "c",
        "auth_method": AuthMethod.CLIENT_SECRET_POST,
        "basic_encoding": BasicEncoding.RAW,
        "scope": "a b",
        "audience": "aud",
        "resources": ("https://r1", "https://r2"),
        "authorization_details": '[{"type": "a", "actions": ["ü"]}]',
        "extra_parameters": (("tenant", "t"),),
        "proactive_refresh_seconds": 60,
        "assertion_alg": "ES256",
        "assertion_kid": "k",
        "assertion_audience": "issuer",
        "key_reference": "keyring:k",
        "mtls": MutualTls(True, str(file.parent / "/c.pem"), "~/k.pem"),
        "dpop": True,
        "dpop_alg": "ES384",
        "dpop_allow_bearer": False,
        "production": False,
        "note": "for tests",
    }
    assert settings.oauth.client_credentials.enabled is False
    assert settings.default_profile == "p"


@pytest.mark.parametrize(
    "values",
    [
        {"authorizationDetails": {"type": "a"}},
        {"authorizationDetails": ["a"]},
        {"extraParameters": {"a": 1}},
        {"extraParameters": [["a", "b"]]},
        {"extraParameters": {"password": "x"}},
        {"extraParameters": {"hint": "-----BEGIN PRIVATE KEY-----"}},
    ],
    ids=str,
)
def test_A10_G2_targets_of_the_wrong_shape_or_with_a_secret_are_refused(file: Path, values: Any) -> None:
    assert next(iter(values)) in problem_of(file, block(**values)).where


def test_null_and_empty_mean_not_said(file: Path) -> None:
    assert client_values(load(file, block(clientId=None, audience="")).oauth.client_credentials) == {}
    assert load(file, "{}") == Settings()


def test_ui_and_one_resource_as_text(file: Path) -> None:
    settings = load(file, {**block(resource="urn:a"), "ui": {"theme": "t"}})
    assert settings.oauth.client_credentials.resource == ("urn:a",)
    assert settings.ui.theme == "t"


def test_relative_paths_are_looked_for_beside_the_file(file: Path) -> None:
    client = load(
        file,
        block(
            assertion={"key": "keys/my.pem", "certificate": "keys/my.crt"},
            mtls={"enabled": True, "certRef": "cert.pem", "keyRef": "env:MTLS_KEY"},
        ),
    ).oauth.client_credentials
    assert client.assertion.key == str(file.parent / "keys" / "my.pem")
    assert client_values(client)["assertion_certificate"] == str(file.parent / "keys" / "my.crt")
    assert client.mtls.cert_ref == str(file.parent / "cert.pem")
    assert client.mtls.key_ref == "env:MTLS_KEY"


@pytest.mark.parametrize("text", ["YOUR_KEY_FILE", "<path of your key>"])
def test_placeholder_key_is_unset_and_not_a_path(file: Path, text: str) -> None:
    client = load(file, block(assertion={"key": text})).oauth.client_credentials
    assert "key_reference" not in client_values(client)


def test_utf8_bom_is_accepted(file: Path) -> None:
    file.write_bytes(b'\xef\xbb\xbf{"defaultProfile": "p"}')
    assert load_settings(file).default_profile == "p"


@pytest.mark.parametrize(
    ("data", "where", "said"),
    [
        (block(authmethod="x"), "oauth.clientCredentials.authmethod", 'Did you mean "authMethod"?'),
        (block(client_id="x"), "oauth.clientCredentials.client_id", 'Did you mean "clientId"?'),
        (block(assertion={"algorithm": "x"}), "oauth.clientCredentials.assertion.algorithm", "alg, kid"),
        (block(zzz=1), "oauth.clientCredentials.zzz", "Use one of: "),
        ({"clientId": "x"}, "clientId", '"clientId" belongs inside oauth.clientCredentials'),
        ({"": 1}, '""', "Use one of"),
        ({"profiles": {"": {}}}, 'profiles.""', "1 to 64 characters"),
        ({"profile": {}}, "profile", 'Did you mean "profiles"?'),
        ({"profiles": {"p": {"enabled": True}}}, "profiles.p.enabled", "unknown"),
        ({"editor.fontSize": 12}, "editor.fontSize", "--settings FILE"),
        (block(authMethod="private-key"), "oauth.clientCredentials.authMethod", "private_key_jwt"),
        (block(authMethod=7), "oauth.clientCredentials.authMethod", "Use one of: private_key_jwt"),
        (block(scopes="a b"), "oauth.clientCredentials.scopes", "list of texts"),
        (block(scopes=["a", 1]), "oauth.clientCredentials.scopes[1]", "text in double quotes"),
        (block(enabled="yes"), "oauth.clientCredentials.enabled", "true or false"),
        (block(enabled=1), "oauth.clientCredentials.enabled", "true or false"),
        (block(proactiveRefreshSeconds="90"), "oauth.clientCredentials.proactiveRefreshSeconds", "whole"),
        (block(proactiveRefreshSeconds=90.5), "oauth.clientCredentials.proactiveRefreshSeconds", "whole"),
        (block(proactiveRefreshSeconds=59), "oauth.clientCredentials.proactiveRefreshSeconds", "60 to 120"),
        ({"profiles": {"p": {"proactiveRefreshSeconds": 121}}}, "profiles.p.proactiveRefreshSeconds", "120"),
        (block(resource=5), "oauth.clientCredentials.resource", "list"),
        ({"oauth": []}, "oauth", "object in braces"),
        ({"profiles": [1]}, "profiles", "object in braces"),
        ({"profiles": {" ": {}}}, "profiles. ", "1 to 64 characters"),
        ({"profiles": {"x" * 65: {}}}, f"profiles.{'x' * 60}…", "1 to 64 characters"),
        ({"defaultProfile": "a\x1b[2Jb"}, "defaultProfile", "U+001B"),
        ({"profiles": {"a\u202eb": {}}}, "profiles.a?b", "U+202E"),
        ({"defaultProfile": "\ud800"}, "defaultProfile", "U+D800"),
    ],
)
def test_what_is_wrong_is_named_with_its_key(file: Path, data: object, where: str, said: str) -> None:
    problem = problem_of(file, data)
    assert problem.where == where
    assert said in f"{problem.problem} {problem.remedy}"


def test_further_findings_are_counted(file: Path) -> None:
    assert "(2 more to correct.)" in problem_of(file, block(authMethod="x", scopes=1, region=2)).remedy


@pytest.mark.parametrize(
    "data",
    [
        block(clientSecret=CANARY),
        block(client_secret=CANARY),
        block(assertion={"privateKey": CANARY}),
        block(assertion={"key": f"-----BEGIN PRIVATE KEY-----{CANARY}"}),
        block(assertion={"key": {"kty": "RSA", "d": CANARY}}),
        block(tokenEndpoint=f"https://user:{CANARY}@as.example/token"),
        block(scopes=[f"eyJhbGciOiJub25lIn0.e30.{CANARY}"]),
        {"profiles": {"p": {"client-secret": CANARY}}},
        {"accessToken": CANARY},
    ],
)
def test_L1_a_secret_in_the_file_is_refused_and_never_repeated(file: Path, data: object) -> None:
    problem = problem_of(file, data)
    assert "secret" in problem.problem
    assert "CCFLOW_CLIENT_SECRET" in problem.remedy and "keyring" in problem.remedy
    assert CANARY not in str(problem)


@pytest.mark.parametrize("name", ["token", "secret", "Client-Secret", "jwk"])
def test_a_profile_may_have_any_name_but_hold_no_secret(file: Path, name: str) -> None:
    profiles = {name: {"clientId": "c"}}
    assert load(file, {"profiles": profiles, "defaultProfile": name}).profiles[name].client_id == "c"
    problem = problem_of(file, {"profiles": {name: {"token": CANARY}}})
    assert problem.where == f"profiles.{name}.token"
    assert CANARY not in str(problem_of(file, {"profiles": {name: CANARY}}))


def test_L1_no_value_is_repeated(file: Path) -> None:
    for values in (block(authMethod=CANARY), block(scopes=CANARY), block(proactiveRefreshSeconds=CANARY)):
        assert CANARY not in str(problem_of(file, values))


def test_keys_of_the_file_are_camel_case() -> None:
    assert camel("cert_ref") == "certRef"
    assert camel("issuer") == "issuer"
