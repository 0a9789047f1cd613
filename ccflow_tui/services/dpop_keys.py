"""The DPoP key of each profile: made on first use, kept in the secret store, never in a file."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ccflow_tui.models.problems import InputProblem, KeyProblem, SecretStoreProblem
from ccflow_tui.models.profile import Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth.algorithms import EC_ALGS, MIN_RSA_BITS, OKP_ALGS
from ccflow_tui.oauth.keys import load_signing_key
from ccflow_tui.services.credential_names import dpop_key_name
from ccflow_tui.services.ports import Filed, SecretStore, unnoted

if TYPE_CHECKING:
    from ccflow_tui.oauth.signing_key import SigningKey


@dataclass(slots=True)
class DpopKeys:
    """Gives each profile a key of its own at each server, so that two servers cannot compare their clients.

    Where the store cannot serve, the key lasts for this run; ``warn`` is told so. ``filed`` is told before a
    key is stored, and never raises.
    """

    store: SecretStore
    warn: Callable[[str], None]
    filed: Filed = unnoted
    _keys: dict[str, SigningKey] = field(default_factory=dict, repr=False)
    _making: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def key(self, profile: Profile) -> SigningKey:
        """Return the profile's key, which fits ``profile.dpop_alg``; it is made where there is none.

        Raises ``InputProblem`` while the profile's server is unknown.
        """
        name = dpop_key_name(profile)
        async with self._making:
            key = self._keys.get(name) or await self._stored(name)
            if key is None or profile.dpop_alg not in key.algs:
                key = await self._made(name, profile)
            self._keys[name] = key
            return key

    def holds(self, profile: Profile) -> bool:
        """Whether the profile's key is in memory."""
        try:
            return dpop_key_name(profile) in self._keys
        except InputProblem:
            return False  # without a server there is no key

    async def purge(self, profile: Profile) -> bool:
        """Forget and delete the key; return whether there was one.

        Raises ``SecretStoreProblem`` when the store could not delete it.
        """
        try:
            name = dpop_key_name(profile)
        except InputProblem:
            return False  # without a server there is no key
        async with self._making:  # or a key that is being made would be there again
            held = self._keys.pop(name, None) is not None
            return await self.store.delete(name) or held

    async def _stored(self, name: str) -> SigningKey | None:
        try:
            stored = await self.store.get(name)
            return None if stored is None else await asyncio.to_thread(load_signing_key, stored)
        except KeyProblem:
            self.warn("the stored DPoP key cannot be read; a new one takes its place")
        except SecretStoreProblem:
            pass  # told when the new key cannot be stored, either
        return None

    async def _made(self, name: str, profile: Profile) -> SigningKey:
        text = await asyncio.to_thread(generate_key, profile.dpop_alg)
        await self.filed(profile)
        try:
            await self.store.put(name, text)
        except SecretStoreProblem as problem:
            self.warn(f"the DPoP key lasts for this run only: {problem}")
        return await asyncio.to_thread(load_signing_key, text)


def generate_key(alg: str) -> Secret:
    """Return a new private key for ``alg`` as a JWK; slow for RSA."""
    from joserfc.jwk import ECKey, OKPKey, RSAKey

    curve = next((curve for curve, its_alg in EC_ALGS.items() if its_alg == alg), "")
    key: ECKey | OKPKey | RSAKey
    if alg in OKP_ALGS:
        key = OKPKey.generate_key("Ed25519")
    else:
        key = ECKey.generate_key(curve) if curve else RSAKey.generate_key(MIN_RSA_BITS)
    return Secret(json.dumps(key.as_dict(private=True)))
