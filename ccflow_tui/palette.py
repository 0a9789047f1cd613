"""The command palette: every action of the table, by name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from ccflow_tui.actions import Action, on_steps, shown_key

if TYPE_CHECKING:
    from ccflow_tui.mishap_app import MishapApp


class ActionCommands(Provider):
    """Offers the actions that work on the step that is open."""

    async def discover(self) -> Hits:
        """Offer everything while nothing is typed yet."""
        for action in self._available():
            yield DiscoveryHit(self._title(action), self._runner(action), help=action.help)

    async def search(self, query: str) -> Hits:
        """Offer what matches."""
        matcher = self.matcher(query)
        for action in self._available():
            title = self._title(action)
            if (score := matcher.match(title)) > 0:
                yield Hit(score, matcher.highlight(title), self._runner(action), help=action.help)

    def _available(self) -> Iterator[Action]:
        for action in on_steps(cast("MishapApp", self.app).parts.actions):
            target, _, name = action.run.partition(".")
            owner = self.app if target == "app" else self.screen
            if action.id != "palette" and owner.check_action(name, ()):
                yield action

    def _title(self, action: Action) -> str:
        return f"{action.title}  ({key})" if (key := shown_key(action)) else action.title

    def _runner(self, action: Action) -> Callable[[], Awaitable[bool]]:
        return partial(self.app.run_action, action.run)
