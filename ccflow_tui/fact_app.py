"""The part of the app that acts on what the screens and the engine report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on, work

from ccflow_tui.flow_app import FlowApp
from ccflow_tui.messages import TokenRefreshed
from ccflow_tui.models.flow import Step
from ccflow_tui.screens import messages as told
from ccflow_tui.screens.configure import ConfigureScreen

if TYPE_CHECKING:
    from ccflow_tui.models.outcome import Outcome
    from ccflow_tui.models.profile import Profile


class FactApp(FlowApp):
    """One handler a fact; each changes the state in one go and writes history."""

    @on(told.ProfileEdited)
    def _profile_edited(self, event: told.ProfileEdited) -> None:
        self.sources = dict(event.sources)
        self.change(self.state.with_profile(event.profile))

    @on(told.RequestBuilt)
    async def _request_built(self, event: told.RequestBuilt) -> None:
        if event.profile == self.state.profile:
            self.parts.book.remember(event.profile, self.sources)
            self.change(self.state.with_request(event.request, event.took))
            await self.open_step(Step.BUILD)

    @on(told.StepWanted)
    async def _step_wanted(self, event: told.StepWanted) -> None:
        await self.open_step(event.step)

    @on(told.EditWanted)
    async def _edit_wanted(self, event: told.EditWanted) -> None:
        await self.open_step(Step.CONFIGURE)
        if isinstance(screen := self.step_screen, ConfigureScreen):
            screen.focus_field(event.field)

    @on(told.SendStarted)
    def _send_started(self) -> None:
        self.change(self.state.started())

    @on(told.OutcomeReady)
    async def _outcome_ready(self, event: told.OutcomeReady) -> None:
        self._record_outcome(event.outcome, event.profile)
        if not self.state.sending or event.profile.name != self.state.profile.name:
            return  # the flow was started over meanwhile
        # The profile may be another one all the same: discovery may have ended in the meantime.
        self.change(self.state.finished(event.outcome, event.profile))
        if self.state.is_done(Step.SEND):
            self.notify("✅ Access token acquired.", timeout=4, markup=False)
            if len(self.screen_stack) == 1:  # nobody is reading a dialog
                await self.open_step(Step.TOKEN)

    @on(TokenRefreshed)
    def _token_refreshed(self, event: TokenRefreshed) -> None:
        from ccflow_tui.models.outcome import Granted

        self._record_outcome(event.outcome, event.profile, refreshed=True)
        if event.profile != self.state.token_profile:
            return
        if isinstance(event.outcome, Granted):
            self.change(self.state.with_token(event.outcome.token, event.profile))
            self.notify("♻ The token was refreshed in the background.", timeout=4, markup=False)
        elif advice := self.parts.engine.advise(event.outcome, event.profile):
            self.notify(
                f"{advice.reason} The current token is kept until it expires.",
                title="Refresh failed",
                severity="warning",
                markup=False,
            )

    @on(told.ApiConfirmed)
    def _api_confirmed(self, event: told.ApiConfirmed) -> None:
        self.parts.book.confirm_api(event.profile.name, event.origin)

    @on(told.ResourceAnswered)
    def _resource_answered(self, event: told.ResourceAnswered) -> None:
        from ccflow_tui import records

        self.record(records.resource_entry(event.result, event.profile, at=self.parts.clock.wall()))
        if event.profile == self.state.token_profile:
            self.change(self.state.with_resource(event.result))

    @on(told.CopyWanted)
    @work(group="copy", exit_on_error=False)
    async def _copy(self, event: told.CopyWanted) -> None:
        from ccflow_tui.services.ports import CopyRoute
        from ccflow_tui.widgets.copy_button import CopyButton

        clipboard = self.parts.clipboard(self.copy_to_clipboard)
        report = await clipboard.copy(event.text, label=event.label)
        if report.route is not CopyRoute.NONE and self.step_screen is not None:
            for button in self.step_screen.query(CopyButton):
                button.confirm("Copied" if report.route is CopyRoute.NATIVE else "Sent")
        self.notify(
            report.message,
            severity="warning" if report.route is CopyRoute.NONE else "information",
            timeout=4,
            markup=False,
        )

    def _record_outcome(self, outcome: Outcome, profile: Profile, *, refreshed: bool = False) -> None:
        from ccflow_tui import records

        at = self.parts.clock.wall()
        self.record(records.outcome_entry(outcome, profile, at=at, refreshed=refreshed))
