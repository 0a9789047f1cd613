"""The history of token events in sqlite: metadata and fingerprints, never a token.

Ids have no gaps, so a page is a range of ids: as quick among a million rows as among ten. Where a row is
removed, those after it move up.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import fields, replace
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from ccflow_tui.models.history import HistoryEntry, HistoryKind

T = TypeVar("T")

SCHEMA_VERSION = 1
BUSY_TIMEOUT = 1.0
"""Seconds to wait for another ccflow that is writing; the caller may be the screen's thread."""
_COLUMNS = tuple(field.name for field in fields(HistoryEntry) if field.name != "id")
_CREATE = """
    CREATE TABLE history (
        id INTEGER PRIMARY KEY, at REAL NOT NULL, kind TEXT NOT NULL, profile TEXT NOT NULL,
        client_id TEXT NOT NULL, server TEXT NOT NULL, method TEXT NOT NULL, scope TEXT NOT NULL,
        result TEXT NOT NULL, http_status INTEGER, expires_at REAL, fingerprint TEXT NOT NULL
    )
"""
_SELECT = f"SELECT {', '.join(_COLUMNS)}, id FROM history"  # noqa: S608 - column names of our own class
_INSERT = f"INSERT INTO history ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608
# SQLITE_ERROR means that the SQL did not fit: a table that is not ours.
_DAMAGED_CODES = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR})


class MemoryHistory:
    """A ``ports.HistoryStore`` for this run only."""

    def __init__(self) -> None:
        self._entries: list[HistoryEntry] = []
        self._given = 0

    def add(self, entry: HistoryEntry) -> HistoryEntry:
        """Store an entry and return it with its id."""
        self._given += 1
        stored = replace(entry, id=self._given)
        self._entries.append(stored)
        return stored

    def count(self) -> int:
        """Return how many entries there are."""
        return len(self._entries)

    def page(self, offset: int, limit: int) -> Sequence[HistoryEntry]:
        """Return entries newest first."""
        newest = len(self._entries) - max(offset, 0)
        return self._entries[max(newest - limit, 0) : max(newest, 0)][::-1]

    def remove(self, entry: HistoryEntry) -> bool:
        """Remove one entry; return whether it was there."""
        before = len(self._entries)
        self._entries = [kept for kept in self._entries if kept != entry]
        return len(self._entries) < before

    def clear(self) -> int:
        """Remove every entry; return how many there were."""
        count = len(self._entries)
        self._entries.clear()
        self._given = 0
        return count

    def close(self) -> None:
        """Do nothing: there is nothing to close."""


class SqliteHistory:
    """A ``ports.HistoryStore`` in a sqlite file; usable from any thread.

    Once open, it does not raise: an entry that cannot be written (disk full, another program holds the
    lock) waits in memory, on top of the rest, until the next one can be written; ``problem`` says why.
    """

    def __init__(self, path: Path) -> None:
        """Open the file or make it; raises ``sqlite3.Error`` or ``OSError`` when it cannot be used."""
        _make_private(path)
        self._lock = Lock()
        self._unsaved: list[HistoryEntry] = []
        self.problem = ""
        """Why the newest entries are in memory only; empty while all is well."""
        self._db = sqlite3.connect(path, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False)
        try:
            _prepare(self._db)
        except BaseException:
            self._db.close()
            raise

    def add(self, entry: HistoryEntry) -> HistoryEntry:
        """Store an entry and return it with its id, which stays 0 while it waits in memory."""
        with self._lock:
            waiting = [*self._unsaved, entry]
            row_id = self._guarded(lambda: self._insert(waiting), 0)
            self._unsaved = [] if row_id else waiting
            return replace(entry, id=row_id)

    def count(self) -> int:
        """Return how many entries there are."""
        with self._lock:
            return self._guarded(lambda: _count(self._db), 0) + len(self._unsaved)

    def page(self, offset: int, limit: int) -> Sequence[HistoryEntry]:
        """Return entries newest first."""
        with self._lock:
            offset = max(offset, 0)
            newest_first = self._unsaved[::-1]
            page = newest_first[offset : offset + limit]
            rest = limit - len(page)
            if rest > 0:
                page += self._guarded(lambda: self._rows(max(offset - len(newest_first), 0), rest), [])
            return page

    def remove(self, entry: HistoryEntry) -> bool:
        """Remove one entry; return whether it was there, unchanged by another program."""
        with self._lock:
            if entry in self._unsaved:
                self._unsaved.remove(entry)
                return True
            return self._guarded(lambda: self._delete(entry), False)

    def clear(self) -> int:
        """Remove every entry from the file and its journal; return how many there were."""
        with self._lock:
            waiting, self._unsaved = len(self._unsaved), []
            return waiting + self._guarded(self._delete_all, 0)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def _guarded(self, work: Callable[[], T], otherwise: T) -> T:
        """Return what ``work`` gives, or ``otherwise`` after noting the problem."""
        try:
            return work()
        except (sqlite3.Error, ValueError) as error:
            self.problem = f"The history file cannot be used ({error}); new entries wait in memory."
            return otherwise

    def _insert(self, entries: Sequence[HistoryEntry]) -> int:
        """Write all entries or none; return the id of the last."""
        with _transaction(self._db):
            for entry in entries:
                row_id = self._db.execute(_INSERT, _row(entry)).lastrowid
        self.problem = ""
        return row_id or 0

    def _rows(self, offset: int, limit: int) -> list[HistoryEntry]:
        newest = self._db.execute("SELECT max(id) FROM history").fetchone()[0] or 0
        last = newest - offset
        rows = self._db.execute(
            f"{_SELECT} WHERE id BETWEEN ? AND ? ORDER BY id DESC", (last - limit + 1, last)
        )
        return [_entry(row) for row in rows]

    def _delete(self, entry: HistoryEntry) -> bool:
        with _transaction(self._db):
            # Another ccflow may have removed a row, after which the id is that of another entry.
            found = self._db.execute(f"{_SELECT} WHERE id = ?", (entry.id,)).fetchone()
            if found is None or _entry(found) != entry:
                return False
            self._db.execute("DELETE FROM history WHERE id = ?", (entry.id,))
            self._db.execute("UPDATE history SET id = id - 1 WHERE id > ?", (entry.id,))
        return True

    def _delete_all(self) -> int:
        count = _count(self._db)
        self._db.execute("DELETE FROM history")
        with suppress(sqlite3.OperationalError):  # another ccflow reads: the space is freed later
            self._db.execute("VACUUM")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return count


