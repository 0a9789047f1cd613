"""Whether the client credentials flow is switched on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ccflow_tui.config.layers import Layers
from ccflow_tui.config.yes_no import REMEDY, yes_or_no
from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.variables import ENABLED_VARIABLE

FLAG = "oauth.clientCredentials.enabled"


@dataclass(frozen=True, slots=True)
class FlagDecision:
    """Whether the flow may run, and why."""

    enabled: bool
    reason: str
    """One sentence; for a flow that is off it says how to switch it on."""


def flow_enabled(layers: Layers, *, production: bool) -> FlagDecision:
    """Decide from ``CCFLOW_ENABLED``, else the settings flag, else the environment's kind.

    Without a word from anybody the flow is off in production and on elsewhere. An untrusted file of the
    working folder can switch it off only. Raises ``InputProblem`` when the variable is neither yes nor no.
    """
    enable = f"Set {FLAG} to true in settings.json, or {ENABLED_VARIABLE}=1, to switch it on."
    words = [
        (_of_variables(layers.environment), True),
        (_of_variables(layers.env_file), layers.env_file_trusted),
    ]
    if (word := _first_that_counts(words)) is not None:
        if word:
            return FlagDecision(True, f"{ENABLED_VARIABLE} switches the flow on.")
        return FlagDecision(False, f"{ENABLED_VARIABLE} switches the flow off. Unset it, or set it to 1.")
    flags = [(each.oauth.client_credentials.enabled, trusted) for each, trusted in layers.settings_files]
    if (flag := _first_that_counts(flags)) is not None:
        text = f"{FLAG} is {str(flag).lower()}."
        return FlagDecision(flag, text if flag else f"{text} {enable}")
    if production:
        return FlagDecision(False, f"The flow is off by default in a production environment. {enable}")
    return FlagDecision(True, "The flow is on by default outside production.")


def _first_that_counts(words: Iterable[tuple[bool | None, bool]]) -> bool | None:
    """Return the strongest word, of an untrusted file a "no" only (``folder_rules.OTHER_RULES``)."""
    return next((word for word, trusted in words if word is not None and (trusted or not word)), None)


def _of_variables(variables: Mapping[str, str]) -> bool | None:
    if not (word := variables.get(ENABLED_VARIABLE, "").strip()):
        return None
    if (switched_on := yes_or_no(word)) is None:
        raise InputProblem(ENABLED_VARIABLE, "It must say yes or no.", REMEDY)
    return switched_on
