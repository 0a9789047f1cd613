"""``ccflow keys``: the kept private keys without a screen; only public halves are printed."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, datetime

from ccflow_tui.exit_codes import DONE, NOT_WRITTEN
from ccflow_tui.keys_options import FORMS
from ccflow_tui.models.kept_key import KeptKey, KeyExport, KeyKind
from ccflow_tui.models.problems import SecretStoreProblem, StoreFault
from ccflow_tui.options import Options
from ccflow_tui.output import put_out, tell
from ccflow_tui.runner import run
from ccflow_tui.services.key_workbench import Workbench
from ccflow_tui.services.ports import StoreKind, StoreStatus
from ccflow_tui.wiring import configure, make_machine

_NAME_WIDTH, _LABEL_WIDTH = 24, 13
Work = Callable[[Workbench, StoreStatus], Awaitable[str]]


def run_keys(options: Options, parsed: Namespace) -> int:
    """Do what the command line asks for (``keys_options``); return the exit code. Raises ``CcflowError``."""
    if parsed.keys_command == "generate":
        return generate_key(options, parsed.name, parsed.kind)
    if parsed.keys_command == "export":
        return export_key(options, parsed.name, FORMS[parsed.form], alg=parsed.alg, kid=parsed.kid)
    return print_keys(options, as_json=bool(parsed.json))


def print_keys(options: Options, *, as_json: bool) -> int:
    """Print every kept key with its public facts; return the exit code. Raises ``CcflowError``."""

    async def listed(workbench: Workbench, _: StoreStatus) -> str:
        keys = await workbench.keys()
        if as_json:
            return json.dumps([asdict(key) for key in keys], indent=2, ensure_ascii=False)
        return "\n".join(line for key in keys for line in _lines(key)) or "no private key is kept"

    return _print(options, listed)


def generate_key(options: Options, name: str, kind: KeyKind) -> int:
    """Make a key, keep it and print its facts; return the exit code.

    Raises ``CcflowError``, also where the key would not outlast this command.
    """

    async def generated(workbench: Workbench, status: StoreStatus) -> str:
        if status.kind is StoreKind.MEMORY:
            raise _passing(status.detail)
        key = await workbench.generate(name, kind)
        if key.store == StoreKind.MEMORY:  # a locked keyring shows itself only when it is written to
            raise _passing((await workbench.kept.store.status()).detail)
        return "\n".join(_lines(key))

    return _print(options, generated)


def export_key(options: Options, name: str, form: KeyExport, *, alg: str, kid: str) -> int:
    """Print the public half of a key; return the exit code. Raises ``CcflowError``."""

    async def exported(workbench: Workbench, _: StoreStatus) -> str:
        public = await workbench.export(name, form, alg=alg, kid=kid)
        if public.note:
            tell(f"ccflow: {public.note}")
        return public.text.rstrip("\n")

    return _print(options, exported)


def _print(options: Options, work: Work) -> int:
    problem = put_out(run(_with_workbench(options, work)))
    if problem:
        tell(f"ccflow: the answer could not be written: {problem}")
    return NOT_WRITTEN if problem else DONE


async def _with_workbench(options: Options, work: Work) -> str:
    configuration = configure(options)
    for warning in configuration.warnings:
        tell(f"ccflow: {warning}")
    machine = make_machine(configuration, options)
    try:
        workbench = Workbench(machine.engine.kept_keys, configuration.book.profiles)
        return await work(workbench, await machine.store.status())
    finally:
        await machine.close()


def _passing(detail: str) -> SecretStoreProblem:
    problem = f"A key made here would be gone when this command ends. {detail}"
    return SecretStoreProblem(
        StoreFault.MISSING, problem, "Unlock the keyring, or set CCFLOW_SECRET_STORE=file."
    )


def _lines(key: KeptKey) -> list[str]:
    facts = [f"{key.name:<{_NAME_WIDTH}} {key.label:<{_LABEL_WIDTH}} {', '.join(key.algs)}".rstrip()]
    told = {
        "key ID": key.kid,
        "thumbprint": key.thumbprint if key.thumbprint != key.kid else "",
        "created": "" if key.created is None else _day(key.created),
        "takes over from": key.replaces,
        "used by": ", ".join(key.used_by),
        "missing": key.missing,
    }
    if key.certificate is not None:
        until = _day(key.certificate.not_after)
        told["certificate"] = (
            f"{key.certificate.subject}, until {until}, x5t#S256 {key.certificate.thumbprint}"
        )
    return facts + [f"  {name}: {text}" for name, text in told.items() if text]


def _day(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d}"
