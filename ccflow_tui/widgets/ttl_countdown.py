"""The countdown of a token's lifetime."""

from __future__ import annotations

from textual.content import Content

from ccflow_tui.models.lifetime import Lifetime, Urgency
from ccflow_tui.widgets.line_widget import LineWidget
from ccflow_tui.widgets.time_text import URGENCY_LOOKS, countdown_text, full_date_and_time, time_of_day

_DAY = 86_400
_BAR_LIMIT = 100
"""Cells of the bar at the most; a longer one says nothing more."""


class TtlCountdown(LineWidget):
    """State and time left, and a bar that empties towards the left with the refresh point marked.

    It has no timer: whoever owns the clock calls ``show``, for example once a second. ``when_expired``
    says what to do once nothing is left to count.
    """

    def __init__(self, *, when_expired: str = "", id: str | None = None) -> None:
        super().__init__(id=id)
        self._when_expired = when_expired
        self._lifetime = Lifetime(Urgency.NONE)

    def show(self, lifetime: Lifetime) -> None:
        """Show another moment."""
        self._lifetime = lifetime
        self.redraw()

    def draw(self, width: int) -> tuple[Content, ...]:
        """Return the state line and, where the lifetime is known, the bar."""
        lines = [self._state_line().truncate(width, ellipsis=True)]
        if self._lifetime.total and self._lifetime.seconds_left is not None:
            lines.append(self._bar(min(width, _BAR_LIMIT)))
        return tuple(lines)

    def _state_line(self) -> Content:
        life = self._lifetime
        look = URGENCY_LOOKS[life.urgency]
        state = Content.styled(f"{look.glyph} {look.word}", f"bold {look.style}")
        if life.urgency is Urgency.EXPIRED:
            at = f" at {self._expiry(life.expires_at)}" if life.expires_at is not None else ""
            return state + at + (f". {self._when_expired}" if self._when_expired else "")
        if life.seconds_left is None:
            return state
        state += Content.styled(f"  {countdown_text(life.seconds_left)}", f"bold {look.style}")
        if life.refresh_in is not None:
            # Due means under way: the token stays in use until the new one is here.
            refresh = (
                f"refresh in {countdown_text(life.refresh_in)}" if life.refresh_in > 0 else "refreshing …"
            )
            state += Content.styled(f"  ┆ {refresh}", "$text-accent")
        if life.expires_at is not None:
            state += Content.styled(f"  expires at {self._expiry(life.expires_at)}", "$ccflow-muted")
        return state

    def _expiry(self, epoch: float) -> str:
        """Return the moment of expiry, with its date where the lifetime exceeds a day."""
        return full_date_and_time(epoch) if (self._lifetime.total or 0) > _DAY else time_of_day(epoch)

    def _bar(self, width: int) -> Content:
        """Return the bar; its filled part is the time left, ``┆`` where the refresh will happen."""
        life = self._lifetime
        total, left = float(life.total or 1), max(0.0, life.seconds_left or 0.0)
        filled = min(width, round(width * left / total))
        if left and not filled:
            filled = 1
        cells = [("━", URGENCY_LOOKS[life.urgency].style)] * filled + [("─", "$ccflow-muted")] * (
            width - filled
        )
        if life.refresh_in is not None and left > life.refresh_in >= 0:
            mark = min(width - 1, int(width * (left - life.refresh_in) / total))
            cells[mark] = ("┆", "$text-accent")
        return Content.assemble(*cells)
