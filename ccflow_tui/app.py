"""The wizard's app: what happens around the flow: help, profiles, themes, saving, signing out."""

from __future__ import annotations

from typing import ClassVar

from textual import on, work
from textual.binding import BindingType

from ccflow_tui import actions, records, theming
from ccflow_tui.flow_app import AppParts, FlowApp
from ccflow_tui.messages import TokenRefreshed
from ccflow_tui.models.flow import FlowState, Step
from ccflow_tui.models.outcome import Outcome
from ccflow_tui.models.problems import CcflowError
from ccflow_tui.models.profile import Profile
from ccflow_tui.palette import ActionCommands
from ccflow_tui.screens import messages as told
from ccflow_tui.screens.configure import ConfigureScreen
from ccflow_tui.services.ports import CopyRoute, StoreKind
from ccflow_tui.terminal import leave_on_signals


class CcflowApp(FlowApp):
    """The wizard as a person meets it."""

    TITLE = "ccflow"
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings()]
    COMMANDS: ClassVar = {ActionCommands}
    CSS_PATH = "app.tcss"
    NOTIFICATION_TIMEOUT = 5.0

    def __init__(self, parts: AppParts) -> None:
        self._themes = theming.available_themes(parts.theme_dir)
        super().__init__(parts)

    # Start and end

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give our own colour variables a value under themes that do not know them."""
        return theming.variable_defaults(self.current_theme)

    async def on_mount(self) -> None:
        """Apply the theme, then do everything slow after the first paint."""
        self._apply_theme(self.parts.theme or self.parts.book.theme or theming.DEFAULT_DARK)
        leave_on_signals(self)
        self.parts.logger.subscribe(self.show_log_entry)
        self.set_interval(1.0, self.tick)
        self.call_after_refresh(self._settle)

    @work(exclusive=True, group="start")
    async def _settle(self) -> None:
        screen = self.step_screen
        if screen is not None:
            self.show_panes(screen)
            screen.reload_panes()
        self.change(self.state)
        for warning in self.parts.warnings:
            self.notify(warning, severity="warning", timeout=10, markup=False)
        if self.parts.open_profiles is not None:
            await self._open_profiles()
        await self.refresh_store_status()
        await self._restore_token()
        await self.parts.engine.warm()

    async def _open_profiles(self) -> None:
        if self.parts.open_profiles is None:
            return
        try:
            await self.parts.open_profiles()
        except CcflowError as problem:
            self.notify(str(problem), title="Demo", severity="error", timeout=30, markup=False)
            return
        self._show_profile(*self.parts.book.open())

    async def _restore_token(self) -> None:
        profile = self.state.profile
        token = await self.parts.engine.stored_token(profile)
        if token is not None and profile == self.state.profile:
            self.change(self.state.with_token(token, profile))

    def refresh_ended(self, outcome: Outcome, profile: Profile) -> None:
        """Take a background refresh from the engine; safe to call at any time on the loop."""
        self.post_message(TokenRefreshed(outcome, profile))

    # Help and looks

    def action_help(self) -> None:
        """Show the help of this step."""
        from ccflow_tui.screens.help import HelpDialog, HelpPage, HelpRow

        screen = self.step_screen
        if screen is None:
            return
        rows = [
            [HelpRow(action.key_display, f"{action.title}. {action.help}") for action in group if action.keys]
            for group in (actions.on_step(screen.STEP), actions.everywhere())
        ]
        self.push_screen(HelpDialog(HelpPage(screen.HEADING, screen.INTRODUCTION, *rows)))

    def action_next_theme(self) -> None:
        """Go to the next theme and keep it for the next run."""
        names = list(self._themes)
        following = names[(names.index(self.theme) + 1) % len(names)] if self.theme in names else names[0]
        self._apply_theme(following)
        self.parts.book.remember_theme(following)

    def _apply_theme(self, name: str) -> None:
        try:
            theme = theming.load_theme(self._themes.get(name) or self._themes[theming.DEFAULT_DARK])
        except CcflowError as problem:
            self.notify(str(problem), title="Theme", severity="error", markup=False)
            theme = theming.load_theme(theming.available_themes(None)[theming.DEFAULT_DARK])
        self.register_theme(theme)
        self.theme = theme.name

    def action_toggle_history(self) -> None:
        """Show or hide the history."""
        self._toggle_pane("history")

    def action_toggle_log(self) -> None:
        """Show or hide the log."""
        self._toggle_pane("log")

    def _toggle_pane(self, pane: str) -> None:
        screen = self.step_screen
        if screen is None:
            return
        shown = frozenset(name for name in ("history", "log") if screen.has_class(f"-show-{name}"))
        self.shown_panes = shown ^ {pane}
        self.show_panes(screen)
        screen.reload_panes()

    # Steps and profiles

    async def action_step(self, number: int) -> None:
        """Open a step by its number."""
        await self.open_step(Step(number))

    async def action_reset(self) -> None:
        """Let go of token and request; the configuration stays."""
        await self.parts.engine.let_go()
        await self.switch_mode("configure")
        self.change(FlowState(self.state.profile))
        self.notify("Flow reset. The configuration is kept; begin again at step 1.", timeout=4, markup=False)

    @work(exclusive=True, group="profiles")
    async def action_profiles(self) -> None:
        """Choose another profile."""
        from ccflow_tui.screens.profiles import ProfilesDialog

        current = self.state.profile.name
        name = await self.push_screen_wait(ProfilesDialog(self.parts.book.profiles(), current))
        if name is None or name == current:
            return
        await self.parts.engine.let_go()
        try:
            opened = self.parts.book.open(name)
        except CcflowError as problem:
            self.notify(str(problem), title="Profile", severity="error", timeout=15, markup=False)
            return
        await self.switch_mode("configure")
        self._show_profile(*opened)
        await self._restore_token()

    def _show_profile(self, profile: Profile, sources: dict[str, str]) -> None:
        profile = self.parts.engine.derive(profile)
        self.sources = sources
        self.change(FlowState(profile))
        if isinstance(screen := self.step_screen, ConfigureScreen):
            screen.load_profile(profile, sources)

    @on(told.SaveWanted)
    @work(exclusive=True, group="save")
    async def _save(self, event: told.SaveWanted) -> None:
        try:
            self.parts.book.save(event.profile)
            status = await self.parts.engine.save_secret(event.profile)
        except CcflowError as problem:
            self.notify(str(problem), title="Not saved", severity="error", timeout=15, markup=False)
            return
        where = "the system keyring" if status.kind is StoreKind.KEYRING else "memory, for this run only"
        self.notify(
            f"Profile “{event.profile.name}” saved; its secret is in {where}.", timeout=5, markup=False
        )
        await self.refresh_store_status()

    @work(exclusive=True, group="save")
    async def action_import_key(self) -> None:
        """Copy the private key file into the secret store."""
        try:
            profile = await self.parts.engine.import_key(self.state.profile)
        except CcflowError as problem:
            self.notify(str(problem), title="Key not imported", severity="error", timeout=15, markup=False)
            return
        self._show_profile(profile, self.sources | {"key_reference": "imported"})
        self.notify(
            "The private key is in the secret store now; the file is no longer needed here.", markup=False
        )

    # Copying, signing out, tidying

    @on(told.CopyWanted)
    async def _copy(self, event: told.CopyWanted) -> None:
        clipboard = self.parts.clipboard(self.copy_to_clipboard)
        report = await clipboard.copy(event.text, label=event.label)
        self.notify(
            report.message,
            severity="warning" if report.route is CopyRoute.NONE else "information",
            timeout=4,
            markup=False,
        )

    @on(told.SignOutWanted)
    @work(exclusive=True, group="sign-out")
    async def _sign_out(self) -> None:
        profile = self.state.token_profile or self.state.profile
        question = (
            "This removes the access token from memory, cache and secret store, and the stored client "
            f"secret and key of profile “{profile.name}”.\nThe configuration and the history stay."
        )
        if not await self._confirmed("Sign out?", question, "Sign out"):
            return
        try:
            removed = await self.parts.engine.sign_out(profile)
        except CcflowError as problem:
            self.notify(
                str(problem), title="Sign-out is not complete", severity="error", timeout=30, markup=False
            )
            return
        self.record(records.sign_out_entry(profile, at=self.parts.clock.wall()))
        await self.switch_mode("configure")
        self._show_profile(self.state.profile, self.sources)
        self.notify(f"Signed out. Removed: {', '.join(removed)}.", timeout=8, markup=False)

    @work(exclusive=True, group="tidy")
    async def action_clear_history(self) -> None:
        """Remove every history entry, after a question."""
        count = self.parts.history.count()
        if await self._confirmed("Clear history?", f"This removes {count} entries for good.", "Clear"):
            self.parts.history.clear()
            if (screen := self.step_screen) is not None:
                screen.history.refresh_rows()

    def action_export_log(self) -> None:
        """Write the redacted log to a file only the user can read."""
        try:
            path = self.parts.book.export(self.parts.logger.export())
        except CcflowError as problem:
            self.notify(str(problem), title="Log not exported", severity="error", markup=False)
            return
        self.notify(f"Log written to {path}", timeout=8, markup=False)

    async def _confirmed(self, heading: str, question: str, confirm: str) -> bool:
        from ccflow_tui.screens.confirm import ConfirmDialog

        answer = await self.push_screen_wait(ConfirmDialog(heading, question, confirm))
        return answer is True

    def on_resize(self) -> None:
        """Show or hide the panes as the room allows, until the user decides."""
        if (screen := self.step_screen) is not None:
            self.show_panes(screen)
