"""Signature algorithms of client assertions: which there are, and which one a profile means (RFC 7518)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from ccflow_tui.models.discovery import ServerMetadata
from ccflow_tui.models.profile import AuthMethod, Profile

MIN_RSA_BITS = 2048
"""The least RFC 7518, section 3.3, allows."""
RSA_ALGS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
"""Most widely supported first."""
EC_ALGS: Mapping[str, str] = MappingProxyType({"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"})
"""The one algorithm of each curve (RFC 7518, section 3.4)."""
ED25519, EDDSA = "Ed25519", "EdDSA"
OKP_ALGS = (ED25519, EDDSA)
"""Two names of one algorithm: RFC 9864 put the first in the place of the second."""
HMAC_BITS: Mapping[str, int] = MappingProxyType({"HS256": 256, "HS384": 384, "HS512": 512})
"""Algorithms that sign with a shared secret, and the least size of that secret (RFC 7518, section 3.2)."""
HMAC_ALGS = tuple(HMAC_BITS)
ASSERTION_ALGS = (*RSA_ALGS, *EC_ALGS.values(), *OKP_ALGS)
"""Every algorithm that signs with a private key."""
DPOP_ALGS = (
    *EC_ALGS.values(),
    *(alg for alg in RSA_ALGS if alg.startswith("PS")),
    *(alg for alg in RSA_ALGS if alg.startswith("RS")),
    *OKP_ALGS,
)
"""Every algorithm a DPoP proof can be signed with, all asymmetric (RFC 9449, section 4.2)."""


def algs_of(method: AuthMethod) -> tuple[str, ...]:
    """Return the algorithms a method can sign with; none for a method that does not sign."""
    if method is AuthMethod.CLIENT_SECRET_JWT:
        return HMAC_ALGS
    return ASSERTION_ALGS if method is AuthMethod.PRIVATE_KEY_JWT else ()


def chosen_alg(profile: Profile) -> str:
    """Return the algorithm to sign with.

    RS256, which stands for "nothing chosen", becomes HS256 for ``client_secret_jwt``. Of the two names of
    Ed25519, the one that the server lists is taken where it lists only one: older servers know only
    ``EdDSA``, and RFC 9864 deprecates that name.
    """
    alg = profile.assertion_alg
    if profile.auth_method is AuthMethod.CLIENT_SECRET_JWT and alg == Profile().assertion_alg:
        return HMAC_ALGS[0]
    return _name_listed(alg, profile.server_facts.signing_algs)


def chosen_dpop_alg(profile: Profile) -> str:
    """Return the algorithm to sign DPoP proofs with; of the two names of Ed25519 as ``chosen_alg``."""
    return _name_listed(profile.dpop_alg, profile.server_facts.dpop_signing_algs)


def is_listed(alg: str, listed: Collection[str]) -> bool:
    """Whether a server's list has the algorithm, under either of its names."""
    names = OKP_ALGS if alg in OKP_ALGS else (alg,)
    return not set(names).isdisjoint(listed)


def _name_listed(alg: str, listed: Collection[str]) -> str:
    known = set(OKP_ALGS) & set(listed)
    return known.pop() if alg in OKP_ALGS and len(known) == 1 else alg


def offered_algs(profile: Profile, metadata: ServerMetadata | None) -> Mapping[str, tuple[str, ...]]:
    """Return the algorithms to choose from by the ``Profile`` attribute that they are chosen in.

    They are the method's or DPoP's, of those that the server lists, if any fits. The one chosen stays among
    them, since a list may be out of date. Metadata of another endpoint says nothing.
    """
    told = metadata if metadata and metadata.token_endpoint == profile.token_endpoint else None
    signing, proving = (told.signing_algs, told.dpop_signing_algs or ()) if told else ((), ())
    return {
        "assertion_alg": _usable(algs_of(profile.auth_method), signing, profile.assertion_alg),
        "dpop_alg": _usable(DPOP_ALGS, proving, profile.dpop_alg),
    }


def _usable(known: Sequence[str], listed: Collection[str], chosen: str) -> tuple[str, ...]:
    fitting = set(listed) & set(known)
    return tuple(alg for alg in known if not fitting or alg in fitting or alg == chosen)
