"""Finds what a profile authenticates with: typed, environment, .env, then the secret store."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from ccflow_tui.models.problems import InputProblem, KeyProblem, SecretStoreProblem
from ccflow_tui.models.profile import AuthMethod, EndpointMode, Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.models.secret_reference import scheme_of, shown_reference, target_of
from ccflow_tui.models.variables import SECRET_VARIABLE
from ccflow_tui.oauth.endpoint_consent import unconfirmed_origin
from ccflow_tui.oauth.url_validation import origin_of
from ccflow_tui.services.credential_names import (
    client_secret_name,
    server_origin,
    shared_secret_name,
)
from ccflow_tui.services.key_reading import CERTIFICATE, KeyReader
from ccflow_tui.services.ports import Credential, SecretStore, StoreKind
from ccflow_tui.services.redaction import Redactor
from ccflow_tui.services.secret_bounds import refusal
from ccflow_tui.services.secret_command import SecretCommand
from ccflow_tui.services.secret_references import SecretReferences
from ccflow_tui.services.variables import Variables

__all__ = ["CredentialSource", "Variables"]

PROVIDED = "demo"
"""The source of a secret that came with the profile."""
_OWN_SOURCES = frozenset({"typed", PROVIDED, *StoreKind})
"""Where a secret belongs to one profile; what comes from a variable is there for all of them."""


@dataclass(frozen=True, slots=True)
class _Held:
    """A secret that was typed in this run or came with its profile, and for whom."""

    secret: Secret
    origin: str
    """Of the token endpoint; empty while that was unknown."""
    issuer: str
    """Origin of the issuer that was named at the time; what it leads to was still to be discovered."""

    @property
    def place(self) -> str:
        """For which server it is, as far as that was known."""
        return self.origin or self.issuer


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
        redactor: Redactor | None = None,
    ) -> None:
        self._store, self._variables = store, variables
        self._trusted = trusted
        self.reader = KeyReader(store, variables, warn)
        command = SecretCommand(variables.environment, redactor or Redactor())
        self.references = SecretReferences(store, variables, command)
        self._typed: dict[tuple[str, str], _Held] = {}
        self._provided: dict[tuple[str, str], _Held] = {}

    async def credential(self, profile: Profile) -> Credential:
        """Return what the profile's method authenticates with.

        Raises ``InputProblem`` with field and remedy when there is none, ``SecretStoreProblem`` when the
        store fails.
        """
        method = profile.auth_method
        if method.uses_secret:
            return await self._client_secret(profile)
        if method is AuthMethod.NONE:
            return Credential(source="none")
        if not method.uses_certificate:
            return await self.reader.read(profile.key_reference.strip())
        try:
            return await self.reader.read(profile.mtls.cert_ref.strip(), noun=CERTIFICATE)
        except KeyProblem as problem:
            raise problem.about("mtls") from None

    async def source(self, profile: Profile) -> str:
        """Return where the credential would come from, running no command; raises as ``credential``."""
        method = profile.auth_method
        found = await self._given(profile) if method.uses_secret else await self.credential(profile)
        if found is not None:
            return found.source
        if profile.secret_reference.strip():
            return await self.references.source(profile)
        return (await self._client_secret(profile)).source

    def remember(self, profile: Profile, secret: Secret) -> None:
        """Hold a typed secret in memory for this run, bound to the profile's server; an empty one forgets."""
        if secret:
            self._typed[_client(profile)] = _Held(secret, server_origin(profile), _issuer_named(profile))
        else:
            self.forget(profile)

    def provide(self, profile: Profile, secret: Secret) -> None:
        """Hold a secret that came with the profile, as the demo's do: what is typed goes before it."""
        self._provided[_client(profile)] = _Held(secret, server_origin(profile), _issuer_named(profile))

    def is_provided(self, profile: Profile) -> bool:
        """Whether the profile came with a secret of its own."""
        return _client(profile) in self._provided

    def holds(self, profile: Profile) -> bool:
        """Whether a secret was typed for the profile in this run."""
        return _client(profile) in self._typed

    def variable_places(self) -> tuple[str, ...]:
        """Return where a variable holds a client secret: ``environment``, ``.env``."""
        return tuple(each.name for each in self._variables.sources() if each.variables.get(SECRET_VARIABLE))

    async def share(self, profile: Profile, other: Profile) -> None:
        """Hold the secret of ``profile`` for another one that is the same client at the same server."""
        if profile.client_id != other.client_id or server_origin(profile) != server_origin(other):
            return
        with suppress(InputProblem, SecretStoreProblem):  # there is none to share
            held = await self.credential(profile)
            if held.secret is not None and held.source in _OWN_SOURCES:
                keep = self.provide if held.source == PROVIDED else self.remember
                keep(other, held.secret)

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
        await self._store.put(_stored_name(profile), typed)
        self.forget(profile)

    async def _client_secret(self, profile: Profile) -> Credential:
        refused: list[InputProblem] = []
        given = await self._given(profile, refused)
        if given is not None:
            return given
        if profile.secret_reference.strip():
            return await self.references.read(profile)
        stored = await self._store.get(client_secret_name(profile)) if server_origin(profile) else None
        if stored is not None:
            return Credential(secret=stored, source=await self._store_source())
        raise await self._no_secret(profile, refused[0] if refused else None)

    async def _given(self, profile: Profile, refused: list[InputProblem] | None = None) -> Credential | None:
        """Return the secret typed or in a variable; why one is held back goes into ``refused``."""
        if (typed := self._typed_for(profile)) is not None:
            return Credential(secret=typed, source="typed")
        if (provided := _bound(self._provided, profile)) is not None:
            return Credential(secret=provided, source=PROVIDED)
        for source in self._variables.sources():
            if not (value := source.variables.get(SECRET_VARIABLE, "")):
                continue
            trusted = self._trusted(profile.name) if source.name == "environment" else None
            problem = refusal(profile, source, trusted=trusted)
            if problem is None:
                return Credential(secret=_as_text(value, source.name), source=source.name)
            if refused is not None:
                refused.append(problem)
        return None

    async def _no_secret(self, profile: Profile, refused: InputProblem | None) -> InputProblem:
        """Explain why nothing was found, most telling reason first."""
        typed = self._typed.get(_client(profile))
        if typed is not None:
            problem = f"The client secret was entered for {typed.place} and is not sent to another server."
            return InputProblem("client_secret", problem, "Enter the secret of this server.")
        if refused is not None:
            self.reader.warn_once(str(refused.finding))
            return refused
        problem = "There is no client secret for this client at this server."
        remedy = f"Enter it, or set {SECRET_VARIABLE}."
        status = await self._store.status()
        note = f" {status.detail}" if status.kind is StoreKind.MEMORY else ""
        return InputProblem("client_secret", problem, remedy + note)

    def _typed_for(self, profile: Profile) -> Secret | None:
        return _bound(self._typed, profile)

    async def _store_source(self) -> str:
        return (await self._store.status()).kind.value


