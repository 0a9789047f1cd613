"""What goes wrong with DPoP (RFC 9449), and what helps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from ccflow_tui.oauth.algorithms import chosen_dpop_alg
from ccflow_tui.oauth.clock_skew import NOTICEABLE, described
from ccflow_tui.oauth.diagnosis_clues import other_name_remedies
from ccflow_tui.oauth.dpop import (
    INVALID_PROOF,
    NONCE_CHANGING,
    NONCE_MISSING,
    NONCE_REPEATED,
    USE_NONCE,
)
from ccflow_tui.oauth.explanation import Case, Explanation, Remedy
from ccflow_tui.oauth.token_binding import DOWNGRADE, OTHER_KEY

_OPERATOR = Remedy("Tell the server's operator; Details has what they will ask for.", weight=40)
_TURN_OFF = Remedy("If the server lets the client do without DPoP, turn it off in this profile.", "dpop", 30)
_WANTED = Explanation(
    "The server wants tokens bound by DPoP",
    "this profile asks for plain Bearer tokens",
    (
        Remedy("Turn on DPoP in this profile (dpop.enabled in the settings, or CCFLOW_DPOP=on).", "dpop", 70),
        Remedy("Or turn off the DPoP requirement for this client at the server.", weight=40),
    ),
    can_retry=False,
)
_NONCES: Mapping[str, str] = MappingProxyType(
    {
        NONCE_MISSING: "it asks for a nonce in the DPoP proof, but gives none that could be used",
        NONCE_REPEATED: "it was given the very nonce that it asked for, and asks for the same again",
        NONCE_CHANGING: "it was given the nonce that it asked for, and asks for another one each time",
    }
)

KINDS: Mapping[str, Explanation] = MappingProxyType(
    {
        DOWNGRADE: Explanation(
            "The server ignored the request for a bound token",
            remedies=(
                Remedy("Turn on DPoP for this client at the server (dpop_bound_access_tokens).", weight=70),
                Remedy(
                    "If an unbound token will do, allow Bearer tokens in this profile "
                    "(dpop.allowBearer in the settings).",
                    "dpop_allow_bearer",
                    50,
                ),
                _TURN_OFF,
            ),
            can_retry=False,
        ),
        OTHER_KEY: Explanation(
            "The token is bound to another key",
            remedies=(
                Remedy("Retry: the profile's DPoP key may have changed meanwhile.", weight=60),
                Remedy("A proxy on the way may put its own proof in place of ccflow's.", weight=50),
                _OPERATOR,
            ),
        ),
    }
)


def explain_dpop(code: str, case: Case) -> Explanation | None:
    """Return the explanation of an error code of RFC 9449; ``None`` for any other code."""
    if "dpop" not in code:
        return None
    if not case.profile.dpop:
        return _WANTED
    if code == USE_NONCE:
        why = _NONCES.get(case.cause, "it asks for a nonce in the DPoP proof")
        return Explanation(
            "The server is not satisfied with its own nonce",
            why,
            (
                Remedy("Retry; servers behind one address may not share nonces.", weight=60),
                _OPERATOR,
            ),
        )
    reason = "the signed proof that goes along with the request was refused"
    return Explanation("The server did not accept the DPoP proof", reason, tuple(_proof_remedies(code, case)))


def binding_causes(case: Case) -> Iterator[Remedy]:
    """Yield the remedy for servers that say no more than invalid_grant where a proof is missing."""
    if not case.profile.dpop:
        yield Remedy(
            "Some servers answer like this when a client must bind its tokens. Turn on DPoP in this profile.",
            "dpop",
            43,
        )


def _proof_remedies(code: str, case: Case) -> Iterator[Remedy]:
    skew, alg = case.clock_error, chosen_dpop_alg(case.profile)
    if code == INVALID_PROOF and abs(skew) >= NOTICEABLE:
        yield Remedy(
            f"The server's clock is {described(skew)}, so the proof looks "
            f"{'old' if skew > 0 else 'not yet valid'}. Set the clock, then retry.",
            weight=98,
        )
    yield Remedy(
        f"Check that the server takes {alg} for DPoP (dpop_signing_alg_values_supported).",
        "dpop_alg",
        60,
    )
    yield from other_name_remedies(alg, "dpop_alg")
    yield Remedy(
        "A proof is made for the address it is sent to; check that no proxy rewrites the token endpoint.",
        weight=50,
    )
    yield _OPERATOR
