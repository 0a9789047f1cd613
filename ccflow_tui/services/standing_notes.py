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

    _told: dict[str, Hashable] = field(default_factory=dict)

    def news(self, subject: Hashable, notes: Iterable[str]) -> tuple[str, ...]:
        """Return those of ``notes`` that do not stand yet, whoever they were about; now they do.

        They are all that there is to note about ``subject``: what was told about it and is not among them
        stands no longer.
        """
        shapes = {_NUMBER.sub("#", note): note for note in notes}
        for shape in [shape for shape, whose in self._told.items() if whose == subject]:
            if shape not in shapes:
                del self._told[shape]
        new = {shape: note for shape, note in shapes.items() if shape not in self._told}
        self._told |= dict.fromkeys(new, subject)
        while len(self._told) > _MOST:
            del self._told[next(iter(self._told))]
        return tuple(new.values())
