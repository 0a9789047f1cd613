"""The part of the app that holds the flow: it opens the steps and is the one place that changes state."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.app import App
from textual.screen import Screen
from textual.worker import Worker, WorkerCancelled, WorkerFailed, WorkerState

from ccflow_tui.messages import TokenRefreshed
from ccflow_tui.models.flow import FlowState, Step
from ccflow_tui.models.lifetime import Lifetime, Urgency
from ccflow_tui.screens import messages as told
from ccflow_tui.screens.configure import ConfigureScreen
from ccflow_tui.screens.desk import Desk
from ccflow_tui.screens.later import later_step
from ccflow_tui.screens.step import StepScreen
from ccflow_tui.widgets.status_bar import StatusView

if TYPE_CHECKING:
    from ccflow_tui.models.history import HistoryEntry
    from ccflow_tui.models.log_entry import LogEntry
    from ccflow_tui.models.outcome import Outcome
    from ccflow_tui.models.profile import Profile
    from ccflow_tui.profile_book import ProfileBook
    from ccflow_tui.services.logger import FlowLogger
    from ccflow_tui.services.ports import Clipboard, Clock, FlowEngine, HistoryStore
    from ccflow_tui.services.redaction import Redactor

MODES: Mapping[Step, str] = {step: step.name.lower() for step in Step}


@dataclass(frozen=True, slots=True)
class AppParts:
    """What the app is wired from; tests put in stand-ins."""

    engine: FlowEngine
    book: ProfileBook
    history: HistoryStore
    logger: FlowLogger
    redactor: Redactor
    clipboard: Callable[[Callable[[str], None]], Clipboard]
    """Makes a clipboard from the terminal's own way to copy (OSC 52)."""
    clock: Clock
    version: str
    theme: str = ""
    """The theme to start with; empty leaves it to settings and state."""
    theme_dir: Path | None = None
    open_profiles: Callable[[], Awaitable[None]] | None = None
    """Runs after the first paint and fills the book, when a demo server has to start first."""
    warnings: Callable[[], tuple[str, ...]] = tuple
    """What has to be said after the first paint, for example that history lasts for this run only."""
    standing_warning: str = ""
    """What the status bar must say all the time."""


