"""The key workbench: the private keys that ccflow keeps, what is known of each, and what can be done."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option
from textual.worker import Worker, WorkerState

from ccflow_tui.models.kept_key import KeptKey
from ccflow_tui.models.places import Place
from ccflow_tui.models.problems import CcflowError, InputProblem
from ccflow_tui.screens.dialog import Dialog
from ccflow_tui.screens.help import HelpDialog, HelpPage, HelpRows
from ccflow_tui.screens.keys_desk import KeysDesk
from ccflow_tui.screens.messages import KeyChosen, WorkFailed
from ccflow_tui.widgets.bound_keys import BoundKeys, listen
from ccflow_tui.widgets.key_bar import KeyBar
from ccflow_tui.widgets.key_facts import (
    KeyFacts,
    RowWidths,
    fact,
    fact_lines,
    key_row,
    pair_lines,
    text_lines,
)

HEADING = "Keys"
INTRODUCTION = (
    "Private keys in the secret store. They sign on this machine and never leave it; a server gets the "
    "public half only."
)
READING = "Looking into the secret store …"
EMPTY = (
    "No keys yet. With a private key a client proves who it is without sending a secret "
    "(private_key_jwt).\n\n"
    "Press {generate} to generate one, or {import} to import one that you have. Then {export} exports its "
    "public half for the server, and {use} lets this profile sign with it."
)
NOT_READ = "Close with Esc and open it again to try once more."
MOST_NAME = 20
"""Cells for the names at the most."""
_NEEDS_KEY = frozenset({"rotate", "use", "export", "delete"})

STANDING: HelpRows = (
    ("Tab", "Go to the facts of the key and back; there the arrows scroll."),
    ("Esc", "Close."),
)
"""Keys that every keymap leaves alone."""


class KeysScreen(Dialog[None]):
    """Fills the terminal; the list beside the facts where there is room, else above them."""

    CSS_PATH = ["dialog.tcss", "keys.tcss"]  # noqa: RUF012 - Textual's own type
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (24, "-high")]  # noqa: RUF012
    HEADING = HEADING
    PLACE = Place.KEYS

    def __init__(self, desk: KeysDesk) -> None:
        super().__init__()
        self.desk = desk
        self._keys: tuple[KeptKey, ...] = ()

    def listen_to(self, keys: BoundKeys) -> None:
        """Show the workbench's own help, too."""
        super().listen_to(keys)
        listen(self, keys.elsewhere("help", "screen.help", shown=True))

    def compose_dialog(self) -> ComposeResult:
        """Yield the list, the facts and the keys that work."""
        yield Static(INTRODUCTION, id="keys-introduction", markup=False)
        with Container(id="keys-body"):
            yield OptionList(id="keys-list", markup=False)
            with VerticalScroll(id="key-detail"), Vertical(id="key-detail-inside"):
                yield KeyFacts(id="facts")
        yield KeyBar(most_rows=2)

    def on_mount(self) -> None:
        """Read the list."""
        self._show_text(READING)
        self.query_one("#keys-list").focus()
        self.reload()

    # The list and the facts of one

    @work(exclusive=True, group="key-list", exit_on_error=False)
    async def reload(self, wanted: str = "") -> None:
        """Read the list anew and go to the key of the name ``wanted``, else stay where it is."""
        try:
            keys = await self.desk.workbench.keys()
        except CcflowError as problem:
            text = str(problem.finding if isinstance(problem, InputProblem) else problem)
            self._show_keys((), "")
            self._show_text(f"✗ {text}\n\n{NOT_READ}", "$text-error")
            return
        self._show_keys(keys, wanted)

    def _show_keys(self, keys: Sequence[KeptKey], wanted: str) -> None:
        before = self.highlighted
        wanted = wanted or (before.name if before else self._own_key())
        self._keys = tuple(keys)
        listed = self.query_one("#keys-list", OptionList)
        widths, now = RowWidths.of(keys, MOST_NAME), self.desk.wall()
        rows = (key_row(key, widths, is_current=key.name == self._own_key(), now=now) for key in keys)
        listed.set_options([Option(row) for row in rows])
        listed.display = bool(keys)
        if keys:
            names = [key.name for key in keys]
            listed.highlighted = names.index(wanted) if wanted in names else 0
            if self.focused is None:
                listed.focus()
        else:
            ways = ("generate", "import", "export", "use")
            self._show_text(EMPTY.format(**{way: self.keys.name(f"keys.{way}") for way in ways}))
        self.refresh_bindings()

    def _own_key(self) -> str:
        """Return the name of the kept key that the open profile signs with; empty when there is none."""
        reference = self.desk.profile().key_references.get("key_reference", "")
        return reference.removeprefix("keyring:") if reference.startswith("keyring:") else ""

    @property
    def highlighted(self) -> KeptKey | None:
        """The key that the keys act on."""
        at = self.query_one("#keys-list", OptionList).highlighted
        return self._keys[at] if at is not None and at < len(self._keys) else None

    @on(OptionList.OptionHighlighted)
    def _show_highlighted(self) -> None:
        if (key := self.highlighted) is not None:
            self.query_one("#facts", KeyFacts).show(lambda width: tuple(self._facts(key, width)))
            self.query_one("#key-detail").scroll_home(animate=False)
            self.refresh_bindings()

    def _facts(self, key: KeptKey, width: int) -> list[Content]:
        name = Content(key.name).stylize("bold").truncate(width, ellipsis=True)
        lines = [name, *fact_lines(key, width, now=self.desk.wall(), production=self.desk.production())]
        for old, new in self._pairs():
            if key in {old, new}:
                lines += [Content(""), *pair_lines(old, new, width)]
        place = self.desk.workbench.register_at(self.desk.provider.value)
        return [*lines, Content(""), *fact("Public half", place, width, "$text-accent")]

    def _pairs(self) -> list[tuple[KeptKey, KeptKey]]:
        by_name = {key.name: key for key in self._keys}
        return [(by_name[new.replaces], new) for new in self._keys if new.replaces in by_name]

    def _show_text(self, text: str, style: str = "") -> None:
        self.query_one("#facts", KeyFacts).show(lambda width: tuple(text_lines(text, width, style)))

    # What can be done

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Dim the keys that need a key as long as there is none."""
        if action in _NEEDS_KEY and self.is_mounted and self.highlighted is None:
            return None
        return super().check_action(action, parameters)

    @work(exclusive=True, group="keys", exit_on_error=False)
    async def action_generate(self) -> None:
        """Make a key."""
        from ccflow_tui.screens.key_generate import GenerateDialog

        key = await self.app.push_screen_wait(GenerateDialog(self.desk))
        self._came(key, "made")

    @work(exclusive=True, group="keys", exit_on_error=False)
    async def action_import(self) -> None:
        """Copy a key into the secret store."""
        from ccflow_tui.screens.key_import import ImportDialog

        key = await self.app.push_screen_wait(ImportDialog(self.desk))
        self._came(key, "imported")

    def _came(self, key: KeptKey | None, how: str) -> None:
        """Show a key that is there now; without one, what was cancelled may have left something behind."""
        self.reload(key.name if key else "")
        if key is not None:
            export = f"{self.keys.name('keys.export')} exports its public half."
            self.notify(f"“{key.name}” was {how} and is in the secret store. {export}", markup=False)

    @work(exclusive=True, group="keys", exit_on_error=False)
    async def action_rotate(self) -> None:
        """Make a successor of the key, and offer to export both."""
        from ccflow_tui.screens.key_rotate import RotateDialog

        if (key := self.highlighted) is None:
            return
        rotated = await self.app.push_screen_wait(RotateDialog(self.desk, key))
        self.reload(rotated.successor.name if rotated else "")
        if rotated is not None and rotated.export:
            await self._export(rotated.successor)

    def action_use(self) -> None:
        """Let the open profile sign with the key."""
        if (key := self.highlighted) is None:
            return
        if key.missing:
            self.notify(f"“{key.name}”: {key.missing}", title="Not used", severity="warning", markup=False)
        else:
            self.post_message(KeyChosen(key))

    @work(exclusive=True, group="keys", exit_on_error=False)
    async def action_export(self) -> None:
        """Show the public half."""
        if (key := self.highlighted) is not None:
            await self._export(key)

    async def _export(self, key: KeptKey) -> None:
        from ccflow_tui.screens.key_export import ExportDialog

        await self.app.push_screen_wait(ExportDialog(self.desk, key))

    @work(exclusive=True, group="keys", exit_on_error=False)
    async def action_delete(self) -> None:
        """Remove the key, after a question."""
        from ccflow_tui.screens.key_delete import DeleteDialog

        if (key := self.highlighted) is None:
            return
        done = await self.app.push_screen_wait(DeleteDialog(self.desk, key, self._keys))
        self.reload()
        if done is not None:
            self.notify(done, timeout=8, markup=False)

    def action_help(self) -> None:
        """Show what this is for, and every key."""
        here = (*self.keys.told(Place.KEYS), *STANDING)
        self.app.push_screen(HelpDialog(HelpPage(HEADING, INTRODUCTION, {"Here": here})))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Report work that failed in a way nobody foresaw."""
        if event.state is WorkerState.ERROR:
            self.post_message(WorkFailed(event.worker.error))
