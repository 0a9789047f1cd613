"""Step 1: everything the request is made from, checked while it is typed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from textual import on, work
from textual.widgets import Button

from ccflow_tui.models.flow import Step
from ccflow_tui.models.problems import InputProblem, PassphraseProblem, SecretStoreProblem
from ccflow_tui.models.profile import MutualTls, Profile
from ccflow_tui.models.provider_forms import PROVIDER_FORMS, inputs_of
from ccflow_tui.screens import configure_form as form
from ccflow_tui.screens.configure_judging import JudgingScreen
from ccflow_tui.screens.desk import Desk
from ccflow_tui.screens.messages import EndpointFound, ProfileEdited, RequestBuilt, SaveWanted
from ccflow_tui.widgets.choice import ChoiceField
from ccflow_tui.widgets.field import Field
from ccflow_tui.widgets.field_frame import FieldFrame
from ccflow_tui.widgets.method_picker import MethodPicker

if TYPE_CHECKING:
    from ccflow_tui.screens.configure_edits import Edits

DROPPED = "What you had typed as a secret was for another client or server, and was dropped."


class ConfigureScreen(JudgingScreen):
    """Configure: target, client, credential and what to ask for."""

    AUTO_FOCUS = ""  # the first gap gets the focus, not the first field
    STEP = Step.CONFIGURE
    HEADING = "⚙ Configure"
    INTRODUCTION = "Who asks, whom, and for what. Nothing is sent yet."

    def __init__(self, desk: Desk, profile: Profile, sources: Mapping[str, str]) -> None:
        super().__init__(desk, profile, sources)
        self._wants_to_build = False

    @cached_property
    def _edits(self) -> Edits:
        from ccflow_tui.screens.configure_edits import Edits

        engine = self.desk.engine
        return Edits(engine.derive, engine.unconfirmed_origin)

    async def mount_rest(self) -> None:
        """Mount the rest of the form, then catch up on a key that came too early."""
        await super().mount_rest()
        self.picker.listen_to(self.desk.keys())
        if self._wants_to_build:
            self.action_build()

    def _show_profile(self, typed: FieldFrame | None = None) -> None:
        self._fill(besides=typed)
        self._refresh_reason()
        if typed is None:
            self._await_secret_at_first_gap()
        self._look_up_credential(at_start=True)
        self._discover_if_needed()

    # State in, state out

    @property
    def entered(self) -> tuple[Profile, dict[str, str]]:
        """The profile as it stands in the form, with the sources of its fields."""
        return self._profile, dict(self._sources)

    def load_profile(self, profile: Profile, sources: Mapping[str, str], *, keep_typed: bool = False) -> None:
        """Show another profile; ``keep_typed`` leaves what is being typed for the same client and server."""
        typed = self._being_typed() if keep_typed else None
        keeps_secrets = keep_typed and profile.addressee == self._profile.addressee
        self._profile, self._sources = profile, dict(sources)
        self._credential_source = self._encrypted_key = ""
        self._edits.forget()
        if not self._is_complete:
            return
        if not keeps_secrets:
            # Typed for another profile or server, so it must not reach this one's.
            dropped = [field.take_secret() for field in (self.secret, self.passphrase)]
            typed = None if typed in {self.secret, self.passphrase} else typed
            if any(dropped):
                self.notify(DROPPED, severity="warning", timeout=10, markup=False)
        self._show_profile(typed)

    def focus_field(self, name: str) -> None:
        """Put the cursor into a field, where an error card sent the user."""
        if name == "auth_method":
            self.picker.focus()
        elif (widget := self._field(name)) is not None:
            self._go_to(widget)

    # Editing

    @on(FieldFrame.Edited)
    def _take_edit(self, event: FieldFrame.Edited) -> None:
        from ccflow_tui.screens.configure_edits import as_value

        event.stop()
        field, name = event.field, event.field.field_name
        if name == "client_secret":
            field.set_source("")
            self._refresh_reason()
        elif name == form.PASSPHRASE:
            field.set_source("")
            field.show_problems(())
        elif name == "production" and event.value == "off":
            self._ask_about_mark(field)
        elif name == "environment_id" and self._take_address(event.value):
            pass
        else:
            self._edit(**{name: as_value(name, event.value)})
            field.set_source("typed")
        if name == "assertion_audience":
            self._fill_field(self.query_one(f"#field-{form.OWN_AUDIENCE}", Field))
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
        before = self._profile
        self._edit(auth_method=event.method)
        if self._profile.assertion_alg != before.assertion_alg or before.mtls != MutualTls():
            self._fill()  # the algorithm follows the method, and the certificate has a place for each
        self._look_up_credential()

    @work(exclusive=True, group="question", exit_on_error=False)
    async def _ask_about_mark(self, field: FieldFrame) -> None:
        """Take the production mark off once the user has agreed; until then it stands."""
        from ccflow_tui.screens.production import may_unmark

        asked = self._profile.name
        self._fill_field(field)
        if await may_unmark(self.app, asked) and self._profile.name == asked:
            self._edit(production=False)
            self._fill_field(field)

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
        elif name == form.OWN_AUDIENCE:
            # What was typed may be the word of a choice.
            self._fill_field(self.query_one("#field-assertion_audience", ChoiceField))
            self._show_needed()
        is_input = name in {item.field for item in inputs_of(self._profile)}
        if is_input and isinstance(event.field, Field):
            self._take_address(event.field.value)
        if is_input or name in {"client_id", "token_endpoint", "key_reference", "secret_reference"}:
            self._look_up_credential()
        if self._is_complete:
            self._judge(event.field)

    def _endpoint_known(self) -> None:
        self._look_up_credential()
        self.post_message(EndpointFound(self._profile))

    def _issuer_confirmed(self, issuer: str) -> None:
        field = self.query_one("#field-issuer", Field)
        field.set_value(issuer, self._sources.get("issuer", ""))
        self._judge(field)

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
        self.hand_over_secrets()
        self._build()

    def hand_over_secrets(self) -> None:
        """Hand what was typed to the engine, whatever the method: nothing stays readable in the form."""
        if not self._is_complete:
            return
        if (passphrase := self.passphrase.take_secret()) is not None:
            self.desk.engine.remember_passphrase(self._encrypted_key, passphrase)
            self.passphrase.set_source("typed")
            self.passphrase.set_placeholder(form.SECRET_HELD)
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
        profile, started = self._profile, self.desk.monotonic()
        try:
            request = await self.desk.engine.prepare(profile)
        except InputProblem as problem:
            self.tell_problem(problem)
            return
        except SecretStoreProblem as problem:
            self.notify(str(problem), title="Secret store", severity="error", markup=False)
            return
        self.post_message(RequestBuilt(profile, request, self.desk.monotonic() - started))

    def tell_problem(self, problem: InputProblem) -> None:
        """Show why there is no request at the field to mend; a passphrase that is missing gets its own."""
        field = problem.finding.field
        reference = self._profile.key_references.get(field.partition(".")[0], "")
        if isinstance(problem, PassphraseProblem) and reference:
            self._show_passphrase(problem.finding, reference)
            return
        self._show_problem(problem.finding)
        self.focus_field(field)

    def action_save(self) -> None:
        """Keep the profile, and its secret in the secret store."""
        if not self._is_complete:
            return
        self.hand_over_secrets()
        self._look_up_credential()  # a client or server typed just before the key was not left yet
        self.post_message(SaveWanted(self._profile))
