"""Makes a private key: its name, and what kind of key it is to be."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from ccflow_tui.models.kept_key import KeptKey, KeyKind
from ccflow_tui.screens.key_name import checked_name, name_field
from ccflow_tui.screens.key_work import KeyDialog
from ccflow_tui.widgets.field import Field

KIND_NOTES: Mapping[KeyKind, str] = MappingProxyType(
    {
        KeyKind.P_256: "ES256: quick; not for Entra ID or Auth0",
        KeyKind.RSA_2048: "RS256 or PS256: every provider",
        KeyKind.RSA_3072: "RS256 or PS256: for years to come",
        KeyKind.RSA_4096: "RS256 or PS256: some seconds to make",
        KeyKind.P_384: "ES384: where a policy asks for it",
        KeyKind.P_521: "ES512: where a policy asks for it",
        KeyKind.ED25519: "Ed25519: few servers yet",
    }
)
"""What each kind signs by and who takes it, the one to begin with first."""
_KIND_WIDTH = max(map(len, KeyKind)) + 2


class GenerateDialog(KeyDialog[KeptKey]):
    """Ends with the key that was made, or ``None``."""

    HEADING = "Generate a key"
    CONFIRM = "Generate"

    def compose_form(self) -> ComposeResult:
        """Yield the name and the kinds."""
        yield name_field()
        yield OptionList(*(_option(kind) for kind in KIND_NOTES), id="kinds", markup=False)

    def on_mount(self) -> None:
        """Begin with a name that is free and the first kind; the cursor is at the kinds."""
        self.query_one("#key-name", Field).set_value(self.desk.free_name())
        kinds = self.query_one("#kinds", OptionList)
        kinds.highlighted = 0
        kinds.focus()

    @property
    def _kind(self) -> KeyKind:
        return tuple(KIND_NOTES)[self.query_one("#kinds", OptionList).highlighted or 0]

    @on(OptionList.OptionSelected)
    def _chosen(self) -> None:
        self.confirm()

    def confirm(self) -> None:
        """Make the key, if its name can be used."""
        if not self.is_busy and checked_name(self.query_one("#key-name", Field), self.desk):
            self.begin(f"Making a key: {self._kind}.")

    async def carry_out(self) -> None:
        """Make the key."""
        name = self.query_one("#key-name", Field).value.strip()
        self.dismiss(await self.desk.workbench.generate(name, self._kind))


def _option(kind: KeyKind) -> Option:
    return Option(Content.assemble((kind.ljust(_KIND_WIDTH), "bold"), KIND_NOTES[kind]), id=kind)
