"""E7: an issuer that sends the client to another host, and the ways to allow it for a script."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ccflow_tui import exit_codes
from ccflow_tui.cli import main
from tests.cli.program import SECRET, misbehaving, set_all, trust, write_settings
from tests.support.fault_server import Connection, FaultServer, http_answer

Capture = pytest.CaptureFixture[str]
CLIENT = {"CCFLOW_CLIENT_ID": "client-one", "CCFLOW_AUTH_METHOD": "client_secret_basic"}


@pytest.fixture
def server() -> Iterator[FaultServer]:
    async def serve(connection: Connection) -> None:
        """Be the issuer 127.0.0.1 and, by another name of this machine, the token endpoint it names."""
        while True:
            request = await connection.request()
            port = connection.server.port
            document = {
                "issuer": f"http://127.0.0.1:{port}",
                "token_endpoint": f"http://localhost:{port}/token",
            }
            body = json.dumps(document).encode()
            await connection.send(http_answer(body=body) if request.startswith(b"GET") else http_answer())

    with misbehaving(serve) as server:
        yield server


def asked(server: FaultServer) -> list[str]:
    return [request.split()[0].decode() for request in server.requests]


def origin(server: FaultServer) -> str:
    return f"http://localhost:{server.port}"


@pytest.fixture
def issued(server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> FaultServer:
    issuer = f"http://127.0.0.1:{server.port}"
    set_all(monkeypatch, {**CLIENT, "CCFLOW_ISSUER": issuer, "CCFLOW_CLIENT_SECRET": SECRET})
    return server


def test_E7_no_credential_goes_to_another_host_unasked(issued: FaultServer, capsys: Capture) -> None:
    assert main(["token"]) == exit_codes.UNUSABLE
    assert set(asked(issued)) == {"GET"}
    out, err = capsys.readouterr()
    assert out == ""
    assert f"--allow-endpoint {origin(issued)}" in err
    assert f"CCFLOW_ALLOW_ENDPOINT={origin(issued)}" in err
    assert "allowEndpoint" in err
    assert SECRET not in err


def test_E7_the_option_allows_it(issued: FaultServer, capsys: Capture) -> None:
    assert main(["token", "--allow-endpoint", origin(issued)]) == exit_codes.DONE
    assert main(["--allow-endpoint", origin(issued), "token"]) == exit_codes.DONE
    assert capsys.readouterr().out == "t\nt\n"
    assert asked(issued).count("POST") == 2


def test_E7_the_variable_allows_it(issued: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CCFLOW_ALLOW_ENDPOINT", origin(issued))
    assert main(["token"]) == exit_codes.DONE


def test_E7_another_origin_does_not(issued: FaultServer, capsys: Capture) -> None:
    assert main(["token", "--allow-endpoint", "https://as.example"]) == exit_codes.UNUSABLE
    assert "Allowed is https://as.example." in capsys.readouterr().err
    assert "POST" not in asked(issued)


@pytest.mark.parametrize("text", ["as.example", "https://as.example/token", ""])
def test_an_option_that_is_no_origin_is_a_usage_error(text: str, capsys: Capture) -> None:
    with pytest.raises(SystemExit) as left:
        main(["token", "--allow-endpoint", text])
    assert left.value.code == exit_codes.UNUSABLE
    assert "such as https://as.example" in capsys.readouterr().err


def test_E7_settings_allow_it_for_the_issuer_they_name(
    server: FaultServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    issuer = f"http://127.0.0.1:{server.port}"
    home = folder.parent / "home"
    home.mkdir()
    block = {"issuer": issuer, "allowEndpoint": origin(server)}
    write_settings(home / "settings.json", block)
    set_all(monkeypatch, {**CLIENT, "CCFLOW_CLIENT_SECRET": SECRET})
    assert main(["token"]) == exit_codes.DONE


@pytest.mark.parametrize("trusted", [False, True], ids=["untrusted", "trusted"])
@pytest.mark.parametrize("place", ["settings.json", ".env"])
def test_E7_a_file_of_the_working_folder_does_not_allow_it_for_an_exported_issuer(
    place: str, trusted: bool, issued: FaultServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if trusted:
        trust(folder, monkeypatch)
    if place == ".env":
        (folder / place).write_text(f"CCFLOW_ALLOW_ENDPOINT={origin(issued)}\n", encoding="utf-8")
    else:
        write_settings(folder / place, {"allowEndpoint": origin(issued)})
    assert main(["token"]) == exit_codes.UNUSABLE
    assert "POST" not in asked(issued)
