"""What the secrets of a profile were filed under earlier is noted, found by sign-out and forget, and told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ccflow_tui import exit_codes
from ccflow_tui.cli import main
from ccflow_tui.config.state import SavedState, UserState
from ccflow_tui.filings import noting
from ccflow_tui.models.profile import AuthMethod, EndpointMode, Profile
from ccflow_tui.models.store_choice import StoreChoice
from ccflow_tui.services.credential_names import client_secret_name
from tests.cli import kept_secrets
from tests.cli.kept_secrets import CANARY, keep
from tests.cli.program import set_all
from tests.cli.test_secret_store import PASSPHRASE

Capture = pytest.CaptureFixture[str]
ORDERS = Profile(
    name="orders",
    endpoint_mode=EndpointMode.MANUAL,
    token_endpoint="https://as.example/token",
    client_id="two",
    auth_method=AuthMethod.CLIENT_SECRET_BASIC,
)
FORMER = replace(ORDERS, client_id="one", token_endpoint="https://old.example/token")
WHOSE = "the client secret of client one at https://old.example (encrypted file)"


@pytest.fixture
def home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a home with a profile whose secret of a former client was kept in the encrypted file."""
    found = folder.parent / "home"
    write(found, StoreChoice.FILE)
    keep(found, *map(client_secret_name, (ORDERS, FORMER)))
    set_all(monkeypatch, {"CCFLOW_SECRET_STORE": "file", "CCFLOW_STORE_PASSPHRASE": PASSPHRASE})
    return found


def write(home: Path, store: StoreChoice) -> None:
    saved = SavedState(profiles={"orders": ORDERS}, last_profile="orders")
    UserState(home / "state.json").update(lambda _: noting(store, FORMER, ORDERS)(saved))


def is_kept(home: Path, profile: Profile) -> bool:
    return kept_secrets.is_kept(home, client_secret_name(profile))


def state(home: Path) -> SavedState:
    return UserState(home / "state.json").load()


@pytest.mark.parametrize("command", ["sign-out", "forget"])
def test_a_former_client_s_secret_is_found_and_removed(home: Path, command: str, capsys: Capture) -> None:
    assert main([command, "orders", "-y"]) == exit_codes.DONE
    out, err = capsys.readouterr()
    assert WHOSE in out and out.endswith("Read back: nothing left.\n")
    assert CANARY not in out + err
    assert not is_kept(home, FORMER) and not is_kept(home, ORDERS)
    left = state(home).filings.get("file", {}).get("orders", ())
    assert [each.client_id for each in left] == ([] if command == "forget" else ["two"])
    assert "filings" not in json.loads((home / "state.json").read_text("utf-8")) or command == "sign-out"


def test_of_a_profile_that_is_gone_forget_finds_what_is_noted(home: Path, capsys: Capture) -> None:
    UserState(home / "state.json").update(lambda saved: replace(saved, profiles={}, last_profile=""))
    assert main(["sign-out", "orders", "-y"]) == exit_codes.UNUSABLE
    assert is_kept(home, FORMER)
    assert main(["forget", "orders", "-y"]) == exit_codes.DONE
    assert "Removed: " in capsys.readouterr().out
    assert not is_kept(home, FORMER) and not is_kept(home, ORDERS)
    assert state(home).filings == {}
    assert main(["forget", "orders", "-y"]) == exit_codes.UNUSABLE


def test_a_note_of_what_is_gone_already_goes_too(home: Path, capsys: Capture) -> None:
    (home / "secrets.encrypted").unlink()
    UserState(home / "state.json").update(lambda saved: replace(saved, profiles={}, last_profile=""))
    assert main(["forget", "orders", "-y"]) == exit_codes.DONE
    assert "Nothing of profile “orders” is kept in the secret store." in capsys.readouterr().out
    assert state(home).filings == {}


