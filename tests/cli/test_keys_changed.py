"""``ccflow keys``: import, show, rotate and delete; no argument or message holds what opens a key."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from ccflow_tui import exit_codes
from ccflow_tui.cli import main
from tests.cli.program import KEEPS, said_by_keys, write_settings
from tests.oauth.key_material import jwk, pem
from tests.support.client_certificates import write

Capture = pytest.CaptureFixture[str]
pytestmark = pytest.mark.usefixtures("encrypted_file")
OPENS = "CANARY-opens-the-key"
POSIX = pytest.mark.skipif(os.name == "nt", reason="needs a terminal of its own")


@pytest.fixture
def files(folder: Path) -> dict[str, str]:
    """Return what there is to import, by what it is called here."""
    contents = {
        "plain": pem("P-256"),
        "encrypted": pem("RSA", passphrase=OPENS),
        "set": json.dumps({"keys": [jwk("P-256", kid="first"), jwk("P-384", kid="second")]}),
        "opens": f"{OPENS}\n",
        "wrong": "CANARY-wrong",
        "lines": f"{OPENS}\n{OPENS}\n",
    }
    found = {name: write(folder / name, text.encode()) for name, text in contents.items()}
    for path in found.values():
        os.chmod(path, 0o600)
    return found


def told(capsys: Capture, *arguments: str, code: int = exit_codes.DONE) -> tuple[str, str]:
    """Run a job, and make sure that nothing of it gives a passphrase away."""
    out, err = said_by_keys(capsys, *arguments, code=code)
    assert "CANARY" not in out + err
    return out, err


def names(capsys: Capture) -> list[str]:
    """Return the keys that are really there; a profile may still refer to another one."""
    listed = json.loads(told(capsys, "list", "--json")[0])
    return [key["name"] for key in listed if not key["missing"]]


def answered(capsys: Capture, *arguments: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(told(capsys, *arguments, "--json")[0])
    return data


def test_keys_are_imported_whatever_holds_them(
    files: dict[str, str], capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = answered(capsys, "import", "plain", files["plain"])
    assert (plain["name"], plain["label"], plain["store"]) == ("plain", "EC P-256", "encrypted file")
    picked = answered(capsys, "import", "picked", files["set"], "--kid", "second")
    assert (picked["kid"], picked["algs"]) == ("second", ["ES384"])
    opened = answered(capsys, "import", "opened", files["encrypted"], "--passphrase-file", files["opens"])
    assert opened["label"] == "RSA 2048 bit"
    monkeypatch.setenv("CCFLOW_KEY_PASSPHRASE", OPENS)
    monkeypatch.setenv("KEY", Path(files["encrypted"]).read_text())
    text, _ = told(capsys, "import", "variable", "env:KEY")
    assert text.startswith("variable ") and opened["thumbprint"] in text
    assert names(capsys) == ["opened", "picked", "plain", "variable"]


@pytest.mark.parametrize(
    ("name", "more", "says"),
    [
        ("missing", (), "cannot be read"),
        ("opens", (), "not a private key"),
        ("set", (), "--kid: The JWK Set holds 2 private keys: “first”, “second”. Enter the key ID"),
        ("set", ("--kid", "third"), "--kid: The JWK Set holds 2 private keys: “first”, “second”."),
        ("plain", ("--kid", "first"), "--kid: There is one private key, and it has no key ID, not “first”"),
        ("encrypted", (), "not known. Set CCFLOW_KEY_PASSPHRASE to the right one, or name a file"),
        ("encrypted", ("--passphrase-file", "wrong"), "does not open the private key. Set CCFLOW"),
        (
            "encrypted",
            ("--passphrase-file", "lines"),
            "--passphrase-file: The passphrase file does not hold one",
        ),
        ("encrypted", ("--passphrase-file", "CANARY-itself"), "The passphrase file cannot be read: No such"),
    ],
)
def test_what_cannot_be_imported_is_told_with_the_way_out(
    name: str, more: tuple[str, ...], says: str, files: dict[str, str], capsys: Capture
) -> None:
    assert says in told(capsys, "import", "orders", name, *more, code=exit_codes.UNUSABLE)[1]
    assert names(capsys) == []


@pytest.mark.skipif(os.name == "nt", reason="modes are of Unix")
def test_files_that_others_can_read_are_told_and_no_passphrase_is_taken_from_one(
    files: dict[str, str], capsys: Capture
) -> None:
    os.chmod(files["plain"], 0o644)
    assert "other users of this machine can read" in told(capsys, "import", "plain", files["plain"])[1]
    os.chmod(files["opens"], 0o644)
    _, err = told(
        capsys, "import", "a", "encrypted", "--passphrase-file", files["opens"], code=exit_codes.UNUSABLE
    )
    assert "chmod 600 FILE keeps them out" in err and files["opens"] not in err


def test_an_import_that_would_not_outlast_the_command_is_refused(
    files: dict[str, str], capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CCFLOW_SECRET_STORE", "memory")
    _, err = told(capsys, "import", "orders", files["plain"], code=exit_codes.UNUSABLE)
    assert "would be gone when this command ends" in err


@POSIX
@pytest.mark.parametrize("answer", [OPENS, ""], ids=["typed", "nothing"])
def test_at_a_terminal_the_passphrase_is_asked_for_until_it_fits(
    answer: str, files: dict[str, str], capsys: Capture
) -> None:
    from tests.cli.pseudo_terminal import PseudoTerminal

    with PseudoTerminal(["keys", "import", "orders", files["encrypted"]]) as terminal:
        for prompt, text in ((b"is not known.", "CANARY-wrong"), (b"does not open the private key.", answer)):
            terminal.read_until(prompt)
            terminal.read_until(f"Passphrase of {files['encrypted']}: ".encode())
            terminal.shown = b""
            terminal.press(text.encode() + b"\n")
        assert terminal.end() == (exit_codes.DONE if answer else exit_codes.CANCELLED)
        assert (b"nothing was imported" in terminal.shown) is not bool(answer)
        assert b"CANARY" not in terminal.shown
        assert terminal.modes == terminal.modes_before
    assert names(capsys) == (["orders"] if answer else [])


def test_one_key_is_shown_also_such_as_the_list_has_lost(folder: Path, capsys: Capture) -> None:
    made = answered(capsys, "generate", "orders")
    assert answered(capsys, "show", "orders") == made
    assert f"key ID: {made['kid']}" in told(capsys, "show", "orders")[0]
    assert "no private key “ghost”" in told(capsys, "show", "ghost", code=exit_codes.UNUSABLE)[1]
    (folder.parent / "home" / "keys.json").unlink()
    assert names(capsys) == []
    assert answered(capsys, "show", "orders")["kid"] == made["kid"]
    assert names(capsys) == ["orders"]


def test_a_rotated_key_stands_beside_its_successor(capsys: Capture) -> None:
    old = answered(capsys, "generate", "orders")
    out, err = told(capsys, "rotate", "orders", "--kind", "ed25519", "--json")
    new = json.loads(out)
    assert (new["name"], new["label"], new["replaces"]) == ("orders-2", "Ed25519", "orders")
    assert "ccflow keys export orders-2" in err and "keyring:orders-2" in err
    exported = json.loads(told(capsys, "export", "orders-2")[0])
    assert [key["kid"] for key in exported["keys"]] == [old["kid"], new["kid"]]
    assert "takes over from “orders” already" in told(capsys, "rotate", "orders", code=exit_codes.UNUSABLE)[1]
    assert "“ghost” is missing" in told(capsys, "rotate", "ghost", code=exit_codes.UNUSABLE)[1]
    assert answered(capsys, "rotate", "orders-2")["label"] == "Ed25519"


def test_a_deleted_key_is_gone_and_that_is_read_back(capsys: Capture) -> None:
    for name in ("orders", "billing"):
        told(capsys, "generate", name)
    assert "Add --yes" in told(capsys, "delete", "orders", code=exit_codes.DECLINED)[1]
    assert names(capsys) == ["billing", "orders"]
    gone = answered(capsys, "delete", "orders", "--yes")
    assert (gone["name"], gone["removed"]) == ("orders", True)
    assert "Read back from the encrypted file: it is gone." in gone["proof"]
    assert "it is gone" in told(capsys, "delete", "billing", "-y")[0]
    assert names(capsys) == []
    assert "no private key “orders”" in told(capsys, "delete", "orders", "-y", code=exit_codes.UNUSABLE)[1]


def test_a_key_that_is_still_there_has_its_own_code(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    told(capsys, "generate", "orders")
    monkeypatch.setenv("CCFLOW_STORE_PASSPHRASE", "CANARY another one")
    out, err = told(capsys, "delete", "orders", "--yes", "--json", code=exit_codes.REMAINS)
    assert out == "" and "does not open" in err
    monkeypatch.setenv("CCFLOW_STORE_PASSPHRASE", KEEPS)
    assert names(capsys) == ["orders"]


@POSIX
@pytest.mark.parametrize(("answer", "code"), [(b"y", exit_codes.DONE), (b"", exit_codes.CANCELLED)])
def test_at_a_terminal_the_question_names_who_is_left_without_the_key(
    answer: bytes, code: int, folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.cli.pseudo_terminal import PseudoTerminal

    monkeypatch.setenv("CCFLOW_TRUST_FOLDER", str(folder))
    live = {"assertion": {"key": "keyring:orders"}, "production": True}
    write_settings(folder / "settings.json", {}, profiles={"live": live})
    told(capsys, "generate", "orders")
    told(capsys, "rotate", "orders")
    with PseudoTerminal(["keys", "delete", "orders"]) as terminal:
        terminal.read_until("Delete “orders”? [y/N]".encode())
        for words in ("live (PRODUCTION), which gets no token", "let them refer to keyring:orders-2 first."):
            assert words.encode() in terminal.shown
        terminal.press(answer + b"\n")
        assert terminal.end() == code
    assert names(capsys) == (["orders-2"] if answer else ["orders", "orders-2"])


def test_the_helps_say_what_opens_a_key_and_what_is_asked(capsys: Capture) -> None:
    for job, words in (
        ("import", "CCFLOW_KEY_PASSPHRASE"),
        ("delete", "needs --yes"),
        ("rotate", "as before"),
    ):
        with pytest.raises(SystemExit) as left:
            main(["keys", job, "--help"])
        assert left.value.code == exit_codes.DONE
        assert words in " ".join(capsys.readouterr().out.split())
