"""Which signature algorithms are offered, of those that a server lists."""

from __future__ import annotations

from dataclasses import replace

from ccflow_tui.models.discovery import ServerMetadata
from ccflow_tui.models.profile import AuthMethod, Profile
from ccflow_tui.oauth.algorithms import ASSERTION_ALGS, DPOP_ALGS, offered_algs

ENDPOINT = "https://as.example/token"


def by(method: AuthMethod, **changes: str) -> Profile:
    return replace(Profile(token_endpoint=ENDPOINT, auth_method=method), **changes)  # type: ignore[arg-type]


def test_D5_what_the_server_lists_narrows_what_is_offered_but_never_to_nothing() -> None:
    def offered(profile: Profile, *listed: str) -> tuple[str, ...]:
        metadata = ServerMetadata("https://as.example", ENDPOINT, signing_algs=listed)
        return offered_algs(profile, metadata)["assertion_alg"]

    signed = by(AuthMethod.PRIVATE_KEY_JWT, assertion_alg="ES256")
    assert offered(signed) == ASSERTION_ALGS
    assert offered(signed, "PS256", "HS256", "none") == ("PS256", "ES256"), "the chosen one stays"
    assert offered(signed, "HS256") == ASSERTION_ALGS, "a list without any that fits tells nothing"
    assert offered(by(AuthMethod.CLIENT_SECRET_JWT), "HS512", "RS256") == ("HS512",)
    assert offered(by(AuthMethod.NONE), "RS256") == ()


def test_D14_what_the_server_lists_for_dpop_narrows_what_is_offered_likewise() -> None:
    def offered(profile: Profile, *listed: str, endpoint: str = ENDPOINT) -> tuple[str, ...]:
        return offered_algs(
            profile, ServerMetadata("https://as.example", endpoint, dpop_signing_algs=listed)
        )["dpop_alg"]

    profile = by(AuthMethod.NONE)
    assert offered(profile) == offered_algs(profile, None)["dpop_alg"] == DPOP_ALGS
    assert offered(profile, "EdDSA", "PS256", "HS256") == ("ES256", "PS256", "EdDSA"), "the chosen one stays"
    assert offered(replace(profile, dpop_alg="EdDSA"), "EdDSA") == ("EdDSA",)
    assert offered(profile, "EdDSA", endpoint="https://other.example/t") == DPOP_ALGS
