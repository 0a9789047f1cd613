"""Notes that come with every token: told when they are new, and not again at each refresh."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

_MOST = 64
"""Notes remembered; of more, the oldest would be told again."""
_NUMBER = re.compile(r"\b\d+(?:\.\d+)?\b")


@dataclass(slots=True)
class StandingNotes:
    """Which notes stand, and about whose tokens each was told.

    A number by itself, such as the seconds by which a clock is off, may move without making a note new.
    """

    _standing: dict[str, Hashable] = field(default_factory=dict)
    """The subjects by the notes that were told about them, the oldest first."""
    _subjects: dict[Hashable, set[str]] = field(default_factory=dict)
    """The same, the other way round."""

    def news(self, subject: Hashable, notes: Iterable[str]) -> tuple[str, ...]:
        """Return those of ``notes`` that do not stand yet, whoever they were about; now they do.

        They are all that there is to note about ``subject``: what was told about it and is not among them
        stands no longer.
        """
        shapes = {_NUMBER.sub("#", note): note for note in notes}
        for shape in self._subjects.get(subject, set()) - shapes.keys():
            self._drop(shape)
        new = {shape: note for shape, note in shapes.items() if shape not in self._standing}
        for shape in new:
            self._standing[shape] = subject
            self._subjects.setdefault(subject, set()).add(shape)
        while len(self._standing) > _MOST:
            self._drop(next(iter(self._standing)))
        return tuple(new.values())

    def _drop(self, shape: str) -> None:
        subject = self._standing.pop(shape)
        told = self._subjects[subject]
        told.remove(shape)
        if not told:
            del self._subjects[subject]
