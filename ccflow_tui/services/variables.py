"""Environment variables and ``.env`` as sources of secrets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ccflow_tui.models.secret import Secret
from ccflow_tui.models.variables import PASSPHRASE_VARIABLE, SECRET_VARIABLE
from ccflow_tui.services.secret_bounds import SecretSource


def _nothing(_: str) -> str:
    return ""


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Variables:
    """The two sources of environment variables; the process's own wins. ``repr`` shows neither."""

    environment: Mapping[str, str] = field(repr=False)
    env_file: Mapping[str, str] = field(repr=False)
    look_up: Callable[[str], str] = field(default=_nothing, repr=False)
    """Finds a variable of ``.env`` that is not in ``env_file``; may raise ``SettingsProblem``."""
    trusts_env_file: Callable[[], bool] = field(default=_always, repr=False)
    """Whether ``.env`` may give secrets by now; one that merely lies in the working folder may not."""

    def sources(self) -> tuple[SecretSource, SecretSource]:
        """Return the two sources, the stronger one first."""
        return (
            SecretSource("environment", self.environment, self.env_file),
            SecretSource(".env", self.env_file, self.environment, is_trusted=self.trusts_env_file()),
        )

    def find(self, name: str) -> tuple[str, str]:
        """Return value and source of any variable; both empty when unset or empty."""
        for source in self.sources():
            if source.is_trusted and (value := source.variables.get(name)):
                return value, source.name
        value = self.look_up(name)
        return value, ".env" if value else ""

    def secrets(self) -> tuple[Secret, ...]:
        """Return the client secrets and passphrases that the sources hold, wherever they may be used."""
        names = (SECRET_VARIABLE, PASSPHRASE_VARIABLE)
        found = (source.variables.get(name, "") for source in self.sources() for name in names)
        return tuple(Secret(text) for text in found if text)
