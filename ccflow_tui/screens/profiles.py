"""The list of profiles to switch to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from ccflow_tui.models.places import Place
from ccflow_tui.models.profile import Profile
from ccflow_tui.screens.dialog import Dialog

if TYPE_CHECKING:
    from ccflow_tui.widgets.bound_keys import BoundKeys

MOST_NAME = 30
"""Cells for the names at the most; what a profile is for has to stay readable beside them."""


@dataclass(frozen=True, slots=True)
class ProfileWish:
    """What somebody chose in the list."""

    name: str = ""
    """The profile that is meant; empty for a new one."""
    forget: bool = False
    """Whether it is to be forgotten rather than opened."""


class ProfilesDialog(Dialog[ProfileWish]):
    """Ends with a wish, or ``None``."""

    PLACE = Place.PROFILES

    def __init__(self, profiles: Sequence[Profile], current: str) -> None:
        super().__init__()
        self._profiles, self._current = profiles, current
        self._name_width = min(MOST_NAME, max((len(profile.name) for profile in profiles), default=0))

    def listen_to(self, keys: BoundKeys) -> None:
        """Name the keys in the heading."""
        super().listen_to(keys)
        new, forget = keys.name("profile-list.new"), keys.name("profile-list.forget")
        self.HEADING = f"Profiles · Enter opens, {new} copies, {forget} forgets"

    def compose_dialog(self) -> ComposeResult:
        """Yield one row a profile: mark, name, what it is for."""
        yield OptionList(
            *(Option(self._row(profile), id=profile.name) for profile in self._profiles), markup=False
        )

    def on_mount(self) -> None:
        """Start at the profile in use."""
        names = [profile.name for profile in self._profiles]
        picker = self.query_one(OptionList)
        picker.highlighted = names.index(self._current) if self._current in names else 0
        picker.focus()

    def _row(self, profile: Profile) -> Content:
        mark = "●" if profile.name == self._current else " "
        note = profile.note or f"{profile.auth_method} · {profile.client_id or 'no client id yet'}"
        name = Content(profile.name).truncate(self._name_width, ellipsis=True, pad=True)
        # Before the note, whose end may not fit, and readable on the chosen row, too.
        production = ("PRODUCTION", "bold $ccflow-on-error on $error") if profile.production else ""
        return Content.assemble(
            f"{mark} ", name.stylize("bold"), "  ", production, "  " if production else "", note
        )

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(ProfileWish(event.option_id or ""))

    def action_forget(self) -> None:
        """Ask whether the profile under the cursor is to be forgotten."""
        picker = self.query_one(OptionList)
        if picker.highlighted is not None:
            name = picker.get_option_at_index(picker.highlighted).id or ""
            self.dismiss(ProfileWish(name, forget=True))

    def action_begin(self) -> None:
        """Ask for a new profile, made from the current one."""
        self.dismiss(ProfileWish())
