"""The four steps of the wizard at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from textual.content import Content
from textual.message import Message

from ccflow_tui.models.flow import FlowState, Step, StepStatus
from ccflow_tui.widgets.line_widget import LineWidget
from ccflow_tui.widgets.tastes import shows_emoji

if TYPE_CHECKING:
    from textual.events import Click

_COMPACT_BELOW = 78
_LONGEST_JOIN = 24


class StepName(NamedTuple):
    """Icon and label of a step; icons are one cell wide in every terminal, which most emoji are not."""

    icon: str
    label: str


STEP_NAMES = {
    Step.CONFIGURE: StepName("⚙", "Configure"),
    Step.BUILD: StepName("⚒", "Build request"),
    Step.SEND: StepName("➤", "Send"),
    Step.TOKEN: StepName("◈", "Token"),
}


class StatusLook(NamedTuple):
    """How a step in a certain state is drawn, and how when it is also the one on the screen."""

    glyph: str
    style: str
    current_style: str


_LOOKS = {
    StepStatus.PENDING: StatusLook("○", "$ccflow-muted", "bold $ccflow-on-primary on $primary"),
    StepStatus.ACTIVE: StatusLook("●", "$text-primary", "bold $ccflow-on-primary on $primary"),
    StepStatus.DONE: StatusLook("✓", "$text-success", "bold $ccflow-on-success on $success"),
    StepStatus.ERROR: StatusLook("✗", "$text-error", "bold $ccflow-on-error on $error"),
}


def _join_length(names: dict[Step, str], width: int) -> int:
    """Return the length of the lines between steps, so that the row fills what room there is."""
    room = width - sum(len(name) for name in names.values())
    return min(_LONGEST_JOIN, room // (len(Step) - 1))


class Stepper(LineWidget):
    """Numbered steps joined by lines, and how many of them are completed."""

    DEFAULT_CSS = "Stepper { padding: 0 1; pointer: pointer; }"

    class StepChosen(Message):
        """A step was clicked."""

        def __init__(self, stepper: Stepper, step: Step) -> None:
            super().__init__()
            self.stepper = stepper
            self.step = step

        @property
        def control(self) -> Stepper:
            """The stepper."""
            return self.stepper

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._state = FlowState()

    def show(self, state: FlowState) -> None:
        """Show another state of the flow."""
        self._state = state
        self.redraw()

    def draw(self, width: int) -> tuple[Content, ...]:
        """Return two lines, or one where there is little room."""
        if width < _COMPACT_BELOW:
            return (self._compact_line().truncate(width, ellipsis=True),)
        return (self._steps_line(width), self._progress_line(width))

    def _look(self, step: Step) -> tuple[str, str]:
        look = _LOOKS[self._state.status(step)]
        return look.glyph, look.current_style if step is self._state.step else look.style

    def _counter(self) -> str:
        return f"{self._state.done_count} of {len(Step)} completed"

    def _compact_line(self) -> Content:
        step = self._state.step
        glyph, style = self._look(step)
        return Content.assemble(
            f"Step {step.value}/{len(Step)} ",
            (f" {glyph} {STEP_NAMES[step].label} ", style),
            (f"  {self._counter()}", "$ccflow-muted"),
        )

    def _names(self) -> dict[Step, str]:
        texts = {step: " ".join(name if shows_emoji(self) else name[1:]) for step, name in STEP_NAMES.items()}
        return {step: f" {self._look(step)[0]} {step.value} {texts[step]} " for step in Step}

    def _steps_line(self, width: int) -> Content:
        names = self._names()
        join = _join_length(names, width)
        line = Content("")
        for step, name in names.items():
            line += Content.styled(name, self._look(step)[1])
            if step is not Step.TOKEN:
                line += self._connector(step, join)
        return line

    def _connector(self, step: Step, length: int) -> Content:
        """Return the line behind a step: done when the step is, half of it while it is active."""
        status = self._state.status(step)
        done = {StepStatus.DONE: length, StepStatus.ACTIVE: length // 2}.get(status, 0)
        return Content.assemble(("━" * done, "$text-success"), ("─" * (length - done), "$ccflow-muted"))

    def _progress_line(self, width: int) -> Content:
        counter = f" {self._counter()} "
        room = max(0, width - len(counter) - 1)
        done = room * self._state.done_count // len(Step)
        return Content.assemble(
            (counter, "$ccflow-muted"), ("━" * done, "$text-success"), ("─" * (room - done), "$ccflow-track")
        )

    def on_click(self, event: Click) -> None:
        """Tell which step was clicked."""
        offset, width = event.get_content_offset_capture(self), self.content_size.width
        if offset.y or width < _COMPACT_BELOW:
            return
        names, start = self._names(), 0
        for step, name in names.items():
            if start <= offset.x < start + len(name):
                self.post_message(self.StepChosen(self, step))
            start += len(name) + _join_length(names, width)
