"""What can be wrong with an input, and the exceptions that carry it.

The tree, all raised with a text that is safe to show::

    CcflowError
    ├── InputProblem            a value a person entered or configured cannot be used
    │   ├── IssuerMismatch      ... for the server's metadata names another issuer
    │   ├── KeyProblem          ... and it is a private key
    │   │   ├── PassphraseProblem   ... encrypted, with its passphrase missing or wrong
    │   │   └── KeyIdProblem        ... one of several, and its key ID is missing or wrong
    │   └── FileTaken           ... and it names a file that is there already
    ├── SettingsProblem         a settings file cannot be used
    ├── FlowDisabled            the feature flag is off
    └── SecretStoreProblem      the operating system's keyring refused, or is not there
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any


class Severity(StrEnum):
    """How much a finding about a field weighs."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One finding about one field of the configuration."""

    field: str
    """The ``Profile`` attribute, a part of one (``mtls.key_ref``), or ``client_secret``."""
    problem: str
    """What is wrong, in one plain sentence that never repeats a secret."""
    remedy: str
    """What to do about it."""
    severity: Severity = Severity.ERROR
    kind: str = ""
    """A stable name, for programs, where the problem has one."""

    def __str__(self) -> str:
        return f"{self.problem} {self.remedy}".strip()


class CcflowError(Exception):
    """Base of every error that ccflow raises on purpose; its text is safe to show.

    It can be copied and pickled, as a pool of processes does to hand it to who waits.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        """Bring it back by its text and attributes: those who raise one give its parts instead."""
        return _restored, (type(self), self.args), self.__dict__


def _restored(kind: type[CcflowError], args: tuple[object, ...]) -> CcflowError:
    return kind.__new__(kind, *args)  # which sets the text


class InputProblem(CcflowError):
    """A value cannot be used; ``finding`` names the field and the way out."""

    def __init__(self, field: str, problem: str, remedy: str = "") -> None:
        super().__init__(f"{field}: {problem} {remedy}".strip())
        self.finding = FieldProblem(field, problem, remedy)


class IssuerMismatch(InputProblem):
    """Metadata names another issuer than the one it was asked for, so it is not used (RFC 8414, section 3.3).

    ``finding.kind`` says in which way: ``other-issuer``, ``trailing-slash``, ``no-issuer``, or the name of a
    provider's own way (``oauth.presets.IssuerQuirk``); ``finding.field`` names what mends it.
    """

    def __init__(self, finding: FieldProblem) -> None:
        super().__init__(finding.field, finding.problem, finding.remedy)
        self.finding = finding


class KeyProblem(InputProblem):
    """A private key cannot be used."""

    def __init__(self, problem: str, remedy: str = "", *, field: str = "key_reference") -> None:
        super().__init__(field, problem, remedy)

    def about(self, field: str) -> KeyProblem:
        """Return the same problem as one of another field."""
        return type(self)(self.finding.problem, self.finding.remedy, field=field)


class PassphraseProblem(KeyProblem):
    """A private key is encrypted, and its passphrase is missing or wrong."""


class KeyIdProblem(KeyProblem):
    """A key ID is needed that picks one of several private keys, or the one given picks none."""


class FileTaken(InputProblem):
    """A file of this name is there already, and nobody has said that it may be replaced."""


class SettingsProblem(CcflowError):
    """A settings or state file cannot be used; nothing in it was changed."""

    def __init__(self, path: Path, where: str, problem: str, remedy: str = "") -> None:
        place = f"{path}: {where}" if where else str(path)
        super().__init__(f"{place}: {problem} {remedy}".strip())
        self.path, self.where, self.problem, self.remedy = path, where, problem, remedy


class FlowDisabled(CcflowError):
    """The feature flag ``oauth.clientCredentials.enabled`` is off; the text says how to switch it on."""


class StoreFault(StrEnum):
    """Why a secret store could not serve."""

    MISSING = "missing"
    LOCKED = "locked"
    TIMED_OUT = "timed out"
    FAILED = "failed"


class SecretStoreProblem(CcflowError):
    """The secret store could not read, write or delete an entry."""

    def __init__(self, fault: StoreFault, problem: str, remedy: str = "") -> None:
        super().__init__(f"{problem} {remedy}".strip())
        self.fault, self.problem, self.remedy = fault, problem, remedy
