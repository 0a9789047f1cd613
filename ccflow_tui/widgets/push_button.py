"""A one-line button with few style rules."""

from __future__ import annotations

from textual.widgets import Button


class PushButton(Button, inherit_css=False):
    """A ``Button`` without the rules for looks that are not used: reading them delays the first paint."""

    DEFAULT_CSS = """
    PushButton {
        width: auto; height: 1; min-width: 4; border: none; line-pad: 1;
        text-align: center; content-align: center middle; pointer: pointer;
        background: $surface; color: $foreground;
        &:hover { background: $panel; }
        &.-primary { background: $primary; color: $ccflow-on-primary; }
        &.-error { background: $error; color: $ccflow-on-error; }
        &:focus { text-style: bold reverse; }
        &:disabled { text-opacity: 60%; }
    }
    """
