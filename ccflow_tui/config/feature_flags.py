"""Whether the client credentials flow is switched on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ccflow_tui.config.yes_no import REMEDY, yes_or_no
from ccflow_tui.models.problems import InputProblem

if TYPE_CHECKING:
    from ccflow_tui.config.settings import Settings

FLAG = "oauth.clientCredentials.enabled"


@dataclass(frozen=True, slots=True)
class FlagDecision:
    """Whether the flow may run, and why."""

    enabled: bool
    reason: str
    """One sentence; for a flow that is off it says how to switch it on."""


def flow_enabled(settings: Settings | None, *, production: bool, override: str | None) -> FlagDecision:
    """Decide from ``CCFLOW_ENABLED`` (``override``), else the settings flag, else the environment's kind.

    Without a word from anybody the flow is off in production and on elsewhere. Raises ``InputProblem``
    when the override is neither yes nor no.
    """
    enable = f"Set {FLAG} to true in settings.json, or CCFLOW_ENABLED=1, to switch it on."
    if word := (override or "").strip():
        if (switched_on := yes_or_no(word)) is None:
            raise InputProblem("CCFLOW_ENABLED", "It must say yes or no.", REMEDY)
        if switched_on:
            return FlagDecision(True, "CCFLOW_ENABLED switches the flow on.")
        return FlagDecision(False, "CCFLOW_ENABLED switches the flow off. Unset it, or set it to 1.")
    flag = settings.oauth.client_credentials.enabled if settings else None
    if flag is not None:
        text = f"{FLAG} is {str(flag).lower()}."
        return FlagDecision(flag, text if flag else f"{text} {enable}")
    if production:
        return FlagDecision(False, f"The flow is off by default in a production environment. {enable}")
    return FlagDecision(True, "The flow is on by default outside production.")
