"""The keys in force as parts of the screen see them, which know nothing of the table they come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from textual.binding import Binding, BindingsMap

if TYPE_CHECKING:
    from textual.dom import DOMNode

    from ccflow_tui.models.flow import Step
    from ccflow_tui.models.places import Place


class BoundKeys(Protocol):
    """The keys of every action, with a person's own."""

    def name(self, action: str) -> str:
        """Return the main key of the action with this id as a person says it: ``Ctrl+J``."""
        ...

    def bindings(self, place: Place) -> Sequence[Binding]:
        """Return the keys of one place."""
        ...

    def elsewhere(self, action: str, run: str, *, shown: bool = False) -> Sequence[Binding]:
        """Return the keys of an action of every step, bound to what they ``run`` in a dialog.

        ``shown`` lets the dialog's key bar show them.
        """
        ...

    def told(self, place: Step | Place | None) -> Sequence[tuple[str, str]]:
        """Return all keys of each action of a step, a place or (``None``) every step, and what it does."""
        ...


def listen(node: DOMNode, added: Sequence[Binding]) -> None:
    """Let a screen or widget listen to more keys than its class does."""
    bound = (each for group in node._bindings.key_to_bindings.values() for each in group)
    node._bindings = BindingsMap([*bound, *added])


def listen_to_moves(node: DOMNode, keys: BoundKeys, moves: Mapping[str, str]) -> None:
    """Let a list move by letters, too; ``moves`` are what it runs, by the id of the action."""
    listen(node, [each for action, run in moves.items() for each in keys.elsewhere(action, run)])
