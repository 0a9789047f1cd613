"""What a cached token is found by: everything that decides about it, and no secret."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from ccflow_tui.models.profile import Profile
from ccflow_tui.oauth.authorization_details import canonical_details
from ccflow_tui.oauth.scopes import parse_scope


def cache_key(
    profile: Profile, credential_fingerprint: str, extra: Iterable[tuple[str, str]] = (), *, binding: str = ""
) -> str:
    """Return a key that differs whenever anything that decides about the token differs.

    ``binding`` is the thumbprint of the key that the token is bound to (RFC 9449): a new key never reuses
    an old token.

    Every part is length-prefixed before hashing, so ``("ab", "c")`` and ``("a", "bc")`` stay apart.
    """
    tls = profile.client_tls
    parts = [
        profile.issuer,
        profile.token_endpoint,
        profile.request_endpoint,
        profile.environment_id,
        profile.client_id,
        profile.auth_method,
        profile.basic_encoding,
        profile.assertion_audience,
        profile.assertion_alg,
        profile.assertion_kid,
        profile.assertion_certificate,
        credential_fingerprint,
        " ".join(sorted(parse_scope(profile.scope).tokens)),
        profile.audience,
        *_counted(profile.resources),
        canonical_details(profile.authorization_details),
        *_counted_pairs(sorted(profile.extra_parameters)),
        *_counted_pairs(extra),
        *((tls.cert_ref, tls.key_ref) if tls.enabled else ("", "")),
        binding,
        str(profile.dpop and profile.dpop_allow_bearer),
    ]
    text = "".join(f"{len(part)}:{part}," for part in parts)
    # A lone surrogate, such as a byte of the environment that is no UTF-8, is for the checks to tell.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _counted_pairs(pairs: Iterable[tuple[str, str]]) -> list[str]:
    return _counted(f"{len(name)}:{name}{value}" for name, value in pairs)


def _counted(values: Iterable[str]) -> list[str]:
    items = list(values)
    return [str(len(items)), *items]