def open_history(
    path: Path, now: Callable[[], float] = time.time
) -> tuple[SqliteHistory | MemoryHistory, str]:
    """Open the history file, or the next best thing, and return it with a sentence on what was amiss.

    A damaged file is moved aside as ``<name>.corrupt-<epoch>`` and a new one begun. Where no file can be
    used (a read-only home, a file of a newer ccflow), the history lasts for this run.
    """
    try:
        return SqliteHistory(path), ""
    except (OSError, sqlite3.Error, NewerSchema) as error:
        if not _is_damaged(error):
            return MemoryHistory(), _memory_reason(path, error)
    try:
        aside = _move_aside(path, int(now()))
        return SqliteHistory(
            path
        ), f"The history file was damaged. It is now {aside}, and a new one was begun."
    except (OSError, sqlite3.Error) as error:
        return MemoryHistory(), _memory_reason(path, error)


class NewerSchema(Exception):
    """The file was written by a later version of ccflow and is left alone."""


def _memory_reason(path: Path, error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) else str(error)
    return f"The history is kept for this run only, since {path} cannot be used: {text}."


def _is_damaged(error: Exception) -> bool:
    # The low byte is the primary code, the rest tells its kinds apart.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED_CODES


def _make_private(path: Path) -> None:
    """Create folder and file so that only this user can read them; sqlite's journals copy the file's mode."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    if os.name != "nt":
        path.chmod(0o600)


def _move_aside(path: Path, epoch: int) -> Path:
    """Rename a damaged file with its journals, so that a person can still try to rescue it."""
    aside = path.with_name(f"{path.name}.corrupt-{epoch}")
    while aside.exists():
        epoch += 1
        aside = path.with_name(f"{path.name}.corrupt-{epoch}")
    for suffix in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            os.replace(f"{path}{suffix}", f"{aside}{suffix}")
    return aside


def _prepare(db: sqlite3.Connection) -> None:
    """Set the connection up, create the table in a new file, and try what will be used."""
    _refuse_newer(db)  # before anything is written
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    if _refuse_newer(db) == 0:
        with _transaction(db):
            if _refuse_newer(db) == 0:  # still: another ccflow may start at the same moment
                db.execute(_CREATE)
                db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    for order in ("ASC", "DESC"):
        db.execute(f"{_SELECT} ORDER BY id {order} LIMIT 1").fetchone()


def _refuse_newer(db: sqlite3.Connection) -> int:
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise NewerSchema(f"it was written by a newer ccflow (schema {version})")
    return version


@contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Hold the write lock; commit at the end, roll back after an exception."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            db.execute("ROLLBACK")
        raise


def _count(db: sqlite3.Connection) -> int:
    """Count by the ids, which have no gaps; counting rows would read the whole file."""
    query = "SELECT (SELECT max(id) FROM history) - (SELECT min(id) FROM history) + 1"
    return db.execute(query).fetchone()[0] or 0


def _row(entry: HistoryEntry) -> list[Any]:
    """Return an entry's values; a lone surrogate, which sqlite refuses, becomes a question mark."""
    values = (getattr(entry, name) for name in _COLUMNS)
    return [value.encode(errors="replace").decode() if isinstance(value, str) else value for value in values]


def _entry(row: tuple[Any, ...]) -> HistoryEntry:
    values = dict(zip((*_COLUMNS, "id"), row, strict=True))
    return HistoryEntry(**{**values, "kind": HistoryKind(values["kind"])})
