"""The whole table of keys with a person's own, as dialogs and the card of a failure are given it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ccflow_tui.actions import ACTIONS, Action, bindings, in_place, keys_text, main_key
from ccflow_tui.inner_actions import ALL_ACTIONS

if TYPE_CHECKING:
    from textual.binding import Binding

    from ccflow_tui.models.flow import Step
    from ccflow_tui.models.places import Place


class KeysInForce:
    """See ``widgets/bound_keys.py``; made from what ``keymap.remapped`` returns, or from the usual table."""

    def __init__(self, table: Sequence[Action] = ACTIONS) -> None:
        self._table = ALL_ACTIONS if table is ACTIONS else table

    def name(self, action: str) -> str:
        """Return the main key of the action with this id as a person says it: ``Ctrl+J``."""
        return main_key(action, self._table)

    def bindings(self, place: Place) -> Sequence[Binding]:
        """Return the keys of one place."""
        return bindings(in_place(place, self._table))

    def elsewhere(self, action: str, run: str, *, shown: bool = False) -> Sequence[Binding]:
        """Return the keys of an action of every step, bound to what they ``run`` in a dialog."""
        row = next(each for each in self._table if each.id == action)
        return bindings([row._replace(run=run, footer=shown)])

    def told(self, place: Step | Place | None) -> Sequence[tuple[str, str]]:
        """Return all keys of each action of a step, a place or (``None``) every step, and what it does."""
        rows = in_place(place, self._table)
        return [(keys_text(action), f"{action.title}. {action.help}") for action in rows if action.keys]
