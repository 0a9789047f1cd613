"""Which secret store the user asks for."""

from __future__ import annotations

from collections.abc import Mapping

from ccflow_tui.config.layers import Layers
from ccflow_tui.config.nearest import did_you_mean
from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.store_choice import StoreChoice
from ccflow_tui.models.variables import SECRET_STORE_VARIABLE


def chosen_store(layers: Layers) -> StoreChoice | None:
    """Return the store that ``store_wish`` finds, ``None`` where nobody asks for one; raises likewise."""
    wish = store_wish(layers)
    return wish and wish[0]


def store_wish(layers: Layers) -> tuple[StoreChoice, str] | None:
    """Return what the environment, ``.env`` or the settings ask for, and the words that do; else ``None``.

    An untrusted file of the working folder has no say (``folder_rules``): what is kept must be
    found and removed.
    Raises ``InputProblem`` for an unknown value.
    """
    environment = _of_variables("environment", layers.environment)
    env_file = _of_variables(".env", layers.env_file)
    wishes = [
        (environment, f"{SECRET_STORE_VARIABLE}={environment} (environment)", True),
        (env_file, f"{SECRET_STORE_VARIABLE}={env_file} (.env)", layers.env_file_trusted),
    ]
    for settings, trusted in layers.settings_files:
        wishes.append(
            (settings.secret_store, f"secretStore={settings.secret_store} (settings.json)", trusted)
        )
    return next(((choice, words) for choice, words, trusted in wishes if choice and trusted), None)


def _of_variables(place: str, variables: Mapping[str, str]) -> StoreChoice | None:
    if not (text := variables.get(SECRET_STORE_VARIABLE, "").strip().lower()):
        return None
    known = [choice.value for choice in StoreChoice]
    if text not in known:
        problem = f"{SECRET_STORE_VARIABLE} ({place}) has an unknown value."
        raise InputProblem("secret_store", problem, did_you_mean(text, known))
    return StoreChoice(text)
