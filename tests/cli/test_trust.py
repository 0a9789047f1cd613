"""``ccflow token`` and the settings of the working folder: refused, or trusted until it changes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ccflow_tui import exit_codes
from ccflow_tui.cli import main
from ccflow_tui.demo.announcement import DemoInfo
from ccflow_tui.models.problems import FlowDisabled
from ccflow_tui.options import Options
from ccflow_tui.wizard import run_wizard
from tests.cli.program import SECRET, demo_variables, misbehaving, set_all, trust, variables, write_settings
from tests.support.fault_server import FaultServer, answers, http_answer

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def block(demo: DemoInfo, folder: Path) -> dict[str, object]:
    """Settings that name a server and a key, and would get a token."""
    given = demo_variables(demo, "demo", folder)
    return {
        "tokenEndpoint": given["CCFLOW_TOKEN_ENDPOINT"],
        "clientId": given["CCFLOW_CLIENT_ID"],
        "scopes": given["CCFLOW_SCOPE"].split(),
        "assertion": {"key": given["CCFLOW_PRIVATE_KEY"], "alg": given["CCFLOW_ALG"]},
    }


def test_a_key_is_not_used_for_a_server_that_only_the_folder_names(
    block: dict[str, object], folder: Path, capsys: Capture
) -> None:
    path = write_settings(folder / "settings.json", block)
    assert main(["token"]) == exit_codes.UNUSABLE
    out, err = capsys.readouterr()
    assert not out and str(path) in err
    assert "ccflow config --trust" in err and "--settings" in err
    assert main(["token", "--settings", str(path)]) == exit_codes.DONE


def test_trusted_once_and_asked_again_when_it_changed(
    block: dict[str, object], folder: Path, capsys: Capture
) -> None:
    path = write_settings(folder / "settings.json", block)
    assert main(["config", "--trust"]) == exit_codes.DONE
    out = capsys.readouterr().out
    assert f"Trusted until it changes: {path}" in out and str(block["tokenEndpoint"]) in out
    assert main(["token"]) == exit_codes.DONE
    write_settings(path, {**block, "note": "changed"})
    assert main(["token"]) == exit_codes.UNUSABLE
    capsys.readouterr()
    for expected in ("; not trusted", "; trusted until it changes"):
        assert main(["config", "--json"]) == exit_codes.DONE
        rows = json.loads(capsys.readouterr().out)["files"]
        assert next(row for row in rows if row["role"] == "settings")["why"].endswith(expected)
        assert main(["config", "--trust"]) == exit_codes.DONE
        capsys.readouterr()


def test_the_users_own_file_needs_no_trust(block: dict[str, object], folder: Path, capsys: Capture) -> None:
    assert main(["config", "--trust"]) == exit_codes.UNUSABLE
    assert "no settings file and no .env" in capsys.readouterr().err
    home = Path(os.environ["CCFLOW_HOME"])
    home.mkdir()
    write_settings(home / "settings.json", block)
    assert main(["config", "--trust"]) == exit_codes.DONE
    assert "needs no trust" in capsys.readouterr().out
    assert main(["token"]) == exit_codes.DONE


def test_harmless_values_of_the_folder_work_without_a_question(
    block: dict[str, object], folder: Path, capsys: Capture
) -> None:
    home = Path(os.environ["CCFLOW_HOME"])
    home.mkdir()
    state = {
        "version": 1,
        "profiles": {
            "default": {
                "endpoint_mode": "manual",
                "token_endpoint": block["tokenEndpoint"],
                "client_id": block["clientId"],
                "key_reference": block["assertion"]["key"],  # type: ignore[index]
                "assertion_alg": block["assertion"]["alg"],  # type: ignore[index]
            }
        },
    }
    (home / "state.json").write_text(json.dumps(state))
    write_settings(folder / "settings.json", {"scopes": block["scopes"]})
    assert main(["token", "--json"]) == exit_codes.DONE
    assert json.loads(capsys.readouterr().out)["scope"] == " ".join(block["scopes"])  # type: ignore[call-overload]


def env_file(folder: Path, server: FaultServer, *more: str) -> Path:
    """Write client, secret and endpoint, and a word more than a file may say that stands alone."""
    return lone_env_file(folder, server, "CCFLOW_KID=k1", *more)


def lone_env_file(folder: Path, server: FaultServer, *more: str) -> Path:
    """Write what most people keep there."""
    path = folder / ".env"
    lines = [f"{name}={value}" for name, value in variables(server.url).items()]
    path.write_text("\n".join([*lines, *more]), encoding="utf-8")
    return path


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with misbehaving(answers(http_answer())) as server:
        yield server


def test_an_env_file_is_trusted_once_and_again_when_it_changed(
    server: FaultServer, folder: Path, capsys: Capture
) -> None:
    path = env_file(folder, server)
    assert main(["token"]) == exit_codes.UNUSABLE
    assert not server.requests
    out, err = capsys.readouterr()
    assert not out and SECRET not in err
    for part in (
        f"{path} lies in the working folder and is not trusted",
        "CCFLOW_TOKEN_ENDPOINT, CCFLOW_AUTH_METHOD",
        "ccflow config --trust",
        f"CCFLOW_TRUST_FOLDER={folder}",
    ):
        assert part in err
    assert main(["config", "--trust"]) == exit_codes.DONE
    out = capsys.readouterr().out
    assert f"Trusted until it changes: {path}" in out and server.url in out and SECRET not in out
    for _ in range(2):  # once is enough
        assert main(["token"]) == exit_codes.DONE
    env_file(folder, server, "CCFLOW_NOTE=changed")
    assert main(["token"]) == exit_codes.UNUSABLE


def test_a_pipeline_trusts_its_folder_by_a_variable(
    server: FaultServer, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    env_file(folder, server)
    monkeypatch.setenv("CCFLOW_TRUST_FOLDER", str(folder.parent))
    assert main(["token"]) == exit_codes.UNUSABLE
    monkeypatch.setenv("CCFLOW_TRUST_FOLDER", ".")
    assert main(["token"]) == exit_codes.UNUSABLE
    assert "must be the whole path of one folder" in capsys.readouterr().err
    trust(folder, monkeypatch)
    assert main(["token"]) == exit_codes.DONE
    assert not (Path(os.environ["CCFLOW_HOME"]) / "state.json").exists(), "it holds for this run only"
    monkeypatch.delenv("CCFLOW_TRUST_FOLDER")
    assert main(["token"]) == exit_codes.UNUSABLE


def test_an_env_file_that_stands_alone_is_asked_about_once_the_user_has_something_of_their_own(
    server: FaultServer, folder: Path, capsys: Capture
) -> None:
    lone_env_file(folder, server)
    assert main(["token"]) == exit_codes.DONE
    assert main(["config", "--json"]) == exit_codes.DONE
    rows = json.loads(capsys.readouterr().out.partition("\n")[2])["files"]
    assert next(row for row in rows if row["path"].endswith(".env"))["why"].endswith("; it stands alone")
    state = Path(os.environ["CCFLOW_HOME"]) / "state.json"
    state.parent.mkdir(exist_ok=True)
    profile = {"endpoint_mode": "manual", "token_endpoint": "https://as.example/token", "client_id": "mine"}
    state.write_text(json.dumps({"version": 1, "profiles": {"default": profile}}))
    assert main(["token"]) == exit_codes.UNUSABLE
    assert len(server.requests) == 1


def test_an_env_file_cannot_trust_itself(server: FaultServer, folder: Path) -> None:
    env_file(folder, server, f"CCFLOW_TRUST_FOLDER={folder}")
    assert main(["token"]) == exit_codes.UNUSABLE
    assert not server.requests


def test_harmless_variables_of_an_env_file_work_without_a_word(
    server: FaultServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / ".env").write_text("CCFLOW_SCOPE=only.this\nCCFLOW_DPOP_ALLOW_BEARER=off\n", encoding="utf-8")
    set_all(monkeypatch, variables(server.url))
    assert main(["token"]) == exit_codes.DONE
    assert b"scope=only.this" in server.requests[0]


def test_what_merely_eases_is_left_out_and_told(
    server: FaultServer, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    (folder / ".env").write_text("CCFLOW_DPOP_ALLOW_BEARER=on\n", encoding="utf-8")
    set_all(monkeypatch, variables(server.url))
    assert main(["token"]) == exit_codes.DONE
    assert "does not decide about CCFLOW_DPOP_ALLOW_BEARER" in capsys.readouterr().err


def test_an_untrusted_folder_cannot_switch_production_on(
    server: FaultServer, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    home = Path(os.environ["CCFLOW_HOME"])
    home.mkdir()
    write_settings(home / "settings.json", {"production": True})
    set_all(monkeypatch, variables(server.url))
    write_settings(folder / "settings.json", {"production": False, "enabled": True})
    (folder / ".env").write_text("CCFLOW_ENABLED=1\n", encoding="utf-8")
    assert main(["token"]) == exit_codes.DISABLED
    err = capsys.readouterr().err
    for name in ("CCFLOW_ENABLED", "enabled", "production"):
        assert name in err
    assert not server.requests
    with pytest.raises(FlowDisabled, match="does not decide about CCFLOW_ENABLED"):
        run_wizard(Options())


@pytest.mark.skipif(os.name == "nt", reason="pseudo terminals are of Unix")
def test_the_wizard_asks_in_a_terminal_and_listens_to_the_folders_keys(folder: Path) -> None:
    from tests.cli.pseudo_terminal import PseudoTerminal

    write_settings(
        folder / "settings.json",
        {"tokenEndpoint": "https://as.example/token", "assertion": {"key": "k.pem"}},
        ui={"keys": {"quit": "f10"}, "emoji": False, "motion": False},
    )
    with PseudoTerminal(cwd=folder) as terminal:
        terminal.read_until(b"Trust the settings of this folder?")
        terminal.read_until(b"https://as.example/token")
        terminal.press(b"\x1b[C\r")  # to the right, Enter
        terminal.read_until(b"Trusted until")
        terminal.press(b"\x1b[21~")  # F10
        assert terminal.end() == exit_codes.DONE
    state = json.loads((Path(os.environ["CCFLOW_HOME"]) / "state.json").read_text())
    assert list(state["trusted"]) == [str(folder / "settings.json")]
