"""A one-line button with few style rules."""

from __future__ import annotations

from textual.widgets import Button


class PushButton(Button, inherit_css=False):
    """A ``Button`` without the rules for looks that are not used: reading them delays the first paint."""

    DEFAULT_CSS = """
    PushButton {
        width: auto; height: 1; min-width: 4; border: none; line-pad: 1;
        text-align: center; content-align: center middle; pointer: pointer;
        background: $panel; color: $foreground; text-style: bold;
        &:hover { background-tint: $foreground 12%; }
        &.-primary { background: $primary; color: $ccflow-on-primary; }
        &.-error { background: $error; color: $ccflow-on-error; }
        &:focus { text-style: bold underline; background: $foreground; color: $background; }
        &.-primary:focus, &.-error:focus { background-tint: $foreground 18%; }
        &.-primary:focus { background: $primary; color: $ccflow-on-primary; }
        &.-error:focus { background: $error; color: $ccflow-on-error; }
        &:disabled { text-opacity: 60%; }
    }
    """
