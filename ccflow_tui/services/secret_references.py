"""Reads a client secret that a profile names by reference: a variable, a file, a keyring entry, a command."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from ccflow_tui.models.problems import InputProblem, SettingsProblem
from ccflow_tui.models.profile import Profile
from ccflow_tui.models.secret import Secret, is_encodable
from ccflow_tui.models.secret_reference import (
    FORMS,
    arguments_of,
    problem_of,
    scheme_of,
    shown_reference,
    target_of,
)
from ccflow_tui.oauth.endpoint_consent import unconfirmed_origin
from ccflow_tui.services.credential_names import server_origin, shared_secret_name
from ccflow_tui.services.ports import Credential, SecretStore
from ccflow_tui.services.secret_command import SecretCommand
from ccflow_tui.services.secret_line import secret_line
from ccflow_tui.services.variables import Variables


@dataclass(slots=True)
class SecretReferences:
    """Finds the secret behind ``Profile.secret_reference``, and sends none to a second server unasked.

    A command is run once in a run. The first server that a secret is read for is its server until
    ``allow`` is called; ``repr`` shows nothing.
    """

    store: SecretStore = field(repr=False)
    variables: Variables = field(repr=False)
    command: SecretCommand = field(repr=False)
    _answers: dict[str, Secret] = field(default_factory=dict, init=False, repr=False)
    _servers: dict[tuple[str, str], str] = field(default_factory=dict, init=False, repr=False)
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False)

    async def read(self, profile: Profile) -> Credential:
        """Return the secret and where it came from.

        Raises ``InputProblem`` naming the way out, and ``SecretStoreProblem`` when the store fails.
        """
        reference = profile.secret_reference.strip()
        self._refuse_other_server(profile)
        secret = await self._secret(reference, profile)
        origin = server_origin(profile)
        if origin and not unconfirmed_origin(profile):
            self._servers.setdefault(_user(profile), origin)
        return Credential(secret=secret, source=shown_reference(reference))

    async def source(self, profile: Profile) -> str:
        """Return where the secret is to come from; whether it is there is told when it is read.

        Only the store is asked, since a secret that is missing there has to be typed; raises as ``read``.
        """
        if scheme_of(profile.secret_reference) == "keyring":
            return (await self.read(profile)).source
        _usable(profile.secret_reference)
        return shown_reference(profile.secret_reference)

    def allow(self, profile: Profile) -> None:
        """Take the user's word that the secret belongs to the profile's server, and read it anew."""
        self._servers.pop(_user(profile), None)
        self._answers.pop(profile.secret_reference.strip(), None)

    async def _secret(self, reference: str, profile: Profile) -> Secret:
        _usable(reference)
        scheme, target = scheme_of(reference), target_of(reference)
        if scheme == "env":
            return self._from_variable(target)
        if scheme == "file":
            return await _from_file(target)
        if scheme == "keyring":
            return await self._from_store(target, profile)
        async with self._asking:
            if reference not in self._answers:
                self._answers[reference] = await self.command.first_line(arguments_of(reference))
            return self._answers[reference]

    def _from_variable(self, name: str) -> Secret:
        try:
            secret = Secret(self.variables.find(name)[0])
        except SettingsProblem as problem:
            raise _problem(f"The variable {name} cannot be read.", str(problem)) from None
        if not secret:
            raise _problem(f"The variable {name} is not set.", "Set it before you start ccflow.")
        if not is_encodable(secret):
            raise _problem(f"{name} is not UTF-8 text.", "Set it anew, in a UTF-8 terminal.")
        return secret

    async def _from_store(self, name: str, profile: Profile) -> Secret:
        origin = server_origin(profile)
        found = await self.store.get(shared_secret_name(name, profile)) if origin else None
        if found is None:
            problem = (
                f"There is no client secret named {name!r} for {origin or 'a server that is not known'}."
            )
            raise InputProblem("client_secret", problem, "Type it and save the profile.")
        return found

    def _refuse_other_server(self, profile: Profile) -> None:
        """Refuse a server that the secret was not given for."""
        held, origin = self._servers.get(_user(profile)), server_origin(profile)
        if held is not None and origin != held:
            raise _problem(
                f"The secret of {shown_reference(profile.secret_reference)} was used for {held} and is not "
                f"sent to {origin or 'another server'}.",
                "Save the profile if it is meant for that server.",
            )


def _user(profile: Profile) -> tuple[str, str]:
    return profile.name, profile.secret_reference.strip()


def _usable(reference: str) -> None:
    if problem := problem_of(reference):
        raise _problem(f"The reference to the client secret cannot be used. {problem}", f"Write {FORMS}.")


async def _from_file(path: str) -> Secret:
    if not (path.startswith("~") or Path(path).is_absolute()):
        raise _problem(f"The secret file {path} is named by a relative path.", "Give its whole path.")
    return await secret_line(path, noun=f"secret file {path}", shown=path, problem=_problem)


def _problem(problem: str, remedy: str) -> InputProblem:
    return InputProblem("secret_reference", problem, remedy)
