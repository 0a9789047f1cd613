"""Shows the public half of a key in the form that a server asks for, to be copied or written."""

from __future__ import annotations

from textual import on, work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Button, Static

from ccflow_tui.models.kept_key import KeptKey, KeyExport, PublicText, wanted_export
from ccflow_tui.models.places import Place
from ccflow_tui.models.secret import Secret
from ccflow_tui.screens.key_file import WriteDialog
from ccflow_tui.screens.key_work import KeyDialog
from ccflow_tui.screens.keys_desk import KeysDesk
from ccflow_tui.screens.messages import CopyWanted
from ccflow_tui.widgets.choice import ChoiceField
from ccflow_tui.widgets.push_button import PushButton


class ExportDialog(KeyDialog[None]):
    """Closes without a result."""

    PLACE = Place.EXPORT
    CONFIRM, WRITE = "Copy ({key})", "Write to a file ({key})"
    CANCELLED = "Cancelled."

    def __init__(self, desk: KeysDesk, key: KeptKey) -> None:
        self.HEADING = f"The public half of “{key.name}”"
        super().__init__(desk)
        self._key = key
        self._public: PublicText | None = None

    def compose_form(self) -> ComposeResult:
        """Yield the forms and the text."""
        first = wanted_export(self.desk.provider)
        forms = tuple((form.value, form.value) for form in KeyExport)
        yield ChoiceField("form", "Form", forms, value=first.value, id="form")
        with VerticalScroll(id="public"):
            yield Static("", id="public-text", markup=False)

    def compose_answers(self) -> ComposeResult:
        """Yield what can be done with the text."""
        copy, write = (self.keys.name(action) for action in ("export.copy", "export.write"))
        yield PushButton(self.CONFIRM.format(key=copy), id="confirm", compact=True, variant="primary")
        yield PushButton(self.WRITE.format(key=write), id="write", compact=True)
        yield PushButton("Close", id="cancel", compact=True)

    def on_mount(self) -> None:
        """Show the form that the provider takes."""
        self.query_one("#form", ChoiceField).focus()
        self._show_form()

    @property
    def _form(self) -> KeyExport:
        return KeyExport(self.query_one("#form", ChoiceField).value)

    @on(ChoiceField.Edited)
    def _show_form(self) -> None:
        if self._work is not None:
            self._work.cancel()
            self._work = None
        self._public = None
        self.query_one("#public-text", Static).update("")
        self.begin(f"Making the {self._form}.")

    async def carry_out(self) -> None:
        """Show the text; as the open profile's assertions carry it where that profile signs with the key."""
        profile = self.desk.profile()
        is_own = profile.key_references.get("key_reference") == f"keyring:{self._key.name}"
        fits = is_own and profile.assertion_alg in self._key.algs
        public = await self.desk.workbench.export(
            self._key.name,
            self._form,
            alg=profile.assertion_alg if fits else "",
            kid=profile.assertion_kid if is_own else "",
        )
        self._public = public
        self.query_one("#public-text", Static).update(public.text)
        self.say(Content.styled(f"▲ {public.note}", "$text-warning") if public.note else "")

    def confirm(self) -> None:
        """See ``action_copy``."""
        self.action_copy()

    def action_copy(self) -> None:
        """Copy the whole text; it is public."""
        if self._public is not None:
            self.post_message(CopyWanted(Secret(self._public.text), f"the {self._form}"))

    @on(Button.Pressed, "#write")
    @work(exclusive=True, group="key-file", exit_on_error=False)
    async def action_write(self) -> None:
        """Write the text into a folder that is asked for."""
        if self._public is None:
            return
        path = await self.app.push_screen_wait(WriteDialog(self.desk, self._public))
        if path is not None:
            self.notify(f"Written to {path}", timeout=8, markup=False)
