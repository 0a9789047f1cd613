"""Keys act in the order in which they were typed, however fast they come."""

from __future__ import annotations

from collections import deque

from textual.app import App
from textual.dom import DOMNode
from textual.events import Event, Key, Paste
from textual.timer import Timer

LONGEST_WAIT = 1.0
"""Seconds after which a key is let in although nothing was heard of the one before it."""
LAPS = 3
"""How often the way of a key is gone. The first time its action is behind us, the second time what the widget
says of it, the third time what the widget's field says: by then a changed choice shows its own fields."""
MOVES_FOCUS = frozenset({"tab", "shift+tab", "enter"})


class OrderedKeysApp(App[int]):
    """Lets no text pass a Tab that has not acted yet, and no Tab a choice that has not.

    Textual hands text at once to the widget that has the focus, while the Tab before it may still be on its
    way from that widget up to the app, which moves the focus. Where keys come in a burst, from a password
    manager, a script or a slow link, text then lands in the field that was to be left: a secret in one that
    anybody can read. The other keys take the same way, one after the other, and need not wait.
    """

    def __init__(self) -> None:
        super().__init__()
        self._held: deque[Key | Paste] = deque()
        self._on_their_way = 0
        self._patience: Timer | None = None

    async def on_event(self, event: Event) -> None:
        """Hold back what must not overtake while a key is on its way, and then all that comes after it."""
        if not isinstance(event, Key | Paste) or event.is_forwarded:
            await super().on_event(event)
        elif self._held or (self._on_their_way and _has_to_wait(event)):
            self._held.append(event)
        else:
            await self._let_in(event)

    async def _let_in(self, event: Key | Paste) -> None:
        receiver = self.focused or self.screen
        await super().on_event(event)
        if not _is_text(event):
            self._on_their_way += 1
            if self._patience is None:
                self._patience = self.set_timer(LONGEST_WAIT, self._let_in_held, name="keys")
            self._follow(receiver, LAPS)

    def _follow(self, node: DOMNode | None, laps: int) -> None:
        """Go the way of the key, through the queue of each node from the receiver up to the app."""
        if node is None or node is self:
            self.call_later(self._lap_done, laps - 1)
        elif not node.call_later(self._follow, node.parent, laps):
            self._follow(node.parent, laps)  # it is being removed and takes no message

    async def _lap_done(self, laps: int) -> None:
        if laps:
            # From where the key acted: the focus may have come there after the key was handed out.
            self._follow(self.focused or self.screen, laps)
        elif self._held:
            # Focus goes from place to place, and a field that was hidden has none before the next layout.
            self.screen.call_after_refresh(self._key_acted)
        else:
            await self._key_acted()

    async def _key_acted(self) -> None:
        self._on_their_way -= 1
        if self._on_their_way <= 0:
            await self._let_in_held()

    async def _let_in_held(self) -> None:
        self._on_their_way = 0
        if self._patience is not None:
            self._patience.stop()
            self._patience = None
        while self._held and not self._on_their_way:
            await self._let_in(self._held.popleft())


def _has_to_wait(event: Key | Paste) -> bool:
    return _is_text(event) or (isinstance(event, Key) and event.key in MOVES_FOCUS)


def _is_text(event: Key | Paste) -> bool:
    return isinstance(event, Paste) or event.is_printable
