"""Step 1 as it is laid out and filled from a profile."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial
from itertools import zip_longest

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Button, Static

from ccflow_tui.models.problems import FieldProblem
from ccflow_tui.models.profile import EndpointMode, Profile
from ccflow_tui.models.provider_forms import PROVIDER_FORMS
from ccflow_tui.screens import configure_form as form
from ccflow_tui.screens.configure_discovery import DiscoveringScreen
from ccflow_tui.screens.desk import Desk
from ccflow_tui.widgets.choice import ChoiceField
from ccflow_tui.widgets.color_coded_url import ColorCodedUrl
from ccflow_tui.widgets.field import Field
from ccflow_tui.widgets.field_frame import FieldFrame, problem_lines
from ccflow_tui.widgets.method_picker import MethodPicker
from ccflow_tui.widgets.push_button import PushButton
from ccflow_tui.widgets.steady import SteadyText, WhyOff
from ccflow_tui.widgets.tastes import tasteful

LOW = 30
"""Lines of a terminal below which each of them counts; the class ``-tall`` begins there."""

_NOT_FILLED = frozenset({form.UNUSED, "client_secret", form.PASSPHRASE})


class FormScreen(DiscoveringScreen):
    """A screen with the fields of step 1; the subclass takes the edits."""

    picker = query_one(MethodPicker)
    endpoint = query_one("#endpoint", ColorCodedUrl)
    secret = query_one("#field-client_secret", Field)
    passphrase = query_one("#field-key_passphrase", Field)
    reason = query_one(WhyOff)

    def __init__(self, desk: Desk, profile: Profile, sources: Mapping[str, str]) -> None:
        super().__init__(desk)
        self._profile = profile
        self._sources = dict(sources)
        self._is_complete = False
        self._is_unfolded = False
        self._credential_source = ""
        self._encrypted_key = ""
        """The reference of a private key that asks for its passphrase."""

    def compose_step(self) -> ComposeResult:
        """Yield the form from top to bottom, in the order a person thinks."""
        yield form.choice("endpoint_mode", "Find endpoint by", form.MODES)
        yield from form.build_target(form.needed_targets(self._profile))
        with Horizontal(id="endpoint-row"):
            yield Static("Token endpoint", id="endpoint-label")
            yield ColorCodedUrl(id="endpoint")
            yield SteadyText("", id="endpoint-source", markup=False)
        yield from form.build_fields((form.CLIENT_ID,))
        yield MethodPicker(id="field-auth_method", low=self._is_low)

    @property
    def _is_low(self) -> bool:
        return self.fitted.height < LOW

    def size_changed(self) -> None:
        """Spread the methods over fewer lines in a low terminal."""
        super().size_changed()
        self.picker.set_low(self._is_low)

    async def mount_rest(self) -> None:
        """Mount the fields below the first ones, and those that only another choice would show."""
        from ccflow_tui.screens.configure_rest import build_rest

        await super().mount_rest()
        there = {(field.id or "").removeprefix("field-") for field in self._fields()}
        with self.app.batch_update():
            await self.query_one("#content").mount_all(
                build_rest(partial(tasteful, self)), after="#field-auth_method"
            )
            await self.query_one("#content").mount_all(
                form.build_target(form.TARGET_NAMES - there), before="#endpoint-row"
            )
        self._is_complete = True
        self._fill(besides=self._being_typed())

    def compose_actions(self) -> ComposeResult:
        """Yield the way on, and why it may be closed."""
        with Horizontal(classes="buttons"):
            yield PushButton("Next: build request ›", id="next", compact=True, variant="primary")
            yield WhyOff("", id="reason", classes="reason", markup=False)

    def on_mount(self) -> None:
        """Show the profile as far as that needs no engine, which is loaded after the first paint."""
        self._fill()
        empty = (field for field in self.query(Field) if field.display and not field.has_text)
        self.set_focus(next((field.control for field in empty), self.query_one("#next")))

    def _being_typed(self) -> FieldFrame | None:
        """Return the field with the cursor where somebody has typed into it."""
        field = next((widget for widget in self._fields() if widget.control.has_focus), None)
        if field is None or not isinstance(field, Field) or not field.has_text:
            return None
        name = field.field_name
        if name in _NOT_FILLED or self._sources.get(name) == "typed":
            return field
        # What was typed a moment ago may be on its way here still.
        return field if field.value != form.shown_value(self._profile, name) else None

    def _fill(self, *, besides: FieldFrame | None = None) -> None:
        with self.app.batch_update():
            self._arrange_inputs()
            # Found out once the form is whole, which is after the first paint.
            shadows = self.desk.shadows(self._profile.name) if self._is_complete else {}
            for widget in self._fields():
                if widget is not besides:
                    self._fill_field(widget)
                widget.set_shadowed(shadows.get(widget.field_name, ""))
                widget.show_problems(())
            self.picker.set_value(self._profile.auth_method)
            self._show_needed()

    def _fill_field(self, widget: FieldFrame) -> None:
        name = widget.field_name
        if name in _NOT_FILLED or not isinstance(widget, Field | ChoiceField):
            return
        text = form.shown_value(self._profile, name)
        if name == "secret_reference" and isinstance(widget, Field):
            from ccflow_tui.screens.configure_rest import reference_view

            text, placeholder = reference_view(text)
            widget.set_placeholder(placeholder)
        widget.set_value(text, self._source_of(name))

    def _source_of(self, name: str) -> str:
        return self._sources.get(name, "") or self._sources.get(form.attribute_of(name), "")

    def _arrange_inputs(self) -> None:
        """Label the slots for what the provider asks for; one that is not needed stands for nothing."""
        items = form.slot_inputs(self._profile)
        for name, item in zip_longest(form.SLOTS, items):
            for slot in self.query(f"#field-{name}").results(Field):
                slot.stand_for(
                    item.field if item else form.UNUSED,
                    item.label if item else "",
                    required=item is not None and not item.default,
                )
                slot.set_placeholder(item.placeholder if item else "")
        provider = PROVIDER_FORMS[self._profile.provider]
        for choice in self.query("#field-provider").results(ChoiceField):
            choice.set_hint(provider.note)
        is_known = self._profile.endpoint_mode is EndpointMode.PRESET and provider.key_place
        for key in self.query("#field-key_reference").results(Field):
            workbench = f"{self.desk.key('keys')} makes, imports and rotates keys."
            place = f"Its public half is registered {provider.key_place}.\n" if is_known else ""
            key.set_hint(place + workbench)

    def _show_needed(self) -> None:
        shown = form.visible_fields(self._profile)
        if self._encrypted_key in self._profile.key_references.values():
            shown |= {form.PASSPHRASE}
        folded = frozenset() if self._is_unfolded else form.MORE_NAMES
        for widget in self._fields():
            # A word such as “issuer” on the way to a longer text must not take the field from the cursor.
            is_typed_in = widget.field_name == form.OWN_AUDIENCE and widget.is_focused
            widget.display = is_typed_in or widget.field_name in shown - folded
        if self._is_complete:
            self._show_rest()
        by_hand = self._profile.endpoint_mode is EndpointMode.MANUAL
        self.query_one("#endpoint-row").display = not by_hand
        self.endpoint.show(self._profile.token_endpoint)
        source = self._profile.endpoint_source.value
        will = Content.styled(form.ENDPOINT_WILL[self._profile.endpoint_mode], "$ccflow-muted")
        self.endpoint_source.update(source if self._profile.token_endpoint else will)

    def _show_rest(self) -> None:
        """Draw what is mounted after the first paint and depends on the profile."""
        from ccflow_tui.screens.configure_rest import Fold, algorithms

        for name, usable in self.desk.engine.offered_algorithms(self._profile).items():
            for field in self.query(f"#field-{name}").results(ChoiceField):
                field.offer(algorithms(usable))
        for fold in self.query("#more").results(Fold):
            fold.show(tuple(self._fields()), self._profile, is_open=self._is_unfolded)

    def _note_method(self, findings: tuple[FieldProblem, ...]) -> None:
        """Say beneath the methods what the server's metadata says about the one picked."""
        note = self.query_one("#method-note", Static)
        note.display = bool(findings)
        note.update(problem_lines(findings))

    def _tag_secret(self, source: str) -> None:
        """Say where the secret is; an input that is empty must not look as if it were missing."""
        from ccflow_tui.models.secret_reference import shown_reference

        reference = shown_reference(self._profile.secret_reference)
        text, hint = form.SECRET_HELD if self._credential_source else self._wanted(), ""
        if reference and self._credential_source == reference:
            text = tasteful(self, form.SECRET_REFERRED.format(reference=reference))
            hint = form.REFERRED_HINT.format(reference=reference)
        self.secret.set_source(source)
        self.secret.set_placeholder(text)
        self.secret.set_hint(hint)

    def _wanted(self) -> str:
        return form.SECRET_WANTED.format(key=self.desk.key("configure.show-secret"))

    def action_show_secret(self) -> None:
        """Show the secret that is being typed until its field is left, or mask it again."""
        from ccflow_tui.screens.production import refuse_to_show

        shown = (
            [field for field in (self.passphrase, self.secret) if field.display] if self._is_complete else []
        )
        field = next((field for field in shown if field.control.has_focus), shown[-1] if shown else None)
        if field is not None and not refuse_to_show(self, self._profile):
            field.focus()
            field.toggle_reveal()

    def _show_passphrase(self, finding: FieldProblem, reference: str) -> None:
        """Ask for the passphrase that opens the private key kept under ``reference``."""
        self._encrypted_key = reference
        self._show_needed()
        self.passphrase.set_hint(f"Opens {reference}. It stays on this machine.")
        self.passphrase.set_source("")
        self.passphrase.set_placeholder(self._wanted())
        self.passphrase.show_problems((replace(finding, field=form.PASSPHRASE),))
        self._go_to(self.passphrase)

    def _go_to(self, field: FieldFrame) -> None:
        """Put the cursor into a field, which may have been out of sight until now."""
        self._bring_out({field.field_name})
        field.focus()
        self.call_after_refresh(field.scroll_visible, animate=False)

    def _bring_out(self, names: Collection[str]) -> None:
        if not self._is_unfolded and form.MORE_NAMES.intersection(names):
            self._is_unfolded = True
            self._show_needed()

    @on(Button.Pressed, "#more")
    def _fold(self) -> None:
        self._is_unfolded = not self._is_unfolded
        with self.app.batch_update():
            self._show_needed()
