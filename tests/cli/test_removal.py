"""``ccflow sign-out`` and ``ccflow forget``: they ask, remove, read back, and say what is still there."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from ccflow_tui import exit_codes
from ccflow_tui.cli import main
from ccflow_tui.config.state import SavedState, UserState
from ccflow_tui.files.lock import held_alone
from ccflow_tui.models.profile import AuthMethod, EndpointMode, Profile
from ccflow_tui.services.credential_names import access_token_name, client_secret_name, dpop_key_name
from tests.cli.kept_secrets import CANARY, is_kept, keep
from tests.cli.program import misbehaving, set_all, start, write_settings
from tests.cli.test_secret_store import PASSPHRASE
from tests.support.fault_server import answers, http_answer
from tests.support.patience import PATIENCE

Capture = pytest.CaptureFixture[str]
NOT_FOUND = http_answer("404 Not Found", b"no")
ORDERS = Profile(
    name="orders",
    endpoint_mode=EndpointMode.MANUAL,
    token_endpoint="https://as.example/token",
    client_id="orders",
    auth_method=AuthMethod.CLIENT_SECRET_BASIC,
)
BILLING = replace(ORDERS, name="billing", client_id="billing")


@pytest.fixture
def home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a home with two saved profiles, whose secrets are in an encrypted file."""
    found = folder.parent / "home"
    saved = SavedState(profiles={"orders": ORDERS, "billing": BILLING}, last_profile="orders")
    UserState(found / "state.json").update(lambda _: saved)
    keep(
        found, *(name(each) for each in (ORDERS, BILLING) for name in (client_secret_name, access_token_name))
    )
    set_all(monkeypatch, {"CCFLOW_SECRET_STORE": "file", "CCFLOW_STORE_PASSPHRASE": PASSPHRASE})
    return found


def saved(home: Path) -> list[str]:
    return list(UserState(home / "state.json").load().profiles)


def test_sign_out_removes_what_is_kept_of_one_profile_and_reads_back(home: Path, capsys: Capture) -> None:
    assert main(["sign-out", "orders", "--yes"]) == exit_codes.DONE
    out, err = capsys.readouterr()
    assert out == (
        "Removed: the access token (encrypted file), the client secret (encrypted file). "
        "Read back: nothing left.\n"
    )
    assert "the server accepts the token until it expires" in err
    assert CANARY not in out + err
    assert not is_kept(home, client_secret_name(ORDERS)) and not is_kept(home, access_token_name(ORDERS))
    assert is_kept(home, client_secret_name(BILLING))
    assert saved(home) == ["orders", "billing"]
    assert main(["sign-out", "-y"]) == exit_codes.DONE  # of the last profile, which is the same one
    assert capsys.readouterr().out == "Nothing of profile “orders” is kept in the secret store.\n"


def test_forget_removes_the_profile_with_its_secrets(home: Path, capsys: Capture) -> None:
    keep(home, dpop_key_name(BILLING))
    assert main(["--profile", "billing", "forget", "-y"]) == exit_codes.DONE
    out = capsys.readouterr().out
    assert out.startswith("Removed: the profile (state.json), the access token")
    assert "the DPoP key (encrypted file)" in out and out.endswith("Read back: nothing left.\n")
    assert saved(home) == ["orders"]
    assert main(["forget", "billing", "-y"]) == exit_codes.UNUSABLE
    assert 'There is no profile "billing"' in capsys.readouterr().err


