"""The backend behind the keyring: which one it is, whether it is safe, and what its errors mean."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ccflow_tui.models.problems import SecretStoreProblem, StoreFault

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

_LOCKED_ERRORS = frozenset({"KeyringLocked", "LockedException", "PromptDismissedException"})
_MISSING_ERRORS = frozenset({"NoKeyringError", "SecretServiceNotAvailableException"})
_MACOS_LOCKED = "-25308"  # errSecInteractionNotAllowed: locked, and there is no screen to ask on
_INSTEAD = (
    "Set CCFLOW_CLIENT_SECRET, refer to a private key file, or keep secrets in an encrypted file: "
    "CCFLOW_SECRET_STORE=file."
)
_UNLOCK = (
    "Unlock it and start ccflow again. Where there is no screen to unlock it on, CCFLOW_SECRET_STORE=file "
    "keeps secrets in an encrypted file."
)
_FRIENDLY_NAMES = {
    "keyring.backends.SecretService": "Secret Service",
    "keyring.backends.libsecret": "Secret Service",
    "keyring.backends.kwallet": "KWallet",
    "keyring.backends.macOS": "macOS Keychain",
    "keyring.backends.Windows": "Windows Credential Manager",
}
_ROOMY = frozenset(name for name in _FRIENDLY_NAMES if not name.endswith("Windows"))
_DELETES_FIRST = frozenset({"keyring.backends.macOS"})
_SHORT_UNITS, _ROOMY_UNITS = 1000, 30_000


def failed(text: str, remedy: str = _INSTEAD, fault: StoreFault = StoreFault.FAILED) -> SecretStoreProblem:
    """Return a problem of the keyring; without a remedy, it names the ways round."""
    return SecretStoreProblem(fault, text, remedy)


missing = partial(failed, fault=StoreFault.MISSING)


def system_backend() -> KeyringBackend:
    """Return the backend that ``keyring`` chooses; raises ``SecretStoreProblem`` where it cannot."""
    import keyring

    try:
        return keyring.get_keyring()
    except Exception as error:
        text = f"The keyring backend that is configured cannot be used ({type(error).__name__})."
        raise missing(text, "Check PYTHON_KEYRING_BACKEND and keyringrc.cfg.") from None


def refuse_unsafe(backend: KeyringBackend) -> None:
    """Refuse what is no keyring, and what ``keyring`` itself does not recommend, such as plain files."""
    from keyring.backends import chainer, fail, null

    first = _first_of(backend)
    if isinstance(first, null.Keyring):
        raise missing("The system keyring is switched off.")
    if isinstance(first, fail.Keyring | chainer.ChainerBackend):
        raise missing("No system keyring was found.")
    if getattr(first, "priority", 1) < 1:
        raise missing(f"The keyring backend {name_of(first)} is no safe place for secrets.")


def _first_of(backend: KeyringBackend) -> KeyringBackend:
    """Return the backend that a chain of backends writes to."""
    chain: list[KeyringBackend] = getattr(backend, "backends", [])
    return chain[0] if chain else backend


def name_of(backend: KeyringBackend) -> str:
    """Return the name that people know the keyring by."""
    first = _first_of(backend)
    module = type(first).__module__
    return _FRIENDLY_NAMES.get(module, f"{module}.{type(first).__qualname__}")


def room_in(backend: KeyringBackend) -> int:
    """Return how many UTF-16 code units to put into one entry.

    Windows takes 1,280, so an unknown backend gets no more. Where more is known to fit, a secret is not cut
    up: with the Secret Service, each entry costs a tenth of a second.
    """
    return _ROOMY_UNITS if type(_first_of(backend)).__module__ in _ROOMY else _SHORT_UNITS


def deletes_before_it_sets(backend: KeyringBackend) -> bool:
    """Whether setting an entry deletes the old one first, so that it is gone where the second step fails."""
    return type(_first_of(backend)).__module__ in _DELETES_FIRST


def problem_of(error: BaseException) -> SecretStoreProblem:
    """Tell faults apart by class name, since backends pass on exceptions of the libraries under them.

    The text of the exception is left out: nobody knows what a backend puts into it.
    """
    names = {kind.__name__ for link in (error, error.__cause__) for kind in type(link).__mro__}
    if names & _LOCKED_ERRORS or _MACOS_LOCKED in str(error):
        return failed("The system keyring is locked.", _UNLOCK, StoreFault.LOCKED)
    if names & _MISSING_ERRORS:
        return missing("No system keyring was found.")
    return failed(f"The system keyring failed ({type(error).__name__}).")
