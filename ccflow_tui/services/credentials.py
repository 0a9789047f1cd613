"""Finds the secret or private key of a profile: typed, environment, .env, then the secret store."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ccflow_tui.models.problems import InputProblem, KeyProblem, SecretStoreProblem
from ccflow_tui.models.profile import Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth.url_validation import origin_of
from ccflow_tui.services.credential_names import client_secret_name, private_key_name, server_origin
from ccflow_tui.services.keyring_store import run_on_daemon_thread
from ccflow_tui.services.ports import Credential, SecretStore, StoreKind

MAX_KEY_FILE_BYTES = 64 * 1024
SECRET_VARIABLE = "CCFLOW_CLIENT_SECRET"  # noqa: S105 - the variable's name, not a secret
_FILE_TIMEOUT = 5.0
"""Seconds; a file on a network share that is gone hangs for much longer."""


@dataclass(frozen=True, slots=True)
class Variables:
    """The two sources of environment variables; the process's own wins."""

    environment: Mapping[str, str]
    env_file: Mapping[str, str]

    def find(self, name: str) -> tuple[str, str]:
        """Return value and source (``environment`` or ``.env``); both empty when unset or empty."""
        for source, values in (("environment", self.environment), (".env", self.env_file)):
            if values.get(name):
                return values[name], source
        return "", ""


@dataclass(frozen=True, slots=True)
class _Typed:
    """A secret typed in this run, with the origin it was typed for (empty while that was unknown)."""

    secret: Secret
    origin: str


