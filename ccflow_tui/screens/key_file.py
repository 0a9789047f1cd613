"""Writes an exported public half into a folder; what is there already is replaced after a question only."""

from __future__ import annotations

from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from ccflow_tui.models.kept_key import PublicText
from ccflow_tui.models.problems import CcflowError, FileTaken
from ccflow_tui.screens.key_work import KeyDialog
from ccflow_tui.screens.keys_desk import KeysDesk
from ccflow_tui.widgets.field import Field
from ccflow_tui.widgets.field_frame import FieldFrame
from ccflow_tui.widgets.push_button import PushButton

WRITE, REPLACE = "Write", "Replace the file"


class WriteDialog(KeyDialog[Path]):
    """Ends with the path of the file written, or ``None``."""

    HEADING = "Write to a file"
    CONFIRM = WRITE
    CANCELLED = "Cancelled."

    def __init__(self, desk: KeysDesk, public: PublicText) -> None:
        super().__init__(desk)
        self._public, self._may_replace = public, False

    def compose_form(self) -> ComposeResult:
        """Yield the name of the file, and the folder to enter."""
        text = f"{self._public.file_name} holds the public half only, so others may read it."
        yield Static(text, id="question", markup=False)
        yield Field("folder", "Folder", placeholder="a path; . is where ccflow was started", id="folder")

    def on_mount(self) -> None:
        """Offer the folder that ccflow was started in."""
        self.query_one("#folder", Field).set_value(".")
        self.query_one("#folder", Field).focus()

    @on(FieldFrame.Edited)
    def _elsewhere(self) -> None:
        self._allow(replace=False)

    def _allow(self, *, replace: bool) -> None:
        self._may_replace = replace
        self.relabel("confirm", REPLACE if replace else WRITE)
        self.query_one("#confirm", PushButton).variant = "error" if replace else "primary"

    def confirm(self) -> None:
        """Write the file."""
        self.begin("Writing.")

    async def carry_out(self) -> None:
        """Write the file and close."""
        folder, public = self.query_one("#folder", Field).value, self._public
        path = await self.desk.write(folder, public.file_name, public.text, replace=self._may_replace)
        self.dismiss(path)

    def tell(self, problem: CcflowError) -> None:
        """Ask whether a file that is there may be replaced; another problem is told beside the folder."""
        super().tell(problem)
        if isinstance(problem, FileTaken):
            self._allow(replace=True)
            self.query_one("#cancel").focus()
