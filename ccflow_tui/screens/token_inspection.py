"""The part of step 4 that asks about the token: its server, its signature, its terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work
from textual.getters import query_one
from textual.widgets import Static

from ccflow_tui.screens.step import StepScreen
from ccflow_tui.widgets.inspection_view import InspectionView, report_lines

if TYPE_CHECKING:
    from ccflow_tui.models.access_token import AccessToken
    from ccflow_tui.models.profile import Profile

INSPECTION_GROUP = "inspection"
"""Of the workers that ask; they end when the flow starts over."""


class InspectingScreen(StepScreen):
    """Answers the keys to introspect and to verify, in a panel, and shows a report without being asked."""

    inspection = query_one(InspectionView)
    report = query_one("#report", Static)

    def held(self) -> tuple[Profile, AccessToken] | None:
        """Return the token shown and the profile it was granted to."""
        raise NotImplementedError

    def show_report(self) -> None:
        """Hold what was granted against what was asked for, and fetch what later questions need."""
        held = self.held()
        self.report.update(report_lines(self.desk.engine.inspector.compare(*held)) if held else "")
        self.report.display = held is not None
        self.inspection.show("")
        if held is not None and held[0].issuer:
            self._learn()

    def action_introspect(self) -> None:
        """Ask the server about the token."""
        if self.held() is not None:
            self.inspection.show("… asking the server about the token")
            self._introspect()

    def action_verify(self) -> None:
        """Verify the token with the keys that the server publishes."""
        if self.held() is not None:
            self.inspection.show("… verifying the token")
            self._verify()

    @work(exclusive=True, group="metadata", exit_on_error=False)
    async def _learn(self) -> None:
        if (held := self.held()) is not None:
            await self.desk.engine.inspector.learn(held[0])

    @work(exclusive=True, group=INSPECTION_GROUP, exit_on_error=False)
    async def _introspect(self) -> None:
        held = self.held()
        if held is None:
            return
        found = await self.desk.engine.inspector.introspect(*held)
        if self.held() == held:
            self.inspection.show_introspection(found)
            self._bring_into_view()

    @work(exclusive=True, group=INSPECTION_GROUP, exit_on_error=False)
    async def _verify(self) -> None:
        held = self.held()
        if held is None:
            return
        found = await self.desk.engine.inspector.verify(*held)
        if self.held() == held:
            self.inspection.show_verification(found)
            self._bring_into_view()

    def _bring_into_view(self) -> None:
        self.bring_into_view(self.inspection)