class CredentialSource:
    """Gives each profile its own credential, and no profile another one's.

    ``warn`` is told in one sentence about key files that others can read.
    """

    def __init__(self, store: SecretStore, variables: Variables, warn: Callable[[str], None]) -> None:
        self._store, self._variables, self._warn = store, variables, warn
        self._typed: dict[tuple[str, str], _Typed] = {}
        self._warned: set[str] = set()

    async def credential(self, profile: Profile) -> Credential:
        """Return what the profile's method authenticates with.

        Raises ``InputProblem`` with field and remedy when there is none, ``SecretStoreProblem`` when the
        store fails.
        """
        if profile.auth_method.uses_secret:
            return await self._client_secret(profile)
        return await self._private_key(profile.key_reference.strip())

    def remember(self, profile: Profile, secret: Secret) -> None:
        """Hold a typed secret in memory for this run, bound to the profile's server; an empty one forgets."""
        if secret:
            self._typed[_client(profile)] = _Typed(secret, server_origin(profile))
        else:
            self.forget(profile)

    def forget(self, profile: Profile) -> None:
        """Drop the secret typed for the profile; the store is left alone."""
        self._typed.pop(_client(profile), None)

    async def save(self, profile: Profile) -> None:
        """Move the typed secret into the store.

        Raises ``InputProblem`` when there is none for this server or no server yet, and
        ``SecretStoreProblem`` when the store fails; the typed secret is then still there.
        """
        typed = self._typed_for(profile)
        if typed is None:
            raise InputProblem(
                "client_secret", "There is no secret to save.", "Enter the client secret first."
            )
        await self._store.put(client_secret_name(profile), typed)
        self.forget(profile)

    async def purge(self, profile: Profile) -> tuple[str, ...]:
        """Forget and delete the profile's secret and the private key stored under the profile's own name.

        Returns what was removed, in words; raises ``SecretStoreProblem`` when the store could not delete.
        """
        removed = ["the typed client secret"] if self._typed.pop(_client(profile), None) else []
        doomed: list[tuple[str, str]] = []
        if server_origin(profile):
            doomed.append((client_secret_name(profile), "the stored client secret"))
        if profile.key_reference == f"keyring:{profile.name}":
            doomed.append((private_key_name(profile.name), "the stored private key"))
        problem: SecretStoreProblem | None = None
        for name, words in doomed:  # one that cannot be deleted must not save the next
            try:
                if await self._store.delete(name):
                    removed.append(words)
            except SecretStoreProblem as failure:
                problem = failure
        if problem is not None:
            raise problem
        return tuple(removed)

    async def _client_secret(self, profile: Profile) -> Credential:
        typed = self._typed_for(profile)
        if typed is not None:
            return Credential(secret=typed, source="typed")
        value, source = self._variables.find(SECRET_VARIABLE)
        foreign = self._foreign(profile) if value else ""
        if value and not foreign:
            return Credential(secret=Secret(value), source=source)
        stored = await self._store.get(client_secret_name(profile)) if server_origin(profile) else None
        if stored is not None:
            return Credential(secret=stored, source=await self._store_source())
        raise await self._no_secret(profile, foreign)

    async def _no_secret(self, profile: Profile, foreign: str) -> InputProblem:
        """Explain why nothing was found, most telling reason first."""
        typed = self._typed.get(_client(profile))
        if typed is not None:
            problem = f"The client secret was entered for {typed.origin} and is not sent to another server."
            return InputProblem("client_secret", problem, "Enter the secret of this server.")
        problem = foreign or "There is no client secret for this client at this server."
        remedy = f"Enter it, or set {SECRET_VARIABLE}."
        status = await self._store.status()
        note = f" {status.detail}" if status.kind is StoreKind.MEMORY else ""
        return InputProblem("client_secret", problem, remedy + note)

    def _typed_for(self, profile: Profile) -> Secret | None:
        """Return the typed secret if it is meant for this server.

        One typed before discovery had found a server belongs to the first that is found.
        """
        typed, origin = self._typed.get(_client(profile)), server_origin(profile)
        if typed is None or (typed.origin and typed.origin != origin):
            return None
        self._typed[_client(profile)] = _Typed(typed.secret, origin)
        return typed.secret

    def _foreign(self, profile: Profile) -> str:
        """Say why the secret of the environment is not this profile's, or return an empty text.

        Where the environment also names profile, client or token endpoint, its secret belongs to those.
        """
        checks: tuple[tuple[str, Callable[[str], bool]], ...] = (
            ("CCFLOW_PROFILE", lambda value: value == profile.name),
            ("CCFLOW_CLIENT_ID", lambda value: value == profile.client_id),
            ("CCFLOW_TOKEN_ENDPOINT", lambda value: origin_of(value) == server_origin(profile)),
        )
        for name, fits in checks:
            value, _ = self._variables.find(name)
            if value and not fits(value):
                return f"{SECRET_VARIABLE} belongs to what {name} names, which is not this profile's."
        return ""

    async def _private_key(self, reference: str) -> Credential:
        scheme, _, name = reference.partition(":")
        if "-----BEGIN" in reference or reference.startswith("{"):
            raise KeyProblem(
                "This is a private key itself, where a reference to one belongs.",
                "Save it in a file that only you can read, and give its path.",
            )
        if not reference or (scheme in {"keyring", "env"} and not name):
            raise KeyProblem(
                "No private key is named.",
                "Give the path of a PEM or JWK file, keyring:NAME or env:VARIABLE.",
            )
        if scheme == "keyring":
            return await self._key_from_store(name)
        if scheme == "env":
            return self._key_from_variable(name)
        return Credential(key=await self._key_from_file(reference), source="file")

    async def _key_from_store(self, name: str) -> Credential:
        key = await self._store.get(private_key_name(name))
        if key is not None:
            return Credential(key=key, source=await self._store_source())
        status = await self._store.status()
        note = status.detail if status.kind is StoreKind.MEMORY else ""
        raise KeyProblem(
            f"There is no private key named {name!r} in the keyring.",
            f"Name a key file and import it, or use env:VARIABLE. {note}",
        )

    def _key_from_variable(self, name: str) -> Credential:
        value, source = self._variables.find(name)
        if not value:
            raise KeyProblem(f"The variable {name} is not set.", "Set it, or name a key file.")
        # Many CI systems hold one-line values only, so that a PEM arrives with its line ends escaped.
        text = value if "\n" in value else value.replace("\\n", "\n")
        return Credential(key=Secret(text), source=source)

    async def _key_from_file(self, reference: str) -> Secret:
        reading = run_on_daemon_thread(lambda: _read_key_file(reference), name="ccflow-key-file")
        await asyncio.wait({reading}, timeout=_FILE_TIMEOUT)
        if not reading.done():
            raise KeyProblem(
                f"The key file {reference} could not be read in time.", "Is its drive connected?"
            )
        failure = reading.exception()
        if failure is not None:
            raise failure.with_traceback(None)  # its frames hold the start of the file
        key, mode = reading.result()
        if mode & (stat.S_IRWXG | stat.S_IRWXO) and reference not in self._warned:
            self._warned.add(reference)
            self._warn(f"other users of this machine can read {reference}; chmod 600 keeps them out")
        return key

    async def _store_source(self) -> str:
        return (await self._store.status()).kind.value


def _client(profile: Profile) -> tuple[str, str]:
    return profile.name, profile.client_id


def _read_key_file(reference: str) -> tuple[Secret, int]:
    """Return a key file's text and its POSIX permission bits (0 on Windows, whose modes say nothing)."""
    try:
        path = Path(reference).expanduser()
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise KeyProblem(f"{reference} is not a file.", "Name a PEM or JWK file.")
        with path.open("rb") as file:
            content = file.read(MAX_KEY_FILE_BYTES + 1)
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no such path"
        raise KeyProblem(f"The key file {reference} cannot be read: {reason}.", "Check the path.") from None
    if len(content) > MAX_KEY_FILE_BYTES:
        raise KeyProblem(f"{reference} is larger than 64 KiB, so it is no key.", "Name a PEM or JWK file.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        remedy = "Convert it first: openssl pkey -inform DER -in FILE -out key.pem"
        raise KeyProblem(f"{reference} is a binary file, not PEM or JWK.", remedy) from None
    return Secret(text), 0 if os.name == "nt" else stat.S_IMODE(status.st_mode)
