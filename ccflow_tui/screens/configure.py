"""Step 1: everything the request is made from, checked while it is typed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.getters import query_one
from textual.widgets import Button, Collapsible, Label, Static

from ccflow_tui.models.flow import FlowState, Step
from ccflow_tui.models.problems import FieldProblem, InputProblem, SecretStoreProblem, Severity
from ccflow_tui.models.profile import (
    AssertionAudience,
    BasicEncoding,
    EndpointMode,
    EndpointSource,
    Profile,
)
from ccflow_tui.screens import configure_form as form
from ccflow_tui.screens.desk import Desk
from ccflow_tui.screens.messages import ProfileEdited, RequestBuilt, SaveWanted
from ccflow_tui.screens.step import StepScreen
from ccflow_tui.widgets.choice import ChoiceField
from ccflow_tui.widgets.color_coded_url import ColorCodedUrl
from ccflow_tui.widgets.field import Field
from ccflow_tui.widgets.field_frame import FieldFrame
from ccflow_tui.widgets.method_picker import MethodPicker


class ConfigureScreen(StepScreen):
    """Configure: target, client, credential and what to ask for."""

    STEP = Step.CONFIGURE
    HEADING = "⚙ Configure"
    INTRODUCTION = "Who asks, whom, and for what. Nothing is sent yet."
    CSS_PATH = [*StepScreen.CSS_PATH, "configure.tcss"]  # noqa: RUF012 - Textual's own type

    picker = query_one(MethodPicker)
    endpoint = query_one("#endpoint", ColorCodedUrl)
    reason = query_one("#reason", Label)

    def __init__(self, desk: Desk, profile: Profile, sources: Mapping[str, str]) -> None:
        super().__init__(desk)
        self._profile = profile
        self._sources = dict(sources)
        self._credential_source = ""

    # Layout

    def compose_step(self) -> ComposeResult:
        """Yield the form from top to bottom, in the order a person thinks."""
        yield form.choice("endpoint_mode", "Find endpoint by", form.MODES)
        yield from form.build_fields(form.TARGET_FIELDS[:1])
        yield form.choice("region", "Region", form.REGIONS)
        yield from form.build_fields(form.TARGET_FIELDS[1:])
        with Horizontal(id="endpoint-row"):
            yield Label("Token endpoint", id="endpoint-label")
            yield ColorCodedUrl(id="endpoint")
            yield Label("", id="endpoint-source", markup=False)
        yield from form.build_fields((form.CLIENT_ID,))
        yield MethodPicker(id="field-auth_method")
        yield from form.build_fields(form.CREDENTIAL_FIELDS)
        yield form.choice("assertion_alg", "Algorithm", form.ALGORITHMS)
        yield form.choice("assertion_audience", "Assertion aud", form.AUDIENCES)
        yield form.choice("basic_encoding", "Basic encoding", form.ENCODINGS)
        yield from form.build_fields(form.GRANT_FIELDS)
        yield Static(form.SECURITY_STRIP, id="security", markup=False)
        with Collapsible(title="🤖 What is the client credentials grant?", id="lesson"):
            yield Static(form.LESSON, markup=False)

    def compose_actions(self) -> ComposeResult:
        """Yield the way on, and why it may be closed."""
        with Horizontal(classes="buttons"):
            yield Button("Next: build request ›", id="next", compact=True, variant="primary")
            yield Label("", id="reason", classes="reason", markup=False)

    def on_mount(self) -> None:
        """Fill the form; focus the first field that is still empty."""
        self._fill()
        self._refresh_reason()
        self._look_up_credential()
        self._focus_first_gap()

    def _focus_first_gap(self) -> None:
        missing = {finding.field for finding in self._errors()}
        for widget in self._fields():
            if widget.display and widget.field_name in missing:
                widget.focus()
                return
        self.query_one("#next", Button).focus()

    # State in, state out

    def load_profile(self, profile: Profile, sources: Mapping[str, str]) -> None:
        """Show another profile."""
        self._profile, self._sources = profile, dict(sources)
        self._credential_source = ""
        if self.is_mounted:
            self._fill()
            self._refresh_reason()
            self._look_up_credential()
            self._focus_first_gap()

    def show_state(self, state: FlowState) -> None:
        """Redraw the stepper; the form itself is the source of the profile."""
        super().show_state(state)

    def focus_field(self, name: str) -> None:
        """Put the cursor into a field, where an error card sent the user."""
        for widget in self._fields():
            if widget.field_name == name and widget.display:
                widget.focus()
                return
        if name == "auth_method":
            self.picker.focus()

    def _fields(self) -> Iterator[FieldFrame]:
        return iter(self.query(FieldFrame))

    def _fill(self) -> None:
        with self.app.batch_update():
            for widget in self._fields():
                name = widget.field_name
                if name != "client_secret" and isinstance(widget, Field | ChoiceField):
                    widget.set_value(self._text(name), self._sources.get(name, ""))
                widget.show_problems(())
            self.picker.set_value(self._profile.auth_method)
            self._show_needed()

    def _text(self, name: str) -> str:
        value = getattr(self._profile, name)
        return " ".join(value) if isinstance(value, tuple) else str(value)

    def _show_needed(self) -> None:
        shown = form.visible_fields(self._profile)
        for widget in self._fields():
            widget.display = widget.field_name in shown
        by_hand = self._profile.endpoint_mode is EndpointMode.MANUAL
        self.query_one("#endpoint-row").display = not by_hand
        self.endpoint.show(self._profile.token_endpoint)
        self.query_one("#endpoint-source", Label).update(self._profile.endpoint_source.value)

    # Editing

    @on(FieldFrame.Edited)
    def _take_edit(self, event: FieldFrame.Edited) -> None:
        event.stop()
        name = event.field.field_name
        if name == "client_secret":
            self._refresh_reason()
            return
        if name == "environment_id" and (found := self.desk.engine.recognise(event.value)):
            self._edit(environment_id=found[0], region=found[1])
            self._fill()
            return
        self._edit(**{name: _converted(name, event.value)})
        event.field.set_source("typed")

    @on(MethodPicker.Picked)
    def _take_method(self, event: MethodPicker.Picked) -> None:
        self._edit(auth_method=event.method)
        self._look_up_credential()

    def _edit(self, **changes: Any) -> None:
        if {"endpoint_mode", "issuer"} & changes.keys():
            changes |= {"token_endpoint": "", "endpoint_source": EndpointSource.NONE}
        if "token_endpoint" in changes and self._profile.endpoint_mode is EndpointMode.MANUAL:
            changes["endpoint_source"] = EndpointSource.TYPED
        self._sources |= dict.fromkeys(changes, "typed")
        self._adopt(self.desk.engine.derive(replace(self._profile, **changes)))

    def _adopt(self, profile: Profile) -> None:
        self._profile = profile
        self._show_needed()
        self._refresh_reason()
        self.post_message(ProfileEdited(profile))

    @on(FieldFrame.Left)
    def _check_left_field(self, event: FieldFrame.Left) -> None:
        name = event.field.field_name
        if name == "issuer" and self._profile.issuer and not self._profile.token_endpoint:
            self.action_discover()
        if name in {"client_id", "token_endpoint", "environment_id", "key_reference"}:
            self._look_up_credential()
        event.field.show_problems(tuple(finding for finding in self._findings() if finding.field == name))

    # Judging

    def _secret_present(self) -> bool:
        typed = self.query_one("#field-client_secret", Field)
        return typed.has_text or bool(self._credential_source)

    def _findings(self) -> tuple[FieldProblem, ...]:
        return self.desk.engine.check(self._profile, secret_present=self._secret_present())

    def _errors(self) -> list[FieldProblem]:
        return [finding for finding in self._findings() if finding.severity is Severity.ERROR]

    def _refresh_reason(self) -> None:
        errors = self._errors()
        self.query_one("#next", Button).set_class(bool(errors), "-off")
        self.reason.update(f"Next is off: {errors[0].problem}" if errors else "")

    @work(exclusive=True, group="credential", exit_on_error=False)
    async def _look_up_credential(self) -> None:
        self._credential_source = await self.desk.engine.credential_source(self._profile)
        secret = self.query_one("#field-client_secret", Field)
        if self._profile.auth_method.uses_secret:
            secret.set_source(self._credential_source)
        self._refresh_reason()

    # Discovery

    def action_discover(self) -> None:
        """Ask the issuer for its token endpoint, in the background."""
        if self._profile.issuer:
            self._discover()
        else:
            self.notify("Give an issuer or an environment first.", severity="warning", markup=False)

    @work(exclusive=True, group="discovery", exit_on_error=False)
    async def _discover(self) -> None:
        asked = self._profile
        source = self.query_one("#endpoint-source", Label)
        source.update("discovering…")
        result = await self.desk.engine.discover(asked, refetch=bool(asked.token_endpoint))
        if self._profile.issuer != asked.issuer:
            return
        if result.metadata is None:
            source.update(self._profile.endpoint_source.value or "not found")
            self._show_problem(result.problem)
            return
        found = result.metadata
        self._adopt(
            replace(
                self._profile,
                token_endpoint=found.token_endpoint,
                endpoint_source=EndpointSource.DISCOVERED,
            )
        )
        for warning in found.warnings:
            self.notify(warning, title="Discovery", severity="warning", markup=False)
        self._look_up_credential()

    def _show_problem(self, problem: FieldProblem | None) -> None:
        if problem is None:
            return
        for widget in self._fields():
            if widget.field_name == problem.field and widget.display:
                widget.show_problems((problem,))
                return
        self.notify(str(problem), title=problem.field, severity="error", markup=False)

    # Going on

    @on(Button.Pressed, "#next")
    def _press_next(self) -> None:
        self.action_build()

    def action_build(self) -> None:
        """Check everything, then build and sign the request."""
        errors = self._errors()
        if errors:
            self._show_all(errors)
            self._focus_first_gap()
            return
        self._take_typed_secret()
        self._build()

    def _show_all(self, findings: list[FieldProblem]) -> None:
        for widget in self._fields():
            widget.show_problems(tuple(finding for finding in findings if finding.field == widget.field_name))

    def _take_typed_secret(self) -> None:
        field = self.query_one("#field-client_secret", Field)
        secret = field.take_secret() if self._profile.auth_method.uses_secret else None
        if secret is None:
            return
        self.desk.engine.remember_secret(self._profile, secret)
        self._credential_source = "typed"
        field.set_source("typed, held for this run")
        field.show_problems(self.desk.engine.check_secret(secret))

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

    def action_save(self) -> None:
        """Keep the profile, and its secret in the secret store."""
        self._take_typed_secret()
        self.post_message(SaveWanted(self._profile))


def _converted(name: str, text: str) -> object:
    """Turn a field's text into the type its profile attribute has."""
    if name == "resources":
        return tuple(text.split())
    if name == "endpoint_mode":
        return EndpointMode(text)
    if name == "basic_encoding":
        return BasicEncoding(text)
    if name == "assertion_audience":
        return AssertionAudience(text)
    return text.strip() if name not in {"scope"} else text
