"""``ccflow keys``: the key workbench without a screen; only public halves are printed."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from ccflow_tui.exit_codes import CANCELLED, DECLINED, DONE, REMAINS
from ccflow_tui.keys_import import imported_key
from ccflow_tui.keys_options import FORMS
from ccflow_tui.keys_text import as_json, key_json, keys_text
from ccflow_tui.models.kept_key import KeptKey
from ccflow_tui.models.key_words import deletion_text
from ccflow_tui.models.log_entry import LogEntry, LogLevel
from ccflow_tui.models.problems import KeyProblem, SecretStoreProblem, StoreFault
from ccflow_tui.options import Options
from ccflow_tui.output import answer, tell
from ccflow_tui.runner import run
from ccflow_tui.services.key_workbench import Workbench
from ccflow_tui.services.ports import StoreKind
from ccflow_tui.store_command import NOBODY, opened_machine
from ccflow_tui.terminal_asker import agreed, can_ask

Made = TypeVar("Made", KeptKey, KeptKey | None)


class Answer(NamedTuple):
    """What a job came to."""

    text: str = ""
    """For standard output; nothing is written where it is empty."""
    data: object = None
    """The same for ``--json``; ``None`` where the text itself is for programs."""
    code: int = DONE


Job = Callable[[Workbench, Namespace], Awaitable[Answer]]


def run_keys(options: Options, parsed: Namespace) -> int:
    """Do what the command line asks for (``keys_options``); return the exit code. Raises ``CcflowError``."""
    job = parsed.keys_command or "list"
    if job == "delete" and not parsed.yes and not can_ask():
        tell(f"ccflow: {NOBODY}")
        return DECLINED
    done = run(_with_workbench(options, parsed, _JOBS[job]))
    if not done.text:
        return done.code
    text = as_json(done.data) if parsed.json and done.data is not None else done.text
    return answer(text) or done.code


async def _with_workbench(options: Options, parsed: Namespace, job: Job) -> Answer:
    async with opened_machine(options) as (configuration, machine):
        machine.logger.subscribe(_tell_warning)
        return await job(Workbench(machine.engine.kept_keys, configuration.book.profiles), parsed)


def _tell_warning(entry: LogEntry) -> None:
    """Say what needs attention, such as a key file that others can read."""
    if entry.level is LogLevel.WARNING:
        tell(f"ccflow: {entry.message}")


async def _list(workbench: Workbench, _: Namespace) -> Answer:
    keys = await workbench.keys()
    return Answer(keys_text(keys), [key_json(key) for key in keys])


async def _show(workbench: Workbench, parsed: Namespace) -> Answer:
    return _facts(await _named(workbench, await workbench.keys(), parsed.name))


async def _generate(workbench: Workbench, parsed: Namespace) -> Answer:
    return _facts(await _lasting(workbench, lambda: workbench.generate(parsed.name, parsed.kind)))


async def _import(workbench: Workbench, parsed: Namespace) -> Answer:
    async def imported() -> KeptKey | None:
        return await imported_key(
            workbench, parsed.name, parsed.key, kid=parsed.kid, passphrase_file=parsed.passphrase_file
        )

    key = await _lasting(workbench, imported)
    if key is None:
        tell("ccflow: nothing was imported")
        return Answer(code=CANCELLED)
    return _facts(key)


async def _export(workbench: Workbench, parsed: Namespace) -> Answer:
    public = await workbench.export(parsed.name, FORMS[parsed.form], alg=parsed.alg, kid=parsed.kid)
    if public.note:
        tell(f"ccflow: {public.note}")
    return Answer(public.text.rstrip("\n"))


async def _rotate(workbench: Workbench, parsed: Namespace) -> Answer:
    made = await _lasting(workbench, lambda: workbench.rotate(parsed.name, parsed.kind))
    tell(
        f"ccflow: both keys are kept. `ccflow keys export {made.name}` prints the JWK Set with both: "
        f"register it, let profiles refer to keyring:{made.name}, then delete “{parsed.name}”."
    )
    return _facts(made)


async def _delete(workbench: Workbench, parsed: Namespace) -> Answer:
    name, keys = parsed.name, await workbench.keys()
    key = await _named(workbench, keys, name)
    if not parsed.yes:
        production = {profile.name for profile in workbench.profiles() if profile.production}
        successors = (each.name for each in keys if each.replaces == name)
        switch = f"let them refer to keyring:{next(successors, '')} first"
        tell(deletion_text(key, keys, production, switch=switch))
        if not await asyncio.to_thread(agreed, f"Delete “{name}”?"):
            tell("ccflow: nothing was removed")
            return Answer(code=CANCELLED)
    try:
        proof = await workbench.delete(name)
    except SecretStoreProblem as problem:
        tell(f"ccflow: {problem}")
        return Answer(code=REMAINS)
    return Answer(proof, {"name": name, "removed": True, "proof": proof})


async def _named(workbench: Workbench, keys: tuple[KeptKey, ...], name: str) -> KeptKey:
    """Return a key of the list, or one of the store that the list has lost; raises ``KeyProblem``."""
    if (key := next((each for each in keys if each.name == name), None)) is not None:
        return key
    if (found := await workbench.kept.find(name)) is not None:
        return await workbench.kept.list_found(name, found)
    raise KeyProblem(f"There is no private key “{name}”.", "`ccflow keys` lists those there are.")


async def _lasting(workbench: Workbench, make: Callable[[], Awaitable[Made]]) -> Made:
    """Make a key and return it; raises ``SecretStoreProblem`` where it would not outlast this command."""
    store = workbench.kept.store
    if (status := await store.status()).kind is StoreKind.MEMORY:
        raise _passing(status.detail)
    key = await make()
    if key is not None and key.store == StoreKind.MEMORY:  # a locked keyring shows itself when written to
        raise _passing((await store.status()).detail)
    return key


def _passing(detail: str) -> SecretStoreProblem:
    problem = f"A key kept here would be gone when this command ends. {detail}"
    return SecretStoreProblem(
        StoreFault.MISSING, problem, "Unlock the keyring, or set CCFLOW_SECRET_STORE=file."
    )


def _facts(key: KeptKey) -> Answer:
    return Answer(keys_text([key]), key_json(key))


_JOBS: Mapping[str, Job] = MappingProxyType(
    {
        "list": _list,
        "show": _show,
        "generate": _generate,
        "import": _import,
        "export": _export,
        "rotate": _rotate,
        "delete": _delete,
    }
)
