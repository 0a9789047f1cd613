"""The history: newest first at any size, private, and never in the way when its file is not usable."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
import time
from dataclasses import replace
from pathlib import Path

import pytest

from ccflow_tui.models.history import HistoryEntry, HistoryKind
from ccflow_tui.services import token_history
from ccflow_tui.services.token_history import MemoryHistory, SqliteHistory, open_history


def entry(number: int, **changes: object) -> HistoryEntry:
    values: dict[str, object] = {
        "at": 1_800_000_000.0 + number,
        "kind": HistoryKind.GRANTED,
        "profile": "dev",
        "client_id": f"client-{number}",
        "server": "as.example",
        "method": "private_key_jwt",
        "scope": "a b",
        "result": "token for 3600 s",
        "http_status": 200,
        "expires_at": 1_800_003_600.0,
        "fingerprint": "0123456789ab",
    }
    return HistoryEntry(**{**values, **changes})  # type: ignore[arg-type]  # one dictionary for all fields


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "history.sqlite"


@pytest.fixture(params=["sqlite", "memory"])
def history(request: pytest.FixtureRequest, path: Path):  # type: ignore[no-untyped-def]
    store = SqliteHistory(path) if request.param == "sqlite" else MemoryHistory()
    yield store
    store.close()


def clients(rows: object) -> list[str]:
    return [row.client_id for row in rows]  # type: ignore[attr-defined]


def test_every_field_comes_back(history: SqliteHistory | MemoryHistory) -> None:
    plain = entry(1)
    bare = entry(2, http_status=None, expires_at=None, kind=HistoryKind.SIGNED_OUT, result="")
    stored = [history.add(plain), history.add(bare)]
    assert [row.id for row in stored] == [1, 2]
    assert list(history.page(0, 10)) == stored[::-1]
    assert history.page(0, 10)[0].kind is HistoryKind.SIGNED_OUT


@pytest.mark.parametrize(
    ("offset", "limit", "expected"),
    [(0, 3, [9, 8, 7]), (8, 5, [1, 0]), (10, 5, []), (50, 5, []), (-4, 2, [9, 8]), (3, 0, [])],
)
def test_pages_are_newest_first(
    history: SqliteHistory | MemoryHistory, offset: int, limit: int, expected: list[int]
) -> None:
    for number in range(10):
        history.add(entry(number))
    assert clients(history.page(offset, limit)) == [f"client-{number}" for number in expected]
    assert history.count() == 10


def test_one_entry_is_removed_and_the_rest_stay_in_order(history: SqliteHistory | MemoryHistory) -> None:
    kept = [history.add(entry(number)) for number in range(70)]
    assert history.remove(kept[3])
    assert not history.remove(kept[3])
    assert not history.remove(replace(kept[7], result="another"))
    history.add(entry(70))
    left = [history.page(offset, 30) for offset in (0, 30, 60)]
    assert [each.client_id for page in left for each in page] == [
        f"client-{number}" for number in range(70, -1, -1) if number != 3
    ]
    assert history.count() == 70
    for _ in range(70):
        history.remove(history.page(0, 1)[0])
    assert history.count() == 0


def test_an_entry_that_waits_in_memory_can_be_removed(path: Path) -> None:
    history = SqliteHistory(path)
    history.close()
    waiting = history.add(entry(1))
    assert history.remove(waiting)
    assert history.count() == 0


def test_another_programs_removal_does_not_let_a_wrong_entry_go(path: Path) -> None:
    first, second = SqliteHistory(path), SqliteHistory(path)
    one, two, three = (first.add(entry(number)) for number in range(3))
    assert second.remove(one)
    assert not first.remove(two), "its id is that of the third now"
    assert {each.client_id for each in first.page(0, 5)} == {two.client_id, three.client_id}
    first.close()
    second.close()


def test_clear_removes_all_and_counts_them(history: SqliteHistory | MemoryHistory) -> None:
    assert history.clear() == 0
    for number in range(5):
        history.add(entry(number))
    assert history.clear() == 5
    assert (history.count(), list(history.page(0, 5))) == (0, [])
    assert history.add(entry(7)).id == 1


def test_clear_leaves_nothing_in_the_file_or_its_journal(path: Path) -> None:
    history = SqliteHistory(path)
    history.add(entry(1, client_id="CANARY-CLIENT"))
    assert any(b"CANARY" in file.read_bytes() for file in path.parent.iterdir())
    history.clear()
    assert not any(b"CANARY" in file.read_bytes() for file in path.parent.iterdir())
    history.close()


def test_entries_outlive_the_process(path: Path) -> None:
    first = SqliteHistory(path)
    first.add(entry(1))
    first.close()
    second, reason = open_history(path)
    assert (reason, clients(second.page(0, 5))) == ("", ["client-1"])
    second.close()


def test_two_programs_share_one_file(path: Path) -> None:
    one, two = SqliteHistory(path), SqliteHistory(path)
    one.add(entry(1))
    two.add(entry(2))
    one.add(entry(3))
    assert clients(two.page(0, 5)) == clients(one.page(0, 5)) == ["client-3", "client-2", "client-1"]
    assert two.clear() == 3
    assert one.count() == 0
    one.close()
    two.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no POSIX file modes")
def test_L5_file_and_journals_are_private(path: Path) -> None:
    path.parent.mkdir()
    path.touch(mode=0o644)
    history = SqliteHistory(path)
    history.add(entry(1))
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == {path.name: 0o600, f"{path.name}-wal": 0o600, f"{path.name}-shm": 0o600}
    history.close()


def test_a_page_in_the_middle_of_a_million_rows_is_quick(path: Path) -> None:
    SqliteHistory(path).close()
    with sqlite3.connect(path) as db:
        db.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) "
            "INSERT INTO history SELECT i, i, 'granted', '', 'c' || i, '', '', '', '', 200, NULL, '' FROM n"
        )
    db.close()
    history, reason = open_history(path)
    assert reason == ""

    def best(offset: int) -> float:
        times = []
        for _ in range(20):
            start = time.perf_counter()
            rows = history.page(offset, 50)
            times.append(time.perf_counter() - start)
            assert clients(rows)[0] == f"c{1_000_000 - offset}"
        return min(times)

    assert history.count() == 1_000_000
    assert best(500_000) < max(5 * best(0), 0.001)
    assert clients(history.page(999_999, 50)) == ["c1"]
    history.close()


@pytest.mark.parametrize(
    "content", [b"this is no database at all, but long enough" * 50, b"SQLite format 3\0" + b"\xff" * 4096]
)
def test_L5_a_corrupt_file_is_moved_aside_and_a_fresh_one_begun(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    history, reason = open_history(path, now=lambda: 1_800_000_000.7)
    aside = path.with_name("history.sqlite.corrupt-1800000000")
    assert aside.read_bytes() == content
    assert "damaged" in reason and str(aside) in reason
    assert history.add(entry(1)).id == 1
    history.close()


def test_L5_a_second_corrupt_file_does_not_overwrite_the_first(path: Path) -> None:
    path.parent.mkdir()
    for content in (b"one" * 1000, b"two" * 1000):
        path.write_bytes(content)
        history, _ = open_history(path, now=lambda: 7.0)
        history.close()
        path.unlink()
    assert path.with_name("history.sqlite.corrupt-7").read_bytes().startswith(b"one")
    assert path.with_name("history.sqlite.corrupt-8").read_bytes().startswith(b"two")


def test_a_foreign_table_counts_as_damaged(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE history (something TEXT)")
        db.execute("PRAGMA user_version = 1")
    db.close()
    history, reason = open_history(path)
    assert "damaged" in reason
    assert history.count() == 0
    history.close()


def test_a_newer_schema_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    before = path.read_bytes()
    history, reason = open_history(path)
    assert isinstance(history, MemoryHistory)
    assert "newer" in reason and "this run only" in reason
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_made_gives_memory_and_a_reason(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    history, reason = open_history(tmp_path / "file" / "history.sqlite")
    assert isinstance(history, MemoryHistory)
    assert "this run only" in reason


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES])
def test_a_read_only_home_gives_memory_and_a_reason(
    path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(token_history.os, "open", refuse)
    history, reason = open_history(path)
    assert isinstance(history, MemoryHistory)
    assert os.strerror(number) in reason


def test_a_damaged_file_that_cannot_be_moved_gives_memory(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database" * 1000)

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(token_history.os, "replace", refuse)
    history, reason = open_history(path)
    assert isinstance(history, MemoryHistory)
    assert "Permission denied" in reason


def test_an_entry_that_cannot_be_written_waits_and_is_written_later(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(token_history, "BUSY_TIMEOUT", 0.0)
    history = SqliteHistory(path)
    history.add(entry(1))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert history.add(entry(2)).id == 0
    assert "locked" in history.problem
    assert clients(history.page(0, 5)) == ["client-2", "client-1"]
    assert clients(history.page(1, 5)) == ["client-1"]
    assert clients(history.page(0, 1)) == ["client-2"]
    assert history.count() == 2
    other.execute("ROLLBACK")
    other.close()
    assert history.add(entry(3)).id == 3
    assert (history.problem, history.count()) == ("", 3)
    assert clients(history.page(0, 5)) == ["client-3", "client-2", "client-1"]
    history.close()


def test_a_closed_or_unreadable_history_does_not_raise(path: Path) -> None:
    history = SqliteHistory(path)
    history.close()
    assert (history.count(), list(history.page(0, 5)), history.clear()) == (0, [], 0)
    assert history.problem


def test_a_lone_surrogate_does_not_block_the_history(path: Path) -> None:
    history = SqliteHistory(path)
    assert history.add(entry(1, scope="a\udcff")).id == 1
    assert history.page(0, 1)[0].scope == "a?"
    history.close()


def test_rows_removed_by_hand_leave_a_gap_and_no_doubles(path: Path) -> None:
    history = SqliteHistory(path)
    for number in range(1, 7):
        history.add(entry(number))
    with sqlite3.connect(path) as db:
        db.execute("DELETE FROM history WHERE id = 4")
    db.close()
    pages = [clients(history.page(offset, 2)) for offset in (0, 2, 4)]
    assert pages == [["client-6", "client-5"], ["client-3"], ["client-2", "client-1"]]
    history.close()


def test_a_table_that_vanishes_is_noted_and_nothing_is_lost(path: Path) -> None:
    history = SqliteHistory(path)
    with sqlite3.connect(path) as db:
        db.execute("DROP TABLE history")
    db.close()
    assert history.add(entry(1)).id == 0
    assert "no such table" in history.problem
    assert clients(history.page(0, 5)) == ["client-1"]
    history.close()
