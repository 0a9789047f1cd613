"""``ccflow sign-out``, ``ccflow forget`` and ``ccflow passphrase``: the wizard's ways for scripts."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from enum import StrEnum

from ccflow_tui.config.layers import choose_profile
from ccflow_tui.exit_codes import CANCELLED, DECLINED, DONE, REMAINS
from ccflow_tui.models.problems import CcflowError
from ccflow_tui.models.profile import Profile
from ccflow_tui.options import Options
from ccflow_tui.output import answer, tell
from ccflow_tui.passphrase_change import UNCHANGED, change_passphrase
from ccflow_tui.profile_book import Change, ProfileBook
from ccflow_tui.profile_removal import notes_after, subject_of, why_kept, with_server
from ccflow_tui.removal_words import found_lines, outcome_text, proof, stay_lines, still_found
from ccflow_tui.runner import run
from ccflow_tui.services.ports_removal import Holdings, RemovalReport
from ccflow_tui.services.removal_entries import ACCESS_TOKEN
from ccflow_tui.store_command import NOBODY, opened_machine
from ccflow_tui.terminal_asker import agreed, can_ask
from ccflow_tui.wiring import Configuration, Machine

_STILL_VALID = "the server accepts the token until it expires; signing out in the wizard can revoke it"
_NO_TERMINAL = "A passphrase is typed at a terminal, and there is none."


class Removal(StrEnum):
    """What is to be removed, by the name of the command."""

    SIGN_OUT = "sign-out"
    FORGET = "forget"


def remove(options: Options, what: Removal, *, yes: bool) -> int:
    """Remove what is secret of a profile, and tell; return the exit code.

    It asks first, unless ``yes``. Raises ``CcflowError`` for options or settings that cannot be used.
    """
    if not yes and not can_ask():
        tell(f"ccflow: {NOBODY}")
        return DECLINED
    return run(_with_machine(options, what, yes=yes))


def change(options: Options) -> int:
    """Change the passphrase of the encrypted file; return the exit code; raises ``SecretStoreProblem``."""
    if not can_ask():
        tell(f"ccflow: {_NO_TERMINAL}")
        return DECLINED
    return run(_change(options))


async def _change(options: Options) -> int:
    async with opened_machine(options) as (_, machine):
        text = await change_passphrase(machine.secrets_file, machine.store)
    tell(text)
    return CANCELLED if text == UNCHANGED else DONE


async def _with_machine(options: Options, what: Removal, *, yes: bool) -> int:
    async with opened_machine(options) as (configuration, machine):
        name = _chosen(options, configuration.book, what)
        return await _remove(configuration, machine, name, what, yes=yes)


def _chosen(options: Options, book: ProfileBook, what: Removal) -> str:
    """Return the profile that is meant, be it one that is only noted any more; raises ``InputProblem``."""
    if what is Removal.FORGET and options.profile and book.is_only_noted(options.profile):
        return options.profile
    return choose_profile(options.profile, book.layers)


async def _remove(
    configuration: Configuration, machine: Machine, name: str, what: Removal, *, yes: bool
) -> int:
    book, engine = configuration.book, machine.engine
    found = Profile(name=name) if book.is_only_noted(name) else book.open(name)[0]
    profile = await with_server(engine, engine.derive(found))
    subject = await subject_of(book, engine, profile)
    forgets = what is Removal.FORGET
    entry = ("the profile (state.json)",) if forgets and book.is_saved(name) else ()
    holdings = await engine.removal.look(subject)
    if not (holdings.found or holdings.unseen or entry):
        nothing = RemovalReport(only_memory=holdings.only_memory)
        _note(book, await notes_after(book, engine, subject, nothing, forgets=forgets))
        return answer(_nothing(name, holdings, why_kept(book, name) if forgets else ()))
    if not yes and not await _agreed(name, found_lines(holdings, *entry)):
        tell("ccflow: nothing was removed")
        return CANCELLED
    report = await engine.removal.remove(subject)
    notes = await notes_after(book, engine, subject, report, forgets=forgets)
    try:
        if forgets:
            entry = entry if await _forgotten(book, name, report, notes, yes=yes) else ()
        else:
            _note(book, notes)
    except CcflowError:
        answer(outcome_text(report))  # the secrets are gone all the same
        raise
    code = answer(outcome_text(report, *entry))
    if any(holding.words.startswith(ACCESS_TOKEN) for holding in report.removed):
        tell(f"ccflow: {_STILL_VALID}")
    if forgets:
        for reason in why_kept(book, name):
            tell(f"ccflow: {reason}")
    return REMAINS if report.left and code == DONE else code


async def _agreed(name: str, lines: list[str]) -> bool:
    tell("\n".join((f"For profile “{name}” this removes:", *lines)))
    return await asyncio.to_thread(agreed, "Remove it?")


async def _forgotten(
    book: ProfileBook, name: str, report: RemovalReport, notes: Change, *, yes: bool
) -> bool:
    """Remove the profile itself, unless it is the only way to find secrets that could not be removed."""
    if report.left:
        tell(f"ccflow: {proof(report)} {still_found(name)}")
        if yes or not await asyncio.to_thread(agreed, "Forget the profile all the same?"):
            tell(f"ccflow: the profile “{name}” is kept, so that you can try again")
            return False
    book.forget(name, notes)
    return True


def _note(book: ProfileBook, notes: Change) -> None:
    with suppress(CcflowError):  # a note too many does no harm
        book.note(notes)


def _nothing(name: str, holdings: Holdings, reasons: tuple[str, ...]) -> str:
    where = "in memory" if holdings.only_memory else "in the secret store"
    text = f"Nothing of profile “{name}” is kept {where}."
    return " ".join((text, *stay_lines(holdings), *reasons))
