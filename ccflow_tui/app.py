"""The wizard's app: what happens around the flow: start, profiles, saving, copying, signing out."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import BindingType

from ccflow_tui import actions
from ccflow_tui.looks import LooksApp
from ccflow_tui.messages import TokenRefreshed
from ccflow_tui.models.flow import FlowState, Step
from ccflow_tui.models.problems import CcflowError
from ccflow_tui.ordered_keys import OrderedKeysApp
from ccflow_tui.screens import messages as told
from ccflow_tui.screens.configure import ConfigureScreen

if TYPE_CHECKING:
    from textual.command import Provider

    from ccflow_tui.models.outcome import Outcome
    from ccflow_tui.models.profile import Profile
    from ccflow_tui.screens.confirm import Answer


def _action_commands() -> type[Provider]:
    from ccflow_tui.palette import ActionCommands

    return ActionCommands


class CcflowApp(LooksApp, OrderedKeysApp):
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
        if self.parts.open_profiles is not None:
            await self._open_profiles()
        await self.refresh_store_status()
        await self._ask_about_folder()
        await self._restore_token()
        try:
            await self.parts.engine.warm()
        except CcflowError as problem:
            self.notify(str(problem), title="Network", severity="error", timeout=15, markup=False)

    async def _ask_about_folder(self) -> None:
        if self.parts.book.folder and not self.parts.book.is_demo:
            from ccflow_tui import trusting

            if await trusting.ask(self, self.parts.book):
                profile, sources = trusting.merged((self.state.profile, self.sources), self._opened())
                self.show_profile(self.parts.engine.derive(profile), sources, keep_typed=True)

    async def _open_profiles(self) -> None:
        if self.parts.open_profiles is None:
            return
        try:
            await self.parts.open_profiles()
        except CcflowError as problem:
            self.notify(str(problem), title="Demo", severity="error", timeout=30, markup=False)
            return
        self.show_profile(*self._opened())

    async def _restore_token(self) -> None:
        profile = self.state.profile
        if self.parts.why_off(profile):
            return  # it would be kept alive, which is a request for a token
        token = await self.parts.engine.stored_token(profile)
        if token is not None and profile == self.state.profile and self.state.token is None:
            self.change(self.state.with_token(token, profile))

    @on(told.EndpointFound)
    @work(exclusive=True, group="restore", exit_on_error=False)
    async def _endpoint_found(self) -> None:
        await self._restore_token()

    def refresh_ended(self, outcome: Outcome, profile: Profile) -> None:
        """Take a background refresh from the engine; safe to call at any time on the loop."""
        self.post_message(TokenRefreshed(outcome, profile))

    # Profiles

    @work(exclusive=True, group="profiles", exit_on_error=False)
    async def action_profiles(self) -> None:
        """Choose another profile."""
        from ccflow_tui.screens.profiles import ProfilesDialog

        current = self.state.profile.name
        self.parts.book.remember(self.state.profile, self.sources)
        try:
            profiles = self.parts.book.profiles()
        except CcflowError as problem:
            self.notify(str(problem), title="Profiles", severity="error", timeout=15, markup=False)
            return
        wish = await self.push_screen_wait(ProfilesDialog(profiles, current))
        if wish is not None and wish.forget:
            from ccflow_tui import removing

            await removing.forget(self, wish.name)
        elif wish is not None and not wish.name:
            await self._begin_profile()
        elif wish is not None and wish.name != current:
            await self.switch_to(wish.name)

    @work(exclusive=True, group="profiles", exit_on_error=False)
    async def action_new_profile(self) -> None:
        """Begin another profile from this one."""
        await self._begin_profile()

    async def _begin_profile(self) -> None:
        from ccflow_tui import new_profile

        current, book = self.state.profile, self.parts.book
        if isinstance(screen := self.step_screen, ConfigureScreen):
            screen.hand_over_secrets()
        name = await new_profile.ask_name(self, current, book)
        try:
            if name is None or not await self._room_for_state():
                return
            await new_profile.begin(self.parts, current, name)
        except CcflowError as problem:
            self.notify(str(problem), title="Not saved", severity="error", timeout=15, markup=False)
            return
        book.remember(current, self.sources)
        await self.switch_to(name)
        self.notify(f"Profile “{name}” is a copy of “{current.name}”. Change what differs.", markup=False)

    async def switch_to(self, name: str) -> None:
        """Open another profile at step 1."""
        profile, sources = self._opened(name)
        await self.start_over(FlowState(profile))
        await self.parts.engine.let_go()
        self.show_profile(profile, sources)
        if reason := self.parts.why_off(profile):
            self.notify(reason, title="Off for this profile", severity="warning", timeout=15, markup=False)
        await self._restore_token()

    def _opened(self, name: str | None = None) -> tuple[Profile, dict[str, str]]:
        profile, sources = self.parts.book.open(name)
        return self.parts.engine.derive(profile), sources

    def show_profile(self, profile: Profile, sources: dict[str, str], *, keep_typed: bool = False) -> None:
        """Put a profile into flow and form; a token of another profile does not stay on the screen."""
        self.sources = sources
        same_client = profile.name == self.state.profile.name
        self.change(self.state.with_profile(profile) if same_client else FlowState(profile))
        if isinstance(screen := self.step_screen, ConfigureScreen):
            screen.load_profile(profile, sources, keep_typed=keep_typed)

    @on(told.SaveWanted)
    @work(exclusive=True, group="save", exit_on_error=False)
    async def _save(self, event: told.SaveWanted) -> None:
        from ccflow_tui import api_consent
        from ccflow_tui.profile_book import saved_credential

        profile, engine = event.profile, self.parts.engine
        try:
            if not await self._room_for_state():
                return
            self.parts.book.save(profile)
            api_consent.keep_confirmed(self.parts.book, profile, self.sources)
            await engine.save_secret(profile)
        except CcflowError as problem:
            self.notify(str(problem), title="Not saved", severity="error", timeout=15, markup=False)
            return
        where = saved_credential(profile, await engine.credential_source(profile))
        self.notify(f"Profile “{profile.name}” saved; {where}.", timeout=5, markup=False)
        await self.refresh_store_status()

    async def _room_for_state(self) -> bool:
        """Whether the state file may be written; a broken one is moved aside when the user agrees."""
        book = self.parts.book
        if not book.broken_state or book.is_demo:
            return True
        question = (
            f"{book.state.path} could not be read, so nothing in it was used, and it was left as it is.\n"
            "Move it aside, where it can still be mended, and begin a new one with this profile?"
        )
        if not await self._confirmed("Move the broken state file aside?", question, "Move aside and save"):
            return False
        aside = book.move_broken_state_aside()
        self.notify(f"The broken file is now {aside}", timeout=15, markup=False)
        return True

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
        only_at_configure = action in {"import_key", "clear_credentials"}
        return self.state.step is Step.CONFIGURE if only_at_configure else True

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
        if await self._confirmed("Clear history?", f"This removes {count} entries for good.", "Clear"):
            self.parts.history.clear()
            if (screen := self.step_screen) is not None:
                screen.refresh_history()

    def action_export_log(self) -> None:
        """Write the redacted log to a file only the user can read."""
        try:
            path = self.parts.book.export(self.parts.logger.export())
        except CcflowError as problem:
            self.notify(str(problem), title="Log not exported", severity="error", markup=False)
            return
        self.notify(f"Log written to {path}", timeout=8, markup=False)

    async def _confirmed(self, heading: str, question: str, confirm: str) -> bool:
        return await self.asked(heading, question, confirm) == "confirm"

    async def asked(self, heading: str, question: str, confirm: str, more: str = "") -> Answer | None:
        """Ask before something irreversible; to be awaited in a worker."""
        from ccflow_tui.screens.confirm import ConfirmDialog

        return await self.push_screen_wait(ConfirmDialog(heading, question, confirm, more))