def _bound(held: dict[tuple[str, str], _Held], profile: Profile) -> Secret | None:
    """Return the profile's secret if it is meant for this server.

    One that was held before discovery had found a server belongs to the first that the issuer of that time
    leads to, once the user has confirmed one that lies elsewhere; where another issuer was named meanwhile,
    by whomever, it belongs to nobody. Only where no server at all was named is it the first one's.
    """
    kept, origin = held.get(_client(profile)), server_origin(profile)
    if kept is None or (kept.origin and kept.origin != origin):
        return None
    issuer = _issuer_named(profile)
    if not kept.origin and kept.issuer and kept.issuer != (issuer or origin):
        return None
    if not unconfirmed_origin(profile):
        held[_client(profile)] = _Held(kept.secret, origin, kept.issuer or issuer)
    return kept.secret


def _stored_name(profile: Profile) -> str:
    """Return the name that a profile's typed secret is stored under; raises ``InputProblem`` for none."""
    scheme = scheme_of(profile.secret_reference)
    if scheme == "keyring":
        return shared_secret_name(target_of(profile.secret_reference), profile)
    if scheme:
        source = shown_reference(profile.secret_reference)
        problem = f"This profile takes its secret from {source}, so the typed one is not stored."
        raise InputProblem("client_secret", problem, "It holds for this run.")
    return client_secret_name(profile)


def _as_text(value: str, source: str) -> Secret:
    # Python hands undecodable bytes of the environment on as lone surrogates, which no request can carry.
    if any("\ud800" <= char <= "\udfff" for char in value):
        problem = f"{SECRET_VARIABLE} ({source}) is not UTF-8 text."
        raise InputProblem("client_secret", problem, "Set it anew, in a UTF-8 terminal.")
    return Secret(value)


def _issuer_named(profile: Profile) -> str:
    """Return the origin (RFC 6454) of the issuer that decides about the server; empty where none does."""
    return origin_of(profile.issuer) if profile.endpoint_mode is EndpointMode.ISSUER else ""


def _client(profile: Profile) -> tuple[str, str]:
    return profile.name, profile.client_id
