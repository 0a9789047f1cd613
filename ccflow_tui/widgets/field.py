"""One labelled text input of a form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.widgets import Input

from ccflow_tui.widgets.field_frame import CONTROL_CLASS, FieldFrame
from ccflow_tui.widgets.secret_input import SecretInput
from ccflow_tui.widgets.steady import SteadyInput
from ccflow_tui.widgets.tastes import shows_motion

if TYPE_CHECKING:
    from ccflow_tui.models.secret import Secret


class Field(FieldFrame):
    """A label, a text input, where its value came from, and what is wrong with it.

    With ``secret=True`` the value is never readable from here: ``value`` stays empty, ``has_text`` says
    whether something was typed, and ``take_secret`` hands it over once.
    """

    def __init__(  # noqa: PLR0913 - the options of a form row, each by keyword
        self,
        name: str,
        label: str,
        *,
        required: bool = False,
        placeholder: str = "",
        hint: str = "",
        secret: bool = False,
        id: str | None = None,
    ) -> None:
        super().__init__(name, label, required=required, hint=hint, id=id)
        self._input: Input = (
            SecretInput(placeholder=placeholder, classes=CONTROL_CLASS)
            if secret
            else SteadyInput(placeholder=placeholder, validate_on=(), classes=CONTROL_CLASS)
        )

    def on_mount(self) -> None:
        """Keep the cursor still for those who want no motion."""
        if not shows_motion(self):
            self._input.cursor_blink = False

    def build_control(self) -> Input:
        """Return the input."""
        return self._input

    @property
    def value(self) -> str:
        """The text as typed; always empty for a secret."""
        return "" if isinstance(self._input, SecretInput) else self._input.value

    @property
    def has_text(self) -> bool:
        """Whether the input holds anything, secret or not."""
        return bool(self._input.value)

    def set_value(self, text: str, source: str = "") -> None:
        """Put in a text and the tag that says where it came from; posts nothing."""
        if text != self._input.value:
            with self._input.prevent(Input.Changed, SecretInput.Edited):
                self._input.value = text
        self.set_source(source)

    def set_placeholder(self, text: str) -> None:
        """Change what an empty input shows, for example that a secret is kept in the keyring."""
        self._input.placeholder = text

    def take_secret(self) -> Secret | None:
        """Return the secret typed and empty the input; ``None`` when there is none."""
        return self._input.take_secret() if isinstance(self._input, SecretInput) else None

    def toggle_reveal(self) -> bool:
        """Show or mask a secret; return whether it is readable now."""
        if not isinstance(self._input, SecretInput):
            return False
        self._input.toggle()
        return self._input.is_revealed

    @on(Input.Changed)
    @on(SecretInput.Edited)
    def _changed(self, event: Input.Changed | SecretInput.Edited) -> None:
        event.stop()
        self.post_message(self.Edited(self, self.value))

    @on(Input.Blurred)
    @on(SecretInput.Left)
    def _left(self, event: Input.Blurred | SecretInput.Left) -> None:
        event.stop()
        self.post_message(self.Left(self))

    @on(Input.Submitted)
    @on(SecretInput.Entered)
    def _entered(self, event: Input.Submitted | SecretInput.Entered) -> None:
        """Let Enter walk through a form as Tab does."""
        event.stop()
        self.screen.focus_next()
