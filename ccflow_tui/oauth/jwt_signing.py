"""Signs the JWTs that a client sends (client assertions, DPoP proofs) as compact JWS (RFC 7515)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth.algorithms import ED25519, EDDSA

if TYPE_CHECKING:
    from joserfc.jws import JWSRegistry

    from ccflow_tui.oauth.signing_key import SigningKey


def sign_jwt(header: Mapping[str, Any], claims: Mapping[str, Any], key: SigningKey) -> Secret:
    """Return the signed JWT; the algorithm is the header's, and the caller has checked that it fits."""
    from joserfc import jwt

    alg = header["alg"]
    registry = jws_registry([alg]) if alg == EDDSA else None
    return Secret(jwt.encode(dict(header), dict(claims), key.jose, [alg], registry, default_type=None))


def jws_registry(algs: Collection[str]) -> JWSRegistry:
    """Return a registry of joserfc that allows ``algs`` and takes both names of Ed25519.

    RFC 9864 deprecates the name EdDSA, which servers still list; joserfc would write a warning on the screen.
    """
    from joserfc.jwa import JWSAlgModel
    from joserfc.jws import JWSRegistry

    class Registry(JWSRegistry):
        """Has one algorithm under two names."""

        def get_alg(self, name: str) -> JWSAlgModel:
            # The name asked for decides whether it is allowed, not the one that it stands for.
            is_older_name = name == EDDSA and EDDSA in algs
            return self.algorithms[ED25519] if is_older_name else super().get_alg(name)

    return Registry(algorithms=algs)
