"""Secrets in an encrypted file: opened by their passphrase only, never half written."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ccflow_tui.config.atomic import write_private
from ccflow_tui.files.lock import held_alone
from ccflow_tui.models.problems import SecretStoreProblem, StoreFault
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.credential_manager import CredentialManager
from ccflow_tui.services.encrypted_store import EncryptedStore
from ccflow_tui.services.ports import PassphraseQuestion, StoreKind
from ccflow_tui.services.store_passphrase import StorePassphrase
from tests.support.busy_saver import save_at_once, secrets_in

CANARY = "CANARY-secret-é😀"
PASSPHRASE = Secret("CANARY passphrase of the file")
QUICK = 2**4
ROOT = Path(__file__).parents[2]


def store(path: Path, passphrase: Secret = PASSPHRASE) -> EncryptedStore:
    return EncryptedStore(path, StorePassphrase(passphrase), write_private, cost=QUICK)


def asking(path: Path, *answers: str | None) -> tuple[EncryptedStore, list[PassphraseQuestion]]:
    """Return a store and the questions it asks; the answers are given in turn."""
    questions: list[PassphraseQuestion] = []
    left = iter(answers)

    async def ask(question: PassphraseQuestion) -> Secret | None:
        questions.append(question)
        answer = next(left)
        return None if answer is None else Secret(answer)

    return EncryptedStore(path, StorePassphrase(ask=ask), write_private, cost=QUICK), questions


def content(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def put_there(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def modes(*paths: Path) -> list[int]:
    return [stat.S_IMODE(each.stat().st_mode) for each in paths]


async def problem_of(work: object) -> SecretStoreProblem:
    with pytest.raises(SecretStoreProblem) as caught:
        await work  # type: ignore[misc]
    told = f"{caught.value}{caught.value.__context__!r}"
    assert "CANARY" not in told
    return caught.value


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "secrets.encrypted"


async def test_L6_what_is_stored_is_found_by_the_next_run_and_by_nobody_without_the_passphrase(
    path: Path,
) -> None:
    assert await store(path).get("name") is None
    assert content(path) == b""
    await store(path).put("name", Secret(CANARY * 300))
    await store(path).put("other", Secret("x"))
    assert await store(path).get("name") == Secret(CANARY * 300)
    assert await store(path).get("missing") is None
    text = content(path).decode()
    assert "CANARY" not in text and '"name"' not in text
    if os.name == "posix":
        assert modes(path, path.parent) == [0o600, 0o700]
    assert await store(path).delete("name") is True
    assert await store(path).delete("name") is False
    assert await store(path).get("name") is None
    assert await store(path).get("other") == Secret("x")
    assert (await store(path).status()).kind is StoreKind.FILE


async def test_two_writes_of_the_same_share_no_nonce_and_no_ciphertext(path: Path) -> None:
    contents = []
    for _ in range(2):
        await store(path).put("name", Secret("x"))
        contents.append(json.loads(content(path)))
    assert contents[0]["nonce"] != contents[1]["nonce"]
    assert contents[0]["data"] != contents[1]["data"]


def test_the_cost_of_a_guess_is_what_is_recommended_for_scrypt() -> None:
    assert EncryptedStore(Path(), StorePassphrase(), write_private).cost == 2**17


async def test_a_wrong_passphrase_is_told_apart_from_a_damaged_file(path: Path) -> None:
    await store(path).put("name", Secret(CANARY))
    wrong = await problem_of(store(path, Secret("another passphrase")).get("name"))
    assert wrong.problem == f"CCFLOW_STORE_PASSPHRASE does not open {path}."
    whole = content(path)
    for index in range(0, len(whole), 7):
        damaged = bytearray(whole)
        damaged[index] ^= 0x02
        put_there(path, damaged)
        if json_or_none(bytes(damaged)) == json.loads(whole):
            continue  # white space only
        problem = await problem_of(store(path).get("name"))
        assert "cannot be used" in problem.problem, (index, problem)
        assert "CCFLOW_STORE_PASSPHRASE" not in str(problem)
        await problem_of(store(path).put("name", Secret("new")))
        assert content(path) == bytes(damaged)


def json_or_none(content: bytes) -> object:
    try:
        return json.loads(content)
    except ValueError:
        return None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: "", "cut off"),
        (lambda text: text[: len(text) // 2], "cut off"),
        (lambda text: "[" * 100_000, "cut off"),
        (lambda text: '{"format": "other"}', "no file of secrets"),
        (lambda text: "null", "no file of secrets"),
        (lambda text: text.replace('"version": 1', '"version": 2'), "newer ccflow"),
        (lambda text: text.replace(f'"n": {QUICK}', f'"n": {2**40}'), "cut off"),
        (lambda text: text + " " * (5 * 1024 * 1024), "too large"),
    ],
)
async def test_a_file_that_cannot_be_read_is_told_and_left_as_it_is(
    path: Path, change: object, words: str
) -> None:
    await store(path).put("name", Secret(CANARY))
    put_there(path, change(content(path).decode()).encode())  # type: ignore[operator]
    before = content(path)
    for work in (store(path).get("name"), store(path).put("name", Secret("new")), store(path).delete("name")):
        problem = await problem_of(work)
        assert words in problem.problem and str(path) in problem.problem
        assert "left as it is" in problem.remedy
    assert content(path) == before


async def test_no_file_may_ask_for_more_memory_than_there_is(path: Path) -> None:
    from ccflow_tui.services.secret_file import _checksum

    await store(path).put("name", Secret(CANARY))
    members = json.loads(content(path))
    members["scrypt"]["n"] = 2**30
    members.pop("sha256")
    put_there(path, json.dumps({**members, "sha256": _checksum(members)}).encode())
    assert "not as ccflow writes it" in (await problem_of(store(path).get("name"))).problem


async def test_a_person_is_asked_once_in_a_run_and_again_while_the_answer_is_wrong(path: Path) -> None:
    await store(path).put("name", Secret("x"))
    opened, questions = asking(path, "wrong", "wrong again", PASSPHRASE.reveal())
    assert await asyncio.gather(*(opened.get("name") for _ in range(5))) == [Secret("x")] * 5
    await opened.put("name", Secret("y"))
    assert [question.new for question in questions] == [False] * 3
    assert [bool(question.problem) for question in questions] == [False, True, True]


async def test_a_new_file_asks_for_a_new_passphrase(path: Path) -> None:
    made, questions = asking(path, "a new passphrase")
    await made.put("name", Secret("x"))
    assert questions == [PassphraseQuestion(str(path), new=True)]
    assert await store(path, Secret("a new passphrase")).get("name") == Secret("x")


async def test_who_would_rather_not_say_is_not_asked_again_and_secrets_stay_in_memory(path: Path) -> None:
    await store(path).put("name", Secret("x"))
    before = content(path)
    locked, questions = asking(path, None)
    manager = CredentialManager(locked)
    assert await manager.get("name") is None
    await manager.put("name", Secret("y"))
    assert await manager.get("name") == Secret("y")
    status = await manager.status()
    assert status.kind is StoreKind.MEMORY
    expected = "The encrypted file of secrets is locked, so secrets stay in memory for this run."
    assert status.detail == expected
    assert len(questions) == 1
    assert content(path) == before


@pytest.mark.parametrize(("variable", "words"), [("", "nobody is there to ask"), ("short", "too short")])
async def test_without_a_person_the_way_out_is_the_variable(path: Path, variable: str, words: str) -> None:
    manager = CredentialManager(store(path, Secret(variable)))
    problem = await problem_of(manager.put("name", Secret("x")))
    assert problem.fault is StoreFault.FAILED
    assert words in problem.problem
    assert "CCFLOW_STORE_PASSPHRASE" in str(problem)


async def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    problem = await problem_of(store(tmp_path / "file" / "secrets").put("name", Secret(CANARY)))
    assert "Check the folder" in problem.remedy


def test_two_real_programs_that_save_at_the_same_time_lose_nothing(path: Path) -> None:
    expected = save_at_once("secrets", path, ("a", "b"), 40)

    async def names() -> set[str]:
        held = secrets_in(path)
        return {name for name in expected if await held.get(name) == Secret(name)}

    assert asyncio.run(names()) == expected


async def test_two_programs_that_write_at_the_same_time_lose_nothing(path: Path) -> None:
    await store(path).put("first", Secret("x"))
    stores = [store(path) for _ in range(6)]
    await asyncio.gather(*(each.put(f"name{n}", Secret(str(n))) for n, each in enumerate(stores)))
    assert [await store(path).get(f"name{n}") for n in range(6)] == [Secret(str(n)) for n in range(6)]


async def test_a_file_that_another_program_holds_is_told_and_left_as_it_is(path: Path) -> None:
    await store(path).put("name", Secret("x"))
    before, hurried = content(path), replace(store(path), timeout=0.2)
    with held_alone(path, patience=1.0):
        problem = await problem_of(hurried.put("name", Secret("y")))
    assert (problem.fault, problem.remedy) == (StoreFault.TIMED_OUT, "Does another ccflow hold it?")
    assert content(path) == before


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks the writers")
def test_a_writer_killed_at_any_moment_neither_halves_nor_loses_the_file(path: Path) -> None:
    command = [sys.executable, "-m", "tests.support.killed_writers", str(path), "50"]
    done = subprocess.run(command, capture_output=True, cwd=ROOT, timeout=100, check=True)
    lines = [line.split() for line in done.stdout.decode().splitlines()]
    assert [line[0] for line in lines] == ["whole"] * 50
    assert max(int(line[1]) for line in lines) > 2, "no writer was killed in the middle of a write"
    assert {file.name for file in path.parent.iterdir()} == {path.name, f"{path.name}.lock"}
