"""The part of the app that holds the flow: it opens the steps and is the one place that changes state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from textual.screen import Screen
from textual.worker import WorkerCancelled, WorkerFailed

from ccflow_tui.actions import main_key
from ccflow_tui.app_parts import AppParts
from ccflow_tui.mishap_app import MishapApp
from ccflow_tui.models.flow import FlowState, Step
from ccflow_tui.models.lifetime import Lifetime, Urgency
from ccflow_tui.models.provider_forms import place_of
from ccflow_tui.screens.configure import ConfigureScreen
from ccflow_tui.screens.desk import Desk
from ccflow_tui.screens.later import later_step
from ccflow_tui.screens.step import StepScreen
from ccflow_tui.widgets.status_bar import StatusView

if TYPE_CHECKING:
    from ccflow_tui.keys_in_force import KeysInForce
    from ccflow_tui.models.history import HistoryEntry
    from ccflow_tui.models.log_entry import LogEntry
    from ccflow_tui.models.profile import Profile

MODES: Mapping[Step, str] = {step: step.name.lower() for step in Step}


class FlowApp(MishapApp):
    """State, steps and the clock that ticks once a second."""

    DEFAULT_MODE = MODES[Step.CONFIGURE]

    def __init__(self, parts: AppParts) -> None:
        super().__init__(parts)
        profile, self.sources = parts.book.open()
        self.state = FlowState(profile)
        self.desk = Desk(
            parts.engine,
            parts.history,
            lambda: parts.logger.entries(),  # noqa: PLW0108 - the logger may be made at its first use
            parts.clock.monotonic,
            parts.why_off,
            self.keys,
            parts.book.shadows,
            self._unconfirmed_api,
            lambda action: main_key(action, parts.actions),
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
            self.show_panes(screen, update=False)
            return screen

        return open_step

    def keys(self) -> KeysInForce:
        """Return the keys in force, those of dialogs among them."""
        from ccflow_tui.keys_in_force import KeysInForce

        return KeysInForce(self.parts.actions)

    def _unconfirmed_api(self, profile: Profile) -> str:
        from ccflow_tui.api_consent import unconfirmed_api

        shown = self.state.profile
        # A token may be held for the profile as it was before it was edited.
        same = (shown.name, shown.api_base) == (profile.name, profile.api_base)
        return unconfirmed_api(self.parts.book, profile, self.sources if same else {})

    @property
    def step_screen(self) -> StepScreen | None:
        """The step that is open, even under a dialog."""
        bottom = self.screen_stack[0] if self.is_running and self.screen_stack else None
        return bottom if isinstance(bottom, StepScreen) else None

    def clear_selection(self) -> None:
        """Clear the selected text, where a screen is open.

        From Python 3.12 on, Textual mounts eagerly: an input field asks for this before its screen is on the
        stack of the first mode, where Textual would raise.
        """
        if self.screen_stack:
            super().clear_selection()

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
        if why_not := self._why_not(step):
            self.notify(why_not, severity="warning", markup=False)
            return
        await self.switch_mode(MODES[step])
        if (screen := self.step_screen) is not None:
            await screen.complete()
            self.show_panes(screen)
            screen.reload_panes()
        self.change(self.state.at(step))

    def _why_not(self, step: Step) -> str:
        """Return why a step cannot be opened; a flow that is off is told before what else is missing."""
        gated = step in {Step.BUILD, Step.SEND}
        return (gated and self.parts.why_off(self.state.profile)) or self.state.why_not(step, self.desk.key)

    async def start_over(self, state: FlowState) -> None:
        """End what is under way, go to step 1 with ``state``, and drop what the later steps hold."""
        await self._stop_work()
        await self.switch_mode(MODES[Step.CONFIGURE])
        for step in (Step.BUILD, Step.SEND, Step.TOKEN):
            # Their screens hold the request and the token: new ones know nothing of them.
            await self.remove_mode(MODES[step])
            self.add_mode(MODES[step], self._opener(step))
        self.change(state.at(Step.CONFIGURE))

    async def action_step(self, number: int) -> None:
        """Open a step by its number."""
        await self.open_step(Step(number))

    async def action_reset(self) -> None:
        """Let go of token and request; the configuration stays."""
        await self.start_over(FlowState(self.state.profile))
        await self.parts.engine.let_go()
        self.notify("Flow reset. The configuration is kept; begin again at step 1.", timeout=4, markup=False)

    async def _stop_work(self) -> None:
        """Cancel requests for a token, about it and to the API, and wait until they have ended."""
        pending = [worker for worker in self.workers if worker.group in {"token", "resource", "inspection"}]
        for worker in pending:
            worker.cancel()
            with suppress(WorkerFailed, WorkerCancelled):
                await worker.wait()

    def show_panes(self, screen: StepScreen, *, update: bool = True) -> None:
        """Show the panes the user wants; until asked, both where there is room beside the step.

        ``update`` restyles the screen, which one that is not mounted yet does not need.
        """
        wanted = self.shown_panes
        if wanted is None:
            wanted = frozenset({"history", "log"}) if self.size.width >= 100 else frozenset()  # noqa: PLR2004
        classes = {f"-show-{pane}": pane in wanted for pane in ("history", "log")}
        screen.update_classes({"-show-panes": bool(wanted), **classes}, update=update)

    def tick(self) -> None:
        """Draw what depends on the time."""
        screen = self.step_screen
        if screen is None or not screen.is_mounted:
            return
        token = self.state.token
        # Without a token there is nothing to ask the engine, which is not loaded before the first paint.
        lifetime = self.parts.engine.lifetime(token) if token else Lifetime(Urgency.NONE)
        lifetime = lifetime if self.parts.motion else lifetime.calm()
        profile = self.state.profile
        environment, region = place_of(profile)
        screen.show_lifetime(lifetime)
        screen.show_status(
            StatusView(
                lifetime=lifetime,
                environment=environment,
                region=region,
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
