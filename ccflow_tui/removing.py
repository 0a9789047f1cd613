"""Signing out, clearing credentials and forgetting profiles in the wizard; loaded when somebody asks for it.

Each looks first, asks with what was found, removes, and tells what reading back has shown.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from ccflow_tui import records
from ccflow_tui import sign_out as revocation
from ccflow_tui.models.problems import CcflowError
from ccflow_tui.profile_removal import notes_after, subject_of, why_kept, with_server
from ccflow_tui.removal_words import found_lines, looked_into, outcome_text, proof, stay_lines, still_found
from ccflow_tui.screens.configure import ConfigureScreen

if TYPE_CHECKING:
    from ccflow_tui.models.profile import Profile
    from ccflow_tui.profiles_app import ProfilesApp
    from ccflow_tui.services.ports_removal import RemovalReport, Subject

_STAYS = "The configuration and the history stay."


async def sign_out(app: ProfilesApp) -> None:
    """Let go of the token and remove every secret of its profile; the server may take the token back."""

    async def work() -> None:
        profile, token = app.state.token_profile or app.state.profile, app.state.token
        inspector, removal = app.parts.engine.inspector, app.parts.engine.removal
        subject = await _subject(app, profile)
        revocable = token is not None and inspector.can_revoke(profile)
        lines = found_lines(await removal.look(subject))
        text, *labels = revocation.question(profile.name, lines, revocable=revocable)
        answer = await app.asked(revocation.HEADING, text, *labels)
        if answer not in {"confirm", "more"}:
            return
        at_server: tuple[str, ...] = ()
        if answer == "more" and token is not None:
            if problem := await revocation.take_back(inspector, profile, token):
                app.notify(problem, title="Not revoked", severity="error", timeout=30, markup=False)
                return
            at_server = (revocation.AT_SERVER,)
        report = await _removed(app, subject)
        await _strike(app, subject, report)
        _tell(app, report, "Sign-out", "Signed out.", *at_server)
        _record(app, report, profile, "purged")

    await _telling_problems(app, work, "Not signed out")


async def clear(app: ProfilesApp) -> None:
    """Remove every secret of the open profile."""

    async def work() -> None:
        if isinstance(screen := app.step_screen, ConfigureScreen):
            screen.hand_over_secrets()  # so that what stands in the form is found, too
        profile = await with_server(app.parts.engine, app.state.profile)
        subject = await _subject(app, profile)
        holdings = await app.parts.engine.removal.look(subject)
        if not holdings.found and not holdings.unseen:
            nothing = f"Nothing secret of profile “{profile.name}” is in {looked_into(holdings)}."
            app.notify(" ".join((nothing, *stay_lines(holdings))), markup=False)
            return
        lines = (f"For profile “{profile.name}” this removes:", *found_lines(holdings), _STAYS)
        if await app.asked("Clear credentials?", "\n".join(lines), "Clear") != "confirm":
            return
        report = await _removed(app, subject)
        await _strike(app, subject, report)
        _tell(app, report, "Clearing", "Credentials cleared.")
        _record(app, report, profile, "credentials cleared")

    await _telling_problems(app, work, "Credentials not cleared")


async def forget(app: ProfilesApp, name: str) -> None:
    """Remove every secret of a profile, and the profile from the state file."""

    async def work() -> None:
        book = app.parts.book
        if book.is_demo:
            reason = f"Profile “{name}” is the demo's: it is made anew at each start and ends with this run."
            app.notify(reason, title="Not forgotten", severity="warning", timeout=8, markup=False)
            return
        is_open = name == app.state.profile.name
        profile = app.state.profile if is_open else app.parts.engine.derive(book.open(name)[0])
        profile = await with_server(app.parts.engine, profile)
        subject = await _subject(app, profile)
        entry = ("the profile (state.json)",) if book.is_saved(name) else ()
        found = found_lines(await app.parts.engine.removal.look(subject), *entry)
        lines = (f"For profile “{name}” this removes:", *found, *why_kept(book, name), "The history stays.")
        if await app.asked("Forget this profile?", "\n".join(lines), "Forget") != "confirm":
            return
        report = await _removed(app, subject)
        if report.left and not await _all_the_same(app, name, report):
            _tell(app, report, "Forgetting", "")
            app.notify(f"Profile “{name}” is kept, so that you can try again.", markup=False)
            return
        try:
            notes = await notes_after(book, app.parts.engine, subject, report, forgets=True)
            book.forget(name, notes)
        except CcflowError:
            _tell(app, report, "Forgetting", "The profile's secrets are gone, the profile itself is not.")
            raise
        _tell(app, report, "Forgetting", f"Profile “{name}” is forgotten.", *entry)
        _record(app, report, profile, "profile forgotten")
        for reason in why_kept(book, name):
            app.notify(reason, title="Still named elsewhere", severity="warning", timeout=15, markup=False)
        if is_open:
            await app.switch_to(book.successor(name))

    await _telling_problems(app, work, "Profile not forgotten")


async def _all_the_same(app: ProfilesApp, name: str, report: RemovalReport) -> bool:
    """Ask whether a profile goes that is the only way to find what is left of its secrets."""
    text = f"{proof(report)}\n{still_found(name)}"
    return await app.asked("Forget the profile all the same?", text, "Forget") == "confirm"


async def _subject(app: ProfilesApp, profile: Profile) -> Subject:
    app.parts.book.remember(app.state.profile, app.sources)  # as it was edited, under which more may be kept
    return await subject_of(
        app.parts.book, app.parts.engine, profile, holds_token=_shows_token_of(app, profile)
    )


def _shows_token_of(app: ProfilesApp, profile: Profile) -> bool:
    state = app.state
    return state.token is not None and (state.token_profile or state.profile).name == profile.name


async def _removed(app: ProfilesApp, subject: Subject) -> RemovalReport:
    """Remove, with the token off the screens first, and show the form anew, without what was typed."""
    is_open = app.state.profile.name == subject.profile.name or _shows_token_of(app, subject.profile)
    if is_open:
        await app.start_over(app.state.signed_out())
    try:
        return await app.parts.engine.removal.remove(subject)
    finally:
        if is_open:
            app.show_profile(app.state.profile, app.sources)


async def _strike(app: ProfilesApp, subject: Subject, report: RemovalReport) -> None:
    book, engine = app.parts.book, app.parts.engine
    with suppress(CcflowError):  # a note too many does no harm
        book.note(await notes_after(book, engine, subject, report, forgets=False))


def _tell(app: ProfilesApp, report: RemovalReport, what: str, done: str, *more: str) -> None:
    """Tell what was removed: that it is ``done``, or that ``what`` is not complete."""
    text = outcome_text(report, *more)
    if report.left:
        title = f"{what} is not complete"
        app.notify(text, title=title, severity="error", timeout=30, markup=False)
    else:
        app.notify(f"{done} {text}", timeout=12, markup=False)


def _record(app: ProfilesApp, report: RemovalReport, profile: Profile, result: str) -> None:
    if not report.left:
        app.record(records.sign_out_entry(profile, at=app.parts.clock.wall(), result=result))


async def _telling_problems(app: ProfilesApp, work: Callable[[], Awaitable[None]], title: str) -> None:
    try:
        await work()
    except CcflowError as problem:
        app.notify(str(problem), title=title, severity="error", timeout=30, markup=False)
