"""What a provider's preset asks a person for; the providers stand in ``provider_forms.py``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ccflow_tui.models.profile import Profile

INPUT_PREFIX = "provider_inputs."


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderInput:
    """One value that a provider's addresses are made from."""

    key: str
    label: str
    pattern: str
    """What the whole value must match once ``trimmed``; named groups go into the addresses, too."""
    problem: str
    """What is wrong with a value that does not match."""
    remedy: str
    placeholder: str = ""
    where: str = ""
    """Where to find it, for one that is missing."""
    default: str = ""
    """Counts where nothing is entered; an input without one is required."""
    choices: tuple[tuple[str, str], ...] = ()
    """Values and labels, where there is nothing else to enter."""
    aliases: tuple[tuple[str, str], ...] = ()
    is_address: bool = False
    """Whether it is a host or URL, of which scheme and last slash are taken off as ``pattern`` has it."""
    own_attribute: bool = False
    """Whether it is the profile attribute ``key`` instead of one of ``provider_inputs``."""

    @property
    def field(self) -> str:
        """The name of its field on the form and in findings."""
        return self.key if self.own_attribute else INPUT_PREFIX + self.key

    def entered(self, profile: Profile) -> str:
        """Return what the profile holds for it, as typed."""
        if self.own_attribute:
            return str(getattr(profile, self.key))
        return dict(profile.provider_inputs).get(self.key, "")

    def names_host(self, profile: Profile) -> bool:
        """Whether the profile's host was entered here, so that it may be misspelt."""
        return self.is_address and bool(self.entered(profile).strip())

    def trimmed(self, profile: Profile) -> str:
        """Return its value in normal form, the default where nothing is entered."""
        text = self.entered(profile).strip() or self.default
        if self.is_address:
            return text.removesuffix("/")
        return dict(self.aliases).get(text.lower(), text.lower()) if self.own_attribute else text


@dataclass(frozen=True, slots=True)
class ProviderForm:
    """How a provider is offered: its name, its inputs, and the values it starts from."""

    label: str
    note: str = ""
    """What a newcomer should know of it, in a sentence or two."""
    inputs: tuple[ProviderInput, ...] = ()
    starts_from: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """Profile attributes whose defaults differ from those of ``Profile``."""
    derives_api: bool = False
    """Whether the address of the sample API follows from the inputs."""
    key_place: str = ""
    """Where the public half of a key is registered, as the end of a sentence."""
    docs: str = ""
    """The provider's documentation about authenticating with a key, or about this grant."""
