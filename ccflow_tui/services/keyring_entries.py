"""Secrets of any length in the entries of a keyring, which may be short (Windows: 2,560 bytes of UTF-16)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING

from ccflow_tui.services.keyring_backend import deletes_before_it_sets, failed, room_in

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

_SIDES = ("a", "b")
_MAX_TWINS = 5  # entries of one name removed before giving up; Secret Service allows several
_MANIFEST = re.compile(r"ccflow-parts:1:([ab]):([1-9][0-9]{0,3}):([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class KeyringEntries:
    """Secrets of any length in a keyring; every method blocks, and runs on the daemon thread.

    A long secret's entry is a manifest: side, number of parts, SHA-256. Two sides take turns, so the old
    parts stay whole until the manifest names the new ones. Where a keyring deletes an entry before it sets
    it, the old one is kept under a name of its own meanwhile, and found there.
    """

    backend: KeyringBackend
    service: str

    def read(self, name: str) -> str | None:
        """Return the whole text, or ``None``; raises ``SecretStoreProblem`` where a part is missing."""
        head = self._head(name)
        manifest = _MANIFEST.fullmatch(head) if head is not None else None
        if manifest is None:
            return head
        side, count, digest = manifest[1], int(manifest[2]), manifest[3]
        text = "".join(self._get(f"{name}#{side}{number}") or "" for number in range(1, count + 1))
        if _digest(text) != digest:
            raise failed("A part of the stored secret is missing.", "Sign out, then enter it again.")
        return text

    def write(self, name: str, text: str, abandoned: Event) -> None:
        """Write, read back, then tidy up; whatever fails before that leaves the old value in place."""
        before, spare = self._head(name), self._spare(name)
        old = _MANIFEST.fullmatch(before or "")
        chunks = list(_chunks(text, room_in(self.backend)))
        in_parts = len(chunks) > 1 or _MANIFEST.fullmatch(text)  # a short text must not pass for a manifest
        side = ("b" if old and old[1] == "a" else "a") if in_parts else ""
        if before is not None and spare:
            if self._get(name) is None:  # the spare one is the only one, and must not be set itself
                self._set(name, before)
            self._set(spare, before)
        try:
            self._write_parts(name, text, side, chunks, abandoned)
        except BaseException:
            with suppress(Exception):
                if self._get(name) != before:
                    self._remove(name) if before is None else self._set(name, before)
                self._remove_parts(name, side)
                self._remove(spare)
            raise
        for stale in _SIDES:  # a write that was killed may have left parts behind a short text, too
            self._remove_parts(name, stale, after=len(chunks) if stale == side else 0)
        self._remove(spare)

    def delete(self, name: str) -> bool:
        """Remove the entry and every part, also such as an interrupted write left behind."""
        spare = self._remove(self._spare(name))  # first, or it would stand for the entry that is gone
        for side in _SIDES:
            self._remove_parts(name, side)
        return self._remove(name) or spare

    def holds(self, name: str) -> bool:
        """Whether there is an entry of that name, or something that an interrupted write left behind."""
        names = (name, *(f"{name}#{side}1" for side in _SIDES), self._spare(name))
        return any(self._get(each) is not None for each in names if each)

    def _head(self, name: str) -> str | None:
        """Return the entry, or what it was before a write that was cut off while it was being set."""
        spare, head = self._spare(name), self._get(name)
        return self._get(spare) if head is None and spare else head

    def _spare(self, name: str) -> str:
        """Return where the old entry is kept while it is set; empty where it is replaced in one step."""
        return f"{name}#before" if deletes_before_it_sets(self.backend) else ""

    def _write_parts(self, name: str, text: str, side: str, chunks: list[str], abandoned: Event) -> None:
        entries = [(f"{name}#{side}{number}", part) for number, part in enumerate(chunks if side else (), 1)]
        entries.append((name, f"ccflow-parts:1:{side}:{len(chunks)}:{_digest(text)}" if side else text))
        for entry, content in entries:
            if abandoned.is_set():  # a late success would undo what was done since
                raise failed("The write was given up.")
            self._set(entry, content)
        if abandoned.is_set() or self.read(name) != text:
            raise failed("The system keyring took the secret but did not keep it.")

    def _remove_parts(self, name: str, side: str, *, after: int = 0) -> None:
        """Remove the parts behind ``after``, last first, so that an interruption leaves no gap."""
        last = after
        while side and self._get(f"{name}#{side}{last + 1}") is not None:
            last += 1
        for number in range(last, after, -1):
            self._remove(f"{name}#{side}{number}")

    def _remove(self, name: str) -> bool:
        for twin in range(_MAX_TWINS):
            if not name or self._get(name) is None:
                return twin > 0
            self.backend.delete_password(self.service, name)
        raise failed("The system keyring did not delete the secret.", "Remove it with the system's tool.")

    def _get(self, name: str) -> str | None:
        return self.backend.get_password(self.service, name)

    def _set(self, name: str, text: str) -> None:
        self.backend.set_password(self.service, name, text)


def _chunks(text: str, room: int) -> Iterator[str]:
    """Cut so that each piece has at most ``room`` UTF-16 code units and no character is split."""
    start = units = 0
    for index, character in enumerate(text):
        width = len(character.encode("utf-16-le")) // 2
        if units + width > room:
            yield text[start:index]
            start, units = index, 0
        units += width
    yield text[start:]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
