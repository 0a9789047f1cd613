"""Makes DPoP proofs: the profile's key, the server's nonce, the server's time."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.profile import Profile
from ccflow_tui.models.token_request import DpopProof
from ccflow_tui.oauth.algorithms import chosen_dpop_alg
from ccflow_tui.oauth.challenges import challenges_in, find_challenge
from ccflow_tui.oauth.clock_skew import NOTICEABLE
from ccflow_tui.oauth.dpop import INVALID_PROOF, USE_NONCE, ProofTerms, sign_proof
from ccflow_tui.oauth.response_headers import Headers
from ccflow_tui.services.ports import Clock
from ccflow_tui.services.server_notes import ServerNotes

if TYPE_CHECKING:
    from ccflow_tui.oauth.signing_key import SigningKey

_SCHEME = "dpop"


class KeySource(Protocol):
    """Where the key comes from that a profile's tokens are bound to."""

    async def key(self, profile: Profile) -> SigningKey:
        """Return the key, the same one each time; raises ``InputProblem``."""
        ...


@dataclass(frozen=True, slots=True)
class DpopProver:
    """Proves possession of each profile's key (RFC 9449, section 4)."""

    keys: KeySource
    servers: ServerNotes
    clock: Clock

    async def for_token_request(self, profile: Profile, url: str) -> DpopProof:
        """Return a proof for a token request to ``url``."""
        return await self._prove(profile, "POST", url, None)

    async def for_resource(self, profile: Profile, method: str, url: str, token: AccessToken) -> DpopProof:
        """Return a proof to go with a token to a protected API (section 7)."""
        return await self._prove(profile, method, url, token)

    async def binding(self, profile: Profile) -> str:
        """Return the thumbprint of the key that the profile's tokens are bound to; empty without DPoP."""
        return (await self.keys.key(profile)).thumbprint if profile.dpop else ""

    async def _prove(self, profile: Profile, method: str, url: str, token: AccessToken | None) -> DpopProof:
        key = await self.keys.key(profile)
        terms = ProofTerms(
            method=method,
            url=url,
            alg=chosen_dpop_alg(profile),
            nonce=self.servers.take_nonce(url),
            access_token=token.value if token is not None else None,
        )
        correction = self.servers.correction(url)
        now = self.clock.wall() + correction
        # Keys of these kinds sign in less time than a thread takes to come round.
        proof = sign_proof(terms, key=key, now=now, jti=secrets.token_urlsafe(16))
        return replace(proof, clock_correction=correction)


def was_refused(headers: Headers) -> bool:
    """Whether an API refused the proof and not the token (RFC 9449, sections 7.1 and 9)."""
    challenge = find_challenge(challenges_in(headers), _SCHEME)
    return challenge is not None and challenge.error in {USE_NONCE, INVALID_PROOF}


def can_be_mended(proof: DpopProof, url: str, servers: ServerNotes) -> bool:
    """Whether the server of ``url`` has let on, since the proof was made, how to make a better one."""
    has_nonce = servers.nonce(url) not in {"", proof.nonce}
    return has_nonce or abs(servers.correction(url) - proof.clock_correction) >= NOTICEABLE
