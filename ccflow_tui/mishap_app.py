"""The part of the app that is about mishaps: bugs are told without their text, and end what cannot go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import App
from textual.worker import Worker, WorkerState

from ccflow_tui.app_parts import AppParts
from ccflow_tui.screens import messages as told

if TYPE_CHECKING:
    from rich.console import RenderableType


class MishapApp(App[int]):
    """Tells of errors that nobody foresaw, without their text, which may hold anything."""

    def __init__(self, parts: AppParts) -> None:
        super().__init__()
        self.parts = parts

    @on(told.WorkFailed)
    def _work_failed(self, event: told.WorkFailed) -> None:
        """Tell of a bug and go on; its text may hold anything, so only kind and place are told."""
        from ccflow_tui.crash import fault_text
        from ccflow_tui.models.log_entry import LogLevel

        kind, fault = type(event.error).__name__, fault_text(event.error)
        self.parts.logger.write(LogLevel.ERROR, "⛔", f"unexpected error in the background: {fault}", "APP")
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
        """End with an apology that names kind and place of the bug, in place of Textual's page of values."""
        from ccflow_tui.crash import render_crash

        if self._exception is not None and not self._exit_renderables:  # what follows comes of the first
            self._exit_renderables.append(render_crash(self._exception))
        self._close_messages_no_wait()

    def panic(self, *renderables: RenderableType) -> None:
        """End with an apology, too, where Textual prints what an exception says.

        It does so when the thread that reads the keys fails, whose exception may quote them.
        """
        from ccflow_tui.crash import without_values
        from ccflow_tui.exit_codes import CRASHED

        self._return_code = CRASHED
        super().panic(*map(without_values, renderables))
