"""Finds the secret or private key of a profile: typed, environment, .env, then the secret store."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ccflow_tui.models.problems import InputProblem, KeyProblem, SecretStoreProblem, SettingsProblem
from ccflow_tui.models.profile import Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.models.variables import SECRET_VARIABLE
from ccflow_tui.oauth.endpoint_consent import unconfirmed_origin
from ccflow_tui.services.credential_names import client_secret_name, private_key_name, server_origin
from ccflow_tui.services.keyring_store import run_on_daemon_thread
from ccflow_tui.services.ports import Credential, SecretStore, StoreKind
from ccflow_tui.services.secret_bounds import SecretSource, refusal

MAX_KEY_FILE_BYTES = 64 * 1024
_FILE_TIMEOUT = 5.0
"""Seconds; a file on a network share that is gone hangs for much longer."""


def _nothing(_: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Variables:
    """The two sources of environment variables; the process's own wins. ``repr`` shows neither."""

    environment: Mapping[str, str] = field(repr=False)
    env_file: Mapping[str, str] = field(repr=False)
    look_up: Callable[[str], str] = field(default=_nothing, repr=False)
    """Finds a variable of ``.env`` that is not in ``env_file``; may raise ``SettingsProblem``."""

    def sources(self) -> tuple[SecretSource, SecretSource]:
        """Return the two sources, the stronger one first."""
        return (
            SecretSource("environment", self.environment, self.env_file),
            SecretSource(".env", self.env_file, self.environment),
        )

    def find(self, name: str) -> tuple[str, str]:
        """Return value and source of any variable; both empty when unset or empty."""
        for source in self.sources():
            if value := source.variables.get(name):
                return value, source.name
        value = self.look_up(name)
        return value, ".env" if value else ""

    def secrets(self) -> tuple[Secret, ...]:
        """Return the client secret of each source that holds one, wherever it may be sent."""
        found = (source.variables.get(SECRET_VARIABLE, "") for source in self.sources())
        return tuple(Secret(text) for text in found if text)


@dataclass(frozen=True, slots=True)
class _Typed:
    """A secret typed in this run, with the origin it was typed for (empty while that was unknown)."""

    secret: Secret
    origin: str


class CredentialSource:
    """Gives each profile its own credential, and no profile another one's.

    ``warn`` is told once each, in a sentence, about key files that others can read and about secrets that
    are held back. ``trusted`` returns a profile of that name as settings that the user chose give it, or
    ``None``: its server is one that a secret of the process environment may go to.
    """

    def __init__(
        self,
        store: SecretStore,
        variables: Variables,
        warn: Callable[[str], None],
        trusted: Callable[[str], Profile | None] = lambda _: None,
    ) -> None:
        self._store, self._variables = store, variables
        self._warn, self._trusted = warn, trusted
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
        refused: InputProblem | None = None
        for source in self._variables.sources():
            if not (value := source.variables.get(SECRET_VARIABLE, "")):
                continue
            trusted = self._trusted(profile.name) if source.name == "environment" else None
            problem = refusal(profile, source, trusted=trusted)
            if problem is None:
                return Credential(secret=_as_text(value, source.name), source=source.name)
            refused = refused or problem
        stored = await self._store.get(client_secret_name(profile)) if server_origin(profile) else None
        if stored is not None:
            return Credential(secret=stored, source=await self._store_source())
        raise await self._no_secret(profile, refused)

    async def _no_secret(self, profile: Profile, refused: InputProblem | None) -> InputProblem:
        """Explain why nothing was found, most telling reason first."""
        typed = self._typed.get(_client(profile))
        if typed is not None:
            problem = f"The client secret was entered for {typed.origin} and is not sent to another server."
            return InputProblem("client_secret", problem, "Enter the secret of this server.")
        if refused is not None:
            self._warn_once(str(refused.finding))
            return refused
        problem = "There is no client secret for this client at this server."
        remedy = f"Enter it, or set {SECRET_VARIABLE}."
        status = await self._store.status()
        note = f" {status.detail}" if status.kind is StoreKind.MEMORY else ""
        return InputProblem("client_secret", problem, remedy + note)

    def _typed_for(self, profile: Profile) -> Secret | None:
        """Return the typed secret if it is meant for this server.

        One typed before discovery had found a server belongs to the first that is found, once the user has
        confirmed one that lies elsewhere than its issuer.
        """
        typed, origin = self._typed.get(_client(profile)), server_origin(profile)
        if typed is None or (typed.origin and typed.origin != origin):
            return None
        if not unconfirmed_origin(profile):
            self._typed[_client(profile)] = _Typed(typed.secret, origin)
        return typed.secret

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
        try:
            value, source = self._variables.find(name)
        except SettingsProblem as problem:
            raise KeyProblem(f"The variable {name} cannot be read.", str(problem)) from None
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
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            self._warn_once(f"other users of this machine can read {reference}; chmod 600 keeps them out")
        return key

    def _warn_once(self, message: str) -> None:
        if message not in self._warned:
            self._warned.add(message)
            self._warn(message)

    async def _store_source(self) -> str:
        return (await self._store.status()).kind.value


def _as_text(value: str, source: str) -> Secret:
    # Python hands undecodable bytes of the environment on as lone surrogates, which no request can carry.
    if any("\ud800" <= char <= "\udfff" for char in value):
        problem = f"{SECRET_VARIABLE} ({source}) is not UTF-8 text."
        raise InputProblem("client_secret", problem, "Set it anew, in a UTF-8 terminal.")
    return Secret(value)


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
