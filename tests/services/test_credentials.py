"""Where a credential comes from, and where it must not go."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import keyring
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccflow_tui.models.problems import (
    InputProblem,
    KeyProblem,
    SecretStoreProblem,
    SettingsProblem,
    StoreFault,
)
from ccflow_tui.models.profile import AuthMethod, Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.services import key_reading
from ccflow_tui.services.credential_names import (
    MAX_NAME_LENGTH,
    access_token_name,
    client_secret_name,
    private_key_name,
)
from ccflow_tui.services.credentials import CredentialSource, Variables
from ccflow_tui.services.key_reading import MAX_KEY_FILE_BYTES
from ccflow_tui.services.keyring_store import KeyringStore
from ccflow_tui.services.ports import Credential, StoreKind, StoreStatus
from tests.support.fakes import DictStore

CANARY = "CANARY-secret"
PEM = "-----BEGIN PRIVATE KEY-----\nCANARY\n-----END PRIVATE KEY-----\n"
PROFILE = Profile(
    name="dev",
    client_id="abc",
    token_endpoint="https://as.example/token",
    auth_method=AuthMethod.CLIENT_SECRET_BASIC,
)
ELSEWHERE = replace(PROFILE, token_endpoint="https://other.example/token")
NAMED = {"CCFLOW_TOKEN_ENDPOINT": PROFILE.token_endpoint}
UNDISCOVERED = replace(PROFILE, token_endpoint="")


class KeyringLike(DictStore):
    """A store that says it is the keyring."""

    async def status(self) -> StoreStatus:
        return StoreStatus(StoreKind.KEYRING, "test")


Warnings = list[str]


def source(
    store: DictStore | None = None,
    environment: Mapping[str, str] | None = None,
    env_file: Mapping[str, str] | None = None,
    warnings: Warnings | None = None,
) -> CredentialSource:
    variables = Variables(environment or {}, env_file or {})
    return CredentialSource(
        KeyringLike() if store is None else store,
        variables,
        (Warnings() if warnings is None else warnings).append,
    )


def keyed(reference: str) -> Profile:
    return replace(PROFILE, auth_method=AuthMethod.PRIVATE_KEY_JWT, key_reference=reference)


async def problem_of(found: CredentialSource, profile: Profile) -> InputProblem:
    with pytest.raises(InputProblem) as caught:
        await found.credential(profile)
    assert "CANARY" not in str(caught.value)
    return caught.value


async def test_the_order_is_typed_environment_env_file_store() -> None:
    store = KeyringLike()
    store.secrets[client_secret_name(PROFILE)] = Secret("stored")
    environment = {"CCFLOW_CLIENT_SECRET": "environment", **NAMED}
    env_file = {"CCFLOW_CLIENT_SECRET": "file", **NAMED}
    found = source(store, environment, env_file)
    found.remember(PROFILE, Secret("typed"))
    assert await found.credential(PROFILE) == Credential(secret=Secret("typed"), source="typed")
    found.forget(PROFILE)
    assert await found.credential(PROFILE) == Credential(secret=Secret("environment"), source="environment")
    environment["CCFLOW_CLIENT_SECRET"] = ""
    assert await found.credential(PROFILE) == Credential(secret=Secret("file"), source=".env")
    env_file.clear()
    assert await found.credential(PROFILE) == Credential(secret=Secret("stored"), source="keyring")


async def test_C8_a_trailing_newline_is_never_stripped() -> None:
    found = await source(environment={"CCFLOW_CLIENT_SECRET": "secret\n", **NAMED}).credential(PROFILE)
    assert found.secret == Secret("secret\n")


async def test_without_a_secret_the_message_names_field_and_remedy() -> None:
    problem = await problem_of(source(), PROFILE)
    assert problem.finding.field == "client_secret"
    assert "CCFLOW_CLIENT_SECRET" in problem.finding.remedy


async def test_without_a_keyring_the_message_says_so() -> None:
    class NoKeyring(DictStore):
        async def status(self) -> StoreStatus:
            return StoreStatus(StoreKind.MEMORY, "The system keyring is locked.")

    for profile in (PROFILE, keyed("keyring:work")):
        assert (
            "The system keyring is locked." in (await problem_of(source(NoKeyring()), profile)).finding.remedy
        )


async def test_a_typed_secret_is_not_sent_to_another_server() -> None:
    found = source()
    found.remember(PROFILE, Secret(CANARY))
    problem = await problem_of(found, ELSEWHERE)
    assert "https://as.example" in problem.finding.problem
    assert (await found.credential(PROFILE)).secret == Secret(CANARY)
    found.remember(PROFILE, Secret(""))
    await problem_of(found, PROFILE)


async def test_a_secret_typed_before_discovery_belongs_to_the_first_server_found() -> None:
    found = source()
    found.remember(UNDISCOVERED, Secret(CANARY))
    assert (await found.credential(UNDISCOVERED)).secret == Secret(CANARY)
    assert (await found.credential(PROFILE)).secret == Secret(CANARY)
    await problem_of(found, ELSEWHERE)


async def test_a_stored_secret_is_not_found_for_another_server_or_none() -> None:
    store = KeyringLike()
    store.secrets[client_secret_name(PROFILE)] = Secret(CANARY)
    await problem_of(source(store), ELSEWHERE)
    await problem_of(source(store), UNDISCOVERED)


async def test_saving_moves_the_typed_secret_into_the_store() -> None:
    store = KeyringLike()
    found = source(store)
    found.remember(PROFILE, Secret(CANARY))
    assert store.secrets == {}
    await found.save(PROFILE)
    assert store.secrets == {client_secret_name(PROFILE): Secret(CANARY)}
    assert (await found.credential(PROFILE)).source == "keyring"


async def test_a_failed_save_loses_nothing() -> None:
    found = source(DictStore(SecretStoreProblem(StoreFault.FAILED, "broken")))
    found.remember(PROFILE, Secret(CANARY))
    with pytest.raises(SecretStoreProblem):
        await found.save(PROFILE)
    assert (await found.credential(PROFILE)).source == "typed"


async def test_saving_nothing_or_for_no_server_is_told() -> None:
    with pytest.raises(InputProblem, match="client_secret"):
        await source().save(PROFILE)
    found = source()
    found.remember(UNDISCOVERED, Secret(CANARY))
    with pytest.raises(InputProblem, match="token_endpoint"):
        await found.save(UNDISCOVERED)


@pytest.mark.parametrize(("store", "name"), [(KeyringLike(), "keyring"), (DictStore(), "memory")])
async def test_a_stored_key_comes_with_the_place_it_was_in(store: DictStore, name: str) -> None:
    store.secrets[private_key_name("work")] = Secret(PEM)
    found = await source(store).credential(keyed("keyring:work"))
    assert found == Credential(key=Secret(PEM), source=name)


async def test_a_key_from_a_variable_may_have_its_line_ends_escaped() -> None:
    one_line = source(environment={"KEY": PEM.replace("\n", "\\n")}, env_file={"CCFLOW_KEY": PEM})
    assert await one_line.credential(keyed("env:KEY")) == Credential(key=Secret(PEM), source="environment")
    assert await one_line.credential(keyed("env:CCFLOW_KEY")) == Credential(key=Secret(PEM), source=".env")


async def test_a_key_reference_finds_any_variable_of_the_env_file() -> None:
    def look_up(name: str) -> str:
        if name == "BROKEN":
            raise SettingsProblem(Path(".env"), "line 3", "The line cannot be understood.")
        return {"MY_KEY": PEM}.get(name, "")

    found = CredentialSource(KeyringLike(), Variables({}, {}, look_up), Warnings().append)
    assert await found.credential(keyed("env:MY_KEY")) == Credential(key=Secret(PEM), source=".env")
    assert "NONE is not set" in str(await problem_of(found, keyed("env:NONE")))
    assert "line 3" in (await problem_of(found, keyed("env:BROKEN"))).finding.remedy


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("", "No private key is named"),
        ("keyring:", "No private key is named"),
        ("env:", "No private key is named"),
        ("env:NOT_SET", "NOT_SET is not set"),
        ("keyring:nobody", "'nobody'"),
        ("nowhere/key.pem", "nowhere/key.pem"),
        ("~no-such-user-here/key.pem", "cannot be read"),
        ("nul\0byte", "cannot be read"),
        (PEM, "private key itself"),
        ('{"kty": "EC", "d": "CANARY"}', "private key itself"),
    ],
)
async def test_a_key_that_is_not_there_is_told_with_its_field(reference: str, words: str) -> None:
    problem = await problem_of(source(), keyed(reference))
    assert isinstance(problem, KeyProblem)
    assert problem.finding.field == "key_reference"
    assert words in problem.finding.problem and problem.finding.remedy


async def test_a_key_file_is_read_below_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "key.pem").write_bytes(b"\xef\xbb\xbf" + PEM.encode())
    (tmp_path / "key.pem").chmod(0o600)
    warnings = Warnings()
    found = await source(warnings=warnings).credential(keyed("~/key.pem"))
    assert found == Credential(key=Secret(PEM), source="file")
    assert warnings == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no POSIX file modes")
async def test_a_key_file_that_others_can_read_is_warned_of_once(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_text(PEM)
    path.chmod(0o640)
    warnings = Warnings()
    found = source(warnings=warnings)
    for _ in range(2):
        assert (await found.credential(keyed(str(path)))).key == Secret(PEM)
    (warning,) = warnings
    assert str(path) in warning and "chmod 600" in warning


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"x" * (MAX_KEY_FILE_BYTES + 1), "larger than 64 KiB"),
        (b"\x31\x82\x01\xff CANARY", "binary file"),
    ],
)
async def test_a_file_that_is_no_key_is_told_and_its_content_is_in_no_frame(
    tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "key"
    path.write_bytes(content)
    problem = await problem_of(source(), keyed(str(path)))
    assert words in problem.finding.problem
    trace = problem.__traceback__
    while trace is not None:
        assert trace.tb_frame.f_code.co_name != "_read_file"
        trace = trace.tb_next


async def test_a_folder_or_a_pipe_is_no_key_file(tmp_path: Path) -> None:
    assert "is not a file" in (await problem_of(source(), keyed(str(tmp_path)))).finding.problem
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        assert "is not a file" in (await problem_of(source(), keyed(str(tmp_path / "pipe")))).finding.problem


async def test_a_file_on_a_drive_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()

    def hang(*_: str) -> tuple[Secret, int]:
        gate.wait(30)
        raise OSError(errno.EIO, "gone")

    monkeypatch.setattr(key_reading, "_read_file", hang)
    monkeypatch.setattr(key_reading, "_FILE_TIMEOUT", 0.02)
    assert "in time" in (await problem_of(source(), keyed("/net/key.pem"))).finding.problem
    gate.set()


async def test_a_configured_backend_that_cannot_be_loaded_counts_as_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse() -> None:
        raise ModuleNotFoundError("no such backend")

    monkeypatch.setattr(keyring, "get_keyring", refuse)
    with pytest.raises(SecretStoreProblem, match="cannot be used") as caught:
        await KeyringStore().status()
    assert caught.value.fault is StoreFault.MISSING


def test_a_hanging_keyring_does_not_hold_up_quitting() -> None:
    program = (
        "import asyncio, time\n"
        "from ccflow_tui.services.keyring_store import KeyringStore\n"
        "class Hanging:\n"
        "    priority = 5\n"
        "    def get_password(self, service, username): time.sleep(60)\n"
        "async def main():\n"
        "    try: await KeyringStore(timeout=0.05, backend=Hanging()).get('name')\n"
        "    except Exception as error: print(error.fault)\n"
        "asyncio.run(main())\n"
    )
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, timeout=30, check=True
    )
    assert (result.stdout, result.stderr) == ("timed out\n", "")


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "prod"},
        {"client_id": "abd"},
        {"token_endpoint": "https://evil.example/token"},
        {"token_endpoint": "https://as.example:8443/token"},
        {"token_endpoint": "http://as.example/token"},
        {"name": "dev/abc", "client_id": ""},
    ],
)
def test_names_differ_with_profile_client_and_origin(changes: dict[str, str]) -> None:
    other = replace(PROFILE, **changes)  # type: ignore[arg-type]  # text fields only
    assert client_secret_name(other) != client_secret_name(PROFILE)
    assert access_token_name(other) != access_token_name(PROFILE)
    assert client_secret_name(PROFILE) != access_token_name(PROFILE)


def test_the_path_of_the_endpoint_does_not_change_the_name() -> None:
    other = replace(PROFILE, token_endpoint="HTTPS://AS.example:443/other/token?x=1")
    assert client_secret_name(other) == client_secret_name(PROFILE)


@pytest.mark.parametrize("endpoint", ["", "no url"])
def test_no_secret_is_bound_to_an_unknown_server(endpoint: str) -> None:
    with pytest.raises(InputProblem, match="token_endpoint"):
        client_secret_name(replace(PROFILE, token_endpoint=endpoint))


@given(st.tuples(st.text(), st.text()), st.tuples(st.text(), st.text()))
def test_names_are_short_plain_and_injective(one: tuple[str, str], two: tuple[str, str]) -> None:
    def name(parts: tuple[str, str]) -> str:
        return client_secret_name(replace(PROFILE, name=parts[0], client_id=parts[1]))

    assert (name(one) == name(two)) == (one == two)
    assert len(name(one)) <= MAX_NAME_LENGTH and name(one).isascii() and name(one).isprintable()


def test_long_names_stay_different() -> None:
    assert private_key_name("k" * 500) != private_key_name("k" * 501)
    assert len(private_key_name("k" * 500)) == MAX_NAME_LENGTH
