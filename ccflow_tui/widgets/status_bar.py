"""The one line that always says what the wizard holds and where."""

from __future__ import annotations

from typing import NamedTuple

from textual.content import Content

from ccflow_tui.models.lifetime import Lifetime, Urgency
from ccflow_tui.widgets.line_widget import LineWidget
from ccflow_tui.widgets.tastes import tasteful
from ccflow_tui.widgets.time_text import URGENCY_LOOKS, countdown_text

_COMPACT_BELOW = 80
_STORE_GLYPHS = {"keyring": "🔑", "memory": "▲", "encrypted file": "🔒"}
_SEPARATOR = " │ "
_NO_TOKEN = Lifetime(Urgency.NONE)


class StatusView(NamedTuple):
    """What the status bar shows."""

    lifetime: Lifetime = _NO_TOKEN
    environment: str = ""
    region: str = ""
    method: str = ""
    version: str = ""
    store: str = ""
    """``keyring``, ``memory`` or ``encrypted file``: where secrets live."""
    profile: str = ""
    production: bool = False
    warning: str = ""
    """Something that must be seen all the time, for example that keys are being recorded."""


class _Segment(NamedTuple):
    text: str
    style: str = ""
    rank: int = 0
    """Segments of the highest rank go first when there is no room."""
    compact: bool = True
    """Whether the segment stays below 80 columns."""

    def content(self) -> Content:
        return Content.styled(self.text, self.style)


class StatusBar(LineWidget):
    """Token state with countdown, environment, region, method, where secrets live, version."""

    DEFAULT_CSS = """
    StatusBar { height: 1; background: $panel; color: $foreground; padding: 0 1; text-wrap: nowrap; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._view = StatusView()

    def show(self, view: StatusView) -> None:
        """Show another state; cells that stay the same are not repainted."""
        if view != self._view:
            self._view = view
            self.redraw()

    def draw(self, width: int) -> tuple[Content, ...]:
        """Return the line, leaving out what is least needed until it fits."""
        narrow = width + 2 < _COMPACT_BELOW
        segments = [s for s in self._segments() if s.text and (s.compact or not narrow)]
        line = Content(_SEPARATOR).join(s.content() for s in segments)
        while line.cell_length > width and len(segments) > 1:
            segments.remove(max(segments, key=lambda segment: segment.rank))
            line = Content(_SEPARATOR).join(s.content() for s in segments)
        return (line.truncate(width, ellipsis=True),)

    def _segments(self) -> list[_Segment]:
        view = self._view
        environment = f"env {view.environment[:8]}…" if len(view.environment) > 8 else view.environment  # noqa: PLR2004
        return [
            _Segment(f"▲ {view.warning}" if view.warning else "", "bold $text-error", 1),
            self._token(),
            _Segment("PRODUCTION" if view.production else "", "bold $ccflow-on-error on $error", 2),
            _Segment(environment, rank=3),
            _Segment(view.region.upper(), rank=4),
            _Segment(view.method, rank=8, compact=False),
            self._store(),
            _Segment(view.profile, "$text-primary", 6),
            _Segment(f"v{view.version}" if view.version else "", "$ccflow-muted", 7, compact=False),
        ]

    def _token(self) -> _Segment:
        life = self._view.lifetime
        look = URGENCY_LOOKS[life.urgency]
        counting = life.seconds_left is not None and life.urgency is not Urgency.EXPIRED
        left = f" {countdown_text(life.seconds_left or 0)}" if counting else ""
        return _Segment(f"{look.glyph} {look.word}{left}", f"bold {look.style}")

    def _store(self) -> _Segment:
        store = self._view.store
        glyph = tasteful(self, _STORE_GLYPHS.get(store, ""))
        style = "$text-warning" if store == "memory" else ""
        return _Segment(f"{glyph} {store}".strip(), style, 5, compact=False)
