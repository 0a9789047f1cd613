"""WWW-Authenticate: what a server wants to see before it answers (RFC 9110, section 11).

One header may hold several challenges and one challenge several parameters, both separated by commas; a
value in quotes may hold commas, too. So the text is read from left to right rather than split.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ccflow_tui.oauth.response_headers import Headers

HEADER = "www-authenticate"
MAX_LENGTH = 16_384
"""Characters that are read at most, over all header lines; the line that goes beyond is left out whole."""
MAX_CHALLENGES = 32
MAX_PARAMETERS = 64
"""Per challenge; what comes after is left out."""

_SEPARATORS = re.compile(r"[\s,]*+")
_SPACE = re.compile(r"\s*+")
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]++")
_TOKEN68 = re.compile(r"([A-Za-z0-9\-._~+/]++=*+)\s*+(?=,|\Z)")
_EQUALS = re.compile(r"\s*+=\s*+")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)(?:"|\\?\Z)', re.DOTALL)
_PAIR = re.compile(r"\\(.)", re.DOTALL)
_UNQUOTED = re.compile(r'[^\s,"]*+')


@dataclass(frozen=True, slots=True)
class Challenge:
    """One challenge; its texts are as the server sent them, neither scrubbed nor redacted."""

    scheme: str
    """In lower case, since its case does not count."""
    parameters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Names in lower case; of a name that occurs twice, the first value."""
    token68: str = ""
    """What some schemes send instead of parameters."""

    def get(self, name: str) -> str:
        """Return the parameter of that lower-case name, or an empty text."""
        return self.parameters.get(name, "")

    @property
    def error(self) -> str:
        """The error code (RFC 6750, section 3; RFC 9449, section 7.1), or an empty text."""
        return self.get("error")


def challenges_in(headers: Headers) -> tuple[Challenge, ...]:
    """Return every challenge of an answer, whichever of its header lines it stands in."""
    return parse_challenges(value for name, value in headers if name == HEADER)


def parse_challenges(values: Iterable[str]) -> tuple[Challenge, ...]:
    """Return the challenges of all WWW-Authenticate lines in order; never raises, in linear time.

    Servers break the grammar in known ways, and are understood nevertheless: commas missing between
    parameters or between challenges, values with spaces but without quotes, quotes that never end.
    """
    reader = _Reader()
    room = MAX_LENGTH
    for value in values:
        room -= len(value)
        if room < 0:
            break
        reader.read(value)
    return reader.challenges()


def find_challenge(challenges: Iterable[Challenge], *schemes: str) -> Challenge | None:
    """Return the challenge of one of the lower-case ``schemes``: one that names an error before others."""
    wanted = [challenge for challenge in challenges if challenge.scheme in schemes]
    return next((challenge for challenge in wanted if challenge.error), wanted[0] if wanted else None)


@dataclass(slots=True)
class _Draft:
    scheme: str
    parameters: dict[str, str] = field(default_factory=dict)
    token68: str = ""

    def add(self, name: str, value: str) -> None:
        if len(self.parameters) < MAX_PARAMETERS:
            self.parameters.setdefault(name.lower(), value)


class _Reader:
    """Reads line after line; several lines mean the same as one with commas (RFC 9110, section 5.3)."""

    def __init__(self) -> None:
        self._drafts: list[_Draft] = []
        self._open_value = ""
        """Name of the parameter whose value came without quotes, until something else comes."""

    def challenges(self) -> tuple[Challenge, ...]:
        return tuple(
            Challenge(draft.scheme, MappingProxyType(draft.parameters), draft.token68)
            for draft in self._drafts[:MAX_CHALLENGES]
        )

    def read(self, text: str) -> None:
        """Take in one header line."""
        place = 0
        self._open_value = ""
        while len(self._drafts) <= MAX_CHALLENGES:
            separators = _always(_SEPARATORS, text, place)
            place = separators.end()
            if "," in separators[0]:
                self._open_value = ""
            if place >= len(text):
                return
            place = self._element(text, place)

    def _element(self, text: str, place: int) -> int:
        """Read a parameter, a scheme or something that is neither; return where it ends."""
        token = _TOKEN.match(text, place)
        if token is None:
            stray = _QUOTED.match(text, place)
            return stray.end() if stray else place + 1
        equals = _EQUALS.match(text, token.end())
        if equals is not None:
            return self._parameter(token[0], text, equals.end())
        if self._open_value and self._drafts:
            self._drafts[-1].parameters[self._open_value] += f" {token[0]}"
            return token.end()
        return self._scheme(token[0], text, token.end())

    def _parameter(self, name: str, text: str, place: int) -> int:
        quoted = _QUOTED.match(text, place)
        found = quoted or _always(_UNQUOTED, text, place)
        if self._drafts:
            draft, known = self._drafts[-1], name.lower()
            fresh = known not in draft.parameters
            draft.add(known, _PAIR.sub(r"\1", quoted[1]) if quoted else found[0])
            self._open_value = known if fresh and not quoted and known in draft.parameters else ""
        return found.end()

    def _scheme(self, name: str, text: str, place: int) -> int:
        self._drafts.append(draft := _Draft(name.lower()))
        space = _always(_SPACE, text, place)
        token68 = _TOKEN68.match(text, space.end()) if space[0] else None
        if token68 is None:
            return place
        draft.token68 = token68[1]
        return token68.end()


def _always(pattern: re.Pattern[str], text: str, place: int) -> re.Match[str]:
    """Match a pattern that the empty text matches, too."""
    found = pattern.match(text, place)
    assert found is not None  # noqa: S101 - see above
    return found
