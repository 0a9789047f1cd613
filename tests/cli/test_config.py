"""``ccflow config``: every value with its source, every file with its reason, and no secret."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ccflow_tui import exit_codes
from ccflow_tui.cli import main
from ccflow_tui.inner_actions import ALL_ACTIONS
from tests.cli.program import SECRET, write_settings

Capture = pytest.CaptureFixture[str]
PARAMETER = "CANARY-parameter-77"


def explained(capsys: Capture, *arguments: str) -> dict[str, Any]:
    assert main(["config", "--explain", "--json", *arguments]) == exit_codes.DONE
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def field(report: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in report["fields"] if each["name"] == name)


def test_each_value_has_its_source_and_what_it_stands_before(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    write_settings(
        folder / "settings.json",
        {"clientId": "block", "scopes": ["a"]},
        profiles={"prod": {"clientId": "prod", "issuer": "https://as.example"}},
    )
    (folder / ".env").write_text("CCFLOW_SCOPE=b\n")
    monkeypatch.setenv("CCFLOW_SCOPE", "c")
    report = explained(capsys, "--profile", "prod")
    assert report["profile"] == "prod"
    assert field(report, "client_id") == {
        "name": "client_id",
        "value": "prod",
        "source": "settings.json",
        "shadows": [["settings.json", "block"]],
    }
    scope = field(report, "scope")
    assert (scope["value"], scope["source"]) == ("c", "environment CCFLOW_SCOPE")
    assert scope["shadows"] == [[".env CCFLOW_SCOPE", "b"], ["settings.json", "a"]]
    assert field(report, "assertion_alg")["source"] == "default"


def test_files_are_listed_with_the_reason_for_the_choice(folder: Path, capsys: Capture) -> None:
    assert "neither" in next(row for row in explained(capsys)["files"] if row["role"] == "settings")["why"]
    home = folder.parent / "home"
    home.mkdir()
    write_settings(home / "settings.json", {})
    rows = [row for row in explained(capsys)["files"] if row["role"] == "settings"]
    assert [(row["path"], row["state"]) for row in rows] == [(str(home / "settings.json"), "read")]
    write_settings(folder / "settings.json", {})
    rows = [row for row in explained(capsys)["files"] if row["role"] == "settings"]
    assert [(row["path"], row["state"]) for row in rows] == [
        (str(folder / "settings.json"), "read"),
        (str(home / "settings.json"), "read"),
    ]
    assert "working folder" in rows[0]["why"] and rows[0]["why"].endswith("; not trusted")
    assert "as long as" in rows[1]["why"]
    assert main(["config", "--trust"]) == exit_codes.DONE
    capsys.readouterr()
    rows = [row for row in explained(capsys)["files"] if row["role"] == "settings"]
    assert [(row["state"], row["why"].rpartition("; ")[2]) for row in rows] == [
        ("read", "trusted until it changes"),
        ("not used", "another one was chosen"),
    ]
    (home / "state.json").write_text("{broken")
    assert main(["config", "--json"]) == exit_codes.DONE
    out, err = capsys.readouterr()
    state = next(row for row in json.loads(out)["files"] if row["role"] == "state")
    assert state["state"] == "not used" and "line 1, column 2" in err


def test_L1_no_secret_is_printed_in_either_form(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("CCFLOW_CLIENT_SECRET", SECRET)
    monkeypatch.setenv("CCFLOW_KEY_PASSPHRASE", SECRET)
    monkeypatch.setenv("CCFLOW_EXTRA_PARAMETERS", f"tenant={PARAMETER}")
    monkeypatch.setenv("CCFLOW_AUTHORIZATION_DETAILS", f'[{{"type":"{PARAMETER}"}}]')
    monkeypatch.setenv("CCFLOW_TOKEN_ENDPOINT", f"https://user:{PARAMETER}@as.example/token")
    (folder / ".env").write_text(
        f"CCFLOW_EXTRA_PARAMETERS=other={PARAMETER}\nCCFLOW_TOKEN_ENDPOINT=https://as.example/t?k={PARAMETER}\n"
    )
    for arguments in (["config"], ["config", "--json"]):
        assert main(arguments) == exit_codes.DONE
        out, err = capsys.readouterr()
        assert SECRET not in out + err and PARAMETER not in out + err
        assert "tenant=(hidden)" in out and "other=(hidden)" in out and "https://as.example/t?(hidden)" in out
    assert explained(capsys)["variables"]["CCFLOW_CLIENT_SECRET"] == ["environment"]


def test_the_credential_is_named_by_its_place(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    assert explained(capsys)["credential"]["source"] == "none found"
    for name, value in {
        "CCFLOW_TOKEN_ENDPOINT": "https://as.example/token",
        "CCFLOW_CLIENT_ID": "c",
        "CCFLOW_AUTH_METHOD": "client_secret_post",
        "CCFLOW_CLIENT_SECRET": SECRET,
    }.items():
        monkeypatch.setenv(name, value)
    credential = explained(capsys)["credential"]
    assert (credential["source"], credential["store"]) == ("environment", "memory")


def test_the_text_form_stands_on_its_own(folder: Path, capsys: Capture) -> None:
    write_settings(folder / "settings.json", {"clientId": "block"}, profiles={"default": {"clientId": "one"}})
    assert main(["config"]) == exit_codes.DONE
    out = capsys.readouterr().out
    assert "stands before settings.json: block" in out
    assert "The flow is on by default" in out
    assert "CCFLOW_CLIENT_SECRET: not set" in out


def test_unusable_settings_end_with_code_2_and_their_place(folder: Path, capsys: Capture) -> None:
    (folder / "settings.json").write_text('{"oauth": }')
    assert main(["config"]) == exit_codes.UNUSABLE
    assert "line 1, column 11" in capsys.readouterr().err


def test_the_demo_has_nothing_to_explain(capsys: Capture) -> None:
    with pytest.raises(SystemExit) as left:
        main(["config", "--demo"])
    assert left.value.code == exit_codes.UNUSABLE
    assert "leave it out" in capsys.readouterr().err


def test_the_schema_is_printed_alone(capsys: Capture) -> None:
    assert main(["config", "--schema"]) == exit_codes.DONE
    out, err = capsys.readouterr()
    schema = json.loads(out)
    assert schema["properties"]["profiles"] and not err
    keys = schema["$defs"]["UiSettings"]["properties"]["keys"]["anyOf"][0]
    assert set(keys["properties"]) == {action.id for action in ALL_ACTIONS}
    assert keys["properties"]["keys.rotate"]["description"].startswith("Rotate. Make a successor")


def test_keys_of_ones_own_are_listed_beside_the_usual_ones(folder: Path, capsys: Capture) -> None:
    assert explained(capsys)["keys"] == []
    assert main(["config"]) == exit_codes.DONE and "ui.keys" not in capsys.readouterr().out
    write_settings(
        folder / "settings.json", {}, ui={"keys": {"keys.delete": "x", "profiles.new": "f9", "log": "f4"}}
    )
    assert explained(capsys)["keys"] == [
        {"action": "profiles.new", "keys": "F9", "usual": ""},
        {"action": "keys.delete", "keys": "x", "usual": "d, Del"},
    ]
    assert main(["config"]) == exit_codes.DONE
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "profiles.new F9 usually on no key" in lines
    assert "keys.delete x instead of d, Del" in lines


def test_keys_that_clash_end_with_code_2_and_their_place(folder: Path, capsys: Capture) -> None:
    write_settings(folder / "settings.json", {}, ui={"keys": {"keys.delete": "n"}})
    assert main(["config"]) == exit_codes.UNUSABLE
    assert 'settings.json: ui.keys.keys.delete: The key "n" belongs to "keys.generate"' in (
        capsys.readouterr().err
    )