class FlowApp(App[int]):
    """State, steps and the clock that ticks once a second."""

    DEFAULT_MODE = MODES[Step.CONFIGURE]

    def __init__(self, parts: AppParts) -> None:
        super().__init__()
        self.parts = parts
        profile, self.sources = parts.book.open()
        self.state = FlowState(profile)
        self.desk = Desk(
            parts.engine,
            parts.history,
            lambda: parts.logger.entries(),  # noqa: PLW0108 - the logger may be made at its first use
            parts.clock.monotonic,
        )
        self.shown_panes: frozenset[str] | None = None
        self._store_kind = ""
        for step in Step:
            self.add_mode(MODES[step], self._opener(step))

    def _opener(self, step: Step) -> Callable[[], Screen[None]]:
        def open_step() -> Screen[None]:
            if step is Step.CONFIGURE:
                screen: StepScreen = ConfigureScreen(self.desk, self.state.profile, self.sources)
            else:
                screen = later_step(step)(self.desk)
            screen.fit(self.size)
            return screen

        return open_step

    @property
    def step_screen(self) -> StepScreen | None:
        """The step that is open, even under a dialog."""
        bottom = self.screen_stack[0] if self.is_running and self.screen_stack else None
        return bottom if isinstance(bottom, StepScreen) else None

    # The one place that changes state

    def change(self, state: FlowState) -> None:
        """Take over a new state and let the open step redraw."""
        self.state = state
        if (screen := self.step_screen) is not None and screen.is_mounted:
            screen.show_state(state)
        self.tick()
        self.refresh_bindings()

    async def open_step(self, step: Step) -> None:
        """Open a step, or say why it cannot be opened yet."""
        if why_not := self.state.why_not(step):
            self.notify(why_not, severity="warning", markup=False)
            return
        await self.switch_mode(MODES[step])
        if (screen := self.step_screen) is not None:
            await screen.complete()
            self.show_panes(screen)
            screen.reload_panes()
        self.change(self.state.at(step))

    async def start_over(self, state: FlowState) -> None:
        """End what is under way, go to step 1 with ``state``, and drop what the later steps hold."""
        await self._stop_work()
        await self.switch_mode(MODES[Step.CONFIGURE])
        for step in (Step.BUILD, Step.SEND, Step.TOKEN):
            # Their screens hold the request and the token: new ones know nothing of them.
            await self.remove_mode(MODES[step])
            self.add_mode(MODES[step], self._opener(step))
        self.change(state.at(Step.CONFIGURE))

    async def _stop_work(self) -> None:
        """Cancel requests for a token and to the API, and wait until they have ended."""
        pending = [worker for worker in self.workers if worker.group in {"token", "resource"}]
        for worker in pending:
            worker.cancel()
            with suppress(WorkerFailed, WorkerCancelled):
                await worker.wait()

    def show_panes(self, screen: StepScreen) -> None:
        """Show the panes the user wants; until asked, both where there is room beside the step."""
        wanted = self.shown_panes
        if wanted is None:
            wanted = frozenset({"history", "log"}) if self.size.width >= 100 else frozenset()  # noqa: PLR2004
        screen.set_class(bool(wanted), "-show-panes")
        for pane in ("history", "log"):
            screen.set_class(pane in wanted, f"-show-{pane}")

    def tick(self) -> None:
        """Draw what depends on the time."""
        screen = self.step_screen
        if screen is None or not screen.is_mounted:
            return
        token = self.state.token
        # Without a token there is nothing to ask the engine, which is not loaded before the first paint.
        lifetime = self.parts.engine.lifetime(token) if token else Lifetime(Urgency.NONE)
        profile = self.state.profile
        screen.show_lifetime(lifetime)
        screen.show_status(
            StatusView(
                lifetime=lifetime,
                environment=profile.environment_id,
                region=profile.region if profile.environment_id else "",
                method=profile.auth_method,
                version=self.parts.version,
                store=self._store_kind,
                profile=profile.name,
                production=profile.production,
                warning=self.parts.standing_warning,
            )
        )

    def record(self, entry: HistoryEntry) -> None:
        """Add a history entry and show it."""
        self.parts.history.add(entry)
        if (screen := self.step_screen) is not None and screen.is_mounted:
            screen.refresh_history()

    def show_log_entry(self, entry: LogEntry) -> None:
        """Show a new log line on the open step."""
        if (screen := self.step_screen) is not None and screen.is_mounted:
            screen.show_log_entry(entry)

    async def refresh_store_status(self) -> None:
        """Ask where secrets live, for the status bar."""
        status = await self.parts.engine.store_status()
        self._store_kind = status.kind.value
        self.tick()

    # Facts the screens report

    @on(told.ProfileEdited)
    def _profile_edited(self, event: told.ProfileEdited) -> None:
        self.sources = dict(event.sources)
        self.change(self.state.with_profile(event.profile))

    @on(told.RequestBuilt)
    async def _request_built(self, event: told.RequestBuilt) -> None:
        if event.profile == self.state.profile:
            self.parts.book.remember(event.profile, self.sources)
            self.change(self.state.with_request(event.request))
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
        if not self.state.sending or event.profile != self.state.profile:
            return  # the flow was started over meanwhile
        self.change(self.state.finished(event.outcome))
        if self.state.is_done(Step.SEND):
            self.notify("Access token acquired.", title="✅", timeout=4, markup=False)
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
            self.notify("The token was refreshed in the background.", title="♻", timeout=4, markup=False)
        elif advice := self.parts.engine.advise(event.outcome, event.profile):
            self.notify(
                f"{advice.reason} The current token is kept until it expires.",
                title="Refresh failed",
                severity="warning",
                markup=False,
            )

    @on(told.ResourceAnswered)
    def _resource_answered(self, event: told.ResourceAnswered) -> None:
        from ccflow_tui import records

        self.record(records.resource_entry(event.result, event.profile, at=self.parts.clock.wall()))
        if event.profile == self.state.token_profile:
            self.change(self.state.with_resource(event.result))

    def _record_outcome(self, outcome: Outcome, profile: Profile, *, refreshed: bool = False) -> None:
        from ccflow_tui import records

        at = self.parts.clock.wall()
        self.record(records.outcome_entry(outcome, profile, at=at, refreshed=refreshed))

    # When something goes wrong

    @on(told.WorkFailed)
    def _work_failed(self, event: told.WorkFailed) -> None:
        """Tell of a bug and go on; its text may hold anything, so only its kind is told."""
        from ccflow_tui.models.log_entry import LogLevel

        kind = type(event.error).__name__
        self.parts.logger.write(LogLevel.ERROR, "⛔", f"unexpected error in the background: {kind}", "APP")
        self.notify(
            f"ccflow met an error it did not expect ({kind}). Nothing you entered is lost; try again. "
            "If it comes back, export the log from the command palette and report it.",
            title="A bug in ccflow",
            severity="error",
            timeout=15,
            markup=False,
        )

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Report work of the app itself that failed in a way nobody foresaw."""
        if event.state is WorkerState.ERROR:
            self.post_message(told.WorkFailed(event.worker.error))

    def _fatal_error(self) -> None:
        """Print a traceback without local variables and without secrets, in place of Textual's own."""
        from ccflow_tui.crash import render_crash

        self._exit_renderables.append(render_crash(self.parts.redactor.redact))
        self._close_messages_no_wait()
