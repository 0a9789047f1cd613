"""A secret that was exported for one server is not sent to another, whatever lies in the working folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ccflow_tui import exit_codes
from ccflow_tui.cli import main
from tests.cli.program import SECRET, misbehaving, set_all, trust, write_settings
from tests.oauth.key_material import pem
from tests.support.fault_server import FaultServer, answers, http_answer

Capture = pytest.CaptureFixture[str]
Plant = Callable[[Path, str], None]
PROFILE = {"clientId": "abc", "authMethod": "client_secret_basic"}
OURS = "https://as.example/token"


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with misbehaving(answers(http_answer())) as server:
        yield server


def env_file(folder: Path, *lines: str) -> None:
    text = "\n".join([*lines, "CCFLOW_CLIENT_ID=abc", "CCFLOW_AUTH_METHOD=client_secret_basic"])
    (folder / ".env").write_text(text, encoding="utf-8")


def settings_in(folder: Path, url: str) -> None:
    write_settings(folder / "settings.json", {**PROFILE, "tokenEndpoint": url})


def issuer_in_env_file(folder: Path, url: str) -> None:
    env_file(folder, f"CCFLOW_ISSUER={url.removesuffix('/token')}", f"CCFLOW_TOKEN_ENDPOINT={url}")


def opt_in_in_env_file(folder: Path, url: str) -> None:
    env_file(folder, f"CCFLOW_TOKEN_ENDPOINT={url}", f"CCFLOW_SECRET_ORIGIN={url.removesuffix('/token')}")


def settings_for_another_profile(folder: Path, url: str) -> None:
    profiles = {"other": {**PROFILE, "tokenEndpoint": url}}
    write_settings(folder / "settings.json", {}, profiles=profiles, defaultProfile="other")


@pytest.mark.parametrize(
    "plant", [settings_in, issuer_in_env_file, opt_in_in_env_file, settings_for_another_profile]
)
def test_the_working_folder_cannot_lead_an_exported_secret_away(
    plant: Plant, server: FaultServer, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    plant(folder, server.url)
    monkeypatch.setenv("CCFLOW_CLIENT_SECRET", SECRET)
    assert main(["token"]) == exit_codes.UNUSABLE
    assert not server.requests
    err = capsys.readouterr().err
    assert "is not trusted" in err and f"CCFLOW_TRUST_FOLDER={folder}" in err
    assert SECRET not in err


@pytest.mark.parametrize("plant", [issuer_in_env_file, opt_in_in_env_file])
def test_L3_even_trusted_a_folder_s_env_file_leads_no_exported_secret_away(
    plant: Plant, server: FaultServer, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    plant(folder, server.url)
    trust(folder, monkeypatch)
    monkeypatch.setenv("CCFLOW_CLIENT_SECRET", SECRET)
    assert main(["token"]) == exit_codes.UNUSABLE
    assert not server.requests
    err = capsys.readouterr().err
    origin = f"http://127.0.0.1:{server.port}"
    assert f"is not sent to {origin}" in err
    assert f"CCFLOW_SECRET_ORIGIN={origin}" in err
    assert SECRET not in err


def test_the_way_out_that_is_told_works(
    server: FaultServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    issuer_in_env_file(folder, server.url)
    trust(folder, monkeypatch)
    origin = f"http://127.0.0.1:{server.port}"
    set_all(monkeypatch, {"CCFLOW_CLIENT_SECRET": SECRET, "CCFLOW_SECRET_ORIGIN": origin})
    assert main(["token"]) == exit_codes.DONE


def test_the_users_own_settings_may_name_the_server(
    server: FaultServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = folder.parent / "home"
    home.mkdir()
    profiles = {"ci": {**PROFILE, "tokenEndpoint": server.url}}
    write_settings(home / "settings.json", {}, profiles=profiles)
    monkeypatch.setenv("CCFLOW_CLIENT_SECRET", SECRET)
    assert main(["token", "--profile", "ci"]) == exit_codes.DONE
    assert len(server.requests) == 1


def test_a_secret_of_the_env_file_goes_to_its_own_server_only(
    server: FaultServer, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    env_file(folder, f"CCFLOW_TOKEN_ENDPOINT={OURS}", f"CCFLOW_CLIENT_SECRET={SECRET}")
    trust(folder, monkeypatch)
    monkeypatch.setenv("CCFLOW_TOKEN_ENDPOINT", server.url)
    assert main(["token"]) == exit_codes.UNUSABLE
    assert not server.requests
    assert "CCFLOW_CLIENT_SECRET (.env)" in capsys.readouterr().err


@pytest.mark.parametrize("own", ["CCFLOW_CLIENT_SECRET", "CCFLOW_SECRET_REFERENCE"])
def test_an_untrusted_env_file_puts_no_secret_in_place_of_the_users_own(
    own: str, server: FaultServer, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """Else the user would get a token of somebody else's client, and work in their account."""
    origin = server.url.removesuffix("/token")
    env_file(folder, f"CCFLOW_SECRET_ORIGIN={origin}", f"CCFLOW_CLIENT_SECRET={SECRET}", f"MINE={SECRET}")
    monkeypatch.setenv("CCFLOW_TOKEN_ENDPOINT", server.url)
    monkeypatch.setenv("CCFLOW_AUTH_METHOD", "client_secret_basic")
    if own == "CCFLOW_SECRET_REFERENCE":
        monkeypatch.setenv(own, "env:MINE")
    assert main(["token"]) == exit_codes.UNUSABLE
    err = capsys.readouterr().err
    assert not server.requests and SECRET not in err
    assert "is not trusted" in err and "ccflow config --trust" in err
    trust(folder, monkeypatch)
    assert main(["token"]) == exit_codes.DONE
    assert len(server.requests) == 1


def test_a_private_key_may_stand_under_any_name_in_the_env_file(
    server: FaultServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust(folder, monkeypatch)
    lines = (
        f"CCFLOW_TOKEN_ENDPOINT={server.url}",
        "CCFLOW_CLIENT_ID=abc",
        "CCFLOW_AUTH_METHOD=private_key_jwt",
        "CCFLOW_ALG=ES256",
        "CCFLOW_PRIVATE_KEY=env:MY_KEY",
        f'MY_KEY="{pem("P-256")}"',
    )
    (folder / ".env").write_text("\n".join(lines), encoding="utf-8")
    assert main(["token"]) == exit_codes.DONE
    assert b"client_assertion=" in server.requests[0]
