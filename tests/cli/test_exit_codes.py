"""Every exit code of ``ccflow token`` that the help documents, each reached the way a user reaches it."""

from __future__ import annotations

import re
import ssl
from pathlib import Path

import pytest
import trustme

from ccflow_tui import exit_codes
from ccflow_tui.cli import main
from ccflow_tui.demo.announcement import DemoInfo
from ccflow_tui.models.outcome import Cancelled
from ccflow_tui.models.problems import CcflowError, FlowDisabled
from ccflow_tui.options import Options
from ccflow_tui.services.clock import SystemClock
from ccflow_tui.wizard import run_wizard
from tests.cli.program import SECRET, demo_variables, misbehaving, set_all, trust, variables, write_settings
from tests.support.certificates import expired_context, self_signed_context
from tests.support.fault_server import answers, closes, http_answer

Capture = pytest.CaptureFixture[str]
BUSY = http_answer("503 Service Unavailable", b"{}", "Retry-After: 0")
HTML = http_answer(body=b"<html><title>Sign in</title></html>", content_type="text/html")
MOVED = http_answer("302 Found", b"", "Location: https://elsewhere.example/")


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    async def pass_at_once(clock: SystemClock, seconds: float) -> None:
        del clock, seconds

    monkeypatch.setattr(SystemClock, "sleep", pass_at_once)


def test_the_help_names_every_code() -> None:
    documented = set(map(int, re.findall(r"^\s+(\d+)  ", exit_codes.EXIT_CODES_HELP, re.MULTILINE)))
    constants = {value for name, value in vars(exit_codes).items() if name.isupper() and type(value) is int}
    assert documented == constants


