"""What a profile's server publishes: its metadata, and the keys that it signs with."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from ccflow_tui.models.discovery import ServerMetadata
from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import MutualTls, Profile
from ccflow_tui.oauth.jwks import VerificationKeys
from ccflow_tui.oauth.jws import SignatureState, SignedToken, check_signature
from ccflow_tui.oauth.url_validation import origin_of
from ccflow_tui.services.connections import Connections


@dataclass(frozen=True, slots=True)
class ServerKeys:
    """Reads from the caches where they are fresh, else asks the server."""

    connections: Connections

    def known(self, profile: Profile) -> ServerMetadata | None:
        """Return the metadata found earlier, however long ago; asks nobody."""
        return self.connections.known(profile.issuer)

    async def metadata(self, profile: Profile) -> ServerMetadata:
        """Return the metadata of the profile's issuer; raises ``InputProblem`` where there is none."""
        if not profile.issuer.strip():
            raise InputProblem(
                "issuer", "There is no metadata: this profile names no issuer.", "Give an issuer in step 1."
            )
        result = await self.connections.discovery(profile.mtls).discover(profile.issuer)
        if result.metadata is not None:
            return result.metadata
        problem = result.problem
        text, remedy = (problem.problem, problem.remedy) if problem else ("It cannot be read.", "")
        raise InputProblem("issuer", f"There is no metadata. {text}", remedy)

    async def fitting(
        self, profile: Profile, metadata: ServerMetadata, signed: SignedToken
    ) -> VerificationKeys:
        """Return the server's keys, fetched anew when the one that signed is not among them (keys rotate).

        Raises ``InputProblem`` for ``jwks_uri``, without a remedy where the metadata names no keys.
        """
        if not metadata.jwks_uri:
            raise InputProblem("jwks_uri", "The server's metadata names no keys (jwks_uri).")
        at_home = origin_of(metadata.jwks_uri) == origin_of(profile.request_endpoint)
        # A client certificate is shown to the server it is for, and to nobody else.
        key_sets = self.connections.key_sets(profile.mtls if at_home else MutualTls())
        keys = await key_sets.get(metadata.jwks_uri)
        if await asyncio.to_thread(check_signature, signed, keys.keys) is SignatureState.UNKNOWN_KID:
            return await key_sets.get(metadata.jwks_uri, refetch=True)
        return keys
