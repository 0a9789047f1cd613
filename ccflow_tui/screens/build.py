"""Step 2: exactly what will be sent, before it is sent."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.getters import query_one
from textual.widget import Widget
from textual.widgets import Button, Static

from ccflow_tui.models.flow import FlowState, Step
from ccflow_tui.models.secret import Secret
from ccflow_tui.models.token_request import TokenRequest
from ccflow_tui.screens.messages import CopyWanted, StepWanted
from ccflow_tui.screens.step import StepScreen
from ccflow_tui.widgets.copy_button import CopyButton
from ccflow_tui.widgets.push_button import PushButton
from ccflow_tui.widgets.request_preview import RequestPreview


class BuildScreen(StepScreen):
    """Build request: the bytes on the wire, secrets masked."""

    STEP = Step.BUILD
    HEADING = "🏗 Build request"
    INTRODUCTION = (
        "Exactly what will be sent, in this order. Secrets are masked here and revealed only on the wire."
    )
    CSS_PATH = "build.tcss"

    preview = query_one(RequestPreview)
    _request: TokenRequest | None = None

    def compose_step(self) -> ComposeResult:
        """Yield the facts and the preview."""
        yield Static("", id="facts", markup=False)
        yield Static("", id="notes", markup=False)
        yield RequestPreview()

    def compose_actions(self) -> ComposeResult:
        """Yield the ways on, back and out."""
        with Horizontal(classes="buttons"):
            yield PushButton("‹ Back", id="back", compact=True)
            yield PushButton("Next: send ›", id="next", compact=True, variant="primary")
            yield CopyButton("Copy as curl", id="copy", compact=True)

    def on_mount(self) -> None:
        """Put the focus on the way on, so that Enter continues."""
        self.query_one("#next").focus()

    @property
    def scroller(self) -> Widget:
        """The preview scrolls by itself, so that heading and facts stay in sight."""
        return self.preview

    def show_state(self, state: FlowState) -> None:
        """Show the request that would be sent now."""
        super().show_state(state)
        if state.request is None or state.request is self._request:
            return
        self._request = state.request
        facts = dict(state.request.facts)
        notes = facts.pop("Notes", "")
        self.query_one("#facts", Static).update(
            " · ".join(f"{name}: {value}" for name, value in facts.items())
        )
        remarks = self.query_one("#notes", Static)
        remarks.update(f"▲ {notes}")
        remarks.display = bool(notes)
        self.preview.show(state.request)

    def action_continue(self) -> None:
        """Go to the step that sends."""
        self.post_message(StepWanted(Step.SEND))

    def action_copy_curl(self) -> None:
        """Copy the request as a curl command with placeholders for every secret."""
        if self._request is not None:
            self.post_message(CopyWanted(Secret(self.desk.engine.as_curl(self._request)), "the curl command"))

    @on(Button.Pressed)
    def _press(self, event: Button.Pressed) -> None:
        event.stop()
        {"back": self.action_back, "next": self.action_continue, "copy": self.action_copy_curl}[
            event.button.id or ""
        ]()
