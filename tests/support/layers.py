"""Layers whose files the user trusts, for tests that are about something else than trust."""

from __future__ import annotations

from typing import Any

from ccflow_tui.config.layers import Layers


def trusted(**layers: Any) -> Layers:
    """Return layers in which every file counts."""
    return Layers(**{"env_file_trusted": True, "settings_trusted": True, **layers})
