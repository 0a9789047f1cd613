"""What every command shares that looks into the secret store: the parts, and who may be asked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ccflow_tui.options import Options
from ccflow_tui.output import tell
from ccflow_tui.terminal_asker import ask_passphrase, can_ask
from ccflow_tui.wiring import Configuration, Machine, configure, make_machine

NOBODY = "This asks before it removes anything, and there is no terminal to ask on. Add --yes to go on."


@asynccontextmanager
async def opened_machine(options: Options) -> AsyncIterator[tuple[Configuration, Machine]]:
    """Tell the warnings of the configuration, and yield it with the machine, which is closed afterwards.

    A person at a terminal is asked for the passphrase of the encrypted file. Raises ``CcflowError``.
    """
    configuration = configure(options)
    for warning in configuration.warnings:
        tell(f"ccflow: {warning}")
    machine = make_machine(configuration, options)
    if can_ask():
        machine.passphrase.ask = ask_passphrase
    try:
        yield configuration, machine
    finally:
        await machine.close()
