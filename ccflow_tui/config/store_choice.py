"""Which secret store the user asks for."""

from __future__ import annotations

from collections.abc import Mapping

from ccflow_tui.config.layers import Layers
from ccflow_tui.config.nearest import did_you_mean
from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.store_choice import StoreChoice
from ccflow_tui.models.variables import SECRET_STORE_VARIABLE


def chosen_store(layers: Layers) -> StoreChoice | None:
    """Return what the environment, ``.env`` or the settings ask for, ``None`` where none does.

    An untrusted file of the working folder has no say (``folder_rules``): what is kept must be
    found and removed.
    Raises ``InputProblem`` for an unknown value.
    """
    words = [
        (_of_variables("environment", layers.environment), True),
        (_of_variables(".env", layers.env_file), layers.env_file_trusted),
        *((settings.secret_store, trusted) for settings, trusted in layers.settings_files),
    ]
    return next((word for word, trusted in words if word and trusted), None)


def _of_variables(place: str, variables: Mapping[str, str]) -> StoreChoice | None:
    if not (text := variables.get(SECRET_STORE_VARIABLE, "").strip().lower()):
        return None
    known = [choice.value for choice in StoreChoice]
    if text not in known:
        problem = f"{SECRET_STORE_VARIABLE} ({place}) has an unknown value."
        raise InputProblem("secret_store", problem, did_you_mean(text, known))
    return StoreChoice(text)
