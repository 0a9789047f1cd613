"""The frame that the four steps share: stepper above, panes beside, status and keys below."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.geometry import Region
from textual.getters import query_one
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from ccflow_tui.models.flow import FlowState, Step
from ccflow_tui.models.lifetime import Lifetime
from ccflow_tui.screens.desk import Desk
from ccflow_tui.screens.messages import StepWanted, WorkFailed
from ccflow_tui.screens.opening import OpeningScreen
from ccflow_tui.widgets.key_bar import KeyBar
from ccflow_tui.widgets.status_bar import StatusBar, StatusView
from ccflow_tui.widgets.steady import SteadyScroll
from ccflow_tui.widgets.stepper import Stepper
from ccflow_tui.widgets.tastes import tasteful

if TYPE_CHECKING:
    from ccflow_tui.models.history import HistoryEntry
    from ccflow_tui.models.log_entry import LogEntry
    from ccflow_tui.models.places import Place
    from ccflow_tui.widgets.history_pane import HistoryPane
    from ccflow_tui.widgets.log_pane import LogPane

TOO_SMALL = (
    "This terminal is {width}×{height}.\nccflow needs 60×18 or more.\n"
    "Nothing is lost: make it larger, or press {quit} to quit."
)
SMALLEST = (60, 18)
WHOLE_PAGE = 1_000_000
"""Lines to scroll by to reach an end."""


class StepScreen(OpeningScreen):
    """One step of the wizard; subclasses fill the middle and act on their own keys."""

    STEP: ClassVar[Step]
    HEADING: ClassVar[str]
    INTRODUCTION: ClassVar[str]
    """One sentence on what the step is for, shown under its heading."""
    CARD: ClassVar[Place | None] = None
    """What has keys of its own on this step while it has the focus."""
    BINDINGS = [  # noqa: RUF012 - Textual's own type
        # At once: as Textual binds them, these climb from the field to the app, one message a floor.
        Binding("tab", "app.focus_next", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", show=False, priority=True),
        Binding("up", "scroll(-1)", show=False),
        Binding("down", "scroll(1)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
        Binding("pagedown", "scroll(10)", show=False),
        Binding("home", f"scroll({-WHOLE_PAGE})", show=False),
        Binding("end", f"scroll({WHOLE_PAGE})", show=False),
    ]

    stepper = query_one(Stepper)
    status_bar = query_one(StatusBar)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._history: HistoryPane | None = None
        self._log: LogPane | None = None
        self._completing = asyncio.Lock()

    @property
    def introduction(self) -> str:
        """The sentence under the heading."""
        return self.INTRODUCTION

    def compose(self) -> ComposeResult:
        """Lay out the frame around the step's own content."""
        yield Static(self._too_small(), id="too-small", markup=False)
        yield Stepper()
        with Vertical(id="body"):
            with SteadyScroll(id="content", can_focus=False):
                yield Static(tasteful(self, self.HEADING), id="heading", markup=False)
                yield Static(self.introduction, id="introduction", markup=False)
                yield from self.compose_step()
            with Vertical(id="actions"):
                yield from self.compose_actions()
            yield Vertical(id="panes")
        yield StatusBar()
        yield KeyBar()

    async def complete(self) -> None:
        """Mount what the first paint can do without: once, however many ask for it meanwhile."""
        async with self._completing:
            if self._history is None:
                await self.mount_rest()

    async def mount_rest(self) -> None:
        """Mount the panes; subclasses add what they left out at first."""
        from ccflow_tui.widgets.history_pane import HistoryPane
        from ccflow_tui.widgets.log_pane import LogPane

        self._history, self._log = HistoryPane(self.desk.history), LogPane()
        self._history.listen_to(self.desk.keys())
        self._log.listen_to(self.desk.keys())
        await self.query_one("#panes").mount(self._history, self._log)

    def compose_step(self) -> ComposeResult:
        """Yield the step's own widgets."""
        raise NotImplementedError

    def compose_actions(self) -> ComposeResult:
        """Yield the buttons under the content."""
        yield from ()

    def show_state(self, state: FlowState) -> None:
        """Redraw after the flow's state changed; subclasses add their own part."""
        self.stepper.show(state)
        self.set_class(state.profile.production, "-production")

    def show_lifetime(self, lifetime: Lifetime) -> None:
        """Redraw what depends on the token's remaining lifetime, once a second."""

    def show_status(self, view: StatusView) -> None:
        """Redraw the status bar."""
        self.status_bar.show(view)

    def show_log_entry(self, entry: LogEntry) -> None:
        """Add a line to the log pane."""
        if self._log is not None:
            self._log.append(entry)

    def refresh_history(self) -> None:
        """Draw the history anew, after an entry was added or all were removed."""
        if self._history is not None:
            self._history.refresh_rows()

    @property
    def history_entry(self) -> HistoryEntry | None:
        """The history entry under the cursor, while the history has the focus."""
        pane = self._history
        return pane.selected if pane is not None and pane.has_focus else None

    def reload_panes(self) -> None:
        """Fill both panes from their stores, after the screen was out of sight."""
        if self._log is not None:
            self._log.load(self.desk.log_entries())
        self.refresh_history()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only the actions this step has, so that one table of keys serves all four."""
        return hasattr(self, f"action_{action}")

    @property
    def scroller(self) -> Widget:
        """What the arrow keys scroll while a button has the focus."""
        return self.query_one("#content")

    def action_scroll(self, lines: int) -> None:
        """Scroll the content, so that nothing on a small terminal needs a mouse."""
        self.scroller.scroll_relative(y=lines, animate=False)

    def bring_into_view(self, widget: Widget, *, top: bool = False) -> None:
        """Scroll to a widget, and again until it stays where it is.

        A scroll bar that comes with it makes the texts narrower, and so longer, one layout later.
        """

        def scroll(seen: Region | None) -> None:
            widget.scroll_visible(animate=False, top=top, immediate=True)
            if widget.virtual_region != seen:
                self.call_after_refresh(scroll, widget.virtual_region)

        self.call_after_refresh(scroll, None)

    def action_back(self) -> None:
        """Take the toasts away, which lie on top; without any, go to the step before this one."""
        if self.query("Toast"):
            self.app.clear_notifications()
        elif self.STEP > Step.CONFIGURE:
            self.post_message(StepWanted(Step(self.STEP - 1)))

    def on_screen_suspend(self) -> None:
        """Leave the messages to what opens on top; Textual shows them here again afterwards."""
        self.query("ToastRack").set(display=False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Report work that failed in a way nobody foresaw; Textual would swallow it or end the app."""
        if event.state is WorkerState.ERROR:
            self.post_message(WorkFailed(event.worker.error))

    @on(Stepper.StepChosen)
    def _open_chosen_step(self, event: Stepper.StepChosen) -> None:
        self.post_message(StepWanted(event.step))

    def size_changed(self) -> None:
        """Say what is needed when the terminal is smaller than the wizard can be."""
        self.query_one("#too-small", Static).update(self._too_small())

    def _too_small(self) -> str:
        size = self.fitted
        small = size.width < SMALLEST[0] or size.height < SMALLEST[1]
        return (
            TOO_SMALL.format(width=size.width, height=size.height, quit=self.desk.key("quit"))
            if small
            else ""
        )
