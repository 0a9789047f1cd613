"""Imports a private key: looked at first, then kept."""

from __future__ import annotations

from typing import NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content

from ccflow_tui.models.kept_key import KeptKey
from ccflow_tui.models.problems import CcflowError, InputProblem, KeyIdProblem, KeyProblem, PassphraseProblem
from ccflow_tui.models.secret import Secret
from ccflow_tui.screens.key_name import NAME, checked_name, name_field
from ccflow_tui.screens.key_work import KeyDialog
from ccflow_tui.screens.keys_desk import KeysDesk
from ccflow_tui.widgets.field import Field
from ccflow_tui.widgets.field_frame import FieldFrame
from ccflow_tui.widgets.key_facts import KeyFacts, fact_lines, text_lines

REFERENCE, PASSPHRASE, KEY_ID = "reference", "passphrase", "kid"
LOOK, KEEP = "Look at it", "Keep it"


class Found(NamedTuple):
    """A key that was looked at: what is kept is what was shown."""

    reference: str
    kid: str
    key: KeptKey


class ImportDialog(KeyDialog[KeptKey]):
    """Ends with the key that was kept, or ``None``."""

    HEADING = "Import a key"
    CONFIRM = LOOK

    def __init__(self, desk: KeysDesk) -> None:
        super().__init__(desk)
        self._found: Found | None = None
        """What was looked at and may be kept."""
        self._choice = ""
        """Which keys there are to choose from, where one is to be named by its key ID."""
        self._opened: set[str] = set()
        """References that a passphrase was typed for."""

    def compose_form(self) -> ComposeResult:
        """Yield where it is, its name, what opens it and what picks it, and what it turns out to be."""
        yield Field(
            REFERENCE,
            "Key",
            placeholder="PEM, JWK or PKCS#12 file, or env:NAME",
            id="key-reference",
        )
        yield name_field()
        passphrase = Field(PASSPHRASE, "Passphrase", placeholder="type or paste", secret=True, id="key-opens")
        passphrase.display = False
        yield passphrase
        key_id = Field(KEY_ID, "Key ID", placeholder="the kid of one key of the set", id="key-kid")
        key_id.display = False
        yield key_id
        with VerticalScroll(id="found", can_focus=False):
            yield KeyFacts(id="facts")

    def on_mount(self) -> None:
        """Ask for the file first."""
        self.query_one("#key-name", Field).set_value(self.desk.free_name())
        self._reference.focus()

    def on_unmount(self) -> None:
        """Let go of the passphrases that were typed here."""
        for reference in self._opened:
            self.desk.workbench.remember_passphrase(reference, Secret(""))

    @property
    def _reference(self) -> Field:
        return self.query_one("#key-reference", Field)

    @property
    def _passphrase(self) -> Field:
        return self.query_one("#key-opens", Field)

    @property
    def _key_id(self) -> Field:
        return self.query_one("#key-kid", Field)

    @on(FieldFrame.Edited)
    def _edited(self, event: FieldFrame.Edited) -> None:
        """Take back what was found at another place, or under another key ID."""
        if event.field is self._reference:
            self._passphrase.display = self._key_id.display = False
            self._passphrase.take_secret()
            self._key_id.set_value("")
            self._choice = ""
        if event.field in {self._reference, self._key_id}:
            self._show_found(None)

    def confirm(self) -> None:
        """Look at the key; when that was done, keep it."""
        reference = self._reference.value.strip()
        if self.is_busy:
            return
        if not reference:
            self.tell(InputProblem(REFERENCE, "Say where the key is.", "Type a path, or env:NAME."))
        elif checked_name(self.query_one("#key-name", Field), self.desk):
            self._hand_over_passphrase(reference)
            self.begin("Keeping the key." if self._found else "Opening the key.")

    def _hand_over_passphrase(self, reference: str) -> None:
        if (passphrase := self._passphrase.take_secret()) is not None:
            self._opened.add(reference)
            self.desk.workbench.remember_passphrase(reference, passphrase)

    async def carry_out(self) -> None:
        """Show the facts of the key, or keep the one that was shown."""
        if (found := self._found) is None:
            reference, kid = self._reference.value.strip(), self._key_id.value.strip()
            key = await self.desk.workbench.describe(reference, kid=kid)
            self._show_found(Found(reference, kid, key))
            return
        name = self.query_one("#key-name", Field).value.strip()
        self.dismiss(await self.desk.workbench.import_key(name, found.reference, kid=found.kid))

    def _show_found(self, found: Found | None) -> None:
        self._found = found
        self.relabel("confirm", KEEP if found else LOOK)
        facts = self.query_one("#facts", KeyFacts)
        if found is None:
            choice = self._choice
            facts.show(lambda width: tuple(text_lines(choice, width)) if choice else ())
            return
        facts.show(lambda width: tuple(_found_lines(found.key, width, self.desk.wall())))
        self.say(Content("This is the key. Enter keeps a copy of it in the secret store."))
        self._passphrase.display = False
        confirm = self.query_one("#confirm").focus()
        self.call_after_refresh(confirm.scroll_visible, animate=False)  # many facts may push it out of sight

    def tell(self, problem: CcflowError) -> None:
        """Ask for the passphrase or the key ID where that is needed; else tell beside the field to mend."""
        if isinstance(problem, PassphraseProblem):
            self._passphrase.display = True
            super().tell(problem.about(PASSPHRASE))
        elif isinstance(problem, KeyIdProblem):
            # Among the facts, since what stands beneath a field goes while an answer is typed.
            self._choice = problem.finding.problem
            self._show_found(None)
            self._key_id.display = True
            super().tell(InputProblem(KEY_ID, problem.finding.remedy))
        elif isinstance(problem, KeyProblem) and problem.finding.field != NAME:
            super().tell(problem.about(REFERENCE))
        else:
            super().tell(problem)


def _found_lines(key: KeptKey, width: int, now: float) -> list[Content]:
    """Return the facts of a key that is not kept yet, so that nobody uses it."""
    return fact_lines(key, width, now=now)[:-1]
