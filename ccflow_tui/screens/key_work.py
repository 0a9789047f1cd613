"""What the dialogs of the key workbench share: what is going on, Esc to cancel it, and what went wrong."""

from __future__ import annotations

from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import ScreenResultType
from textual.widgets import Button, Static
from textual.worker import Worker, WorkerState

from ccflow_tui.models.problems import CcflowError, InputProblem
from ccflow_tui.screens.dialog import Dialog
from ccflow_tui.screens.keys_desk import KeysDesk
from ccflow_tui.screens.messages import WorkFailed
from ccflow_tui.widgets.field_frame import FieldFrame
from ccflow_tui.widgets.push_button import PushButton


class KeyDialog(Dialog[ScreenResultType]):
    """Stays open with everything that was typed until what it is for has been done."""

    CSS_PATH = ["dialog.tcss", "keys.tcss"]  # noqa: RUF012 - Textual's own type
    VERTICAL_BREAKPOINTS = [(0, "-low"), (24, "-high")]  # noqa: RUF012
    CONFIRM: ClassVar[str]
    """The label of the button that does it."""
    CANCELLED: ClassVar[str] = "Cancelled. No key was kept."

    def __init__(self, desk: KeysDesk) -> None:
        super().__init__()
        self.desk = desk
        self._work: Worker[None] | None = None

    def compose_dialog(self) -> ComposeResult:
        """Yield the form, what is going on, and the answers."""
        yield from self.compose_form()
        problem = Static("", id="problem", markup=False)
        problem.display = False
        yield problem
        with Horizontal(classes="buttons"):
            yield from self.compose_answers()

    def compose_form(self) -> ComposeResult:
        """Yield what stands above the answers."""
        raise NotImplementedError

    def compose_answers(self) -> ComposeResult:
        """Yield the buttons."""
        yield PushButton(self.CONFIRM, id="confirm", compact=True, variant="primary")
        yield PushButton("Cancel", id="cancel", compact=True)

    def relabel(self, button: str, label: str) -> None:
        """Let an answer say something else."""
        answer = self.query_one(f"#{button}", PushButton)
        answer.label = label
        answer.refresh(layout=True)

    async def carry_out(self) -> None:
        """Do it, then close with the result or show it; raises ``CcflowError``."""
        raise NotImplementedError

    @property
    def is_busy(self) -> bool:
        """Whether it is being done."""
        return self._work is not None and not self._work.is_finished

    def begin(self, doing: str) -> None:
        """Carry it out, unless that is under way; ``doing`` is said meanwhile."""
        if not self.is_busy:
            self.say(Content.styled(f"⋯ {doing} Esc cancels.", "$text-primary"))
            self._work = self._carry_out()

    def say(self, text: Content | str = "") -> None:
        """Show a text above the answers; a plain one is a problem."""
        shown = Content.styled(f"✗ {text}", "$text-error") if text and isinstance(text, str) else text
        line = self.query_one("#problem", Static)
        line.update(shown)
        line.display = bool(text)

    def tell(self, problem: CcflowError) -> None:
        """Say why it was not done, beside the field to mend if there is one."""
        self.say()
        finding = problem.finding if isinstance(problem, InputProblem) else None
        for field in self.query(FieldFrame):
            if finding is not None and field.field_name == finding.field:
                field.show_problems((finding,))
                field.focus()
                return
        self.say(str(finding or problem))

    @work(exclusive=True, group="key-work", exit_on_error=False)
    async def _carry_out(self) -> None:
        try:
            await self.carry_out()
        except CcflowError as problem:
            self.tell(problem)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Report work that failed in a way nobody foresaw."""
        if event.state is WorkerState.ERROR:
            self.say()
            self.post_message(WorkFailed(event.worker.error))

    @on(FieldFrame.Edited)
    def _mended(self, event: FieldFrame.Edited) -> None:
        event.field.show_problems(())
        if not self.is_busy:
            self.say()

    @on(Button.Pressed, "#confirm")
    def _press_confirm(self) -> None:
        self.confirm()

    def confirm(self) -> None:
        """Begin what the dialog is for, if the form is filled in."""
        raise NotImplementedError

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.action_close()

    def action_close(self) -> None:
        """Cancel what is under way, else close."""
        if self._work is not None and self.is_busy:
            self._work.cancel()
            self.say(Content(self.CANCELLED))
        else:
            self.dismiss(None)
