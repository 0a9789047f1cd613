"""One line that says why something cannot be done yet."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static


class HintLine(Static):
    """Takes no room while there is nothing to say."""

    DEFAULT_CSS = """
    HintLine { display: none; height: auto; padding: 0 1; &.-shown { display: block; } }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(markup=False, id=id)

    def show(self, text: str) -> None:
        """Say why, or fall silent with an empty text."""
        self.set_class(bool(text), "-shown")
        self.update(Content.styled(f"▲ {text}" if text else "", "$text-warning"))
