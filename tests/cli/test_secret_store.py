"""``ccflow token`` and where secrets are kept: keyring, memory or an encrypted file."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path

import pytest

from ccflow_tui import exit_codes
from ccflow_tui.cli import main
from ccflow_tui.config.atomic import write_private
from ccflow_tui.models.profile import Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.credential_names import client_secret_name
from ccflow_tui.services.encrypted_store import EncryptedStore
from ccflow_tui.services.store_passphrase import StorePassphrase
from tests.cli.program import SECRET, misbehaving, set_all, trust, variables, write_settings
from tests.cli.test_token import GRANT, TOKEN
from tests.support.fault_server import answers

Capture = pytest.CaptureFixture[str]
PASSPHRASE = "CANARY-store-passphrase"


def keep_in_file(folder: Path, endpoint: str) -> Path:
    """Store the client secret of the default profile as the wizard would; return the file."""
    path = folder.parent / "home" / "secrets.encrypted"
    profile = Profile(token_endpoint=endpoint, client_id="client-one")
    store = EncryptedStore(path, StorePassphrase(Secret(PASSPHRASE)), write_private, cost=16)
    asyncio.run(store.put(client_secret_name(profile), Secret(SECRET)))
    return path


def without_secret(endpoint: str, **more: str) -> dict[str, str]:
    return {name: value for name, value in variables(endpoint, **more).items() if "CLIENT_SECRET" not in name}


@pytest.mark.parametrize("by", ["variable", ".env", "settings"])
def test_L6_a_secret_of_the_encrypted_file_is_used_where_the_user_asks_for_it(
    by: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    with misbehaving(answers(GRANT)) as server:
        keep_in_file(folder, server.url)
        set_all(monkeypatch, without_secret(server.url, STORE_PASSPHRASE=PASSPHRASE))
        if by == "variable":
            monkeypatch.setenv("CCFLOW_SECRET_STORE", "file")
        elif by == ".env":
            (folder / ".env").write_text("CCFLOW_SECRET_STORE=File\n", "utf-8")
        else:
            write_settings(folder / "settings.json", {}, secretStore="file")
        trust(folder, monkeypatch)
        assert main(["token", "-v"]) == exit_codes.DONE
    out, err = capsys.readouterr()
    assert out.strip() == TOKEN
    assert "encrypted file" in err
    assert SECRET not in err and PASSPHRASE not in err


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({}, "Set CCFLOW_STORE_PASSPHRASE to its passphrase."),
        ({"STORE_PASSPHRASE": "CANARY-wrong"}, "CCFLOW_STORE_PASSPHRASE does not open"),
    ],
)
def test_L6_without_the_passphrase_the_way_out_is_told(
    more: dict[str, str], says: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    with misbehaving() as server:
        keep_in_file(folder, server.url)
        set_all(monkeypatch, without_secret(server.url, SECRET_STORE="file", **more))
        assert main(["token"]) == exit_codes.UNUSABLE
        out, err = capsys.readouterr()
        assert (out, says in err, "CANARY" in err) == ("", True, False)
        assert server.requests == []


def test_a_passphrase_in_env_file_opens_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    (folder / ".env").write_text(f"CCFLOW_STORE_PASSPHRASE={PASSPHRASE}\n", "utf-8")
    with misbehaving() as server:
        keep_in_file(folder, server.url)
        set_all(monkeypatch, without_secret(server.url, SECRET_STORE="file"))
        assert main(["token"]) == exit_codes.UNUSABLE
    assert "nobody is there to ask" in capsys.readouterr().err


def test_memory_asks_no_keyring(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "no.such.Backend")
    with misbehaving() as server:
        set_all(monkeypatch, without_secret(server.url, SECRET_STORE="memory"))
        assert main(["token"]) == exit_codes.UNUSABLE
    err = capsys.readouterr().err
    assert "Secrets stay in memory for this run." in err


def test_an_unknown_store_is_refused_with_the_nearest_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("CCFLOW_SECRET_STORE", "keyrng")
    assert main(["token"]) == exit_codes.UNUSABLE
    assert "keyring" in capsys.readouterr().err
    monkeypatch.delenv("CCFLOW_SECRET_STORE")
    write_settings(folder / "settings.json", {}, secretStore="fil")
    assert main(["token"]) == exit_codes.UNUSABLE
    err = capsys.readouterr().err
    assert "secretStore" in err and '"file"' in err


@pytest.mark.parametrize("kind", ["env", "file", "command"])
def test_a_secret_by_reference_is_used_and_only_its_source_is_told(
    kind: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    path = folder.parent / "secret"
    path.write_text(SECRET + "\n", "utf-8")
    path.chmod(0o600)
    monkeypatch.setenv("ORDERS", SECRET)
    reference = {"env": "env:ORDERS", "file": f"file:{path}", "command": f"command:cat {path}"}[kind]
    with misbehaving(answers(GRANT)) as server:
        set_all(monkeypatch, without_secret(server.url, SECRET_REFERENCE=reference))
        assert main(["token", "-v"]) == exit_codes.DONE
        (request,) = server.requests
    out, err = capsys.readouterr()
    assert out.strip() == TOKEN
    assert base64.b64encode(f"client-one:{SECRET}".encode()) in request
    shown = "command:cat" if kind == "command" else reference
    assert f"source={shown}" in err
    assert SECRET not in err


def test_L3_a_folder_s_settings_get_no_secret_of_the_machine(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    made = folder.parent / "made"
    with misbehaving() as server:
        client = {
            "tokenEndpoint": server.url,
            "clientId": "client-one",
            "authMethod": "client_secret_basic",
            "secretCommand": ["touch", str(made)],
        }
        write_settings(folder / "settings.json", client)
        assert main(["token"]) == exit_codes.UNUSABLE
        assert main(["config"]) == exit_codes.DONE
        assert server.requests == []
    assert not made.exists()
    assert "does not decide about tokenEndpoint, authMethod, secretReference" in capsys.readouterr().err
