"""The register of kept keys as a file of its own beside the state file; nothing in it is secret.

Of its own, since the state file is read strictly: an older ccflow takes one with an unknown key for broken,
and with it every profile. This file it does not know, and leaves alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ccflow_tui.files.lock import held_alone
from ccflow_tui.models.kept_key import KeptKey, KeyCertificate
from ccflow_tui.models.problems import SecretStoreProblem, StoreFault
from ccflow_tui.models.strict_json import StrictJsonError, parse_object
from ccflow_tui.services.key_register import (
    KeyChange,
    KeyRegister,
    Keys,
    LayeredKeyRegister,
    MemoryKeyRegister,
)

_VERSION = 1
_MAX_BYTES = 1024 * 1024
_FOUND_ANEW = ("name", "used_by", "missing")
_NEEDED = ("label", "algs", "kid", "thumbprint")


@dataclass(frozen=True, slots=True)
class FileKeyRegister:
    """A ``KeyRegister`` in ``path``; ``write`` replaces a file in one step, private to its owner."""

    path: Path
    write: Callable[[Path, str], None]

    def load(self) -> Keys:
        """Return what is remembered; nothing when there is no file yet."""
        try:
            with self.path.open("rb") as file:
                content = file.read(_MAX_BYTES + 1)
        except FileNotFoundError:
            return MappingProxyType({})
        except OSError as error:
            raise self._problem(f"cannot be read: {error.strerror}") from None
        try:
            data = parse_object(content)
            if data["version"] != _VERSION or len(content) > _MAX_BYTES:
                raise ValueError
            return MappingProxyType({name: _from_json(name, entry) for name, entry in data["keys"].items()})
        except (StrictJsonError, AttributeError, LookupError, TypeError, ValueError):
            raise self._problem("cannot be understood", "Move it aside, or update ccflow.") from None

    def update(self, change: KeyChange) -> None:
        """Apply ``change`` to what the file holds while no other ccflow does."""
        try:
            with held_alone(self.path):
                changed = change(self.load())
                keys = {name: _to_json(key) for name, key in changed.items()}
                self.write(self.path, json.dumps({"version": _VERSION, "keys": keys}, indent=2) + "\n")
        except OSError as error:
            raise self._problem(f"cannot be written: {error.strerror}") from None

    def _problem(self, how: str, remedy: str = "Check the folder and its permissions.") -> SecretStoreProblem:
        problem = f"The list of kept keys, {self.path}, {how}."
        return SecretStoreProblem(StoreFault.FAILED, problem, remedy)


def key_register(path: Path | None, write: Callable[[Path, str], None]) -> KeyRegister:
    """Return a register in ``path``, of which keys that last for this run only stay out; or one in memory."""
    return MemoryKeyRegister() if path is None else LayeredKeyRegister(FileKeyRegister(path, write))


def _to_json(key: KeptKey) -> dict[str, Any]:
    facts = {name: value for name, value in asdict(key).items() if name not in _FOUND_ANEW}
    return {name: value for name, value in facts.items() if value or name in _NEEDED}


def _from_json(name: str, data: Any) -> KeptKey:
    """Return a key's facts; raises ``ValueError``, ``LookupError`` or ``TypeError`` for what is none.

    Members that are not known are left out: a newer ccflow may have written them.
    """
    certificate, created = data.get("certificate"), data.get("created")
    return KeptKey(
        name=_text(name),
        label=_text(data["label"]),
        algs=tuple(_text(alg) for alg in data["algs"]),
        kid=_text(data["kid"]),
        thumbprint=_text(data["thumbprint"]),
        certificate=None if certificate is None else _certificate(certificate),
        created=None if created is None else _moment(created),
        replaces=_text(data.get("replaces", "")),
        store=_text(data.get("store", "")),
    )


def _certificate(data: Any) -> KeyCertificate:
    return KeyCertificate(
        subject=_text(data["subject"]),
        not_after=_moment(data["not_after"]),
        thumbprint=_text(data["thumbprint"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError
    return value


def _moment(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError
    return float(value)
