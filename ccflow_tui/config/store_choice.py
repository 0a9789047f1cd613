"""Which secret store the user asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ccflow_tui.config.nearest import did_you_mean
from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.store_choice import StoreChoice
from ccflow_tui.models.variables import SECRET_STORE_VARIABLE

if TYPE_CHECKING:
    from ccflow_tui.config.settings import Settings


def chosen_store(
    environment: Mapping[str, str], env_file: Mapping[str, str], settings: Settings | None
) -> StoreChoice | None:
    """Return what the environment, ``.env`` or the settings ask for, ``None`` where none does.

    Raises ``InputProblem`` for an unknown value.
    """
    for name, variables in (("environment", environment), (".env", env_file)):
        if text := variables.get(SECRET_STORE_VARIABLE, "").strip().lower():
            known = [choice.value for choice in StoreChoice]
            if text not in known:
                problem = f"{SECRET_STORE_VARIABLE} ({name}) has an unknown value."
                raise InputProblem("secret_store", problem, did_you_mean(text, known))
            return StoreChoice(text)
    return settings.secret_store if settings else None
