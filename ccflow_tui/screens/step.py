"""The frame that the four steps share: stepper above, panes beside, status and keys below."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.getters import query_one
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from ccflow_tui.models.flow import FlowState, Step
from ccflow_tui.models.lifetime import Lifetime
from ccflow_tui.screens.desk import Desk
from ccflow_tui.screens.messages import StepWanted, WorkFailed
from ccflow_tui.widgets.key_bar import KeyBar
from ccflow_tui.widgets.status_bar import StatusBar, StatusView
from ccflow_tui.widgets.stepper import Stepper

if TYPE_CHECKING:
    from textual.geometry import Size

    from ccflow_tui.models.log_entry import LogEntry
    from ccflow_tui.widgets.history_pane import HistoryPane
    from ccflow_tui.widgets.log_pane import LogPane

TOO_SMALL = (
    "This terminal is {width}×{height}.\nccflow needs 60×18 or more.\n"
    "Nothing is lost: make it larger, or press Ctrl+Q to quit."
)
SMALLEST = (60, 18)
WHOLE_PAGE = 1_000_000
"""Lines to scroll by to reach an end."""


class StepScreen(Screen[None]):
    """One step of the wizard; subclasses fill the middle and act on their own keys."""

    STEP: ClassVar[Step]
    HEADING: ClassVar[str]
    INTRODUCTION: ClassVar[str]
    """One sentence on what the step is for, shown under its heading."""
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (60, "-narrow"), (80, "-normal"), (100, "-wide")]  # noqa: RUF012 - Textual's own type
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (18, "-low"), (30, "-tall")]  # noqa: RUF012

    BINDINGS = [  # noqa: RUF012 - Textual's own type
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

    def fit(self, size: Size) -> None:
        """Take the classes of a terminal's size at once: set later, they would style everything again."""
        steps = ((self.HORIZONTAL_BREAKPOINTS, size.width), (self.VERTICAL_BREAKPOINTS, size.height))
        for breakpoints, length in steps:
            self.add_class([name for least, name in breakpoints if length >= least][-1])

    def compose(self) -> ComposeResult:
        """Lay out the frame around the step's own content."""
        yield Static(id="too-small", markup=False)
        yield Stepper()
        with Horizontal(id="body"):
            with Vertical(id="work"):
                with VerticalScroll(id="content", can_focus=False):
                    yield Static(self.HEADING, id="heading", markup=False)
                    yield Static(self.INTRODUCTION, id="introduction", markup=False)
                    yield from self.compose_step()
                with Vertical(id="actions"):
                    yield from self.compose_actions()
            yield Vertical(id="panes")
        yield StatusBar()
        yield KeyBar(compact=True, show_command_palette=False)

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

    def action_back(self) -> None:
        """Go to the step before this one."""
        if self.STEP > Step.CONFIGURE:
            self.post_message(StepWanted(Step(self.STEP - 1)))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Report work that failed in a way nobody foresaw; Textual would swallow it or end the app."""
        if event.state is WorkerState.ERROR:
            self.post_message(WorkFailed(event.worker.error))

    @on(Stepper.StepChosen)
    def _open_chosen_step(self, event: Stepper.StepChosen) -> None:
        self.post_message(StepWanted(event.step))

    def on_resize(self) -> None:
        """Say what is needed when the terminal is smaller than the wizard can be."""
        width, height = self.app.size
        if width < SMALLEST[0] or height < SMALLEST[1]:
            self.query_one("#too-small", Static).update(TOO_SMALL.format(width=width, height=height))
