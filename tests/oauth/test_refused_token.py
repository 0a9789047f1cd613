"""Why an API does not accept a token, ranked by what the API says and by what token and clocks show."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth.challenge_advice import challenge_remedy
from ccflow_tui.oauth.challenges import parse_challenges
from ccflow_tui.oauth.refused_token import LIKELY, Presented, refused_token_advice
from tests.oauth.signed_tokens import API, CLAIMS, ISSUER, unchecked
from tests.support.fakes import EPOCH

URL = f"{API}/orders"
HERE = EPOCH + 10


def presented(text: str = "", *, token_type: str = "Bearer", claims: Any = None, **changes: Any) -> Presented:
    """Return a token as shown; a claim of ``None`` is left out."""
    members = {name: value for name, value in (CLAIMS | (claims or {})).items() if value is not None}
    token = AccessToken(Secret(text or unchecked(**members)), token_type, EPOCH, 1.0, 3600, scope="read")
    return replace(Presented(token=token, url=URL, now=HERE), **changes)


FIRST: dict[str, tuple[Presented, str, str]] = {
    "no evidence": (presented(), "", "Get a new token: this one may be revoked"),
    "no evidence, fresh": (
        presented(is_fresh=True),
        "",
        f"A fresh token was refused, too. Compare its issuer ({ISSUER})",
    ),
    "opaque": (presented("opaque"), "", "Get a new token"),
    "opaque, blamed": (presented("opaque"), "Wrong audience", "does not show whom it is for"),
    "expired by its exp": (presented(claims={"exp": HERE - 60}), "", "The token expired 60 seconds ago."),
    "expired as stated": (presented("opaque", now=EPOCH + 3700), "", "The token expired 100 seconds ago."),
    "expired by the API's clock": (presented(skew=7200.0), "", "The token expired"),
    "fresh, and expired": (
        presented(skew=7200.0, is_fresh=True),
        "",
        "By the API's clock even this fresh token",
    ),
    "not yet valid": (presented(claims={"nbf": HERE + 600}), "", "becomes valid only in 10 minutes"),
    "issued ahead": (presented(skew=-120.0), "", "becomes valid only in"),
    "the API says expired": (
        presented(),
        "The access token expired",
        "takes the token for expired or not yet",
    ),
    "the API says expired, fresh": (presented(is_fresh=True), "token expired", "though it is fresh"),
    "another audience": (
        presented(claims={"aud": "https://other.example"}),
        "",
        "The token is for https://other.example, and this API is https://api.example.",
    ),
    "one of several audiences": (
        presented(claims={"aud": ["https://other.example", API]}),
        "",
        "Get a new token",
    ),
    "a name that may be this API": (presented(claims={"aud": "urn:orders"}), "", "Get a new token"),
    "no audience": (presented(claims={"aud": None}), "", "Get a new token"),
    "no audience, blamed": (presented(claims={"aud": None}), "aud is wrong", "It names no audience"),
    "the right audience, blamed": (presented(), "Invalid audience", f"The token is for {API}"),
    "bound to a key, sent as Bearer": (presented(claims={"cnf": {"jkt": "t"}}), "", "bound to a DPoP key"),
    "bound to another certificate": (
        presented(claims={"cnf": {"x5t#S256": "t"}}, x5t="u"),
        "",
        "another one went along",
    ),
    "bound, and no certificate": (
        presented(claims={"cnf": {"x5t#S256": "t"}}, x5t=""),
        "",
        "none went along",
    ),
    "bound to this certificate": (
        presented(claims={"cnf": {"x5t#S256": "t"}}, x5t="t"),
        "",
        "Get a new token",
    ),
    "bound, and nothing known": (presented(claims={"cnf": {"x5t#S256": "t"}}), "", "Get a new token"),
    "unbound, blamed": (
        presented(),
        "The certificate does not match",
        "The API blames what the token is bound to",
    ),
    "expired before the wrong audience": (
        presented(claims={"exp": HERE - 60, "aud": "https://other.example"}),
        "",
        "The token expired",
    ),
    "the API's word before the clocks": (presented(skew=7200.0), "audience mismatch", "The token is for"),
}


@pytest.mark.parametrize("case", FIRST)
def test_G4_the_likeliest_reason_comes_first(case: str) -> None:
    shown, said, words = FIRST[case]
    advice = refused_token_advice(shown, said)
    assert words in advice.partition(". ")[0] + "." or advice.startswith(words), advice


def test_G4_a_bound_token_that_is_presented_as_one_is_not_suspected() -> None:
    shown = presented(token_type="DPoP", claims={"cnf": {"jkt": "t"}})
    assert "bound" not in refused_token_advice(shown, "")


def test_G4_the_audience_is_left_alone_where_it_fits() -> None:
    assert "audience" not in refused_token_advice(presented(), "")
    assert "audience" not in refused_token_advice(presented(), "The access token expired")


def test_G4_only_evidence_is_told_where_the_api_said_nothing() -> None:
    assert refused_token_advice(presented(), "", least=LIKELY) == ""
    elsewhere = presented(claims={"aud": "https://other.example"})
    assert "other.example" in refused_token_advice(elsewhere, "", least=LIKELY)


def test_what_the_token_says_is_scrubbed_and_bounded() -> None:
    odd = presented(claims={"aud": ["a\x1b[2J" + "x" * 5000], "iss": "i\u202e"}, is_fresh=True)
    advice = refused_token_advice(odd, "audience")
    assert "\x1b" not in advice and "\u202e" not in advice and len(advice) < 600


# By the API's own challenge


def remedy(challenge: str, shown: Presented, status: int = 401) -> str:
    return challenge_remedy(status, parse_challenges([challenge] if challenge else []), shown, str)


def test_G4_a_missing_scope_is_no_matter_of_the_audience() -> None:
    elsewhere = presented(claims={"aud": "https://other.example"})
    told = remedy('Bearer error="insufficient_scope", scope="write"', elsewhere, 403)
    assert told == "The call needs the scope write; the token has: read. Request it in step 1."


def test_G4_the_scope_of_the_token_itself_counts_where_the_server_named_none() -> None:
    shown = presented(claims={"scope": "a b"})
    shown = replace(shown, token=replace(shown.token, scope=None, requested_scope="a b c"))
    assert "the token has: a b." in remedy('Bearer error="insufficient_scope", scope="c"', shown, 403)


def test_G4_the_description_of_the_challenge_is_heard() -> None:
    told = remedy('Bearer error="invalid_token", error_description="bad audience"', presented())
    assert told.startswith(f"The token is for {API}")


def test_G4_a_bare_401_is_explained_by_what_the_token_shows() -> None:
    assert remedy("", presented()) == ""
    assert "other.example" in remedy("", presented(claims={"aud": "https://other.example"}))
    assert remedy("", presented(claims={"aud": "https://other.example"}), 403) == ""
