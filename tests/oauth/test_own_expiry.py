"""The earlier of two expiries counts: the one the answer states, and the token's own."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.outcome import Granted
from ccflow_tui.oauth.own_expiry import own_lifetime, quick_claims
from ccflow_tui.oauth.response import TokenAnswer, parse_token_response
from tests.oauth.signed_tokens import CLAIMS, encode, unchecked
from tests.support.fakes import EPOCH

NOW = int(EPOCH)
DATE = ("date", "Fri, 15 Jan 2027 08:00:00 GMT")
"""EPOCH as the server writes it."""


def outcome(token: str, expires_in: object = 3600, *, date: bool = True, sent: float = EPOCH) -> Granted:
    members = {"access_token": token, "token_type": "Bearer", "expires_in": expires_in}
    answer = TokenAnswer(
        200, (DATE,) if date else (), json.dumps(members).encode(), sent, 1.0, received_at=sent
    )
    found = parse_token_response(answer)
    assert isinstance(found, Granted)
    return found


def granted(*args: Any, **changes: Any) -> AccessToken:
    return outcome(*args, **changes).token


def lifetimes(token: AccessToken) -> tuple[int | None, int | None]:
    return token.expires_in, token.stated_expires_in


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"exp": NOW + 300}, (300, 3600)),
        ({"exp": NOW + 300, "iat": NOW - 3300}, (300, 3600)),
        ({"exp": NOW - 10}, (0, 3600)),
        ({"exp": NOW + 3596}, (3600, None)),
        ({"exp": NOW + 3600}, (3600, None)),
        ({"exp": NOW + 9999}, (3600, None)),
        ({}, (3600, None)),
        ({"exp": "soon"}, (3600, None)),
        ({"exp": True}, (3600, None)),
        ({"exp": -1}, (3600, None)),
        ({"exp": 10**40}, (3600, None)),
    ],
)
def test_G12_the_earlier_expiry_counts_and_both_are_kept(
    claims: dict[str, Any], expected: tuple[int, int | None]
) -> None:
    assert lifetimes(granted(unchecked(**claims))) == expected


def test_G12_it_is_counted_on_the_servers_clock() -> None:
    """Our clock is ten minutes slow: the token still lives as long as the server says."""
    assert lifetimes(granted(unchecked(exp=NOW + 3600), sent=EPOCH - 600)) == (3600, None)
    assert lifetimes(granted(unchecked(exp=NOW + 300), sent=EPOCH + 600)) == (300, 3600)


def test_G12_without_a_date_header_the_token_is_as_old_as_it_says() -> None:
    token = unchecked(exp=NOW + 300, iat=NOW)
    assert lifetimes(granted(token, date=False, sent=EPOCH + 9_999)) == (300, 3600)
    assert lifetimes(granted(unchecked(exp=NOW + 300), date=False)) == (3600, None)


def test_B3_a_lifetime_that_was_not_stated_stays_unknown() -> None:
    assert lifetimes(granted(unchecked(exp=NOW + 300), None)) == (None, None)


def test_G12_what_is_no_jwt_has_no_expiry_of_its_own() -> None:
    assert lifetimes(granted("opaque")) == (3600, None)
    assert own_lifetime(CLAIMS | {"iat": None}, server_time=None) is None


def test_G12_both_expiries_are_told() -> None:
    told = "expires_in says 3600 s, the token's own exp 300 s; the earlier one counts."
    assert told in outcome(unchecked(exp=NOW + 300)).notes
    assert not [note for note in outcome(unchecked(exp=NOW + 3600)).notes if "exp" in note]


@pytest.mark.parametrize(
    "claims",
    [b"nonsense", b"[]", b"1", b"\xff", b"[" * 40_000, b"9" * 5_000, b'{"exp":NaN}', b'{"exp":1e999}'],
)
def test_B16_a_hostile_middle_part_says_nothing(claims: bytes) -> None:
    assert lifetimes(granted(f"e30.{encode(claims)}.c2ln")) == (3600, None)


@pytest.mark.parametrize(
    "token", ["a.b.c", "a.é.c".encode().decode("latin-1"), "..", "a.b", "e30.e30.c2ln.d", ". ."]
)
def test_G11_a_text_of_that_shape_says_nothing(token: str) -> None:
    assert not quick_claims(token)


@settings(deadline=None, derandomize=True)
@given(st.text(max_size=99))
def test_G11_any_middle_part_is_read_or_not(text: str) -> None:
    assert isinstance(quick_claims(f"a.{text}.c"), dict)
