"""Another passphrase for the encrypted file, which opens with the old one or the new one at any moment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ccflow_tui.files.lock import held_alone
from ccflow_tui.models.problems import StoreFault
from ccflow_tui.models.secret import Secret
from ccflow_tui.passphrase_change import change_passphrase
from ccflow_tui.services.credential_manager import CredentialManager
from ccflow_tui.services.memory_store import MemoryStore
from ccflow_tui.services.ports import PassphraseQuestion, StoreKind
from tests.services.test_encrypted_store import (
    CANARY,
    PASSPHRASE,
    ROOT,
    asking,
    content,
    modes,
    path,
    problem_of,
    put_there,
    store,
)

__all__ = ["path"]
NEW = "CANARY another passphrase"


async def filled(path: Path) -> bytes:
    await store(path).put("name", Secret(CANARY))
    return content(path)


async def opens(path: Path, passphrase: str) -> bool:
    try:
        return await store(path, Secret(passphrase)).get("name") == Secret(CANARY)
    except Exception:
        return False


async def test_L6_the_old_passphrase_is_asked_for_and_opens_the_file_no_more(path: Path) -> None:
    await filled(path)
    changing, questions = asking(path, "wrong", PASSPHRASE.reveal(), NEW)
    known: list[Secret] = []
    changing.passphrase.know = known.append
    before = json.loads(content(path))
    assert await changing.change_passphrase()
    after = json.loads(content(path))
    assert after["scrypt"]["salt"] != before["scrypt"]["salt"]
    assert [(each.new, each.change) for each in questions] == [(False, False), (False, False), (True, True)]
    assert [bool(each.problem) for each in questions] == [False, True, False]
    assert (await opens(path, PASSPHRASE.reveal()), await opens(path, NEW)) == (False, True)
    assert Secret(NEW) in known
    assert await changing.get("name") == Secret(CANARY)  # without asking again
    if os.name == "posix":
        assert modes(path) == [0o600]


async def test_an_open_file_asks_for_the_new_one_only(path: Path) -> None:
    await filled(path)
    changing, questions = asking(path, PASSPHRASE.reveal(), NEW)
    await changing.get("name")
    assert await changing.change_passphrase()
    assert questions[1:] == [PassphraseQuestion(str(path), new=True, change=True)]


async def test_the_variable_opens_the_file_and_the_new_passphrase_is_a_person_s(path: Path) -> None:
    await filled(path)
    changing, questions = asking(path, NEW)
    changing.passphrase.variable = PASSPHRASE
    assert await changing.change_passphrase()
    assert len(questions) == 1
    assert await opens(path, NEW)
    nobody = store(path, Secret(NEW))
    assert "nobody is there to ask" in (await problem_of(nobody.change_passphrase())).problem


@pytest.mark.parametrize("answers", [(None,), (PASSPHRASE.reveal(), None)], ids=["no old one", "no new one"])
async def test_who_would_rather_not_say_changes_nothing(path: Path, answers: tuple[str | None, ...]) -> None:
    before = await filled(path)
    changing, _ = asking(path, *answers)
    if len(answers) == 1:
        assert (await problem_of(changing.change_passphrase())).fault is StoreFault.LOCKED
    else:
        assert not await changing.change_passphrase()
    assert content(path) == before


async def test_who_did_not_say_at_the_start_is_asked_again_and_the_file_is_used_from_then_on(
    path: Path,
) -> None:
    await filled(path)
    changing, _ = asking(path, None, PASSPHRASE.reveal(), NEW)
    manager = CredentialManager(changing)
    assert await manager.get("name") is None
    assert (await manager.status()).kind is StoreKind.MEMORY
    assert await changing.change_passphrase()
    manager.reconsider()
    assert await manager.get("name") == Secret(CANARY)
    assert (await manager.status()).kind is StoreKind.FILE


async def test_without_a_file_there_is_nothing_to_change(path: Path) -> None:
    changing, questions = asking(path)
    problem = await problem_of(changing.change_passphrase())
    assert "There is no encrypted file of secrets yet" in problem.problem
    assert not questions and not content(path)


async def test_where_secrets_are_not_in_a_file_the_way_to_one_is_told() -> None:
    problem = await problem_of(change_passphrase(None, MemoryStore()))
    assert problem.remedy == "CCFLOW_SECRET_STORE=file keeps them in one."


async def test_a_variable_that_opens_the_file_no_more_is_told(path: Path) -> None:
    await filled(path)
    changing, _ = asking(path, NEW)
    changing.passphrase.variable = PASSPHRASE
    assert "CCFLOW_STORE_PASSPHRASE still holds the old one" in await change_passphrase(changing, changing)


async def test_a_damaged_file_is_told_apart_from_a_wrong_passphrase_and_left_as_it_is(path: Path) -> None:
    whole = await filled(path)
    put_there(path, whole[: len(whole) // 2])
    changing, questions = asking(path)
    problem = await problem_of(changing.change_passphrase())
    assert "cut off" in problem.problem and "left as it is" in problem.remedy
    assert not questions
    assert content(path) == whole[: len(whole) // 2]


async def test_a_file_that_another_program_holds_keeps_its_passphrase(path: Path) -> None:
    before = await filled(path)
    changing, _ = asking(path, PASSPHRASE.reveal(), NEW)
    changing = replace(changing, timeout=0.3)
    with held_alone(path, patience=1.0):
        problem = await problem_of(changing.change_passphrase())
    assert (problem.fault, problem.remedy) == (StoreFault.TIMED_OUT, "Does another ccflow hold it?")
    assert content(path) == before


async def test_a_disk_that_refuses_keeps_the_old_passphrase(path: Path) -> None:
    before = await filled(path)
    changing, _ = asking(path, PASSPHRASE.reveal(), NEW)

    def refuse(_: Path, __: str) -> None:
        raise OSError(28, "No space left on device")

    problem = await problem_of(replace(changing, write=refuse).change_passphrase())
    assert "No space left on device" in problem.problem
    assert content(path) == before


async def test_a_change_by_another_program_meanwhile_is_not_undone(path: Path) -> None:
    await filled(path)
    changing, questions = asking(path, PASSPHRASE.reveal(), NEW, "CANARY of the other")
    answered = changing.passphrase.ask
    assert answered is not None

    async def ask(question: PassphraseQuestion) -> Secret | None:
        if question.change:  # while this one is being chosen, another ccflow changes it
            other, _ = asking(path, PASSPHRASE.reveal(), "CANARY of the other")
            assert await other.change_passphrase()
        return await answered(question)

    changing.passphrase.ask = ask
    assert await changing.change_passphrase()
    assert [each.change for each in questions] == [False, True, False]
    assert await opens(path, NEW)


async def test_another_program_that_has_the_file_open_asks_for_the_new_passphrase(path: Path) -> None:
    await filled(path)
    reading, questions = asking(path, PASSPHRASE.reveal(), NEW)
    await reading.get("name")
    changing, _ = asking(path, PASSPHRASE.reveal(), NEW)
    await changing.change_passphrase()
    assert await reading.get("name") == Secret(CANARY)
    await reading.put("other", Secret("x"))
    assert len(questions) == 2
    assert await opens(path, NEW)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks the writers")
def test_a_change_killed_at_any_moment_leaves_a_file_that_opens(path: Path) -> None:
    command = [sys.executable, "-m", "tests.support.killed_writers", str(path), "50", "passphrase"]
    done = subprocess.run(command, capture_output=True, cwd=ROOT, timeout=100, check=True)
    lines = [line.split() for line in done.stdout.decode().splitlines()]
    assert {line[0] for line in lines} == {"whole"} and len(lines) == 50
    assert {line[2] for line in lines} == {"old", "new"}, "no change was killed after it took place"
    assert max(int(line[1]) for line in lines) > 2, "no change was killed in the middle of its write"
