"""Step 1's way to the token endpoint: discovery in the background."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from textual import work
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Static

from ccflow_tui.models.problems import FieldProblem
from ccflow_tui.models.profile import EndpointConsent, EndpointMode, Profile
from ccflow_tui.screens import configure_form as form
from ccflow_tui.screens.step import StepScreen
from ccflow_tui.widgets.field_frame import FieldFrame

ELSEWHERE = (
    "The issuer\n  {issuer}\nnames a token endpoint on another host:\n  {origin}\n\n"
    "Some operators have it so. If you did not expect it, somebody may be after this client's credential. "
    "The answer holds for this issuer and this host, and is kept when you save the profile."
)
LONGEST_ISSUER = 200
"""Characters that the question shows of it."""
NOT_ALLOWED = "Nothing was sent to {origin}. Check the issuer, or ask its operator for the token endpoint."


class DiscoveringScreen(StepScreen):
    """A screen that has the token endpoint of its profile found; the subclass holds the form."""

    endpoint_source = query_one("#endpoint-source", Static)
    _profile: Profile

    def _adopt(self, profile: Profile) -> None:
        """Take over a changed profile."""
        raise NotImplementedError

    def _issuer_confirmed(self, issuer: str) -> None:
        """Show the issuer that was found to be the right one."""
        raise NotImplementedError

    def _server_known(self) -> None:
        """Show what of the profile the server does not list, and offer what it does."""
        raise NotImplementedError

    def _bring_out(self, names: Collection[str]) -> None:
        """Unfold the form if one of these fields is folded away."""
        raise NotImplementedError

    def _endpoint_known(self) -> None:
        """Go on with what waits for the token endpoint."""
        raise NotImplementedError

    def action_build(self) -> None:
        """Go on to the next step."""
        raise NotImplementedError

    def _fields(self) -> Iterator[FieldFrame]:
        return iter(self.query(FieldFrame))

    def _field(self, name: str) -> FieldFrame | None:
        """Return the field on the form that a finding about ``name`` belongs to."""
        shown = form.shown_field(name, self._profile)
        return next((widget for widget in self._fields() if widget.field_name == shown), None)

    def _show_problem(self, problem: FieldProblem | None) -> None:
        if problem is None:
            return
        if (widget := self._field(problem.field)) is not None:
            widget.show_problems((problem,))
            self._bring_out({widget.field_name})
        else:
            self.notify(str(problem), title=problem.field, severity="error", markup=False)

    def action_discover(self) -> None:
        """Ask the issuer for its token endpoint, in the background."""
        if self._profile.endpoint_mode is EndpointMode.MANUAL:
            self.notify(
                "The token endpoint is typed by hand. Choose “Issuer (discovery)” to have it found.",
                severity="warning",
                markup=False,
            )
        elif self._profile.issuer:
            self._discover()
        else:
            self.notify("Give an issuer or an environment first.", severity="warning", markup=False)

    def _discover_if_needed(self) -> None:
        profile = self._profile
        if profile.endpoint_mode is EndpointMode.ISSUER and profile.issuer and not profile.token_endpoint:
            self._discover()

    @work(exclusive=True, group="consent", exit_on_error=False)
    async def _ask_about_endpoint(self) -> None:
        """Let the user decide whether the credential may go where the issuer's metadata sends it."""
        from ccflow_tui.screens.confirm import Answer, ConfirmDialog

        asked = self._profile
        origin = self.desk.engine.unconfirmed_origin(asked)
        # A long issuer is cut, so that the answers stay on the screen; the origin never is.
        issuer = asked.issuer if len(asked.issuer) <= LONGEST_ISSUER else f"{asked.issuer[:LONGEST_ISSUER]}…"
        question = ELSEWHERE.format(issuer=issuer, origin=origin)
        answer = await self.app.push_screen_wait(
            ConfirmDialog("Authenticate at another host?", question, "Allow and go on")
        )
        if answer is not Answer.CONFIRM:
            self.notify(NOT_ALLOWED.format(origin=origin), severity="warning", timeout=10, markup=False)
        elif self._profile == asked:
            self.app.clear_notifications()  # they warned of what has been decided
            self._adopt(replace(asked, endpoint_consent=EndpointConsent(asked.issuer, origin)))
            self.action_build()

    @work(exclusive=True, group="discovery", exit_on_error=False)
    async def _discover(self) -> None:
        from ccflow_tui.models.discovery import with_metadata

        asked = self._profile
        self.endpoint_source.update("discovering…")
        result = await self.desk.engine.discover(asked, refetch=bool(asked.token_endpoint))
        now = self._profile
        if (now.name, now.endpoint_mode, now.issuer) != (asked.name, asked.endpoint_mode, asked.issuer):
            return
        if result.metadata is None:
            missing = Content.styled("not found", "$text-error")
            self.endpoint_source.update(now.endpoint_source.value or missing)
            self._show_problem(result.problem)
            return
        # The issuer too, since the address of its metadata may have been typed.
        self._adopt(with_metadata(now, result.metadata))
        self._issuer_confirmed(result.metadata.issuer)
        self._server_known()
        for warning in result.metadata.warnings:
            self.notify(warning, title="Discovery", severity="warning", markup=False)
        self._endpoint_known()
