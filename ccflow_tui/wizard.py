"""Opens the wizard: makes its parts when they are first needed, runs it, closes what was opened."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ccflow_tui import __version__
from ccflow_tui.late import late
from ccflow_tui.models.problems import FlowDisabled
from ccflow_tui.options import Options
from ccflow_tui.output import tell
from ccflow_tui.runner import run
from ccflow_tui.terminal import leave_on_signals, let_alt_digits_through, recording_warning, stop_recording
from ccflow_tui.wiring import Configuration, DemoOpening, Machine, configure, make_machine, why_off

if TYPE_CHECKING:
    from ccflow_tui.actions import Action
    from ccflow_tui.app import CcflowApp
    from ccflow_tui.models.secret import Secret
    from ccflow_tui.services.ports import Clipboard, PassphraseAsker, PassphraseQuestion, RefreshListener
    from ccflow_tui.services.ports_keys import KeyWorkbench
    from ccflow_tui.services.token_history import MemoryHistory, SqliteHistory


class Backstage:
    """What the wizard needs, made at its first use: nothing of it is loaded before the first paint.

    ``machine`` is a ready one, in place of the one that would be made.
    """

    def __init__(
        self, options: Options, configuration: Configuration, machine: Machine | None = None
    ) -> None:
        self.options, self.configuration = options, configuration
        self._machine = machine
        self._on_refresh: RefreshListener | None = None
        self._ask_passphrase: PassphraseAsker | None = None
        self._history: tuple[SqliteHistory | MemoryHistory, str] | None = None

    def machine(self) -> Machine:
        """Return the engine and its parts."""
        if self._machine is None:
            self._machine = make_machine(self.configuration, self.options)
            self._connect()
        return self._machine

    def tell_refreshes(self, listener: RefreshListener) -> None:
        """Let ``listener`` hear of every background refresh."""
        self._on_refresh = listener
        self._connect()

    def ask_passphrases(self, asker: PassphraseAsker) -> None:
        """Let ``asker`` ask for the passphrase of the encrypted file."""
        self._ask_passphrase = asker
        self._connect()

    def _connect(self) -> None:
        if self._machine is None:
            return
        if self._on_refresh is not None:
            self._machine.engine.on_refresh = self._on_refresh
        self._machine.passphrase.ask = self._ask_passphrase

    def history(self) -> SqliteHistory | MemoryHistory:
        """Return the history; a demo keeps its own."""
        return self._opened_history()[0]

    def workbench(self) -> KeyWorkbench:
        """Return the workbench of the private keys that the engine signs with."""
        from ccflow_tui.services.key_workbench import Workbench

        return Workbench(self.machine().engine.kept_keys, self.configuration.book.profiles)

    def warnings(self) -> tuple[str, ...]:
        """Return what was amiss with the files that were read or opened."""
        return (*self.configuration.warnings, *filter(None, self._opened_history()[1:]))

    def clipboard(self, osc52: Callable[[str], None]) -> Clipboard:
        """Return the clipboard; ``osc52`` is the terminal's own way to copy."""
        from ccflow_tui.services.clipboard import SystemClipboard

        return SystemClipboard(osc52, environment=self.configuration.environment, platform=sys.platform)

    async def change_passphrase(self) -> str:
        """Change the passphrase of the encrypted file; return what came of it."""
        from ccflow_tui.passphrase_change import change_passphrase

        machine = self.machine()
        return await change_passphrase(machine.secrets_file, machine.store)

    def demo(self) -> DemoOpening:
        """Return what starts the demo server."""
        return DemoOpening(self.options, self.configuration.book, self.machine)

    async def close(self) -> None:
        """Close what was made."""
        if self._history is not None:
            self._history[0].close()
        if self._machine is not None:
            await self._machine.close()

    def _opened_history(self) -> tuple[SqliteHistory | MemoryHistory, str]:
        if self._history is None:
            from ccflow_tui.services.token_history import open_history

            file = self.configuration.paths.history_file
            self._history = open_history(file.parent / "demo" / file.name if self.options.demo else file)
        return self._history


