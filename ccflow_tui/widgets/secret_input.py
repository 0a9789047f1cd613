"""An input for a client secret: what is typed into it leaves only as a ``Secret``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message
from textual.selection import Selection
from textual.widgets import Input

from ccflow_tui.models.secret import Secret
from ccflow_tui.widgets.steady import SteadyInput
from ccflow_tui.widgets.unseen import when_unseen

if TYPE_CHECKING:
    from rich.repr import Result


class SecretInput(SteadyInput):
    """A password input that cannot be copied from and whose messages carry no text.

    ``Input`` copies the plain text of a password with ctrl+c, and puts it into every message it posts,
    from where the developer tools would log it.
    """

    ALLOW_SELECT = False

    class News(Message):
        """Something happened to the input; no message says what is in it."""

        def __init__(self, secret_input: SecretInput) -> None:
            super().__init__()
            self.secret_input = secret_input

        @property
        def control(self) -> SecretInput:
            """The input it happened to."""
            return self.secret_input

    class Edited(News):
        """The text changed."""

    class Entered(News):
        """Enter was pressed."""

    class Left(News):
        """The keyboard focus left the input."""

    def __init__(self, *, placeholder: str = "", id: str | None = None, classes: str | None = None) -> None:
        super().__init__(placeholder=placeholder, password=True, validate_on=(), id=id, classes=classes)

    @property
    def has_text(self) -> bool:
        """Whether anything was typed."""
        return bool(self.value)

    @property
    def is_revealed(self) -> bool:
        """Whether the text is readable on the screen."""
        return not self.password

    @property
    def selected_text(self) -> str:
        """Nothing, whatever is selected."""
        return ""

    def take_secret(self) -> Secret | None:
        """Return what was typed and empty the input, without a message; ``None`` when it is empty."""
        secret = Secret(self.value) if self.value else None
        with self.prevent(self.Edited):
            self.value = ""
        self.mask()
        return secret

    def toggle(self) -> None:
        """Show the text until the focus leaves, or mask it again."""
        self.password = not self.password

    def mask(self) -> None:
        """Make the text unreadable."""
        self.password = True

    def on_mount(self) -> None:
        """Mask the text whenever nobody may be looking at it."""
        when_unseen(self, self.mask)

    def on_blur(self) -> None:
        """Mask the text as soon as the focus leaves."""
        self.mask()

    def action_copy(self) -> None:
        """Refuse: a secret does not go to the clipboard from here."""
        self.app.bell()

    def action_cut(self) -> None:
        """Refuse, as ``action_copy`` does."""
        self.app.bell()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Give no text to a selection made with the mouse."""
        return None

    def post_message(self, message: Message) -> bool:
        """Replace the messages of ``Input``, which carry the text, by ones that do not."""
        if isinstance(message, Input.Changed):
            message = self.Edited(self)
        elif isinstance(message, Input.Submitted):
            message = self.Entered(self)
        elif isinstance(message, Input.Blurred):
            message = self.Left(self)
        return super().post_message(message)

    def __rich_repr__(self) -> Result:
        """Tell whether there is text, never which."""
        yield from super().__rich_repr__()
        yield "has_text", self.has_text