def test_a_cancelled_request_has_the_code_of_an_interrupt() -> None:
    assert exit_codes.outcome_code(Cancelled()) == exit_codes.CANCELLED


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("fail-wrong-secret", "invalid_client"),
        ("fail-auth-method", "invalid_client"),
        ("fail-grant", "unauthorized_client"),
        ("fail-grant-type", "unsupported_grant_type"),
        ("fail-invalid-grant", "invalid_grant"),
        ("fail-scope", "invalid_scope"),
    ],
)
def test_an_oauth_error_is_refused(
    name: str, says: str, demo: DemoInfo, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    set_all(monkeypatch, demo_variables(demo, name, folder))
    assert main(["token"]) == exit_codes.REFUSED
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert "\nccflow: - " in err, "no way out is named"


def test_nothing_listens_is_unreachable(
    demo: DemoInfo, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    set_all(monkeypatch, demo_variables(demo, "fail-unreachable", folder))
    assert main(["token"]) == exit_codes.UNREACHABLE
    out, err = capsys.readouterr()
    assert out == ""
    assert "attempt 1 of 4 failed" in err


@pytest.mark.parametrize("certificate", ["expired", "self-signed"])
def test_a_certificate_that_is_not_trusted_is_unreachable(
    certificate: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    context: ssl.SSLContext
    if certificate == "expired":
        authority = trustme.CA()
        authority.cert_pem.write_to_path(tmp_path / "authority.pem")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        context = expired_context(authority)
    else:
        context = self_signed_context(tmp_path)
    with misbehaving(answers(HTML), tls=context) as server:
        set_all(monkeypatch, variables(server.url))
        assert main(["token"]) == exit_codes.UNREACHABLE
        assert not server.requests, "credentials went out before the certificate was checked"
    out, err = capsys.readouterr()
    assert out == ""
    assert certificate.replace("-", " ").split()[0] in err.lower()
    assert "Traceback" not in err


@pytest.mark.parametrize(("answer", "says"), [(HTML, "page"), (MOVED, "elsewhere.example")])
def test_what_is_no_token_response_is_malformed(
    answer: bytes, says: str, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    with misbehaving(closes(answer)) as server:
        set_all(monkeypatch, variables(server.url))
        assert main(["token"]) == exit_codes.MALFORMED
        assert len(server.requests) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err


def test_busy_twice_and_then_a_token_is_done(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    with misbehaving(answers(BUSY, BUSY, http_answer())) as server:
        set_all(monkeypatch, variables(server.url))
        assert main(["token"]) == exit_codes.DONE
        assert len(server.requests) == 3
    out, err = capsys.readouterr()
    assert out == "t\n"
    assert "attempt 2 of 4 failed (The server answered HTTP 503.); next in " in err


@pytest.mark.parametrize(
    ("break_it", "says"),
    [
        ("missing", "There is no such file"),
        ("corrupt", "line 1"),
        ("unknown key", "clientID"),
    ],
)
def test_a_settings_file_that_cannot_be_used(
    break_it: str, says: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    path = folder / "mine.json"
    if break_it == "corrupt":
        path.write_text('{"oauth": ', encoding="utf-8")
    elif break_it == "unknown key":
        write_settings(path, {"clientID": SECRET})
    set_all(monkeypatch, variables("https://as.example/token"))
    assert main(["token", "--settings", str(path)]) == exit_codes.UNUSABLE
    out, err = capsys.readouterr()
    assert out == ""
    assert "mine.json" in err
    assert says in err
    assert SECRET not in err


def test_without_a_credential_nothing_is_sent(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    with misbehaving(answers(http_answer())) as server:
        set_all(monkeypatch, {**variables(server.url), "CCFLOW_CLIENT_SECRET": ""})
        assert main(["token"]) == exit_codes.UNUSABLE
        assert not server.requests
    err = capsys.readouterr().err
    assert "CCFLOW_CLIENT_SECRET" in err
    assert "client_secret" in err


def test_a_secret_meant_for_another_client_is_told_and_not_sent(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    with misbehaving(answers(http_answer())) as server:
        given = variables(server.url)
        set_all(monkeypatch, {"CCFLOW_PROFILE": "one", "CCFLOW_CLIENT_SECRET": SECRET})
        profile = {
            "tokenEndpoint": given["CCFLOW_TOKEN_ENDPOINT"],
            "clientId": "c",
            "authMethod": "client_secret_post",
        }
        write_settings(folder / "settings.json", {}, profiles={"one": {}, "two": profile})
        trust(folder, monkeypatch)
        assert main(["token", "--profile", "two"]) == exit_codes.UNUSABLE
        assert not server.requests
    assert "belongs to what CCFLOW_PROFILE names" in capsys.readouterr().err


def test_a_field_that_is_missing_is_named(capsys: Capture) -> None:
    assert main(["token"]) == exit_codes.UNUSABLE
    assert "error: environment_id: Environment ID is required." in capsys.readouterr().err


def test_an_unknown_profile_is_named(capsys: Capture) -> None:
    assert main(["token", "--profile", "nope"]) == exit_codes.UNUSABLE
    assert 'There is no profile "nope"' in capsys.readouterr().err


def test_the_demo_has_no_unknown_profiles_either(capsys: Capture) -> None:
    assert main(["token", "--demo", "--profile", "demo-bsic"]) == exit_codes.UNUSABLE
    assert "demo-basic" in capsys.readouterr().err


@pytest.mark.parametrize("how", ["flag", "variable", "production"])
def test_a_flow_that_is_off_says_how_to_enable_it(
    how: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    set_all(monkeypatch, variables("https://as.example/token"))
    if how == "flag":
        write_settings(folder / "settings.json", {"enabled": False})
    elif how == "variable":
        monkeypatch.setenv("CCFLOW_ENABLED", "no")
    else:
        write_settings(folder / "settings.json", {"production": True})
    assert main(["token"]) == exit_codes.DISABLED
    out, err = capsys.readouterr()
    assert out == ""
    assert "CCFLOW_ENABLED" in err


def test_the_wizard_does_not_open_with_a_flow_that_is_off_and_names_the_profiles_that_are_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust(folder, monkeypatch)
    profiles = {"live": {"production": True}, "test": {}}
    write_settings(folder / "settings.json", {}, profiles=profiles, defaultProfile="live")
    with pytest.raises(FlowDisabled, match=r"CCFLOW_ENABLED=1.* --profile: default, test\."):
        run_wizard(Options())
    write_settings(folder / "settings.json", {"enabled": False}, profiles=profiles)
    with pytest.raises(FlowDisabled, match=r"to switch it on\.$"):
        run_wizard(Options(profile="test"))


def test_a_production_profile_runs_when_the_flag_says_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_settings(folder / "settings.json", {"production": True, "enabled": True})
    trust(folder, monkeypatch)
    with misbehaving(answers(http_answer())) as server:
        set_all(monkeypatch, variables(server.url))
        assert main(["token"]) == exit_codes.DONE


@pytest.mark.parametrize(
    ("answer", "code", "says"),
    [
        (closes(http_answer("404 Not Found", b"")), exit_codes.MALFORMED, "404"),
        (closes(HTML), exit_codes.MALFORMED, "web page"),
        (None, exit_codes.UNREACHABLE, "refused"),
    ],
)
def test_a_discovery_that_finds_nothing_tells_every_attempt(
    answer: object, code: int, says: str, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    given = variables("")
    del given["CCFLOW_TOKEN_ENDPOINT"]
    with misbehaving(answer or closes(HTML)) as server:  # type: ignore[arg-type]  # a script or nothing
        issuer = f"http://127.0.0.1:{server.port if answer else 1}"
        set_all(monkeypatch, {**given, "CCFLOW_ISSUER": issuer})
        assert main(["token"]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert f"discovery: {issuer}/.well-known/" in err
    assert says in err


def test_an_issuer_that_is_no_address_is_unusable(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    given = variables("")
    del given["CCFLOW_TOKEN_ENDPOINT"]
    set_all(monkeypatch, {**given, "CCFLOW_ISSUER": "http://as.example"})
    assert main(["token"]) == exit_codes.UNUSABLE
    assert "issuer: " in capsys.readouterr().err


def test_a_demo_server_that_does_not_start_is_unreachable(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    async def fail(_: object) -> None:
        raise CcflowError("The demo server could not be started: no memory.")

    monkeypatch.setattr("ccflow_tui.demo.launcher.DemoServer.start", fail)
    assert main(["token", "--demo"]) == exit_codes.UNREACHABLE
    assert capsys.readouterr().err == "ccflow: The demo server could not be started: no memory.\n"


def test_a_bug_shows_where_and_no_secret(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    async def bug(*_: object, **__: object) -> None:
        raise RuntimeError(f"who put {SECRET} here")

    with misbehaving(answers(http_answer())) as server:
        set_all(monkeypatch, variables(server.url))
        monkeypatch.setattr("ccflow_tui.services.transport.HttpTransport.exchange", bug)
        assert main(["token"]) == exit_codes.CRASHED
    out, err = capsys.readouterr()
    assert out == ""
    assert "had to stop: RuntimeError\n" in err and "in bug\n" in err
    assert SECRET not in err
    assert "report them" in err


def test_a_bug_before_the_engine_stands_is_told_as_well(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def bug(*_: object) -> None:
        raise RuntimeError("Authorization: Bearer CANARY-token-0123456789")

    monkeypatch.setattr("ccflow_tui.headless.configure", bug)
    assert main(["token"]) == exit_codes.CRASHED
    err = capsys.readouterr().err
    assert "RuntimeError" in err
    assert "CANARY" not in err


def test_an_interrupt_has_its_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ccflow_tui.headless.run", lambda coroutine: (coroutine.close(), interrupt()))
    assert main(["token"]) == exit_codes.CANCELLED
