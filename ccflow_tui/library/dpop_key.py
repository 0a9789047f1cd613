"""The key that a program's tokens are bound to: made on first use, gone with the program (RFC 9449)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ccflow_tui.models.profile import Profile
from ccflow_tui.oauth.keys import load_signing_key
from ccflow_tui.services.dpop_keys import generate_key

if TYPE_CHECKING:
    from ccflow_tui.oauth.signing_key import SigningKey


@dataclass(slots=True)
class ProgramKey:
    """One key for one client, whatever it asks for."""

    _key: SigningKey | None = field(default=None, repr=False)
    _making: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    async def key(self, profile: Profile) -> SigningKey:
        """Return the key, made off the event loop where there is none yet."""
        async with self._making:
            if self._key is None:
                self._key = await asyncio.to_thread(lambda: load_signing_key(generate_key(profile.dpop_alg)))
            return self._key