def test_what_cannot_be_removed_is_told_with_the_command_that_finds_it(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("CCFLOW_STORE_PASSPHRASE", "CANARY-wrong-one")
    assert main(["forget", "orders", "-y"]) == exit_codes.REMAINS
    assert "Without the profile, only “ccflow forget orders” finds it." in capsys.readouterr().err
    assert [each.client_id for each in state(home).filings["file"]["orders"]] == ["one", "two"]


@pytest.mark.parametrize(
    "words",
    ["CCFLOW_SECRET_STORE=memory (environment)", "secretStore=memory (settings.json)"],
    ids=["variable", "settings"],
)
@pytest.mark.parametrize("command", ["sign-out", "forget"])
def test_with_secrets_in_memory_by_choice_it_is_said_what_was_not_looked_at(
    home: Path,
    command: str,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
) -> None:
    monkeypatch.delenv("CCFLOW_SECRET_STORE")
    if words.startswith("CCFLOW"):
        monkeypatch.setenv("CCFLOW_SECRET_STORE", "memory")
    else:
        (home / "settings.json").write_text('{"secretStore": "memory"}', encoding="utf-8")
    assert main([command, "orders", "-y"]) == exit_codes.DONE
    out = capsys.readouterr().out
    told = f"The system keyring and the encrypted file were not looked at, because {words} keeps secrets in"
    assert told in out
    assert "Read back: nothing left.\n" not in out
    assert ("nothing left in memory" if command == "forget" else "is kept in memory.") in out
    assert is_kept(home, FORMER) and len(state(home).filings["file"]["orders"]) == 2
    monkeypatch.setenv("CCFLOW_SECRET_STORE", "file")
    assert main(["forget", "orders", "-y"]) == exit_codes.DONE
    out = capsys.readouterr().out
    assert WHOSE in out and "not looked at" not in out
    assert not is_kept(home, FORMER)


def test_the_encrypted_file_is_told_where_nobody_asks_for_it(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.delenv("CCFLOW_SECRET_STORE")
    assert main(["sign-out", "orders", "-y"]) == exit_codes.DONE
    assert (
        "The encrypted file was not looked at, because CCFLOW_SECRET_STORE does not ask for it, though"
        in (capsys.readouterr().out)
    )
    assert is_kept(home, FORMER) and len(state(home).filings["file"]["orders"]) == 2


def test_a_store_that_is_not_in_use_is_told_where_something_was_saved_there(
    home: Path, capsys: Capture
) -> None:
    write(home, StoreChoice.KEYRING)
    assert main(["forget", "orders", "-y"]) == exit_codes.DONE
    out = capsys.readouterr().out
    assert (
        "The system keyring was not looked at, because of CCFLOW_SECRET_STORE=file (environment), though "
        "secrets of “orders” may be there. To remove that, too, do the same, or “ccflow forget orders”, "
        "with CCFLOW_SECRET_STORE=keyring."
    ) in out
    assert len(state(home).filings["keyring"]["orders"]) == 2, "ccflow forget orders has to find them there"


@pytest.mark.parametrize(
    "noted_in", [None, StoreChoice.KEYRING], ids=["saved before notes were kept", "noted"]
)
def test_a_profile_that_is_forgotten_without_a_keyring_can_be_found_with_one(
    folder: Path, noted_in: StoreChoice | None, capsys: Capture
) -> None:
    saved = SavedState(profiles={"orders": ORDERS}, last_profile="orders")
    UserState(folder.parent / "home" / "state.json").update(
        lambda _: noting(noted_in, ORDERS)(saved) if noted_in else saved
    )
    assert main(["forget", "orders", "-y"]) == exit_codes.DONE
    out = capsys.readouterr().out
    assert "not reached from here. To remove that, too, do the same there, or “ccflow forget orders”." in out
    after = state(folder.parent / "home")
    assert "orders" not in after.profiles
    assert [each.client_id for each in after.filings["keyring"]["orders"]] == ["two"]
