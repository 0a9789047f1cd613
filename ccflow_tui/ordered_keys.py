"""Keys act in the order in which they were typed, however fast they come."""

from __future__ import annotations

from collections import deque

from textual.app import App
from textual.dom import DOMNode
from textual.events import Event, Key, Paste
from textual.timer import Timer

LONGEST_WAIT = 1.0
"""Seconds after which the next key is let in although nothing was heard of the one before."""


class OrderedKeysApp(App[int]):
    """Lets in a key, or a paste, only when the one before it has acted.

    Textual hands a text key to the widget that has the focus at once, while the Tab before it may still be
    on its way from that widget up to the app, which moves the focus. Where keys come in a burst, from a
    password manager, a script or a slow link, text then lands in the field that was to be left: a secret in
    one that anybody can read.
    """

    def __init__(self) -> None:
        super().__init__()
        self._held: deque[Event] = deque()
        self._patience: Timer | None = None
        """Runs while a key is on its way."""

    async def on_event(self, event: Event) -> None:
        """Hold a key back while another one is on its way."""
        if not isinstance(event, Key | Paste) or event.is_forwarded:
            await super().on_event(event)
        elif self._patience is not None:
            self._held.append(event)
        else:
            await self._let_in(event)

    async def _let_in(self, event: Event) -> None:
        self._patience = self.set_timer(LONGEST_WAIT, self._let_in_next, name="key")
        receiver = self.focused or self.screen
        await super().on_event(event)
        self._follow(receiver)

    def _follow(self, node: DOMNode | None) -> None:
        """Go the way of the key, through the queue of each node from the receiver up to the app."""
        if node is None or node is self:
            self.call_later(self._let_in_next)
        elif not node.call_later(self._follow, node.parent):
            self._follow(node.parent)  # it is being removed and takes no message

    async def _let_in_next(self) -> None:
        if self._patience is not None:
            self._patience.stop()
            self._patience = None
        if self._held:
            await self._let_in(self._held.popleft())
