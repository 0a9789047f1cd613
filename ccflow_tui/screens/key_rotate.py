"""Rotates a key: makes its successor and shows both side by side."""

from __future__ import annotations

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content

from ccflow_tui.models.kept_key import KeptKey, KeyKind
from ccflow_tui.screens.key_work import KeyDialog
from ccflow_tui.screens.keys_desk import KeysDesk
from ccflow_tui.widgets.choice import ChoiceField
from ccflow_tui.widgets.key_facts import KeyFacts, pair_lines, text_lines

PLAN = (
    "1. A successor of “{name}” is made; the old key stays and goes on signing.\n"
    "2. Register both at the server: the JWK Set holds them side by side.\n"
    "3. When the server has it, press {use} on the successor, and save the profile.\n"
    "4. Then delete the old key here and at the server."
)
MADE = "Both are kept. Export the JWK Set with both, register it, then press {use} on the successor."
EXPORT = "Export both"
_SAME = ""


@dataclass(frozen=True, slots=True)
class Rotated:
    """What came of it."""

    successor: KeptKey
    export: bool = False
    """Whether the public halves of both are to be exported next."""


class RotateDialog(KeyDialog[Rotated]):
    """Ends with the successor, or ``None`` when none was made."""

    CONFIRM = "Make the successor"

    def __init__(self, desk: KeysDesk, key: KeptKey) -> None:
        self.HEADING = f"Rotate “{key.name}”"
        super().__init__(desk)
        self._key = key
        self._successor: KeptKey | None = None

    def compose_form(self) -> ComposeResult:
        """Yield what will happen, and of which kind the successor is."""
        with VerticalScroll(id="found", can_focus=False):
            yield KeyFacts(id="facts")
        same = (_SAME, f"as before: {self._key.label}")
        yield ChoiceField("kind", "Kind", (same, *((kind.value, kind.value) for kind in KeyKind)), id="kind")

    def on_mount(self) -> None:
        """Tell the plan."""
        plan = PLAN.format(name=self._key.name, use=self.keys.name("keys.use"))
        self.query_one("#facts", KeyFacts).show(lambda width: tuple(text_lines(plan, width)))
        self.query_one("#confirm").focus()

    def confirm(self) -> None:
        """Make the successor; when there is one, go on to the export."""
        if self._successor is not None:
            self.dismiss(Rotated(self._successor, export=True))
        else:
            self.begin("Making the successor.")

    async def carry_out(self) -> None:
        """Make the successor and show the pair."""
        kind = self.query_one("#kind", ChoiceField)
        wanted = KeyKind(kind.value) if kind.value != _SAME else None
        new = self._successor = await self.desk.workbench.rotate(self._key.name, wanted)
        self.query_one("#facts", KeyFacts).show(lambda width: tuple(pair_lines(self._key, new, width)))
        kind.display = False
        self.say(Content(MADE.format(use=self.keys.name("keys.use"))))
        self.relabel("confirm", EXPORT)
        self.relabel("cancel", "Close")
        self.query_one("#confirm").focus()

    def action_close(self) -> None:
        """Cancel what is under way, else close with what was made."""
        if self.is_busy or self._successor is None:
            super().action_close()
        else:
            self.dismiss(Rotated(self._successor))
