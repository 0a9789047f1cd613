"""Why the way on is closed, in the one row beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content

from ccflow_tui.widgets.steady import SteadyText

if TYPE_CHECKING:
    from textual.app import RenderResult

_OPENING, _MARK = "Next is off: ", "✗ "


class WhyOff(SteadyText):
    """Tells a reason, and gives its opening words up where the reason would be cut for them."""

    def tell(self, reason: str) -> None:
        """Show another reason; an empty one says that the way is open."""
        self.update(f"{_OPENING}{reason}" if reason else "")

    def render(self) -> RenderResult:
        """Return as much as there is room for."""
        text = str(self.content)
        if cell_len(text) > self.content_size.width > 0:
            text = text.replace(_OPENING, _MARK, 1)
        return Content(text)
