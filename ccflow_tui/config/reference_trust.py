"""Which references to a client secret are followed: those of the place that names the server.

What is behind a reference is sent to a server. A file that merely lies in the working folder must not choose
a variable, a file or a program of the user's for that, nor may one place choose the secret and another the
server.
"""

from __future__ import annotations

from collections.abc import Iterable

from ccflow_tui.config.layers import Source
from ccflow_tui.models.secret_reference import scheme_of

_FOLDER_REMEDY = {
    Source.ENV_FILE: "Set CCFLOW_SECRET_REFERENCE in the environment, or keep it in your own settings.",
    Source.SETTINGS: "Name the file with --settings, or keep the reference in your own settings.",
}


def followed(
    named: Iterable[tuple[Source, str]], owner: Source | None, *, settings_trusted: bool
) -> tuple[frozenset[Source], tuple[str, ...]]:
    """Return the places whose references count, and a sentence about each that does not.

    ``named`` holds place and reference, ``owner`` is the place that names the server. ``keyring:`` counts
    from a folder's files, too, since such a secret is stored for one server only.
    """
    trusted = {Source.TYPED, Source.ENVIRONMENT, Source.SAVED}
    trusted |= {Source.SETTINGS} if settings_trusted else set()
    good: set[Source] = set()
    notes: dict[str, None] = {}
    for source, reference in named:
        if source not in trusted and scheme_of(reference) != "keyring":
            notes[
                f"The reference to a client secret in {source} is not followed: from a file of the working "
                f"folder, only keyring:NAME counts. {_FOLDER_REMEDY[source]}"
            ] = None
        elif not _same_word(source, owner, trusted):
            notes[
                f"The reference to a client secret ({source}) is not followed: {owner} names the server, and "
                "a reference counts for the server that the same place names."
            ] = None
        else:
            good.add(source)
    return frozenset(good), tuple(notes)


def _same_word(source: Source, owner: Source | None, trusted: set[Source]) -> bool:
    if owner is None:
        return source in trusted  # the user is about to enter the server
    # What was exported may go where settings of the user's own point, as CCFLOW_CLIENT_SECRET may.
    exported = source is Source.ENVIRONMENT and owner is Source.SETTINGS and owner in trusted
    return source is owner or exported
