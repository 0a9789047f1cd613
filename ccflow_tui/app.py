"""The wizard's app: what happens around the flow: start, keys, signing out, tidying up."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import BindingType

from ccflow_tui import actions
from ccflow_tui.messages import TokenRefreshed
from ccflow_tui.models.flow import Step
from ccflow_tui.models.problems import CcflowError
from ccflow_tui.ordered_keys import OrderedKeysApp
from ccflow_tui.profiles_app import ProfilesApp
from ccflow_tui.screens import messages as told
from ccflow_tui.screens.configure import ConfigureScreen

if TYPE_CHECKING:
    from textual.command import Provider

    from ccflow_tui.models.outcome import Outcome
    from ccflow_tui.models.profile import Profile


def _action_commands() -> type[Provider]:
    from ccflow_tui.palette import ActionCommands

    return ActionCommands


class CcflowApp(ProfilesApp, OrderedKeysApp):
    """The wizard as a person meets it."""

    TITLE = "ccflow"
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings()]
    COMMANDS: ClassVar = {_action_commands}
    # The frame and step 1 are always there; read as a screen's own they would be parsed once more.
    CSS_PATH = ["app.tcss", "screens/step.tcss", "screens/configure.tcss"]  # noqa: RUF012 - Textual's own type
    NOTIFICATION_TIMEOUT = 5.0

    # Start and end

    async def on_mount(self) -> None:
        """Do everything slow after the first paint."""
        self.set_interval(1.0, self.tick)
        self.call_after_refresh(self._settle)

    @work(exclusive=True, group="start", exit_on_error=False)
    async def _settle(self) -> None:
        gc.freeze()  # what stands now stays; it need not be searched for garbage again and again
        gc.enable()
        self.app_resume_signal.subscribe(self, lambda _: self._draw_anew())
        if (screen := self.step_screen) is not None:
            await screen.complete()
            self.show_panes(screen)
            screen.reload_panes()
        self.parts.logger.subscribe(self.show_log_entry)
        # What was typed a moment ago is in the form, and may not have been told yet.
        profile, sources = self.state.profile, self.sources
        if isinstance(screen, ConfigureScreen):
            profile, sources = screen.entered
        self.show_profile(self.parts.engine.derive(profile), sources, keep_typed=True)
        for warning in filter(None, (*self.parts.warnings(), self.theme_problem)):
            self.notify(warning, severity="warning", timeout=10, markup=False)
        await self._open_profiles()
        await self.refresh_store_status()
        await self._ask_about_folder()
        await self.restore_token()
        try:
            await self.parts.engine.warm()
        except CcflowError as problem:
            self.notify(str(problem), title="Network", severity="error", timeout=15, markup=False)

    async def _ask_about_folder(self) -> None:
        if self.parts.book.folder and not self.parts.book.is_demo:
            from ccflow_tui import trusting

            if await trusting.ask(self, self.parts.book):
                profile, sources = trusting.merged((self.state.profile, self.sources), self.opened())
                self.show_profile(self.parts.engine.derive(profile), sources, keep_typed=True)

    async def _open_profiles(self) -> None:
        if self.parts.open_profiles is None:
            return
        try:
            await self.parts.open_profiles()
        except CcflowError as problem:
            self.notify(str(problem), title="Demo", severity="error", timeout=30, markup=False)
            return
        if unknown := self.parts.book.drop_unknown_request():
            text = f"{unknown} {self.desk.key('profiles')} lists those of the demo."
            self.notify(text, severity="error", timeout=15, markup=False)
        self.show_profile(*self.opened())

    @on(told.EndpointFound)
    @work(exclusive=True, group="restore", exit_on_error=False)
    async def _endpoint_found(self) -> None:
        await self.restore_token()

    def refresh_ended(self, outcome: Outcome, profile: Profile) -> None:
        """Take a background refresh from the engine; safe to call at any time on the loop."""
        self.post_message(TokenRefreshed(outcome, profile))

    # Keys

    @work(exclusive=True, group="save", exit_on_error=False)
    async def action_import_key(self) -> None:
        """Copy the private key file into the secret store."""
        from ccflow_tui import key_desk

        await key_desk.import_key_file(self)

    @work(exclusive=True, group="keys", exit_on_error=False)
    async def action_keys(self) -> None:
        """Open the key workbench."""
        from ccflow_tui import key_desk

        await key_desk.open_workbench(self)

    @on(told.KeyChosen)
    def _key_chosen(self, event: told.KeyChosen) -> None:
        from ccflow_tui import key_desk

        key_desk.use_key(self, event.key)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer an action of one step on that step only."""
        if action == "change_passphrase" and self.parts.change_passphrase is None:
            return False
        if action == "remove_history_entry":
            return self.step_screen is not None and self.step_screen.history_entry is not None
        only_at_configure = action in {"import_key", "clear_credentials"}
        return self.state.step is Step.CONFIGURE if only_at_configure else True

    def action_suspend(self) -> None:
        """Leave the terminal to the shell until that brings ccflow back."""
        from ccflow_tui import terminal
        from ccflow_tui.widgets.unseen import mask_all

        if self.is_headless or not terminal.has_job_control():
            self.notify("There is no shell here that could bring ccflow back.", severity="warning")
            return
        mask_all(self)
        terminal.suspend_job()

    def _draw_anew(self) -> None:
        """Draw everything: the terminal comes back empty, while nothing of ours has changed."""
        self.refresh(layout=True)

    # Signing out, tidying

    @on(told.SignOutWanted)
    @work(exclusive=True, group="sign-out", exit_on_error=False)
    async def _sign_out(self) -> None:
        from ccflow_tui import removing

        await removing.sign_out(self)

    @work(exclusive=True, group="sign-out", exit_on_error=False)
    async def action_clear_credentials(self) -> None:
        """Remove every secret of the open profile, after a question."""
        from ccflow_tui import removing

        await removing.clear(self)

    @work(exclusive=True, group="profiles", exit_on_error=False)
    async def action_forget_profile(self) -> None:
        """Remove the open profile with every secret of it, after a question."""
        from ccflow_tui import removing

        await removing.forget(self, self.state.profile.name)

    @work(exclusive=True, group="passphrase", exit_on_error=False)
    async def action_change_passphrase(self) -> None:
        """Encrypt the file of secrets anew, with another passphrase."""
        from ccflow_tui import passphrase_desk

        await passphrase_desk.change(self, self.parts.change_passphrase)
        await self.refresh_store_status()

    @work(exclusive=True, group="tidy", exit_on_error=False)
    async def action_clear_history(self) -> None:
        """Remove every history entry, after a question."""
        count = self.parts.history.count()
        entries = "1 entry" if count == 1 else f"{count} entries"
        if await self.confirmed("Clear history?", f"This removes {entries} for good.", "Clear"):
            self.parts.history.clear()
            self._redraw_history()

    @work(exclusive=True, group="tidy", exit_on_error=False)
    async def action_remove_history_entry(self) -> None:
        """Remove the history entry under the cursor, after a question."""
        entry = self.step_screen.history_entry if self.step_screen is not None else None
        if entry is None:
            return
        from ccflow_tui.records import entry_text

        if await self.confirmed("Remove this entry?", entry_text(entry), "Remove"):
            # On a thread: every later entry moves up by one, which takes a while in a long history.
            if not await asyncio.to_thread(self.parts.history.remove, entry):
                text = "Not removed: another ccflow has changed the history, or its file cannot be written."
                self.notify(text, severity="warning")
            self._redraw_history()

    def _redraw_history(self) -> None:
        if (screen := self.step_screen) is not None:
            screen.refresh_history()

    def action_clear_log(self) -> None:
        """Let go of the lines of the log."""
        self.parts.logger.clear()
        if (screen := self.step_screen) is not None:
            screen.reload_panes()

    def action_export_log(self) -> None:
        """Write the redacted log to a file only the user can read."""
        try:
            path = self.parts.book.export(self.parts.logger.export())
        except CcflowError as problem:
            self.notify(str(problem), title="Log not exported", severity="error", markup=False)
            return
        self.notify(f"Log written to {path}", timeout=8, markup=False)
