"""The table of keys: bindings, footer, command palette and help all come from here.

What works inside dialogs stands in ``inner_actions.py``, which the first paint does without.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from ccflow_tui.models.flow import Step

if TYPE_CHECKING:
    from textual.binding import Binding

    from ccflow_tui.models.places import Place


class Action(NamedTuple):
    """One thing a person can do."""

    id: str
    """Stable name, for remapping."""
    keys: str
    """Textual key names, separated by commas; the first one is shown."""
    title: str
    """Verb first; stands in footer and palette."""
    help: str
    """One sentence for the help page."""
    run: str
    """Textual action: ``app.x`` everywhere, ``screen.x`` on the screens that have it."""
    place: Step | Place | None = None
    """The step, dialog or part of the screen it belongs to; ``None`` when it works on every step."""
    footer: bool = False
    key_display: str = ""
    in_dialogs: bool = False
    """Whether the keys work while a dialog is open, too."""


# Three lines an action: what it is, what it does for a person, what runs and where.
# fmt: off
ACTIONS: tuple[Action, ...] = (
    Action("configure.next", "ctrl+j,f5", "Next",
           "Check the form, then build and sign the request.",
           "screen.build", Step.CONFIGURE, True, "^J"),
    Action("configure.discover", "ctrl+g", "Discover",
           "Ask the issuer for its token endpoint (RFC 8414, OpenID Connect).",
           "screen.discover", Step.CONFIGURE, True, "^G"),
    Action("configure.save", "ctrl+s", "Save",
           "Keep this profile for the next run; its secret goes to the system keyring.",
           "screen.save", Step.CONFIGURE, True, "^S"),
    Action("configure.import-key", "ctrl+t", "Import key",
           "Copy the private key file into the system keyring and refer to it there.",
           "app.import_key", Step.CONFIGURE, False, "^T"),
    Action("configure.show-secret", "f7", "Show secret",
           "Show the secret or passphrase that is being typed until its field is left, or mask it again.",
           "screen.show_secret", Step.CONFIGURE, False, "F7"),
    Action("configure.clear", "f12", "Clear credentials",
           "Remove every secret of this profile, wherever it is, after a question; read back afterwards.",
           "app.clear_credentials", Step.CONFIGURE, False, "F12"),
    Action("build.next", "ctrl+j,f5", "Next",
           "Go on to the step that sends.",
           "screen.continue", Step.BUILD, True, "^J"),
    Action("build.copy", "c,ctrl+y", "Copy curl",
           "Copy the request as a curl command with placeholders for every secret.",
           "screen.copy_curl", Step.BUILD, True, "c"),
    Action("send.send", "ctrl+j,f5", "Send",
           "Send the request; a second press while it is under way does nothing.",
           "screen.send", Step.SEND, True, "^J"),
    Action("send.report", "c,ctrl+y", "Copy report",
           "Copy what went wrong as text without secrets.",
           "screen.copy_report", Step.SEND, True, "c"),
    Action("token.fresh", "ctrl+j,f5", "Fresh",
           "Go back to the step that sends, for a new token.",
           "screen.fresh", Step.TOKEN, True, "^J"),
    Action("token.copy", "c,ctrl+y", "Copy",
           "Copy the whole token.",
           "screen.copy_token", Step.TOKEN, True, "c"),
    Action("token.reveal", "v", "Reveal",
           "Show the token for ten seconds; press again to mask it.",
           "screen.reveal", Step.TOKEN, True, "v"),
    Action("token.call", "a", "API",
           "Call the sample API with the token and show what it answers.",
           "screen.call_api", Step.TOKEN, True, "a"),
    Action("token.decode", "d", "Decode",
           "Show what a JWT says, unverified; opaque tokens get a note.",
           "screen.decode", Step.TOKEN, True, "d"),
    Action("token.introspect", "i", "Introspect",
           "Ask the server about the token: whether it is active, and for whom (RFC 7662).",
           "screen.introspect", Step.TOKEN, False, "i"),
    Action("token.verify", "k", "Verify",
           "Verify a JWT with the server's published keys (JWKS), as its API would.",
           "screen.verify", Step.TOKEN, False, "k"),
    Action("token.sign-out", "x", "Sign out",
           "Remove the token and this profile's secrets, after a question; read back afterwards.",
           "screen.sign_out", Step.TOKEN, True, "x"),
    Action("history.remove", "delete", "Remove entry",
           "Remove the history entry under the cursor, after a question.",
           "app.remove_history_entry", None, True, "Del"),
    Action("help", "f1,question_mark", "Help",
           "Show what this step is for and every key.",
           "app.help", None, True, "F1"),
    Action("back", "escape", "Back",
           "Close a dialog, cancel what is under way, close messages, else go one step back; never quits.",
           "screen.back", None, True, "Esc"),
    Action("history", "f3", "History",
           "Show or hide the history.",
           "app.toggle_history", None, True, "F3"),
    Action("log", "f4", "Log",
           "Show or hide the log.",
           "app.toggle_log", None, True, "F4"),
    Action("profiles", "f6,ctrl+o", "Profiles",
           "Switch to another profile; the list also begins new ones and forgets them.",
           "app.profiles", None, True, "F6"),
    Action("profiles.new", "", "New profile",
           "Begin another profile as a copy of this one, under a name of its own.",
           "app.new_profile"),
    Action("profiles.forget", "", "Forget profile",
           "Remove this profile and every secret of it, after a question.",
           "app.forget_profile"),
    Action("keys", "f8", "Keys",
           "Make, import, export, rotate and delete the private keys in the secret store.",
           "app.keys", None, True, "F8"),
    Action("theme", "f2", "Theme",
           "Go through the themes: dark, light, high contrast, and your own.",
           "app.next_theme", None, False, "F2"),
    Action("reset", "ctrl+r", "Reset flow",
           "Let go of token and request and start over; the configuration stays.",
           "app.reset", None, False, "^R"),
    Action("messages.close", "", "Close messages",
           "Take the messages off the screen before their time is over.",
           "app.close_messages"),
    Action("history.clear", "", "Clear history",
           "Remove every history entry, after a question.",
           "app.clear_history"),
    Action("store.passphrase", "", "Change passphrase",
           "Encrypt the file of secrets anew, with another passphrase.",
           "app.change_passphrase"),
    Action("log.clear", "", "Clear log",
           "Let go of the lines of the log; a log file keeps them.",
           "app.clear_log"),
    Action("log.export", "", "Export log",
           "Write the redacted log to a file that only you can read.",
           "app.export_log"),
    Action("step.1", "alt+1,1", "Open step 1: Configure",
           "Open a step that was reached before.",
           "app.step(1)", None, False, "1"),
    Action("step.2", "alt+2,2", "Open step 2: Build request",
           "",
           "app.step(2)", None, False, "2"),
    Action("step.3", "alt+3,3", "Open step 3: Send",
           "",
           "app.step(3)", None, False, "3"),
    Action("step.4", "alt+4,4", "Open step 4: Token",
           "",
           "app.step(4)", None, False, "4"),
    Action("palette", "ctrl+p", "Command palette",
           "Find any command by name.",
           "app.command_palette", None, False, "^P"),
    Action("suspend", "ctrl+z", "Suspend",
           "Leave the terminal to the shell for a while; its fg brings ccflow back.",
           "app.suspend", None, False, "^Z", in_dialogs=True),
    Action("quit", "ctrl+q", "Quit",
           "Leave; a request under way is cancelled.",
           "app.quit", None, False, "^Q", in_dialogs=True),
)
# fmt: on


_SPELLED = {
    "ctrl": "Ctrl",
    "alt": "Alt",
    "escape": "Esc",
    "delete": "Del",
    "backspace": "Backspace",
    "question_mark": "?",
}


def bindings(table: Sequence[Action] = ACTIONS) -> list[Binding]:
    """Return rows as Textual bindings; one without keys is reached through the palette."""
    from textual.binding import Binding

    return [
        Binding(
            action.keys,
            action.run,
            action.title,
            show=action.footer,
            key_display=shown_key(action) or None,
            priority=action.in_dialogs,
            tooltip=action.help,
            id=action.id,
        )
        for action in table
        if action.keys
    ]


def shown_key(action: Action) -> str:
    """Return the first key in as few cells as can be: ``^J``; empty for an action without keys."""
    first = action.keys.split(",")[0]
    return action.key_display or _spell(first).replace("Ctrl+", "^") if first else ""


def main_key(name: str, table: Sequence[Action] = ACTIONS) -> str:
    """Return the key that is shown for the action with this id as a person says it: ``Ctrl+J``."""
    action = next(each for each in table if each.id == name)
    keys = action.keys.split(",")
    return _spell(action.key_display if action.key_display in keys else keys[0])


def keys_text(action: Action) -> str:
    """Return every key of an action as a person says it: ``Ctrl+J, F5``."""
    return ", ".join(_spell(key) for key in action.keys.split(","))


def _spell(key: str) -> str:
    *modifiers, last = key.split("+")
    last = _SPELLED.get(last) or _spell_last(last, alone=not modifiers)
    return "+".join([*(_SPELLED.get(each, each.title()) for each in modifiers), last])


def _spell_last(key: str, *, alone: bool) -> str:
    # A letter alone is typed as it is; with a modifier it is written as on the key, as function keys are.
    if len(key) == 1:
        return key if alone else key.upper()
    if key[1:].isdigit():
        return key.upper()
    from textual.keys import format_key

    character = format_key(key)  # of a name such as "left_square_bracket"
    return character if len(character) == 1 else key.title()


def in_place(place: Step | Place | None, table: Sequence[Action] = ACTIONS) -> list[Action]:
    """Return the actions that belong to one step or place, or (``None``) to every step."""
    return [action for action in table if action.place is place]


def on_steps(table: Sequence[Action] = ACTIONS) -> list[Action]:
    """Return what the app itself listens to: the actions of one step and of every step."""
    return [action for action in table if action.place is None or isinstance(action.place, Step)]
