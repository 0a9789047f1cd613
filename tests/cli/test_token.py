"""``ccflow token``: what comes out, on which stream, and where the credential and the endpoint come from."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path

import pytest

from ccflow_tui import exit_codes
from ccflow_tui.cli import main
from ccflow_tui.demo.announcement import DemoInfo
from tests.cli.program import SECRET, demo_variables, misbehaving, set_all, trust, variables, write_settings
from tests.support.demo_server import profile_named
from tests.support.fault_server import answers, http_answer

Capture = pytest.CaptureFixture[str]
TOKEN = "CANARY-access-token-0123456789abcdef"
GRANT = http_answer(body=f'{{"access_token":"{TOKEN}","token_type":"Bearer","expires_in":60}}'.encode())


@pytest.mark.parametrize("name", ["demo", "demo-jwt-es256", "demo-basic", "demo-post", "demo-opaque"])
def test_each_method_prints_the_token_alone_on_stdout(
    name: str, demo: DemoInfo, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    set_all(monkeypatch, demo_variables(demo, name, folder))
    assert main(["token"]) == exit_codes.DONE
    out, err = capsys.readouterr()
    assert out.count("\n") == 1
    assert len(out) > 20
    assert " " not in out
    assert out.strip() not in err
    assert all(secret.reveal() not in err for secret in [*demo.secrets.values(), *demo.keys.values()])


def test_json_tells_what_is_known_of_the_token(
    demo: DemoInfo, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    set_all(monkeypatch, demo_variables(demo, "demo-basic", folder))
    assert main(["token", "--json"]) == exit_codes.DONE
    answer = json.loads(capsys.readouterr().out)
    assert answer["expires_in"] == 3600
    assert answer["expires_at_iso"].endswith("+00:00")
    assert answer["profile"] == "default"
    assert answer["scope"] == profile_named(demo, "demo-basic").scope


def test_json_leaves_an_expiry_that_was_not_stated_open(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    grant = http_answer(body=f'{{"access_token":"{TOKEN}","token_type":"Bearer"}}'.encode())
    with misbehaving(answers(grant)) as server:
        set_all(monkeypatch, variables(server.url))
        assert main(["token", "--json"]) == exit_codes.DONE
    answer = json.loads(capsys.readouterr().out)
    assert answer["expires_at"] is answer["expires_at_iso"] is answer["expires_in"] is None


def test_stderr_names_the_server_that_is_asked_and_who_named_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    with misbehaving(answers(GRANT)) as server:
        given = variables(server.url)
        secret = given.pop("CCFLOW_CLIENT_SECRET")
        monkeypatch.setenv("CCFLOW_CLIENT_SECRET", secret)
        block = {
            "tokenEndpoint": given["CCFLOW_TOKEN_ENDPOINT"],
            "clientId": "client-one",
            "authMethod": "client_secret_basic",
        }
        write_settings(folder / "settings.json", block)
        assert main(["token", "--settings", str(folder / "settings.json")]) == exit_codes.DONE
    err = capsys.readouterr().err
    assert f"asking 127.0.0.1:{server.port} for a token" in err
    assert "named by settings.json" in err


def test_secret_and_endpoint_may_stand_in_an_env_file_that_is_trusted(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    trust(folder, monkeypatch)
    with misbehaving(answers(GRANT)) as server:
        lines = [f"{name}={value}" for name, value in variables(server.url).items()]
        (folder / ".env").write_text("\n".join(lines), encoding="utf-8")
        assert main(["token", "--verbose"]) == exit_codes.DONE
    out, err = capsys.readouterr()
    assert out == f"{TOKEN}\n"
    assert "named by .env" in err
    assert "credential source=.env" in err
    assert SECRET not in err


@pytest.mark.parametrize("arguments", [["--profile", "two", "token"], ["token", "--profile", "two"]])
def test_the_profile_may_be_named_before_and_after_the_command(
    arguments: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("CCFLOW_CLIENT_SECRET", SECRET)
    with misbehaving(answers(GRANT)) as server:
        profile = {
            "tokenEndpoint": server.url,
            "clientId": "second",
            "authMethod": "client_secret_post",
        }
        write_settings(folder / "settings.json", {}, profiles={"one": {"clientId": "first"}, "two": profile})
        settings = ["--settings", str(folder / "settings.json")]
        assert main([*arguments, "--json", *settings]) == exit_codes.DONE
    assert b"client_id=second" in server.requests[0]
    assert json.loads(capsys.readouterr().out)["profile"] == "two"


def test_an_issuer_alone_is_enough(
    demo: DemoInfo, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    given = demo_variables(demo, "demo", folder)
    del given["CCFLOW_TOKEN_ENDPOINT"]
    set_all(monkeypatch, {**given, "CCFLOW_ISSUER": demo.issuer})
    assert main(["token"]) == exit_codes.DONE
    out, err = capsys.readouterr()
    assert out.count(".") == 2
    assert f"endpoint discovered from {demo.issuer}" in err


def test_the_demo_needs_no_configuration_and_takes_none(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    (folder / "settings.json").write_text("{broken", encoding="utf-8")
    monkeypatch.setenv("CCFLOW_CLIENT_SECRET", SECRET)
    assert main(["token", "--demo", "--demo-lifetime", "77", "--profile", "demo-basic", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["expires_in"], answer["profile"]) == (77, "demo-basic")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["token", "--demo", "--settings", "x.json"], "--settings"),
        (["token", "--demo-lifetime", "60"], "--demo"),
        (["token", "--demo", "--demo-lifetime", "4"], "5 to 86400"),
        (["token", "--demo", "--demo-lifetime", "٣٣"], "5 to 86400"),
        (["token", "--client-secret", SECRET], "unrecognized"),
        (["tokn"], "token"),
    ],
)
def test_options_that_make_no_sense_are_refused(arguments: list[str], says: str, capsys: Capture) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == exit_codes.UNUSABLE
    assert says in capsys.readouterr().err


def test_the_log_file_is_private_and_holds_no_secret(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    log = folder / "flow.log"
    with misbehaving(answers(GRANT)) as server:
        set_all(monkeypatch, variables(server.url))
        assert main(["token", "--log-file", str(log)]) == exit_codes.DONE
    text = log.read_text(encoding="utf-8")
    assert "token acquired" in text
    assert SECRET not in text
    assert TOKEN not in text
    assert capsys.readouterr().out == f"{TOKEN}\n"
    if sys.platform != "win32":
        assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_a_log_file_that_cannot_be_written_is_named_before_anything_is_sent(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    with misbehaving(answers(GRANT)) as server:
        set_all(monkeypatch, variables(server.url))
        assert main(["token", "--log-file", str(folder / "none" / "flow.log")]) == exit_codes.UNUSABLE
        assert not server.requests
    assert "flow.log cannot be opened" in capsys.readouterr().err


def test_a_log_that_stops_half_way_is_told(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ccflow_tui.services.log_file.entry_as_json", full)
    with misbehaving(answers(GRANT)) as server:
        set_all(monkeypatch, variables(server.url))
        assert main(["token", "--log-file", "flow.log"]) == exit_codes.DONE
    assert "cannot be written: No space left on device" in capsys.readouterr().err


def test_a_home_that_cannot_be_made_does_not_stop_a_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("CCFLOW_HOME", str(tmp_path / "file" / "home"))
    with misbehaving(answers(GRANT)) as server:
        set_all(monkeypatch, variables(server.url))
        assert main(["token"]) == exit_codes.DONE
    assert capsys.readouterr().out == f"{TOKEN}\n"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not delete a folder in use")
def test_a_working_folder_that_was_deleted_is_no_crash(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    folder.rmdir()
    with misbehaving(answers(GRANT)) as server:
        set_all(monkeypatch, variables(server.url))
        assert main(["token"]) == exit_codes.DONE
    assert capsys.readouterr().out == f"{TOKEN}\n"


def test_a_preset_needs_no_endpoint_and_its_quirks_are_told(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    with misbehaving(answers(GRANT)) as server:
        set_all(
            monkeypatch,
            {
                "CCFLOW_PROVIDER": "keycloak",
                "CCFLOW_PROVIDER_INPUTS": f"base_url={server.url.rstrip('/')}&realm=dev",
                "CCFLOW_CLIENT_ID": "client-one",
                "CCFLOW_CLIENT_SECRET": SECRET,
                "CCFLOW_AUTH_METHOD": "client_secret_post",
                "CCFLOW_RESOURCE": "https://api.example",
                "CCFLOW_EXTRA_PARAMETERS": "tenant=t%201",
                "CCFLOW_AUTHORIZATION_DETAILS": '[{"type": "payment"}]',
            },
        )
        assert main(["token"]) == exit_codes.DONE
        (request,) = server.requests
    assert b"/realms/dev/protocol/openid-connect/token HTTP/1.1" in request
    assert b"&authorization_details=%5B%7B%22type" in request
    assert b"&tenant=t%201&" in request
    out, err = capsys.readouterr()
    assert out.strip() == TOKEN
    assert "resources: Keycloak does not go by the resource parameter." in err
    assert "derived for Keycloak" in err
    assert "did not say which authorization details" in err


@pytest.mark.parametrize(
    ("secret", "words"),
    [("CANARY-one\r", "line break"), ("CANARY-ü", "printable ASCII"), ("CANARY-plain", "")],
)
def test_C8_A5_a_secret_that_was_refused_is_looked_at(
    secret: str, words: str, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    with misbehaving(answers(http_answer("401 No", b'{"error":"invalid_client"}'))) as server:
        set_all(monkeypatch, {**variables(server.url), "CCFLOW_CLIENT_SECRET": secret})
        assert main(["token"]) == exit_codes.REFUSED
    err = capsys.readouterr().err
    assert words in err and "CANARY" not in err
    assert ("warning: client_secret:" in err) is bool(words)


def test_what_is_said_of_issuer_and_endpoint_alike_is_said_once(
    demo: DemoInfo, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    set_all(monkeypatch, {**demo_variables(demo, "demo-basic", folder), "CCFLOW_ISSUER": demo.issuer})
    monkeypatch.delenv("CCFLOW_TOKEN_ENDPOINT", raising=False)
    assert main(["token"]) == exit_codes.DONE
    told = [line for line in capsys.readouterr().err.splitlines() if "Plain http" in line]
    assert len(told) == 1
    assert "warning: issuer, token_endpoint: Plain http is accepted here" in told[0]


def test_what_must_be_mended_is_named_as_a_script_sets_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("CCFLOW_TOKEN_ENDPOINT", "https://as.example/token")
    monkeypatch.setenv("CCFLOW_PRIVATE_KEY", str(folder / "gone.pem"))
    assert main(["token"]) == exit_codes.UNUSABLE
    told = "Set it with CCFLOW_CLIENT_ID, or clientId in the settings file."
    assert told in capsys.readouterr().err
    monkeypatch.setenv("CCFLOW_CLIENT_ID", "client-one")
    assert main(["token"]) == exit_codes.UNUSABLE
    told = "Set it with CCFLOW_PRIVATE_KEY, or assertion.key in the settings file."
    assert told in capsys.readouterr().err
    (folder / "set.json").write_text('{"keys": [{"kid": "a", "d": ""}, {"kid": "b", "d": ""}]}')
    monkeypatch.setenv("CCFLOW_PRIVATE_KEY", str(folder / "set.json"))
    assert main(["token"]) == exit_codes.UNUSABLE
    told = "that JWK alone. Set it with CCFLOW_KID, or assertion.kid in the settings file."
    assert told in capsys.readouterr().err


def test_advice_names_what_to_look_at_first_as_a_script_sets_it(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    refusal = http_answer(status="400 Bad Request", body=b'{"error":"invalid_scope"}')
    with misbehaving(answers(refusal)) as server:
        set_all(monkeypatch, variables(server.url))
        assert main(["token"]) == exit_codes.REFUSED
    told = "look first at scope, set with CCFLOW_SCOPE, or scopes in the settings file"
    assert told in capsys.readouterr().err


def test_the_demo_takes_no_settings_and_so_names_none(capsys: Capture) -> None:
    assert main(["token", "--demo", "--profile", "fail-scope"]) == exit_codes.REFUSED
    err = capsys.readouterr().err
    assert "invalid_scope" in err
    assert "settings file" not in err
