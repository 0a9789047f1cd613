"""Reads private keys and certificates by reference: a file, an entry of the keyring, a variable."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ccflow_tui.models.problems import KeyProblem, SecretStoreProblem, SettingsProblem
from ccflow_tui.models.secret import Secret
from ccflow_tui.models.variables import PASSPHRASE_VARIABLE
from ccflow_tui.oauth.key_pkcs12 import as_text
from ccflow_tui.services.credential_names import passphrase_name, private_key_name
from ccflow_tui.services.daemon_thread import FILE_TIMEOUT as _FILE_TIMEOUT
from ccflow_tui.services.daemon_thread import done_in_time
from ccflow_tui.services.ports import Credential, SecretStore, StoreKind
from ccflow_tui.services.variables import Variables

MAX_KEY_FILE_BYTES = 64 * 1024
PRIVATE_KEY, CERTIFICATE = "private key", "client certificate"
"""What a reference is to name, for the texts of problems."""

_KINDS = "PEM, JWK or PKCS#12 file"


@dataclass(slots=True)
class KeyReader:
    """Reads what a profile refers to, and finds the passphrase that opens it; ``repr`` shows nothing.

    ``warn`` is told, once each, about files that others can read.
    """

    store: SecretStore = field(repr=False)
    variables: Variables = field(repr=False)
    warn: Callable[[str], None] = field(repr=False)
    _passphrases: dict[str, Secret] = field(default_factory=dict, repr=False)
    _warned: set[str] = field(default_factory=set, repr=False)

    async def read(self, reference: str, *, noun: str = PRIVATE_KEY) -> Credential:
        """Return the text behind ``reference`` and where it came from; PKCS#12 comes in PEM armour.

        Raises ``KeyProblem``, and ``SecretStoreProblem`` when the store fails.
        """
        scheme, _, name = reference.partition(":")
        check_reference(reference, noun)
        if not reference or (scheme in {"keyring", "env"} and not name):
            raise KeyProblem(
                f"No {noun} is named.", f"Give the path of a {_KINDS}, keyring:NAME or env:VARIABLE."
            )
        if scheme == "keyring":
            return await self._from_store(name, noun)
        if scheme == "env":
            return self._from_variable(name, noun)
        return Credential(key=await self._from_file(reference, noun), source="file")

    def remember_passphrase(self, reference: str, passphrase: Secret) -> None:
        """Hold a typed passphrase in memory for this run; an empty one forgets."""
        if passphrase:
            self._passphrases[reference] = passphrase
        else:
            self.forget_passphrase(reference)

    def holds_passphrase(self, reference: str) -> bool:
        """Whether one was typed for the key that ``reference`` names."""
        return reference in self._passphrases

    def forget_passphrase(self, reference: str) -> None:
        """Drop the typed passphrase of a key; the store is left alone."""
        self._passphrases.pop(reference, None)

    async def passphrase(self, reference: str) -> Secret | None:
        """Return the passphrase of an encrypted key: typed, then of the variable, then of the store."""
        if (typed := self._passphrases.get(reference)) is not None:
            return typed
        for source in self.variables.sources():
            if source.is_trusted and (text := source.variables.get(PASSPHRASE_VARIABLE, "")):
                return Secret(text)
        try:
            return await self.store.get(passphrase_name(reference))
        except SecretStoreProblem:
            return None  # no passphrase is known then, and the key's own problem tells what to do

    async def save_passphrases(self, references: Iterable[str]) -> None:
        """Put those typed for ``references`` into the store; raises ``SecretStoreProblem``."""
        for reference in references:
            if (typed := self._passphrases.get(reference)) is not None:
                await self.store.put(passphrase_name(reference), typed)

    def warn_once(self, message: str) -> None:
        """Tell ``warn`` unless it was told the same before."""
        if message not in self._warned:
            self._warned.add(message)
            self.warn(message)

    async def _from_store(self, name: str, noun: str) -> Credential:
        key = await self.store.get(private_key_name(name))
        status = await self.store.status()
        if key is not None:
            return Credential(key=key, source=status.kind.value)
        note = status.detail if status.kind is StoreKind.MEMORY else ""
        raise KeyProblem(
            f"There is no {noun} named {name!r} in the keyring.",
            f"Name a key file and import it, or use env:VARIABLE. {note}",
        )

    def _from_variable(self, name: str, noun: str) -> Credential:
        try:
            value, source = self.variables.find(name)
        except SettingsProblem as problem:
            raise KeyProblem(f"The variable {name} cannot be read.", str(problem)) from None
        if not value:
            raise KeyProblem(f"The variable {name} is not set.", f"Set it, or name the file of the {noun}.")
        # Many CI systems hold one-line values only, so that a PEM arrives with its line ends escaped.
        text = value if "\n" in value else value.replace("\\n", "\n")
        return Credential(key=Secret(text), source=source)

    async def _from_file(self, reference: str, noun: str) -> Secret:
        late = KeyProblem(
            f"The {noun} file {reference} could not be read in time.", "Is its drive connected?"
        )
        key, mode = await done_in_time(
            lambda: _read_file(reference, noun), name="ccflow-key-file", seconds=_FILE_TIMEOUT, late=late
        )
        if mode & (stat.S_IRWXG | stat.S_IRWXO) and _is_private(key):
            self.warn_once(f"other users of this machine can read {reference}; chmod 600 keeps them out")
        return key


def check_reference(reference: str, noun: str) -> None:
    """Refuse a key itself, which would be shown wherever its reference is; raises ``KeyProblem``."""
    if "-----BEGIN" in reference or reference.startswith("{"):
        raise KeyProblem(
            f"This is a {noun} itself, where a reference to one belongs.",
            "Save it in a file that only you can read, and give its path.",
        )


def _is_private(text: Secret) -> bool:
    """Whether a text holds more than certificates, which anybody may read."""
    plain = text.reveal()
    return "-----BEGIN CERTIFICATE" not in plain or "PRIVATE KEY-----" in plain


def _read_file(reference: str, noun: str) -> tuple[Secret, int]:
    """Return a file's text and its POSIX permission bits (0 on Windows, whose modes say nothing)."""
    try:
        path = Path(reference).expanduser()
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise KeyProblem(f"{reference} is not a file.", f"Name a {_KINDS}.")
        with path.open("rb") as file:
            content = file.read(MAX_KEY_FILE_BYTES + 1)
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no such path"
        raise KeyProblem(
            f"The {noun} file {reference} cannot be read: {reason}.", "Check the path."
        ) from None
    if len(content) > MAX_KEY_FILE_BYTES:
        raise KeyProblem(f"{reference} is larger than 64 KiB, so it is no key.", f"Name a {_KINDS}.")
    mode = 0 if os.name == "nt" else stat.S_IMODE(status.st_mode)
    try:
        return Secret(as_text(content)), mode
    except ValueError:
        remedy = "Convert it first: openssl pkey -inform DER -in FILE -out key.pem"
    raise KeyProblem(f"{reference} is a binary file, not PEM, JWK or PKCS#12.", remedy)
