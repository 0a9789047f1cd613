"""Nothing that stands before a saved profile hides its secrets from being removed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ccflow_tui import exit_codes
from ccflow_tui.cli import main
from ccflow_tui.config.state import SavedState, UserState
from ccflow_tui.models.profile import AuthMethod, EndpointMode, EndpointSource, Profile
from ccflow_tui.services.credential_names import client_secret_name
from tests.cli import kept_secrets
from tests.cli.test_secret_store import PASSPHRASE

ORDERS = Profile(
    name="orders",
    endpoint_mode=EndpointMode.MANUAL,
    endpoint_source=EndpointSource.TYPED,
    token_endpoint="https://as.example/token",
    client_id="one",
    auth_method=AuthMethod.CLIENT_SECRET_BASIC,
)
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a user who keeps one profile with its secret in the encrypted file."""
    found = tmp_path / "home"
    found.mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CCFLOW_HOME", str(found))
    monkeypatch.setenv("CCFLOW_STORE_PASSPHRASE", PASSPHRASE)
    (found / "settings.json").write_text('{"secretStore": "file"}', encoding="utf-8")
    UserState(found / "state.json").update(lambda _: SavedState(profiles={"orders": ORDERS}))
    kept_secrets.keep(found, client_secret_name(ORDERS))
    return found


def is_kept(home: Path, profile: Profile = ORDERS) -> bool:
    return kept_secrets.is_kept(home, client_secret_name(profile))


@pytest.mark.parametrize("command", ["sign-out", "forget"])
@pytest.mark.parametrize(
    "variables",
    [
        {"CCFLOW_CLIENT_ID": "another"},
        {"CCFLOW_TOKEN_ENDPOINT": "https://other.example/token"},
        {"CCFLOW_CLIENT_ID": "another", "CCFLOW_TOKEN_ENDPOINT": "https://other.example/token"},
    ],
    ids=["client", "server", "both"],
)
def test_a_variable_hides_no_secret_that_is_kept(
    home: Path,
    variables: dict[str, str],
    command: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert main([command, "orders", "-y"]) == exit_codes.DONE
    assert "the client secret of client one at https://as.example (encrypted file)" in capsys.readouterr().out
    assert not is_kept(home)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (".env", "CCFLOW_CLIENT_ID=another\n"),
        ("settings.json", '{"oauth": {"clientCredentials": {"clientId": "another"}}}'),
        ("settings.json", '{"profiles": {"orders": {"clientId": "another"}}}'),
        (".env", "CCFLOW_SECRET_STORE=memory\n"),
        ("settings.json", '{"secretStore": "memory"}'),
    ],
    ids=["env-client", "settings-client", "profile-client", "env-memory", "settings-memory"],
)
def test_a_file_of_the_working_folder_hides_none_either(home: Path, name: str, content: str) -> None:
    (home.parent / name).write_text(content, encoding="utf-8")
    assert main(["forget", "orders", "-y"]) == exit_codes.DONE
    assert not is_kept(home)


def test_without_a_keyring_nothing_is_said_about_what_one_holds(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """Over SSH there is no keyring, as in every test here, while the desktop's may hold the secret."""
    (home / "settings.json").unlink()
    assert main(["sign-out", "orders", "-y"]) == exit_codes.DONE
    assert "not reached from here" in capsys.readouterr().out
    assert main(["forget", "orders", "-y"]) == exit_codes.DONE
    out = capsys.readouterr().out
    assert "not reached from here" in out and out.endswith("Read back: nothing left in memory.\n")


def test_a_silent_issuer_behind_the_server_of_a_variable_is_told(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """An issuer that does not answer may lead to any server, and that is told."""
    issuer = "http://127.0.0.1:9"
    found = replace(ORDERS, endpoint_mode=EndpointMode.ISSUER, issuer=issuer, token_endpoint="")
    UserState(home / "state.json").update(lambda _: SavedState(profiles={"orders": found}))
    monkeypatch.setenv("CCFLOW_TOKEN_ENDPOINT", "https://other.example/token")
    assert main(["forget", "orders", "-y"]) == exit_codes.REMAINS
    assert f"The issuer {issuer} did not tell its token endpoint" in capsys.readouterr().out
    assert "orders" in json.loads((home / "state.json").read_text(encoding="utf-8"))["profiles"]
