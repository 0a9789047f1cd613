"""The second half of the table of keys: what works inside dialogs and parts of a step.

It is loaded with the first of them, so that the first paint need not wait for it.
"""

from __future__ import annotations

from ccflow_tui.actions import ACTIONS, Action
from ccflow_tui.models.places import Place

# fmt: off
INNER_ACTIONS: tuple[Action, ...] = (
    Action("keys.generate", "n", "Generate",
           "Make a key: RSA, elliptic curve or Ed25519.",
           "screen.generate", Place.KEYS, True),
    Action("keys.import", "i", "Import",
           "Copy a key from a PEM, JWK or PKCS#12 file, or a variable.",
           "screen.import", Place.KEYS, True),
    Action("keys.rotate", "r", "Rotate",
           "Make a successor; both are kept, side by side, until you delete the old one.",
           "screen.rotate", Place.KEYS, True),
    Action("keys.use", "u", "Use",
           "Let the open profile sign with this key (private_key_jwt).",
           "screen.use", Place.KEYS, True),
    Action("keys.export", "e,c", "Export",
           "Show the public half as JWK Set, PEM or certificate, to copy or write to a file.",
           "screen.export", Place.KEYS, True),
    Action("keys.delete", "d,delete", "Delete",
           "Remove the private key from the secret store, after a question.",
           "screen.delete", Place.KEYS, True),
    Action("export.copy", "c", "Copy",
           "Copy the public half that is shown.",
           "screen.copy", Place.EXPORT),
    Action("export.write", "w", "Write to a file",
           "Write the public half that is shown into a folder.",
           "screen.write", Place.EXPORT),
    Action("profile-list.new", "n", "New",
           "Begin a new profile as a copy of the open one.",
           "screen.begin", Place.PROFILES),
    Action("profile-list.forget", "d,delete", "Forget",
           "Forget the profile under the cursor, after a question.",
           "screen.forget", Place.PROFILES),
    Action("failure.retry", "r", "Retry",
           "Send the request once more.",
           "choose('retry')", Place.FAILURE),
    Action("failure.edit", "e", "Edit configuration",
           "Go to the field that most likely has to change.",
           "choose('edit')", Place.FAILURE),
    Action("failure.details", "d", "Details",
           "Show or hide the details.",
           "choose('details')", Place.FAILURE),
    Action("failure.dismiss", "x", "Dismiss",
           "Take the card away.",
           "choose('dismiss')", Place.FAILURE),
    # What these run is up to each list: they do what its own arrow key does.
    Action("list.up", "k", "Up", "To the row above, as the arrow.", "", Place.LISTS),
    Action("list.down", "j", "Down", "To the row below.", "", Place.LISTS),
    Action("list.left", "h", "Left", "To the method on the left.", "", Place.LISTS),
    Action("list.right", "l", "Right", "To the method on the right.", "", Place.LISTS),
    Action("list.first", "g", "First", "To the row on top, as Home.", "", Place.LISTS),
    Action("list.last", "G", "Last", "To the last row, as End.", "", Place.LISTS),
)
# fmt: on

ALL_ACTIONS: tuple[Action, ...] = (*ACTIONS, *INNER_ACTIONS)
"""The whole table."""
