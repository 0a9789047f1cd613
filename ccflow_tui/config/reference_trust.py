"""Which references to a client secret are followed: those of the place that names the server.

What is behind a reference is sent to a server, so no place may choose the secret while another one chooses
the server. What an untrusted file of the working folder says does not come this far (``folder_rules``).
"""

from __future__ import annotations

from collections.abc import Iterable

from ccflow_tui.config.layers import Source


def followed(named: Iterable[Source], owner: Source | None) -> tuple[frozenset[Source], tuple[str, ...]]:
    """Return the places whose references count, and a sentence about each that does not.

    ``named`` holds the places that have one, ``owner`` is the place that names the server; ``None`` while
    the user is about to enter it.
    """
    places = dict.fromkeys(named)
    good = frozenset(source for source in places if owner is None or _same_word(source, owner))
    notes = (
        f"The reference to a client secret ({source}) is not followed: {owner} names the server, and "
        "a reference counts for the server that the same place names."
        for source in places
        if source not in good
    )
    return good, tuple(notes)


def _same_word(source: Source, owner: Source) -> bool:
    # What was exported may go where settings of the user's own point, as CCFLOW_CLIENT_SECRET may.
    return source is owner or (source is Source.ENVIRONMENT and owner is Source.SETTINGS)