@pytest.mark.parametrize("command", ["sign-out", "forget"])
def test_without_a_terminal_nothing_is_removed_unasked(home: Path, command: str, capsys: Capture) -> None:
    assert main([command, "orders"]) == exit_codes.DECLINED
    assert "--yes" in capsys.readouterr().err
    assert is_kept(home, client_secret_name(ORDERS)) and saved(home) == ["orders", "billing"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["forget", "-y"], "name the profile"),
        (["forget", "orders", "--profile", "billing", "-y"], "names another profile"),
        (["forget", "orders", "--demo", "-y"], "--demo brings its own"),
        (["sign-out", "orders", "extra", "-y"], "unrecognized arguments"),
    ],
)
def test_a_command_line_that_means_two_things_is_refused(
    home: Path, arguments: list[str], words: str, capsys: Capture
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == exit_codes.UNUSABLE
    assert words in capsys.readouterr().err
    assert saved(home) == ["orders", "billing"]


@pytest.mark.parametrize("command", ["sign-out", "forget"])
def test_what_cannot_be_removed_is_told_and_the_profile_kept(
    home: Path, command: str, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    before = (home / "secrets.encrypted").read_bytes()
    monkeypatch.setenv("CCFLOW_STORE_PASSPHRASE", "CANARY-wrong-one")
    assert main([command, "orders", "-y"]) == exit_codes.REMAINS
    out, err = capsys.readouterr()
    told = "Still there: anything in the secret store, which could not be asked: CCFLOW_STORE_PASSPHRASE does"
    assert told in out
    assert "CANARY" not in out + err
    assert (home / "secrets.encrypted").read_bytes() == before
    assert saved(home) == ["orders", "billing"]
    assert ("kept, so that you can try again" in err) is (command == "forget")


def test_who_else_names_the_profile_is_told(home: Path, folder: Path, capsys: Capture) -> None:
    file = write_settings(folder / "settings.json", {}, profiles={"orders": {"clientId": "orders"}})
    assert main(["--settings", str(file), "forget", "orders", "-y"]) == exit_codes.DONE
    assert f"{file} names the profile, too, and keeps it in the list." in capsys.readouterr().err
    assert saved(home) == ["billing"]


def test_a_broken_state_file_is_left_alone(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    (home / "state.json").write_text("{broken", "utf-8")
    default = replace(ORDERS, name="default")
    keep(home, client_secret_name(default))
    set_all(
        monkeypatch, {"CCFLOW_TOKEN_ENDPOINT": default.token_endpoint, "CCFLOW_CLIENT_ID": default.client_id}
    )
    assert main(["forget", "default", "-y"]) == exit_codes.DONE
    assert not is_kept(home, client_secret_name(default))
    assert (home / "state.json").read_text("utf-8") == "{broken"
    assert "state.json" in capsys.readouterr().err


def test_a_state_file_that_cannot_be_written_is_told_with_what_was_removed(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr("ccflow_tui.files.lock.PATIENCE", 0.02)
    with held_alone(home / "state.json", patience=1.0):
        assert main(["forget", "orders", "-y"]) == exit_codes.UNUSABLE
    out, err = capsys.readouterr()
    assert "Removed: the access token (encrypted file)" in out
    assert "Another ccflow is writing the file" in err
    assert saved(home) == ["orders", "billing"]


@pytest.mark.parametrize("answered", [True, False], ids=["the issuer answers", "the issuer is silent"])
def test_the_server_of_an_issuer_is_asked_for_first(home: Path, answered: bool, capsys: Capture) -> None:
    with misbehaving(answers()) as server:
        base = f"http://{server.host}:{server.port}"
        metadata = json.dumps({"issuer": base, "token_endpoint": f"{base}/token"}).encode()
        server.scripts = (answers(*[http_answer(body=metadata) if answered else NOT_FOUND] * 9),)
        found = replace(
            ORDERS, name="found", endpoint_mode=EndpointMode.ISSUER, issuer=base, token_endpoint=""
        )
        UserState(home / "state.json").update(
            lambda state: replace(state, profiles={**state.profiles, "found": found})
        )
        name = client_secret_name(replace(found, token_endpoint=f"{base}/token"))
        keep(home, name)
        code = main(["sign-out", "found", "-y"])
    out = capsys.readouterr().out
    assert is_kept(home, name) is not answered
    assert code == (exit_codes.DONE if answered else exit_codes.REMAINS)
    assert ("Read back: nothing left." if answered else "did not tell its token endpoint") in out


@pytest.mark.skipif(os.name == "nt", reason="needs a terminal of its own")
@pytest.mark.parametrize(("answer", "code"), [(b"y", exit_codes.DONE), (b"", exit_codes.CANCELLED)])
def test_at_a_terminal_it_asks_with_what_it_found(home: Path, answer: bytes, code: int) -> None:
    from tests.cli.pseudo_terminal import PseudoTerminal

    os.environ.pop("CCFLOW_STORE_PASSPHRASE")
    with PseudoTerminal(["forget", "orders"]) as terminal:
        terminal.read_until(b"Passphrase of ")
        terminal.press(PASSPHRASE.encode() + b"\n")
        terminal.read_until(b"Remove it? [y/N]")
        assert "• the client secret (encrypted file)".encode() in terminal.shown
        assert CANARY.encode() not in terminal.shown and PASSPHRASE.encode() not in terminal.shown
        terminal.press(answer + b"\n")
        assert terminal.end() == code
        assert terminal.modes == terminal.modes_before
    assert ("orders" in saved(home)) is (code == exit_codes.CANCELLED)


@pytest.mark.skipif(os.name == "nt", reason="needs a terminal of its own")
@pytest.mark.parametrize("question", [b"Passphrase of ", b"Remove it? [y/N]"], ids=["passphrase", "question"])
def test_ctrl_c_at_a_question_leaves_at_once_and_the_terminal_as_it_was(home: Path, question: bytes) -> None:
    from tests.cli.pseudo_terminal import PseudoTerminal

    if question.startswith(b"Pass"):
        os.environ.pop("CCFLOW_STORE_PASSPHRASE")
    with PseudoTerminal(["sign-out", "orders"]) as terminal:
        terminal.read_until(question)
        terminal.press(b"\x03")
        assert terminal.end() == exit_codes.CANCELLED
        assert terminal.modes == terminal.modes_before
    assert b"Traceback" not in terminal.shown
    assert saved(home) == ["orders", "billing"]


@pytest.mark.skipif(os.name == "nt", reason="needs a terminal of its own")
def test_the_passphrase_is_changed_at_a_terminal(home: Path) -> None:
    from tests.cli.pseudo_terminal import PseudoTerminal

    os.environ.pop("CCFLOW_STORE_PASSPHRASE")
    with PseudoTerminal(["passphrase"]) as terminal:
        for prompt, text in (
            (b"Passphrase of ", b"wrong"),
            (b"does not open the file", PASSPHRASE.encode()),
            (b"New passphrase of ", b"short"),
            (b"The same once more", b"short"),
            (b"8 characters or more", b"CANARY-of-tomorrow"),
            (b"The same once more", b"CANARY-of-tomorrow"),
        ):
            terminal.read_until(prompt)
            terminal.read_until(b": ")
            terminal.shown = b""
            terminal.press(text + b"\n")
        assert terminal.end() == exit_codes.DONE
        assert b"was changed; the old one opens it no more." in terminal.shown
        assert b"CANARY" not in terminal.shown
        assert terminal.modes == terminal.modes_before
    with pytest.raises(Exception, match="does not open"):
        is_kept(home, client_secret_name(ORDERS))


def test_a_passphrase_is_changed_by_a_person_only(home: Path, capsys: Capture) -> None:
    assert main(["passphrase"]) == exit_codes.DECLINED
    assert "there is none" in capsys.readouterr().err


def test_neither_textual_nor_a_secret_is_on_the_way(home: Path) -> None:
    code = "import atexit, sys; atexit.register(lambda: sys.stderr.write(str('textual' in sys.modules)))"
    with start("sign-out", "orders", "--yes", code=code) as process:
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == exit_codes.DONE, err
    assert err.decode().endswith("False") and CANARY.encode() not in out + err
