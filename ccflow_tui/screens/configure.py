"""Step 1: everything the request is made from, checked while it is typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from textual import on, work
from textual.widgets import Button, Static

from ccflow_tui.models.flow import Step
from ccflow_tui.models.problems import FieldProblem, InputProblem, SecretStoreProblem, Severity
from ccflow_tui.models.profile import Profile
from ccflow_tui.models.provider_forms import PROVIDER_FORMS, inputs_of
from ccflow_tui.screens import configure_form as form
from ccflow_tui.screens.configure_edits import Edits, as_value
from ccflow_tui.screens.configure_layout import FormScreen
from ccflow_tui.screens.desk import Desk
from ccflow_tui.screens.messages import EndpointFound, ProfileEdited, RequestBuilt, SaveWanted
from ccflow_tui.widgets.choice import ChoiceField
from ccflow_tui.widgets.field import Field
from ccflow_tui.widgets.field_frame import FieldFrame, problem_lines
from ccflow_tui.widgets.method_picker import MethodPicker

if TYPE_CHECKING:
    from ccflow_tui.models.discovery import ServerMetadata


class ConfigureScreen(FormScreen):
    """Configure: target, client, credential and what to ask for."""

    AUTO_FOCUS = ""  # the first gap gets the focus, not the first field
    STEP = Step.CONFIGURE
    HEADING = "⚙ Configure"
    INTRODUCTION = "Who asks, whom, and for what. Nothing is sent yet."

    def __init__(self, desk: Desk, profile: Profile, sources: Mapping[str, str]) -> None:
        super().__init__(desk, profile, sources)
        # Not the engine's own methods: it is made at its first use.
        self._edits = Edits(
            lambda profile: desk.engine.derive(profile),  # noqa: PLW0108
            lambda profile: desk.engine.unconfirmed_origin(profile),  # noqa: PLW0108
        )
        self._credential_source = ""
        self._wants_to_build = False

    async def mount_rest(self) -> None:
        """Mount the rest of the form, then catch up on a key that came too early."""
        await super().mount_rest()
        if self._wants_to_build:
            self.action_build()

    def _show_profile(self) -> None:
        self._fill()
        self._refresh_reason()
        self._focus_first_gap(besides="client_secret")
        self._look_up_credential(at_start=True)
        self._discover_if_needed()

    def _focus_first_gap(self, *, besides: str = "") -> None:
        missing = {form.shown_field(finding.field, self._profile) for finding in self._errors()} - {besides}
        for widget in self._fields():
            if widget.field_name in missing:
                self.set_focus(widget.control)
                return
        self.set_focus(self.query_one("#next"))

    # State in, state out

    def load_profile(self, profile: Profile, sources: Mapping[str, str]) -> None:
        """Show another profile."""
        self._profile, self._sources = profile, dict(sources)
        self._credential_source = ""
        self._edits.forget()
        if self._is_complete:
            self.secret.take_secret()  # typed for another profile, so it must not reach this one's server
            self._show_profile()

    def focus_field(self, name: str) -> None:
        """Put the cursor into a field, where an error card sent the user."""
        if name == "auth_method":
            self.picker.focus()
        elif (widget := self._field(name)) is not None:
            widget.focus()

    # Editing

    @on(FieldFrame.Edited)
    def _take_edit(self, event: FieldFrame.Edited) -> None:
        event.stop()
        field, name = event.field, event.field.field_name
        if name == "client_secret":
            field.set_source("")
            self._refresh_reason()
        elif name == "environment_id" and self._take_address(event.value):
            pass
        else:
            self._edit(**{name: as_value(name, event.value)})
            field.set_source("typed")
        if name in {"endpoint_mode", "provider"}:
            self._fill()
            self._discover_if_needed()
        if isinstance(field, ChoiceField):
            self._look_up_credential()
        if field.problems:
            self._judge(field)

    def _take_address(self, text: str) -> bool:
        """Fill in what an address of a known provider says; return whether it was one."""
        found = self.desk.engine.recognise(text, self._profile)
        if not found:
            return False
        if found["provider"] is not self._profile.provider:
            label = PROVIDER_FORMS[found["provider"]].label
            self.notify(f"This is an address of {label}.", title="Provider", markup=False)
        self._edit(**found)
        self._fill()
        return True

    @on(MethodPicker.Picked)
    def _take_method(self, event: MethodPicker.Picked) -> None:
        alg = self._profile.assertion_alg
        self._edit(auth_method=event.method)
        if self._profile.assertion_alg != alg:
            self._fill()  # the algorithm follows the method
        self._look_up_credential()

    def _edit(self, **changes: Any) -> None:
        self._sources |= dict.fromkeys(changes, "typed")
        self._adopt(self._edits.apply(self._profile, changes))

    def _adopt(self, profile: Profile) -> None:
        self._profile = profile
        self._show_needed()
        self._refresh_reason()
        self.post_message(ProfileEdited(profile, dict(self._sources)))

    @on(FieldFrame.Left)
    def _check_left_field(self, event: FieldFrame.Left) -> None:
        name = event.field.field_name
        if name == "issuer":
            self._discover_if_needed()
        is_input = name in {item.field for item in inputs_of(self._profile)}
        if is_input and isinstance(event.field, Field):
            self._take_address(event.field.value)
        if is_input or name in {"client_id", "token_endpoint", "key_reference"}:
            self._look_up_credential()
        if self._is_complete:
            self._judge(event.field)

    def _judge(self, field: FieldFrame, *, with_hidden: bool = False) -> None:
        """Show what is wrong with a field; ``with_hidden`` adds what it stands in for."""

        def concerns(finding: FieldProblem) -> bool:
            name = form.shown_field(finding.field, self._profile) if with_hidden else finding.field
            return name == field.field_name

        # What is said of the issuer and of the endpoint that stands in for it may be the same.
        found = {str(finding): finding for finding in self._findings() if concerns(finding)}
        field.show_problems(tuple(found.values()))

    # Judging

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
        self.reason.update(f"Next is off: {reason}" if reason else "")

    def _note_method(self, findings: tuple[FieldProblem, ...]) -> None:
        """Say beneath the methods what the server's metadata says about the one picked."""
        note = self.query_one("#method-note", Static)
        note.display = bool(findings)
        note.update(problem_lines(findings))

    @work(exclusive=True, group="credential", exit_on_error=False)
    async def _look_up_credential(self, *, at_start: bool = False) -> None:
        if not self._is_complete:
            return
        self._credential_source = await self.desk.engine.credential_source(self._profile)
        if self._profile.auth_method.uses_secret:
            self._tag_secret("" if self.secret.has_text else self._credential_source)
        self._refresh_reason()
        if at_start and self.focused is self.query_one("#next"):
            self._focus_first_gap()  # only now is it known whether the secret is one

    def _endpoint_known(self) -> None:
        self._look_up_credential()
        self.post_message(EndpointFound(self._profile))

    def _issuer_confirmed(self, issuer: str) -> None:
        field = self.query_one("#field-issuer", Field)
        field.set_value(issuer, self._sources.get("issuer", ""))
        self._judge(field)

    def _server_known(self, metadata: ServerMetadata) -> None:
        self._listed_algs = (metadata.token_endpoint, metadata.signing_algs)
        self._show_needed()
        for widget in self._fields():
            if widget.field_name in form.JUDGED_BY_SERVER:
                self._judge(widget)

    # Going on

    @on(Button.Pressed, "#next")
    def _press_next(self) -> None:
        self.action_build()

    def action_build(self) -> None:
        """Check everything, then build and sign the request."""
        if not self._is_complete:
            self._wants_to_build = True
            return
        if reason := self.desk.why_off(self._profile):
            self.notify(reason, title="Not built", severity="warning", timeout=15, markup=False)
            return
        errors = self._errors()
        if errors:
            for widget in self._fields():
                self._judge(widget, with_hidden=True)
            for finding in errors:
                if self._field(finding.field) is None:
                    self._show_problem(finding)
            self._focus_first_gap()
            self._discover_if_needed()
            return
        if self.desk.engine.unconfirmed_origin(self._profile):
            self._ask_about_endpoint()
            return
        self._take_typed_secret()
        self._build()

    def _take_typed_secret(self) -> None:
        """Hand what was typed to the engine, whatever the method: nothing stays readable in the form."""
        secret = self.secret.take_secret()
        if secret is None:
            return
        self.desk.engine.remember_secret(self._profile, secret)
        if self._profile.auth_method.uses_secret:
            self._credential_source = "typed"
            self._tag_secret("typed")
        self.secret.show_problems(self.desk.engine.check_secret(secret))

    @work(exclusive=True, group="build", exit_on_error=False)
    async def _build(self) -> None:
        profile = self._profile
        try:
            request = await self.desk.engine.prepare(profile)
        except InputProblem as problem:
            self._show_problem(problem.finding)
            self.focus_field(problem.finding.field)
            return
        except SecretStoreProblem as problem:
            self.notify(str(problem), title="Secret store", severity="error", markup=False)
            return
        self.post_message(RequestBuilt(profile, request))

    def _tag_secret(self, source: str) -> None:
        """Say where the secret is; an input that is empty must not look as if it were missing."""
        self.secret.set_source(source)
        self.secret.set_placeholder(form.SECRET_HELD if self._credential_source else form.SECRET_WANTED)

    def action_show_secret(self) -> None:
        """Show the secret that is being typed until its field is left, or mask it again."""
        if self._is_complete and self.secret.display:
            self.secret.focus()
            self.secret.toggle_reveal()

    def action_save(self) -> None:
        """Keep the profile, and its secret in the secret store."""
        if not self._is_complete:
            return
        self._take_typed_secret()
        self.post_message(SaveWanted(self._profile))
