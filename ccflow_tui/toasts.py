"""Which messages stand on the screen at a time: one of a kind, and few of them."""

from __future__ import annotations

from types import MappingProxyType
from typing import Self

from textual.notifications import Notification, Notifications

MOST = 3
"""Messages that are shown at a time; more would cover what they are about."""
_WEIGHT = MappingProxyType({"information": 0, "warning": 1, "error": 2})


class FewNotifications(Notifications):
    """Replaces a message by an equal one, whose time starts anew, and lets the least important go first."""

    def add(self, notification: Notification) -> Self:
        """Take in a message; what it displaces is forgotten."""
        for shown in list(self):
            if _said(shown) == _said(notification):
                del self[shown]
        super().add(notification)
        while len(self) > MOST:
            # Of equally important ones the oldest; the newest stays, since somebody has just caused it.
            del self[min(list(self)[:-1], key=lambda shown: _WEIGHT[shown.severity])]
        return self


def _said(notification: Notification) -> tuple[str, str, str]:
    return notification.title, notification.message, notification.severity
