"""Step 1 judged: what is wrong with its fields, what is missing, and where the credential would come from."""

from __future__ import annotations

from textual import on, work

from ccflow_tui.models.problems import FieldProblem, Severity
from ccflow_tui.screens import configure_form as form
from ccflow_tui.screens.configure_layout import FormScreen
from ccflow_tui.widgets.field_frame import FieldFrame


class JudgingScreen(FormScreen):
    """A form that says what keeps its profile from being used."""

    def _secret_present(self) -> bool:
        return self.secret.has_text or bool(self._credential_source)

    def _findings(self) -> tuple[FieldProblem, ...]:
        return self.desk.engine.check(self._profile, secret_present=self._secret_present())

    def _errors(self) -> list[FieldProblem]:
        return [finding for finding in self._findings() if finding.severity is Severity.ERROR]

    def _refresh_reason(self) -> None:
        if not self._is_complete:
            return
        findings = self._findings()
        self._note_method(tuple(finding for finding in findings if finding.field == "auth_method"))
        errors = [finding for finding in findings if finding.severity is Severity.ERROR]
        reason = self.desk.why_off(self._profile) or (errors[0].problem if errors else "")
        self.query_one("#next").set_class(bool(reason), "-off")
        self.reason.tell(reason)

    def _judge(self, field: FieldFrame, *, with_hidden: bool = False) -> None:
        """Show what is wrong with a field; ``with_hidden`` adds what it stands in for."""

        def concerns(finding: FieldProblem) -> bool:
            stands_in = with_hidden or finding.field in form.PLACES
            name = form.shown_field(finding.field, self._profile) if stands_in else finding.field
            return name == field.field_name

        # What is said of the issuer and of the endpoint that stands in for it may be the same.
        found = {str(finding): finding for finding in self._findings() if concerns(finding)}
        field.show_problems(tuple(found.values()))

    @on(FieldFrame.Grown)
    def _keep_focus_in_view(self) -> None:
        """Scroll back to the control that has the focus, where a note above it has pushed it out of sight."""
        focused = self.focused
        if focused is not None and not self.can_view_entire(focused):
            self.bring_into_view(focused)

    def _await_secret_at_first_gap(self) -> None:
        """Go to the first gap; the secret may turn out to be none, but is typed where the cursor is.

        Whoever starts to type before the look-up has ended, which may be slow, loses nothing.
        """
        if widget := self._first_gap():
            if widget is self.secret:
                widget.focus(scroll_visible=False)
            else:
                self._go_to(widget)
        else:
            self.set_focus(self.query_one("#next"))

    def _first_gap(self) -> FieldFrame | None:
        missing = {form.shown_field(finding.field, self._profile) for finding in self._errors()}
        self._bring_out(missing)
        gaps = (widget for widget in self._fields() if widget.field_name in missing and widget.display)
        return next(gaps, None)

    def _focus_first_gap(self) -> None:
        if widget := self._first_gap():
            self._go_to(widget)
        else:
            self.set_focus(self.query_one("#next"))

    def _server_known(self) -> None:
        self._show_needed()
        for widget in self._fields():
            if widget.field_name in form.JUDGED_BY_SERVER:
                self._judge(widget)
        self._bring_out({widget.field_name for widget in self._fields() if widget.problems})

    @work(exclusive=True, group="credential", exit_on_error=False)
    async def _look_up_credential(self, *, at_start: bool = False) -> None:
        if not self._is_complete:
            return
        self._credential_source = await self.desk.engine.credential_source(self._profile)
        if self._profile.auth_method.uses_secret:
            self._tag_secret("" if self.secret.has_text else self._credential_source)
        self._refresh_reason()
        missed = any(problem.severity is Severity.ERROR for problem in self.secret.problems)
        if missed and self._credential_source:
            self._judge(self.secret)  # by reference, say
        if at_start and self.secret.control.has_focus and not self.secret.has_text:
            self._focus_first_gap()  # only now is it known whether the secret is one
