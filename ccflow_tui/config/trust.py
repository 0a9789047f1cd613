"""Whether settings that merely lie in the working folder may decide to whom a key proves the client.

Such a file may have come with somebody else's project. Its scopes and its theme do no harm; a server of its
choice that gets proofs by the user's key or certificate might.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ccflow_tui.config.hidden import safe_text
from ccflow_tui.config.layers import Layers, Source, profile_names
from ccflow_tui.config.resolve import ResolvedProfile, resolve_profile, value_text
from ccflow_tui.config.state import SavedState
from ccflow_tui.models.profile import AuthMethod, EndpointMode, Profile

_SERVER_OF = {
    EndpointMode.PRESET: ("provider", "environment_id", "region", "provider_inputs"),
    EndpointMode.ISSUER: ("issuer",),
    EndpointMode.MANUAL: ("token_endpoint",),
}
_CLAIMS = (
    ("server", ("token_endpoint", "issuer", "environment_id", "provider_inputs")),
    ("allows", ("endpoint_consent",)),
    ("API", ("api_base",)),
    ("client", ("client_id",)),
    ("key", ("key_reference",)),
    ("certificate", ("assertion_certificate", "mtls")),
)
_MOST_PROFILES = 4


@dataclass(frozen=True, slots=True)
class FolderSettings:
    """A settings file of the working folder as it was when it was read."""

    file: Path
    digest: str
    """SHA-256 in hexadecimal; other content is asked about again."""

    @property
    def key(self) -> str:
        """The name under which the state file remembers it."""
        return os.path.realpath(self.file)

    def is_trusted(self, saved: SavedState) -> bool:
        """Whether somebody said so of exactly this content."""
        return saved.trusted.get(self.key) == self.digest

    def trusted_in(self, saved: SavedState) -> SavedState:
        """Return the state that remembers the trust."""
        return replace(saved, trusted={**saved.trusted, self.key: self.digest})


def folder_settings(file: Path) -> FolderSettings:
    """Return what to remember of a file; raises ``OSError``."""
    return FolderSettings(file, hashlib.sha256(file.read_bytes()).hexdigest())


def danger(profile: Profile, layers: Layers) -> str:
    """Say what the folder's settings would do with this profile that needs trust; empty where they may.

    ``profile`` may have been edited since: an address that a person typed is the person's own word.
    """
    if layers.settings_trusted or layers.settings is None or profile.name not in profile_names(layers):
        return ""
    resolved = resolve_profile(profile.name, layers)
    proves = profile.auth_method is AuthMethod.PRIVATE_KEY_JWT or profile.client_tls.enabled
    if proves and _names_server(profile, resolved):
        return "names the server that the key or certificate of this profile would prove the client to"
    return ""


def claims(layers: Layers) -> tuple[str, ...]:
    """Return in lines what the settings set that needs trust, profile by profile; never a secret."""
    found = [lines for name in profile_names(layers) if (lines := tuple(_claims_of(name, layers)))]
    rest = len(found) - _MOST_PROFILES
    shown = [line for lines in found[:_MOST_PROFILES] for line in lines]
    return (*shown, f"… and {rest} more profiles") if rest > 0 else tuple(shown)


def _names_server(profile: Profile, resolved: ResolvedProfile) -> bool:
    if resolved.sources["endpoint_mode"] is not Source.SETTINGS:
        return False
    names = ("endpoint_mode", *_SERVER_OF[profile.endpoint_mode])
    return all(getattr(profile, name) == getattr(resolved.profile, name) for name in names)


def _claims_of(name: str, layers: Layers) -> Iterator[str]:
    resolved = resolve_profile(name, layers)
    if not danger(resolved.profile, layers):
        return
    yield f"Profile “{name}”"
    for label, attributes in _CLAIMS:
        texts = [
            safe_text(each, value_text(each, getattr(resolved.profile, each)))
            for each in attributes
            if resolved.sources[each] is Source.SETTINGS
        ]
        if texts := list(filter(None, texts)):
            yield f"  {label:<11} {' · '.join(texts)}"