def make_app(backstage: Backstage) -> CcflowApp:
    """Make the wizard."""
    from ccflow_tui.app import CcflowApp
    from ccflow_tui.app_parts import AppParts
    from ccflow_tui.services.clock import SystemClock

    options, configuration = backstage.options, backstage.configuration
    ui = configuration.settings.ui if configuration.settings else None
    app = CcflowApp(
        AppParts(
            engine=late(lambda: backstage.machine().engine),
            workbench=late(backstage.workbench),
            book=configuration.book,
            history=late(backstage.history),
            logger=late(lambda: backstage.machine().logger),
            clipboard=backstage.clipboard,
            clock=SystemClock(),
            version=__version__,
            why_off=lambda profile: why_off(configuration, profile),
            theme=options.theme or "",
            theme_dir=configuration.paths.themes_dir,
            open_profiles=backstage.demo() if options.demo else None,
            warnings=backstage.warnings,
            standing_warning=recording_warning(configuration.environment),
            change_passphrase=backstage.change_passphrase if _has_secrets_file(backstage) else None,
            actions=actions_in_force(configuration),
            emoji=ui is None or ui.emoji is not False,
            motion=ui is None or ui.motion is not False,
        )
    )
    backstage.tell_refreshes(app.refresh_ended)
    backstage.ask_passphrases(partial(_ask_passphrase, app))
    return app


def _has_secrets_file(backstage: Backstage) -> bool:
    choice = backstage.configuration.store
    return choice is not None and choice.value == "file" and not backstage.options.demo


async def _ask_passphrase(app: CcflowApp, question: PassphraseQuestion) -> Secret | None:
    from ccflow_tui.passphrase_desk import PassphraseDesk

    return await PassphraseDesk(app)(question)


def actions_in_force(configuration: Configuration) -> tuple[Action, ...]:
    """Return the table of keys with the person's own; raises ``SettingsProblem`` for what cannot be."""
    from ccflow_tui.actions import ACTIONS

    file, settings = configuration.choice.file, configuration.settings
    if file is None or settings is None or not settings.ui.keys:
        return ACTIONS
    from ccflow_tui.keymap import remapped

    return remapped(settings.ui.keys, file)


def run_wizard(options: Options) -> int:
    """Open the wizard and return its exit code; everything it started is stopped afterwards.

    Raises ``FlowDisabled`` where the flow is off for the profile it would open with: the flag gates the way
    in, as it gates a route, and an exit code is what a script or an administrator can see. A profile that is
    chosen later opens for reading and editing, and only its requests are held back.
    """
    notice = stop_recording(os.environ)
    configuration = configure(options)
    if notice:
        configuration = replace(configuration, warnings=(*configuration.warnings, notice))
    profile, _ = configuration.book.open()
    if reason := why_off(configuration, profile):
        waiting = configuration.book.waiting(profile.name)[0]
        raise FlowDisabled(f"{reason}{_others_that_are_on(configuration)} {waiting}".rstrip())
    backstage = Backstage(options, configuration)
    if options.log_file is not None:
        backstage.machine()  # a log file that cannot be written is said before the screen is taken over
    code = run(_run(make_app(backstage), backstage))
    sink = backstage.machine().sink if options.log_file is not None else None
    if sink is not None and sink.problem:
        tell(f"ccflow: {sink.problem}")
    return code


def _others_that_are_on(configuration: Configuration) -> str:
    """Return a sentence that names the profiles to open instead, empty when there are none."""
    profiles = configuration.book.profiles()
    names = [profile.name for profile in profiles if not why_off(configuration, profile)]
    return f" Or open another profile with --profile: {', '.join(names)}." if names else ""


async def _run(app: CcflowApp, backstage: Backstage) -> int:
    # Before the app draws: a signal in its first moments must not leave the terminal half changed.
    leave_on_signals(app)
    let_alt_digits_through(key for action in app.parts.actions for key in action.keys.split(","))
    let_alt_digits_through(key for action in app.parts.actions for key in action.keys.split(","))
    _watch_background(backstage)
    try:
        await app.run_async()
    finally:
        try:
            await backstage.close()
        finally:
            if isinstance(app.parts.open_profiles, DemoOpening):
                await app.parts.open_profiles.server.stop()
    return app.return_code or 0


def _watch_background(backstage: Backstage) -> None:
    from ccflow_tui.crash import report_background_faults

    report_background_faults(lambda text: backstage.machine().report_fault(text))
